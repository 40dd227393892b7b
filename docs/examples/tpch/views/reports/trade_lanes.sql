-- Which trade lanes matter? Revenue from every supplier nation to every customer nation,
-- and the years of the one lane watched closely, France and Germany (Q7).
CREATE MATERIALIZED VIEW WITH (
    description = 'Revenue from each supplier nation to each customer nation',
    tags = 'report,trade',
    owner = 'sales-data'
) AS
WITH lanes AS (
    SELECT
        supplier_nation,
        customer_nation,
        count(*)         AS line_count,
        sum(net_revenue) AS net_revenue
    FROM core.order_lines
    GROUP BY supplier_nation, customer_nation
),
watched AS (
    SELECT
        supplier_nation,
        customer_nation,
        array_agg(
            named_struct('ship_year', ship_year, 'revenue', revenue) ORDER BY ship_year
        ) AS watched_years
    FROM marts.q07_volume_shipping
    GROUP BY supplier_nation, customer_nation
)
SELECT
    l.supplier_nation AS supplier_nation,
    l.customer_nation AS customer_nation,
    l.supplier_nation = l.customer_nation AS is_domestic,
    l.line_count      AS line_count,
    l.net_revenue     AS net_revenue,
    w.watched_years   AS watched_years
FROM lanes AS l
LEFT JOIN watched AS w
    ON w.supplier_nation = l.supplier_nation
   AND w.customer_nation = l.customer_nation
