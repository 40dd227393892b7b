-- In which states did orders from afar grow faster than store sales, spring on winter and summer
-- on spring?
WITH near AS (
    SELECT ca_state AS state, d_quarter_seq AS quarter, sum(ss_net_paid) AS paid
    FROM store_sales
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    JOIN customer_address ON ca_address_sk = ss_addr_sk
    WHERE d_year = 2000
    GROUP BY ca_state, d_quarter_seq
),
far AS (
    SELECT ca_state AS state, d_quarter_seq AS quarter, sum(cs_net_paid) AS paid
    FROM catalog_sales
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    JOIN customer_address ON ca_address_sk = cs_ship_addr_sk
    WHERE d_year = 2000
    GROUP BY ca_state, d_quarter_seq
),
near_steps AS (
    SELECT earlier.state, earlier.quarter,
           CAST(later.paid AS DOUBLE) / CAST(earlier.paid AS DOUBLE) AS growth
    FROM near AS earlier
    JOIN near AS later ON later.state = earlier.state AND later.quarter = earlier.quarter + 1
    WHERE earlier.paid > 0
),
far_steps AS (
    SELECT earlier.state, earlier.quarter,
           CAST(later.paid AS DOUBLE) / CAST(earlier.paid AS DOUBLE) AS growth
    FROM far AS earlier
    JOIN far AS later ON later.state = earlier.state AND later.quarter = earlier.quarter + 1
    WHERE earlier.paid > 0
)
SELECT
    n1.state,
    round(n1.growth, 4) AS near_spring,
    round(f1.growth, 4) AS far_spring,
    round(n2.growth, 4) AS near_summer,
    round(f2.growth, 4) AS far_summer
FROM near_steps AS n1
JOIN near_steps AS n2 ON n2.state = n1.state AND n2.quarter = n1.quarter + 1
JOIN far_steps AS f1 ON f1.state = n1.state AND f1.quarter = n1.quarter
JOIN far_steps AS f2 ON f2.state = n1.state AND f2.quarter = n2.quarter
WHERE n1.quarter = (SELECT min(quarter) FROM near)
  AND (f1.growth > n1.growth OR f2.growth > n2.growth)
ORDER BY n1.state
