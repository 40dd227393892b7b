-- Customers who never used the web although they live where others do, with their last visit.
SELECT
    c_customer_id,
    ca_state,
    upper(trim(coalesce(c_last_name, '?'))) || ' ' || substr(coalesce(c_first_name, '?'), 1, 1) AS name,
    (SELECT max(d_date)
     FROM store_sales JOIN date_dim ON ss_sold_date_sk = d_date_sk
     WHERE ss_customer_sk = c.c_customer_sk) AS last_visit,
    (SELECT count(*)
     FROM catalog_sales
     WHERE cs_bill_customer_sk = c.c_customer_sk) AS catalog_lines
FROM customer AS c
JOIN customer_address ON ca_address_sk = c.c_current_addr_sk
WHERE ca_state IN (
        SELECT ca_state
        FROM web_sales
        JOIN customer_address ON ws_bill_addr_sk = ca_address_sk
        WHERE ca_state IS NOT NULL
        GROUP BY ca_state
        HAVING count(DISTINCT ws_bill_customer_sk) > 3
    )
  AND c.c_customer_sk NOT IN (
        SELECT ws_bill_customer_sk
        FROM web_sales
        WHERE ws_bill_customer_sk IS NOT NULL
    )
  AND EXISTS (SELECT 1 FROM store_sales WHERE ss_customer_sk = c.c_customer_sk)
ORDER BY last_visit DESC, c_customer_id
LIMIT 100
