-- Q16: how many suppliers can deliver parts of the wanted kinds? Suppliers with customer
-- complaints on file do not count.
CREATE MATERIALIZED VIEW WITH (
    description = 'Number of suppliers by brand, type and size without complaints',
    tags = 'tpch,supply',
    owner = 'supply-data'
) AS
SELECT
    p.brand                         AS brand,
    p.part_type                     AS part_type,
    p.part_size                     AS part_size,
    count(DISTINCT ps.supplier_key) AS supplier_count
FROM staging.part_suppliers AS ps
JOIN staging.parts AS p ON p.part_key = ps.part_key
WHERE p.brand <> 'Brand#45'
  AND p.part_type NOT LIKE 'MEDIUM POLISHED%'
  AND p.part_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND ps.supplier_key NOT IN (
      SELECT supplier_key
      FROM staging.suppliers
      WHERE comment LIKE '%Customer%Complaints%'
  )
GROUP BY p.brand, p.part_type, p.part_size
