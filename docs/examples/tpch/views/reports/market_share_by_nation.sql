-- Who are our largest markets? Revenue by nation of the customer, its share and rank in the
-- region, a list of its years, and for Asia what local suppliers delivered in 1994 (Q5).
CREATE MATERIALIZED VIEW WITH (
    description = 'Revenue and regional market share of the customers of each nation, with its years',
    tags = 'report,sales',
    owner = 'sales-data'
) AS
WITH yearly AS (
    SELECT
        customer_region,
        customer_nation,
        order_year,
        count(*)         AS line_count,
        sum(net_revenue) AS net_revenue
    FROM core.order_lines
    GROUP BY customer_region, customer_nation, order_year
),
by_nation AS (
    SELECT
        customer_region,
        customer_nation,
        CAST(sum(net_revenue) AS DECIMAL(28, 4)) AS net_revenue,
        array_agg(
            named_struct(
                'order_year', order_year,
                'line_count', line_count,
                'net_revenue', net_revenue
            ) ORDER BY order_year
        ) AS years
    FROM yearly
    GROUP BY customer_region, customer_nation
),
by_region AS (
    SELECT
        customer_region,
        CAST(sum(net_revenue) AS DECIMAL(28, 4)) AS net_revenue
    FROM by_nation
    GROUP BY customer_region
),
ranked AS (
    SELECT
        customer_nation,
        CAST(row_number() OVER (
            PARTITION BY customer_region
            ORDER BY net_revenue DESC, customer_nation
        ) AS BIGINT) AS rank_in_region
    FROM by_nation
)
SELECT
    b.customer_region      AS region_name,
    b.customer_nation      AS nation_name,
    b.net_revenue          AS net_revenue,
    CAST(b.net_revenue AS DOUBLE) / CAST(t.net_revenue AS DOUBLE) AS share_of_region,
    k.rank_in_region       AS rank_in_region,
    q05.revenue            AS local_supplier_revenue_1994,
    b.years                AS years
FROM by_nation AS b
JOIN by_region AS t ON t.customer_region = b.customer_region
JOIN ranked AS k ON k.customer_nation = b.customer_nation
LEFT JOIN marts.q05_local_supplier_volume AS q05 ON q05.nation_name = b.customer_nation
