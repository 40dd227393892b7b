-- Which brands carry the business, and how broadly are they supplied (Q16)?
CREATE MATERIALIZED VIEW WITH (
    description = 'Sales and supply breadth of every brand',
    tags = 'report,products',
    owner = 'product-data'
) AS
WITH sales AS (
    SELECT
        p.brand                       AS brand,
        p.manufacturer                AS manufacturer,
        count(DISTINCT ol.part_key)   AS sold_part_count,
        count(*)                      AS line_count,
        sum(ol.quantity)              AS quantity,
        sum(ol.net_revenue)           AS net_revenue
    FROM core.order_lines AS ol
    JOIN staging.parts AS p ON p.part_key = ol.part_key
    GROUP BY p.brand, p.manufacturer
),
breadth AS (
    SELECT
        brand,
        count(*)            AS wanted_kind_count,
        min(supplier_count) AS min_supplier_count,
        max(supplier_count) AS max_supplier_count
    FROM marts.q16_parts_supplier_relationship
    GROUP BY brand
)
SELECT
    s.brand           AS brand,
    s.manufacturer    AS manufacturer,
    s.sold_part_count AS sold_part_count,
    s.line_count      AS line_count,
    s.quantity        AS quantity,
    s.net_revenue     AS net_revenue,
    coalesce(b.wanted_kind_count, 0) AS wanted_kind_count,
    b.min_supplier_count             AS min_supplier_count,
    b.max_supplier_count             AS max_supplier_count
FROM sales AS s
LEFT JOIN breadth AS b ON b.brand = s.brand
