-- Q11: which parts are a significant share of the stock held by German suppliers?
-- The fraction is 0.0001 divided by the scale factor: 0.001 at scale factor 0.1.
-- Change it together with scale_factor in viewlane.toml.
CREATE MATERIALIZED VIEW WITH (
    description = 'Parts that make up a significant share of the stock value in Germany',
    tags = 'tpch,supply',
    owner = 'supply-data'
) AS
SELECT
    part_key         AS part_key,
    sum(stock_value) AS stock_value
FROM core.supply_offers
WHERE nation_name = 'GERMANY'
GROUP BY part_key
HAVING sum(stock_value) > (
    SELECT sum(stock_value) * CAST(0.001 AS DECIMAL(4, 3))
    FROM core.supply_offers
    WHERE nation_name = 'GERMANY'
)
