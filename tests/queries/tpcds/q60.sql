-- For which reasons do catalog buyers return, when the one who returns differs from the one refunded?
SELECT
    upper(substr(r.r_reason_desc, 1, 1)) || substr(r.r_reason_desc, 2, 30) AS reason,
    count(*)                    AS lines,
    avg(s.cs_quantity)          AS pieces,
    avg(b.cr_refunded_cash)     AS refunded,
    sum(b.cr_fee)               AS fees
FROM catalog_returns AS b
JOIN catalog_sales AS s ON s.cs_order_number = b.cr_order_number AND s.cs_item_sk = b.cr_item_sk
JOIN reason AS r ON r.r_reason_sk = b.cr_reason_sk
JOIN customer_demographics AS paid_to ON paid_to.cd_demo_sk = b.cr_refunded_cdemo_sk
JOIN customer_demographics AS sent_by ON sent_by.cd_demo_sk = b.cr_returning_cdemo_sk
JOIN customer_address AS a ON a.ca_address_sk = b.cr_refunded_addr_sk
WHERE b.cr_refunded_customer_sk <> b.cr_returning_customer_sk
  AND (
      (paid_to.cd_marital_status = 'M' AND sent_by.cd_gender = 'F' AND s.cs_sales_price < 120)
      OR (paid_to.cd_marital_status IN ('S', 'D')
          AND sent_by.cd_education_status NOT LIKE 'Advanced%'
          AND s.cs_sales_price BETWEEN 1 AND 80)
      OR (paid_to.cd_marital_status = 'W' AND sent_by.cd_dep_count BETWEEN 0 AND 3)
      OR (paid_to.cd_credit_rating = sent_by.cd_credit_rating AND s.cs_net_profit < 0)
  )
  AND (a.ca_country = 'United States' OR a.ca_country IS NULL)
GROUP BY r.r_reason_desc
ORDER BY lines DESC, reason
LIMIT 100
