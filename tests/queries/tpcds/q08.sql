-- What do the stores earn with buyers from postal areas that hold preferred customers and also
-- orders on the web?
WITH areas AS (
    SELECT substr(ca_zip, 1, 3) AS area
    FROM customer_address
    JOIN customer ON c_current_addr_sk = ca_address_sk
    WHERE c_preferred_cust_flag = 'Y'
    GROUP BY substr(ca_zip, 1, 3)
    INTERSECT
    SELECT substr(ca_zip, 1, 3)
    FROM web_sales
    JOIN customer_address ON ca_address_sk = ws_ship_addr_sk
    WHERE ws_quantity > 10
    EXCEPT
    SELECT substr(s_zip, 1, 3) FROM store
)
SELECT
    s.s_store_name,
    a.area,
    count(DISTINCT ss.ss_ticket_number) AS tickets,
    sum(ss.ss_net_profit)               AS profit
FROM store_sales AS ss
JOIN store AS s ON s.s_store_sk = ss.ss_store_sk
JOIN customer_address AS ca ON ca.ca_address_sk = ss.ss_addr_sk
JOIN areas AS a ON a.area = substr(ca.ca_zip, 1, 3)
JOIN date_dim AS d ON d.d_date_sk = ss.ss_sold_date_sk AND d.d_qoy = 2
GROUP BY s.s_store_name, a.area
ORDER BY profit DESC, s.s_store_name, a.area
LIMIT 100
