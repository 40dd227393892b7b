-- Where do dear telephone orders come from in the first quarter, or any orders from the far west?
SELECT
    coalesce(a.ca_state, '??')  AS state,
    a.ca_county                 AS county,
    max(cs.cs_sales_price)      AS dearest,
    sum(cs.cs_ext_sales_price)  AS revenue
FROM catalog_sales AS cs
INNER JOIN customer AS c ON c.c_customer_sk = cs.cs_ship_customer_sk
INNER JOIN customer_address AS a ON a.ca_address_sk = c.c_current_addr_sk
INNER JOIN date_dim AS d ON d.d_date_sk = cs.cs_sold_date_sk
WHERE d.d_quarter_name = '2002Q1'
  AND (cs.cs_sales_price > 200
       OR a.ca_gmt_offset <= -8
       OR a.ca_zip LIKE '9%'
       OR a.ca_state IN ('NV', 'AZ'))
GROUP BY a.ca_state, a.ca_county
ORDER BY revenue DESC, state, county
LIMIT 100
