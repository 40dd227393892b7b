-- Who fills large baskets at weekends though the household is small?
SELECT
    c.c_salutation || ' ' || c.c_last_name AS customer,
    c.c_preferred_cust_flag                AS preferred,
    large.ticket,
    large.lines,
    large.pieces
FROM (
    SELECT ss_ticket_number AS ticket, ss_customer_sk AS customer_sk,
           count(*) AS lines, sum(ss_quantity) AS pieces
    FROM store_sales
    JOIN household_demographics ON hd_demo_sk = ss_hdemo_sk
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    JOIN store ON s_store_sk = ss_store_sk
    WHERE hd_dep_count <= 1
      AND CASE hd_vehicle_count WHEN 0 THEN 0 WHEN -1 THEN 0 ELSE hd_dep_count * 2 / hd_vehicle_count END < 2
      AND (d_weekend = 'Y' OR d_holiday = 'Y')
      AND d_year BETWEEN 2000 AND 2002
      AND s_number_employees > 200
    GROUP BY ss_ticket_number, ss_customer_sk
    HAVING count(*) >= 10
) AS large
INNER JOIN customer AS c ON c.c_customer_sk = large.customer_sk
WHERE c.c_salutation IS NOT NULL
ORDER BY large.lines DESC, large.pieces DESC, large.ticket
LIMIT 200
