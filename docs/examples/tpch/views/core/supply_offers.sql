-- Every offer of a part by a supplier, with the supplier's home and the value of the stock.
CREATE MATERIALIZED VIEW WITH (
    description = 'Offers of parts by suppliers with stock value and supplier geography',
    tags = 'core,supply',
    owner = 'supply-data'
) AS
SELECT
    ps.part_key           AS part_key,
    ps.supplier_key       AS supplier_key,
    s.supplier_name       AS supplier_name,
    g.nation_name         AS nation_name,
    g.region_name         AS region_name,
    ps.available_quantity AS available_quantity,
    ps.supply_cost        AS supply_cost,
    CAST(ps.supply_cost * ps.available_quantity AS DECIMAL(18, 2)) AS stock_value
FROM staging.part_suppliers AS ps
JOIN staging.suppliers AS s ON s.supplier_key = ps.supplier_key
JOIN core.geography AS g ON g.nation_key = s.nation_key
