-- How many web orders come in the morning for each one in the evening, from larger households
-- on pages of some length?
SELECT
    CAST(early_orders AS DOUBLE) / CAST(nullif(late_orders, 0) AS DOUBLE) AS mornings_per_evening
FROM (
    SELECT count(*) AS early_orders
    FROM web_sales, household_demographics, time_dim, web_page
    WHERE ws_sold_time_sk = t_time_sk
      AND ws_ship_hdemo_sk = hd_demo_sk
      AND ws_web_page_sk = wp_web_page_sk
      AND t_hour BETWEEN 8 AND 10
      AND hd_dep_count >= 5
      AND wp_char_count BETWEEN 1000 AND 6000
) AS mornings
CROSS JOIN (
    SELECT count(*) AS late_orders
    FROM web_sales, household_demographics, time_dim, web_page
    WHERE ws_sold_time_sk = t_time_sk
      AND ws_ship_hdemo_sk = hd_demo_sk
      AND ws_web_page_sk = wp_web_page_sk
      AND t_hour BETWEEN 18 AND 20
      AND hd_dep_count >= 5
      AND wp_char_count BETWEEN 1000 AND 6000
) AS evenings
