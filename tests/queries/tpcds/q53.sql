-- Which classes of which categories sold at least a tenth fewer pieces, net of returns, than in
-- the year before, with all channels taken together?
WITH net AS (
    SELECT ss_item_sk AS item_sk, ss_sold_date_sk AS date_sk,
           ss_quantity - coalesce(sr_return_quantity, 0) AS pieces,
           ss_net_paid - coalesce(sr_return_amt, 0)      AS paid
    FROM store_sales
    LEFT JOIN store_returns ON sr_ticket_number = ss_ticket_number AND sr_item_sk = ss_item_sk
    UNION ALL
    SELECT cs_item_sk, cs_sold_date_sk,
           cs_quantity - coalesce(cr_return_quantity, 0),
           cs_net_paid - coalesce(cr_return_amount, 0)
    FROM catalog_sales
    LEFT JOIN catalog_returns ON cr_order_number = cs_order_number AND cr_item_sk = cs_item_sk
    UNION ALL
    SELECT ws_item_sk, ws_sold_date_sk,
           ws_quantity - coalesce(wr_return_quantity, 0),
           ws_net_paid - coalesce(wr_return_amt, 0)
    FROM web_sales
    LEFT JOIN web_returns ON wr_order_number = ws_order_number AND wr_item_sk = ws_item_sk
),
yearly AS (
    SELECT i.i_category AS category, i.i_class AS class, d.d_year AS year,
           sum(n.pieces) AS pieces, sum(n.paid) AS paid
    FROM net AS n
    JOIN item AS i ON i.i_item_sk = n.item_sk
    JOIN date_dim AS d ON d.d_date_sk = n.date_sk
    WHERE d.d_year BETWEEN 1998 AND 2002
    GROUP BY i.i_category, i.i_class, d.d_year
)
SELECT
    y.category,
    y.class,
    y.year,
    before.pieces AS pieces_before,
    y.pieces,
    y.paid - before.paid AS paid_change
FROM yearly AS y
JOIN yearly AS before
    ON before.category = y.category AND before.class = y.class AND before.year = y.year - 1
WHERE y.pieces * 10 < before.pieces * 9
ORDER BY y.category, y.class, y.year
LIMIT 100
