-- On which weekday does each hour of a store take most?
SELECT *
FROM (
    SELECT
        s.s_store_name AS store_name,
        t.t_hour       AS hour,
        sum(CASE WHEN d.d_day_name = 'Monday'    THEN ss.ss_net_paid ELSE 0 END) AS "Monday",
        sum(CASE WHEN d.d_day_name = 'Tuesday'   THEN ss.ss_net_paid ELSE 0 END) AS "Tuesday",
        sum(CASE WHEN d.d_day_name = 'Wednesday' THEN ss.ss_net_paid ELSE 0 END) AS "Wednesday",
        sum(CASE WHEN d.d_day_name = 'Thursday'  THEN ss.ss_net_paid ELSE 0 END) AS "Thursday",
        sum(CASE WHEN d.d_day_name = 'Friday'    THEN ss.ss_net_paid ELSE 0 END) AS "Friday",
        sum(CASE WHEN d.d_day_name = 'Saturday'  THEN ss.ss_net_paid ELSE 0 END) AS "Saturday",
        sum(CASE WHEN d.d_day_name = 'Sunday'    THEN ss.ss_net_paid ELSE 0 END) AS "Sunday"
    FROM store_sales AS ss
    JOIN store AS s ON s.s_store_sk = ss.ss_store_sk
    JOIN date_dim AS d ON d.d_date_sk = ss.ss_sold_date_sk
    JOIN time_dim AS t ON t.t_time_sk = ss.ss_sold_time_sk
    WHERE d.d_year = 2002
    GROUP BY s.s_store_name, t.t_hour
) AS by_hour
WHERE greatest("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday") > 0
ORDER BY store_name, hour
