-- Q5: would local distribution centres in Asia pay? Revenue of 1994 where customer and
-- supplier are of the same nation.
CREATE MATERIALIZED VIEW WITH (
    description = 'Revenue of 1994 in Asia through suppliers of the customer nation',
    tags = 'tpch,sales',
    owner = 'sales-data'
) AS
SELECT
    supplier_nation  AS nation_name,
    sum(net_revenue) AS revenue
FROM core.order_lines
WHERE customer_nation = supplier_nation
  AND supplier_region = 'ASIA'
  AND order_date >= DATE '1994-01-01'
  AND order_date < DATE '1994-01-01' + INTERVAL '1' YEAR
GROUP BY supplier_nation
