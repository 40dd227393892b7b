-- Q15: who is the top supplier of 1996 Q1? All of them, if several share the maximum:
-- the sums are exact decimals, so equality is meant literally.
CREATE MATERIALIZED VIEW WITH (
    description = 'Supplier with the most revenue in the first quarter of 1996',
    tags = 'tpch,supply',
    owner = 'supply-data'
) AS
WITH revenue AS (
    SELECT
        supplier_key,
        sum(CAST(extended_price * (1 - discount) AS DECIMAL(18, 4))) AS total_revenue
    FROM staging.line_items
    WHERE ship_date >= DATE '1996-01-01'
      AND ship_date < DATE '1996-01-01' + INTERVAL '3' MONTH
    GROUP BY supplier_key
)
SELECT
    s.supplier_key  AS supplier_key,
    s.supplier_name AS supplier_name,
    s.address       AS address,
    s.phone         AS phone,
    r.total_revenue AS total_revenue
FROM staging.suppliers AS s
JOIN revenue AS r ON r.supplier_key = s.supplier_key
WHERE r.total_revenue = (SELECT max(total_revenue) FROM revenue)
