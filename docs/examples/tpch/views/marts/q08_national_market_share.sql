-- Q8: how did the share of Brazilian suppliers in America change for one type of part?
-- Both sums are exact decimals; only the finished ratio is a double.
CREATE MATERIALIZED VIEW WITH (
    description = 'Share of Brazil in American sales of economy anodized steel',
    tags = 'tpch,trade',
    owner = 'sales-data'
) AS
SELECT
    ol.order_year AS order_year,
    CAST(sum(CASE WHEN ol.supplier_nation = 'BRAZIL'
                  THEN ol.net_revenue
                  ELSE CAST(0 AS DECIMAL(18, 4)) END) AS DOUBLE)
        / CAST(sum(ol.net_revenue) AS DOUBLE) AS market_share
FROM core.order_lines AS ol
JOIN staging.parts AS p ON p.part_key = ol.part_key
WHERE ol.customer_region = 'AMERICA'
  AND ol.order_date BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
  AND p.part_type = 'ECONOMY ANODIZED STEEL'
GROUP BY ol.order_year
