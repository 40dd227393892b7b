-- Catalog orders that left by more than one kind of transport and of which nothing came back.
SELECT
    count(DISTINCT cs1.cs_order_number) AS orders,
    sum(cs1.cs_ext_ship_cost)           AS shipping_cost,
    sum(cs1.cs_net_profit)              AS net_profit
FROM catalog_sales AS cs1
JOIN date_dim ON cs1.cs_ship_date_sk = d_date_sk
JOIN customer_address ON cs1.cs_ship_addr_sk = ca_address_sk
JOIN call_center ON cs1.cs_call_center_sk = cc_call_center_sk
WHERE d_date BETWEEN DATE '2000-02-01' AND DATE '2000-02-01' + INTERVAL '60' DAY
  AND ca_state IN ('GA', 'TX', 'VA')
  AND cc_county = 'Williamson County'
  AND EXISTS (
      SELECT 1
      FROM catalog_sales AS cs2
      WHERE cs2.cs_order_number = cs1.cs_order_number
        AND cs2.cs_ship_mode_sk <> cs1.cs_ship_mode_sk
  )
  AND NOT EXISTS (
      SELECT 1
      FROM catalog_returns AS cr
      WHERE cr.cr_order_number = cs1.cs_order_number
  )
