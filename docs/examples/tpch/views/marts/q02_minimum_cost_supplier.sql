-- Q2: which European supplier should be asked first for each brass part of size 15?
-- The order ends in the keys of an offer, so the 100 rows are well defined.
CREATE MATERIALIZED VIEW WITH (
    description = 'Cheapest European supplier of each brass part of size 15',
    tags = 'tpch,supply',
    owner = 'supply-data'
) AS
WITH european_offers AS (
    SELECT part_key, supplier_key, nation_name, supply_cost
    FROM core.supply_offers
    WHERE region_name = 'EUROPE'
),
cheapest AS (
    SELECT part_key, min(supply_cost) AS supply_cost
    FROM european_offers
    GROUP BY part_key
)
SELECT
    s.account_balance AS account_balance,
    s.supplier_name   AS supplier_name,
    e.nation_name     AS nation_name,
    p.part_key        AS part_key,
    p.manufacturer    AS manufacturer,
    s.address         AS address,
    s.phone           AS phone,
    s.comment         AS supplier_comment,
    s.supplier_key    AS supplier_key
FROM staging.parts AS p
JOIN european_offers AS e ON e.part_key = p.part_key
JOIN cheapest AS m ON m.part_key = e.part_key AND m.supply_cost = e.supply_cost
JOIN staging.suppliers AS s ON s.supplier_key = e.supplier_key
WHERE p.part_size = 15
  AND p.part_type LIKE '%BRASS'
ORDER BY account_balance DESC, nation_name, supplier_name, part_key, supplier_key
LIMIT 100
