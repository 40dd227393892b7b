-- Q21: which Saudi suppliers were the only late one of several suppliers of an order?
-- Ties end at the supplier key.
CREATE MATERIALIZED VIEW WITH (
    description = 'Hundred Saudi suppliers who alone kept finished orders waiting',
    tags = 'tpch,service',
    owner = 'service-data'
) AS
SELECT
    s.supplier_key  AS supplier_key,
    s.supplier_name AS supplier_name,
    count(*)        AS waiting_count
FROM staging.suppliers AS s
JOIN staging.line_items AS l1 ON l1.supplier_key = s.supplier_key
JOIN staging.orders AS o ON o.order_key = l1.order_key
JOIN staging.nations AS n ON n.nation_key = s.nation_key
WHERE n.nation_name = 'SAUDI ARABIA'
  AND o.order_status = 'F'
  AND l1.receipt_date > l1.commit_date
  AND EXISTS (
      SELECT 1
      FROM staging.line_items AS l2
      WHERE l2.order_key = l1.order_key
        AND l2.supplier_key <> l1.supplier_key
  )
  AND NOT EXISTS (
      SELECT 1
      FROM staging.line_items AS l3
      WHERE l3.order_key = l1.order_key
        AND l3.supplier_key <> l1.supplier_key
        AND l3.receipt_date > l3.commit_date
  )
GROUP BY s.supplier_key, s.supplier_name
ORDER BY waiting_count DESC, supplier_name, supplier_key
LIMIT 100
