-- How good is each supplier? Volume and punctuality from the order lines, and what the
-- marts say: cheapest in Europe (Q2), top of a quarter (Q15), excess stock (Q20), kept
-- orders waiting (Q21).
CREATE MATERIALIZED VIEW WITH (
    description = 'Volume, punctuality and standing of every supplier',
    tags = 'report,supply',
    owner = 'supply-data'
) AS
WITH volume AS (
    SELECT
        supplier_key,
        count(*)                                                AS line_count,
        sum(CASE WHEN is_late THEN 1 ELSE 0 END)                AS late_line_count,
        sum(CASE WHEN return_flag = 'R' THEN 1 ELSE 0 END)      AS returned_line_count,
        sum(quantity)                                           AS quantity,
        sum(net_revenue)                                        AS net_revenue
    FROM core.order_lines
    GROUP BY supplier_key
),
stock AS (
    SELECT
        supplier_key,
        supplier_name,
        nation_name,
        region_name,
        count(*)         AS offered_part_count,
        sum(stock_value) AS stock_value
    FROM core.supply_offers
    GROUP BY supplier_key, supplier_name, nation_name, region_name
),
cheapest AS (
    SELECT supplier_key, count(*) AS cheapest_part_count
    FROM marts.q02_minimum_cost_supplier
    GROUP BY supplier_key
)
SELECT
    s.supplier_key       AS supplier_key,
    s.supplier_name      AS supplier_name,
    s.nation_name        AS nation_name,
    s.region_name        AS region_name,
    named_struct(
        'line_count', v.line_count,
        'quantity', v.quantity,
        'net_revenue', v.net_revenue,
        'offered_part_count', s.offered_part_count,
        'stock_value', s.stock_value
    ) AS volume,
    named_struct(
        'late_line_count', v.late_line_count,
        'late_share', CAST(v.late_line_count AS DOUBLE) / CAST(v.line_count AS DOUBLE),
        'returned_line_count', v.returned_line_count,
        'waiting_count', coalesce(q21.waiting_count, 0)
    ) AS service,
    coalesce(c.cheapest_part_count, 0) AS cheapest_part_count,
    q15.supplier_key IS NOT NULL       AS is_top_supplier,
    q20.supplier_key IS NOT NULL       AS is_promotion_candidate
FROM stock AS s
JOIN volume AS v ON v.supplier_key = s.supplier_key
LEFT JOIN cheapest AS c ON c.supplier_key = s.supplier_key
LEFT JOIN marts.q15_top_supplier AS q15 ON q15.supplier_key = s.supplier_key
LEFT JOIN marts.q20_potential_part_promotion AS q20 ON q20.supplier_key = s.supplier_key
LEFT JOIN marts.q21_suppliers_who_kept_orders_waiting AS q21
    ON q21.supplier_key = s.supplier_key
