-- Each outlet's half year: taken, refunded and earned by channel and outlet, whether or not
-- anything came back, and whether or not anything was sold.
WITH half_year AS (
    SELECT d_date_sk AS date_sk FROM date_dim WHERE d_year = 2001 AND d_qoy IN (1, 2)
),
store_out AS (
    SELECT ss_store_sk AS outlet, sum(ss_net_paid) AS taken, sum(ss_net_profit) AS earned
    FROM store_sales
    WHERE ss_sold_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY ss_store_sk
),
store_in AS (
    SELECT sr_store_sk AS outlet, sum(sr_return_amt) AS refunded, sum(sr_net_loss) AS lost
    FROM store_returns
    WHERE sr_returned_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY sr_store_sk
),
center_out AS (
    SELECT cs_call_center_sk AS outlet, sum(cs_net_paid) AS taken, sum(cs_net_profit) AS earned
    FROM catalog_sales
    WHERE cs_sold_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY cs_call_center_sk
),
center_in AS (
    SELECT cr_call_center_sk AS outlet, sum(cr_return_amount) AS refunded, sum(cr_net_loss) AS lost
    FROM catalog_returns
    WHERE cr_returned_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY cr_call_center_sk
),
page_out AS (
    SELECT ws_web_page_sk AS outlet, sum(ws_net_paid) AS taken, sum(ws_net_profit) AS earned
    FROM web_sales
    WHERE ws_sold_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY ws_web_page_sk
),
page_in AS (
    SELECT wr_web_page_sk AS outlet, sum(wr_return_amt) AS refunded, sum(wr_net_loss) AS lost
    FROM web_returns
    WHERE wr_returned_date_sk IN (SELECT date_sk FROM half_year)
    GROUP BY wr_web_page_sk
),
outlets AS (
    SELECT 1 AS channel, coalesce(o.outlet, i.outlet) AS outlet, taken, refunded,
           coalesce(earned, 0) - coalesce(lost, 0) AS earned
    FROM store_out AS o
    FULL OUTER JOIN store_in AS i ON i.outlet = o.outlet
    UNION ALL
    SELECT 2, coalesce(o.outlet, i.outlet), taken, refunded, coalesce(earned, 0) - coalesce(lost, 0)
    FROM center_out AS o
    FULL OUTER JOIN center_in AS i ON i.outlet = o.outlet
    UNION ALL
    SELECT 3, coalesce(o.outlet, i.outlet), taken, refunded, coalesce(earned, 0) - coalesce(lost, 0)
    FROM page_out AS o
    FULL OUTER JOIN page_in AS i ON i.outlet = o.outlet
)
SELECT
    CASE channel WHEN 1 THEN 'stores' WHEN 2 THEN 'call centers' WHEN 3 THEN 'web pages' ELSE 'all' END AS channel_name,
    outlet,
    count(*)      AS outlets,
    sum(taken)    AS taken,
    sum(refunded) AS refunded,
    sum(earned)   AS earned
FROM outlets
GROUP BY ROLLUP (channel, outlet)
ORDER BY channel, outlet, outlets
