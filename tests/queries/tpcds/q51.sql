-- What is sold at which hour at meal times, over all channels, and is it more than at other hours?
WITH lines AS (
    SELECT ss_sold_time_sk AS time_sk, ss_sold_date_sk AS date_sk, ss_item_sk AS item_sk, ss_net_paid AS paid
    FROM store_sales
    UNION ALL
    SELECT ws_sold_time_sk, ws_sold_date_sk, ws_item_sk, ws_net_paid FROM web_sales
    UNION ALL
    SELECT cs_sold_time_sk, cs_sold_date_sk, cs_item_sk, cs_net_paid FROM catalog_sales
)
SELECT
    i.i_category                                    AS category,
    t.t_hour                                        AS hour,
    max(t.t_meal_time)                              AS meal,
    count(*)                                        AS lines,
    sum(l.paid)                                     AS paid,
    sum(l.paid) > avg(sum(l.paid)) OVER (PARTITION BY i.i_category) AS above_average
FROM lines AS l
JOIN time_dim AS t ON t.t_time_sk = l.time_sk
JOIN date_dim AS d ON d.d_date_sk = l.date_sk
JOIN item AS i ON i.i_item_sk = l.item_sk
WHERE d.d_year = 1999
  AND d.d_moy = 12
  AND t.t_meal_time IN ('breakfast', 'lunch', 'dinner')
GROUP BY i.i_category, t.t_hour
ORDER BY category, hour
LIMIT 200
