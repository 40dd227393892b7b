-- Q7: how much is shipped between France and Germany in either direction, year by year?
CREATE MATERIALIZED VIEW WITH (
    description = 'Shipping volume between France and Germany, 1995 and 1996',
    tags = 'tpch,trade',
    owner = 'sales-data'
) AS
SELECT
    supplier_nation                            AS supplier_nation,
    customer_nation                            AS customer_nation,
    CAST(EXTRACT(YEAR FROM ship_date) AS INT)  AS ship_year,
    sum(net_revenue)                           AS revenue
FROM core.order_lines
WHERE ship_date BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
  AND ((supplier_nation = 'FRANCE' AND customer_nation = 'GERMANY')
    OR (supplier_nation = 'GERMANY' AND customer_nation = 'FRANCE'))
GROUP BY supplier_nation, customer_nation, CAST(EXTRACT(YEAR FROM ship_date) AS INT)
