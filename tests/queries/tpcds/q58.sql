-- Articles that came back through every channel in the months of three holidays: how do the
-- channels share them?
WITH months AS (
    SELECT DISTINCT d_month_seq AS month_seq
    FROM date_dim
    WHERE d_date IN (DATE '2000-07-04', DATE '2000-11-23', DATE '2000-12-25', DATE '2001-01-01')
),
days AS (
    SELECT d_date_sk AS date_sk FROM date_dim WHERE d_month_seq IN (SELECT month_seq FROM months)
),
store_back AS (
    SELECT sr_item_sk AS item_sk, sum(sr_return_quantity) AS pieces
    FROM store_returns, days
    WHERE sr_returned_date_sk = days.date_sk
    GROUP BY sr_item_sk
),
catalog_back AS (
    SELECT cr_item_sk AS item_sk, sum(cr_return_quantity) AS pieces
    FROM catalog_returns, days
    WHERE cr_returned_date_sk = days.date_sk
    GROUP BY cr_item_sk
),
web_back AS (
    SELECT wr_item_sk AS item_sk, sum(wr_return_quantity) AS pieces
    FROM web_returns, days
    WHERE wr_returned_date_sk = days.date_sk
    GROUP BY wr_item_sk
)
SELECT
    i.i_item_id,
    s.pieces AS store_pieces,
    c.pieces AS catalog_pieces,
    w.pieces AS web_pieces,
    CASE
        WHEN s.pieces >= c.pieces AND s.pieces >= w.pieces THEN 'store'
        WHEN c.pieces >= w.pieces THEN 'catalog'
        ELSE 'web'
    END AS most_in,
    round(CAST(greatest(s.pieces, c.pieces, w.pieces) AS DOUBLE) / (s.pieces + c.pieces + w.pieces), 4) AS share
FROM store_back AS s
JOIN catalog_back AS c ON c.item_sk = s.item_sk
JOIN web_back AS w ON w.item_sk = s.item_sk
JOIN item AS i ON i.i_item_sk = s.item_sk
ORDER BY share DESC, i.i_item_id, i.i_item_sk
LIMIT 100
