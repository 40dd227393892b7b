-- Where on the way from category to class does the catalog earn best for what it takes?
WITH margins AS (
    SELECT
        i_category                                  AS category,
        i_class                                     AS class,
        grouping(i_category) + grouping(i_class)    AS level,
        CAST(sum(cs_net_profit) AS DOUBLE) / CAST(sum(cs_net_paid) AS DOUBLE) AS margin
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    WHERE d_year = 2000
      AND cs_net_paid > 0
    GROUP BY ROLLUP (i_category, i_class)
)
SELECT
    level,
    category,
    class,
    round(margin, 6) AS margin,
    rank() OVER (
        PARTITION BY level, CASE WHEN level = 0 THEN category END
        ORDER BY margin DESC
    ) AS place,
    round(margin - first_value(margin) OVER (
        PARTITION BY level, CASE WHEN level = 0 THEN category END
        ORDER BY margin DESC
    ), 6) AS behind_best
FROM margins
ORDER BY level DESC, category, place, class
LIMIT 100
