-- What is a web order line worth when the household, the person and the place fit one of three
-- profiles?
SELECT
    count(*)                                    AS lines,
    count(DISTINCT ws_order_number)             AS orders,
    avg(ws_quantity)                            AS avg_quantity,
    avg(ws_net_paid_inc_ship_tax)               AS avg_paid,
    sum(ws_ext_wholesale_cost)                  AS cost
FROM web_sales
JOIN customer_demographics ON cd_demo_sk = ws_bill_cdemo_sk
JOIN household_demographics ON hd_demo_sk = ws_bill_hdemo_sk
JOIN customer_address ON ca_address_sk = ws_ship_addr_sk
WHERE (
      (cd_gender = 'F' AND cd_marital_status IN ('M', 'W')
          AND hd_dep_count > 2
          AND ws_sales_price BETWEEN 20 AND 120)
      OR (cd_gender = 'M' AND cd_education_status LIKE '%Degree'
          AND hd_vehicle_count BETWEEN 1 AND 3
          AND ws_sales_price BETWEEN 5 AND 80)
      OR (cd_credit_rating = 'Good' AND hd_buy_potential <> 'Unknown'
          AND ws_sales_price > 100)
  )
  AND (
      (ca_state IN ('TX', 'GA') AND ca_location_type = 'condo')
      OR (ca_state IN ('KS', 'VA', 'MO') AND NOT ca_location_type = 'apartment')
      OR (ca_gmt_offset < -6 AND ws_net_profit NOT BETWEEN -50 AND 50)
  )
