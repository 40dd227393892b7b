-- Q20: which Canadian suppliers hold so much of a forest part that a promotion suggests
-- itself? More than half of what they shipped of it in 1994.
CREATE MATERIALIZED VIEW WITH (
    description = 'Canadian suppliers with an excess of forest parts after 1994',
    tags = 'tpch,supply',
    owner = 'supply-data'
) AS
SELECT
    s.supplier_key  AS supplier_key,
    s.supplier_name AS supplier_name,
    s.address       AS address
FROM staging.suppliers AS s
JOIN staging.nations AS n ON n.nation_key = s.nation_key
WHERE n.nation_name = 'CANADA'
  AND s.supplier_key IN (
      SELECT ps.supplier_key
      FROM staging.part_suppliers AS ps
      WHERE ps.part_key IN (
              SELECT part_key FROM staging.parts WHERE part_name LIKE 'forest%'
          )
        AND ps.available_quantity > (
              SELECT CAST(0.5 AS DECIMAL(3, 2)) * sum(l.quantity)
              FROM staging.line_items AS l
              WHERE l.part_key = ps.part_key
                AND l.supplier_key = ps.supplier_key
                AND l.ship_date >= DATE '1994-01-01'
                AND l.ship_date < DATE '1994-01-01' + INTERVAL '1' YEAR
          )
  )
