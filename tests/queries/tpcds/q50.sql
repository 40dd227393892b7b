-- The five strongest lines of each category on the web, whatever the level at which they are
-- summed up.
WITH sums AS (
    SELECT
        i_category       AS category,
        i_class          AS class,
        i_brand          AS brand,
        d_qoy            AS quarter,
        web_site_id      AS site,
        grouping(i_class) + grouping(i_brand) + grouping(d_qoy) + grouping(web_site_id) AS level,
        sum(ws_quantity * ws_sales_price) AS worth
    FROM web_sales
    JOIN item ON i_item_sk = ws_item_sk
    JOIN date_dim ON d_date_sk = ws_sold_date_sk
    JOIN web_site ON web_site_sk = ws_web_site_sk
    WHERE d_year = 2001
    GROUP BY ROLLUP (i_category, i_class, i_brand, d_qoy, web_site_id)
)
SELECT category, level, class, brand, quarter, site, worth, place
FROM (
    SELECT sums.*, dense_rank() OVER (PARTITION BY category, level ORDER BY worth DESC) AS place
    FROM sums
    WHERE category IS NOT NULL
) AS ranked
WHERE place <= 5 AND level < 3
ORDER BY category, level, place, class, brand, quarter, site
LIMIT 100
