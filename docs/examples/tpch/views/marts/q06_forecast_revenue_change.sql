-- Q6: what would dropping discounts of 5 to 7 percent on small lines of 1994 have brought?
-- The bounds are decimals, so the comparison is exact.
CREATE MATERIALIZED VIEW WITH (
    description = 'Revenue gained if certain discounts of 1994 had not been given',
    tags = 'tpch,pricing',
    owner = 'pricing-data'
) AS
SELECT
    sum(CAST(extended_price * discount AS DECIMAL(18, 4))) AS revenue
FROM staging.line_items
WHERE ship_date >= DATE '1994-01-01'
  AND ship_date < DATE '1994-01-01' + INTERVAL '1' YEAR
  AND discount BETWEEN CAST(0.05 AS DECIMAL(15, 2)) AND CAST(0.07 AS DECIMAL(15, 2))
  AND quantity < CAST(24 AS DECIMAL(15, 2))
