-- Q14: did the market answer the promotion? Percentage of the revenue of September 1995
-- that came from promotion parts.
CREATE MATERIALIZED VIEW WITH (
    description = 'Share of promotion parts in the revenue of September 1995',
    tags = 'tpch,pricing',
    owner = 'pricing-data'
) AS
SELECT
    100 * CAST(sum(CASE WHEN part_type LIKE 'PROMO%'
                        THEN net_revenue
                        ELSE CAST(0 AS DECIMAL(18, 4)) END) AS DOUBLE)
        / CAST(sum(net_revenue) AS DOUBLE) AS promotion_revenue_percent
FROM (
    SELECT
        p.part_type AS part_type,
        CAST(l.extended_price * (1 - l.discount) AS DECIMAL(18, 4)) AS net_revenue
    FROM staging.line_items AS l
    JOIN staging.parts AS p ON p.part_key = l.part_key
    WHERE l.ship_date >= DATE '1995-09-01'
      AND l.ship_date < DATE '1995-09-01' + INTERVAL '1' MONTH
) AS shipped
