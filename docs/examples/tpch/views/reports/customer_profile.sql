-- Who is this customer? Home, spending, the three latest orders, and whether the marts
-- know them for returns (Q10) or for very large orders (Q18).
CREATE MATERIALIZED VIEW WITH (
    description = 'One row per ordering customer with home, spending and latest orders',
    tags = 'report,customers',
    owner = 'customer-data'
) AS
WITH customer_orders AS (
    SELECT
        customer_key,
        customer_nation,
        customer_region,
        market_segment,
        order_key,
        order_date,
        order_priority,
        count(*)         AS line_count,
        sum(net_revenue) AS net_revenue
    FROM core.order_lines
    GROUP BY customer_key, customer_nation, customer_region, market_segment,
             order_key, order_date, order_priority
),
totals AS (
    SELECT
        customer_key,
        customer_nation,
        customer_region,
        market_segment,
        count(*)         AS order_count,
        min(order_date)  AS first_order_date,
        max(order_date)  AS last_order_date,
        CAST(sum(net_revenue) AS DECIMAL(28, 4)) AS net_revenue
    FROM customer_orders
    GROUP BY customer_key, customer_nation, customer_region, market_segment
),
numbered AS (
    SELECT
        customer_key,
        order_key,
        order_date,
        order_priority,
        line_count,
        net_revenue,
        row_number() OVER (
            PARTITION BY customer_key
            ORDER BY order_date DESC, order_key DESC
        ) AS recency
    FROM customer_orders
),
latest AS (
    SELECT
        customer_key,
        array_agg(
            named_struct(
                'order_key', order_key,
                'order_date', order_date,
                'order_priority', order_priority,
                'line_count', line_count,
                'net_revenue', net_revenue
            ) ORDER BY order_date DESC, order_key DESC
        ) AS latest_orders
    FROM numbered
    WHERE recency <= 3
    GROUP BY customer_key
),
large AS (
    SELECT customer_key, count(*) AS large_order_count
    FROM marts.q18_large_volume_customer
    GROUP BY customer_key
)
SELECT
    t.customer_key     AS customer_key,
    c.customer_name    AS customer_name,
    t.market_segment   AS market_segment,
    named_struct(
        'region_name', t.customer_region,
        'nation_name', t.customer_nation,
        'address', c.address,
        'phone', c.phone
    ) AS home,
    t.order_count      AS order_count,
    t.first_order_date AS first_order_date,
    t.last_order_date  AS last_order_date,
    t.net_revenue      AS net_revenue,
    coalesce(q10.revenue, CAST(0 AS DECIMAL(28, 4))) AS returned_revenue,
    coalesce(g.large_order_count, 0)                 AS large_order_count,
    l.latest_orders    AS latest_orders
FROM totals AS t
JOIN staging.customers AS c ON c.customer_key = t.customer_key
JOIN latest AS l ON l.customer_key = t.customer_key
LEFT JOIN marts.q10_returned_item_reporting AS q10 ON q10.customer_key = t.customer_key
LEFT JOIN large AS g ON g.customer_key = t.customer_key
