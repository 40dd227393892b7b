-- Since which day of 2001 is a category ahead of its stores on the catalog, counted from New Year?
WITH daily_store AS (
    SELECT i_category AS category, d_date AS day, sum(ss_net_paid) AS paid
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE d_year = 2001 AND i_category IS NOT NULL
    GROUP BY i_category, d_date
),
daily_catalog AS (
    SELECT i_category AS category, d_date AS day, sum(cs_net_paid) AS paid
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    WHERE d_year = 2001 AND i_category IS NOT NULL
    GROUP BY i_category, d_date
),
side_by_side AS (
    SELECT
        coalesce(s.category, c.category) AS category,
        coalesce(s.day, c.day)           AS day,
        coalesce(s.paid, 0)              AS store_paid,
        coalesce(c.paid, 0)              AS catalog_paid
    FROM daily_store AS s
    FULL OUTER JOIN daily_catalog AS c ON c.category = s.category AND c.day = s.day
),
running AS (
    SELECT
        category,
        day,
        sum(store_paid) OVER (PARTITION BY category ORDER BY day
                              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS store_total,
        sum(catalog_paid) OVER (PARTITION BY category ORDER BY day
                                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS catalog_total
    FROM side_by_side
)
SELECT category, min(day) AS first_day_ahead, count(*) AS days_ahead, max(catalog_total - store_total) AS widest
FROM running
WHERE catalog_total > store_total
GROUP BY category
ORDER BY first_day_ahead, category
