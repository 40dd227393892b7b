-- What do divorced men with few dependants pay in each store and shift of the day, with subtotals?
SELECT
    s.s_store_name,
    t.t_shift,
    CASE grouping(t.t_shift) WHEN 1 THEN 'all day' ELSE t.t_sub_shift END AS part_of_day,
    count(*)                    AS lines,
    avg(ss.ss_quantity)         AS quantity,
    avg(ss.ss_sales_price)      AS price,
    sum(ss.ss_coupon_amt)       AS coupons
FROM store_sales AS ss
JOIN customer_demographics AS p ON p.cd_demo_sk = ss.ss_cdemo_sk
JOIN time_dim AS t ON t.t_time_sk = ss.ss_sold_time_sk
JOIN store AS s ON s.s_store_sk = ss.ss_store_sk
WHERE p.cd_gender = 'M'
  AND p.cd_marital_status = 'D'
  AND p.cd_dep_count < 3
GROUP BY ROLLUP (s.s_store_name, t.t_shift, t.t_sub_shift)
ORDER BY s.s_store_name, t.t_shift, part_of_day, lines
