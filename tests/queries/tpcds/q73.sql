-- The articles that make up the first fifth of all web revenue, largest first.
SELECT item_id, product, category, revenue, running_share, rank_in_category
FROM (
    SELECT
        i.i_item_id      AS item_id,
        i.i_product_name AS product,
        i.i_category     AS category,
        w.revenue,
        CAST(sum(w.revenue) OVER (ORDER BY w.revenue DESC, w.item_sk) AS DOUBLE)
            / CAST(sum(w.revenue) OVER () AS DOUBLE) AS running_share,
        dense_rank() OVER (PARTITION BY i.i_category ORDER BY w.revenue DESC, w.item_sk) AS rank_in_category
    FROM (
        SELECT ws_item_sk AS item_sk, sum(ws_ext_sales_price) AS revenue
        FROM web_sales
        WHERE ws_sold_date_sk IN (SELECT d_date_sk FROM date_dim WHERE d_year = 2002)
        GROUP BY ws_item_sk
    ) AS w
    JOIN item AS i ON i.i_item_sk = w.item_sk
) AS shares
WHERE running_share <= 0.2
ORDER BY running_share, item_id
LIMIT 100
