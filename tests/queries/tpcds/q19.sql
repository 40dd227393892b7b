-- Did the stock of a category fall by a quarter or more over the first week of December 2001?
WITH counted AS (
    SELECT
        i_category AS category,
        i_class    AS class,
        sum(CASE WHEN d_date < DATE '2001-12-05' THEN inv_quantity_on_hand END)  AS stock_before,
        sum(CASE WHEN d_date >= DATE '2001-12-05' THEN inv_quantity_on_hand END) AS stock_after,
        count(CASE WHEN d_date < DATE '2001-12-05' THEN 1 END)                   AS counts_before,
        count(CASE WHEN d_date >= DATE '2001-12-05' THEN 1 END)                  AS counts_after
    FROM inventory
    JOIN item ON i_item_sk = inv_item_sk
    JOIN date_dim ON d_date_sk = inv_date_sk
    WHERE d_date BETWEEN DATE '2001-12-05' - INTERVAL '3' WEEK AND DATE '2001-12-05' + INTERVAL '3' WEEK
    GROUP BY i_category, i_class
)
SELECT
    category,
    class,
    stock_before / counts_before AS per_count_before,
    stock_after / counts_after   AS per_count_after,
    CAST(stock_after * counts_before AS DOUBLE) / (stock_before * counts_after) AS kept
FROM counted
WHERE counts_before > 0
  AND counts_after > 0
  AND CASE WHEN stock_before > 0
           THEN CAST(stock_after * counts_before AS DOUBLE) / (stock_before * counts_after)
      END NOT BETWEEN 0.99 AND 1.01
ORDER BY kept, category, class
LIMIT 100
