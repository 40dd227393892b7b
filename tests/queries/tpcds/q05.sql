-- What went out and what came back in one August, by channel, outlet and article category?
WITH flows AS (
    SELECT 'stores' AS channel, s_store_id AS outlet, ss_item_sk AS item_sk, ss_sold_date_sk AS date_sk,
           ss_net_paid AS taken, CAST(NULL AS DECIMAL(7, 2)) AS refunded, ss_net_profit AS profit
    FROM store_sales
    JOIN store ON s_store_sk = ss_store_sk
    UNION ALL
    SELECT 'stores', s_store_id, sr_item_sk, sr_returned_date_sk,
           CAST(NULL AS DECIMAL(7, 2)), sr_return_amt, -sr_net_loss
    FROM store_returns
    JOIN store ON s_store_sk = sr_store_sk
    UNION ALL
    SELECT 'web', web_site_id, ws_item_sk, ws_sold_date_sk,
           ws_net_paid, CAST(NULL AS DECIMAL(7, 2)), ws_net_profit
    FROM web_sales
    JOIN web_site ON web_site_sk = ws_web_site_sk
    UNION ALL
    SELECT 'web', web_site_id, wr_item_sk, wr_returned_date_sk,
           CAST(NULL AS DECIMAL(7, 2)), wr_return_amt, -wr_net_loss
    FROM web_returns
    LEFT JOIN web_sales ON ws_order_number = wr_order_number AND ws_item_sk = wr_item_sk
    LEFT JOIN web_site ON web_site_sk = ws_web_site_sk
)
SELECT
    f.channel,
    f.outlet,
    i.i_category,
    count(f.taken)                                    AS lines_out,
    count(f.refunded)                                 AS lines_back,
    sum(f.taken)                                      AS taken,
    sum(f.refunded)                                   AS refunded,
    sum(f.profit)                                     AS profit,
    grouping(f.channel, f.outlet, i.i_category)       AS level
FROM flows AS f
JOIN date_dim AS d ON d.d_date_sk = f.date_sk
JOIN item AS i ON i.i_item_sk = f.item_sk
WHERE d.d_date >= DATE '2000-08-01'
  AND d.d_date < DATE '2000-08-01' + INTERVAL '1' MONTH
GROUP BY ROLLUP (f.channel, f.outlet, i.i_category)
ORDER BY level DESC, f.channel, f.outlet, i.i_category
LIMIT 100
