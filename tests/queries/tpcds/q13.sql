-- Lines of goods that all three channels carry: which brands of them beat the usual worth of a
-- line in each channel at the end of 2001, with totals?
WITH common AS (
    SELECT i_class_id AS class_id, i_category_id AS category_id
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    INTERSECT
    SELECT i_class_id, i_category_id
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    INTERSECT
    SELECT i_class_id, i_category_id
    FROM web_sales
    JOIN item ON i_item_sk = ws_item_sk
),
articles AS (
    SELECT i.i_item_sk AS item_sk, i.i_brand AS brand, i.i_category AS category
    FROM item AS i
    WHERE EXISTS (
        SELECT 1 FROM common AS c WHERE c.class_id = i.i_class_id AND c.category_id = i.i_category_id
    )
),
season AS (
    SELECT d_date_sk AS date_sk FROM date_dim WHERE d_year = 2001 AND d_moy BETWEEN 10 AND 12
),
usual AS (
    SELECT avg(worth) AS worth
    FROM (
        SELECT ss_quantity * ss_sales_price AS worth FROM store_sales
        UNION ALL
        SELECT cs_quantity * cs_sales_price FROM catalog_sales
        UNION ALL
        SELECT ws_quantity * ws_sales_price FROM web_sales
    ) AS lines
),
strong AS (
    SELECT 'store' AS channel, a.category, a.brand, count(*) AS lines, sum(ss_quantity * ss_sales_price) AS worth
    FROM store_sales
    JOIN season ON season.date_sk = ss_sold_date_sk
    JOIN articles AS a ON a.item_sk = ss_item_sk
    GROUP BY a.category, a.brand
    HAVING avg(ss_quantity * ss_sales_price) > (SELECT worth FROM usual)
    UNION ALL
    SELECT 'catalog', a.category, a.brand, count(*), sum(cs_quantity * cs_sales_price)
    FROM catalog_sales
    JOIN season ON season.date_sk = cs_sold_date_sk
    JOIN articles AS a ON a.item_sk = cs_item_sk
    GROUP BY a.category, a.brand
    HAVING avg(cs_quantity * cs_sales_price) > (SELECT worth FROM usual)
    UNION ALL
    SELECT 'web', a.category, a.brand, count(*), sum(ws_quantity * ws_sales_price)
    FROM web_sales
    JOIN season ON season.date_sk = ws_sold_date_sk
    JOIN articles AS a ON a.item_sk = ws_item_sk
    GROUP BY a.category, a.brand
    HAVING avg(ws_quantity * ws_sales_price) > (SELECT worth FROM usual)
)
SELECT
    channel,
    category,
    brand,
    grouping(channel) + grouping(category) + grouping(brand) AS level,
    count(DISTINCT brand) AS brands,
    sum(lines)            AS lines,
    sum(worth)            AS worth
FROM strong
GROUP BY ROLLUP (channel, category, brand)
ORDER BY level DESC, worth DESC, channel, category, brand
LIMIT 100
