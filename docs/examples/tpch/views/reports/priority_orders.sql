-- Which single orders need a person? Valuable orders not yet shipped (Q3) and very large
-- ones (Q18); an order can be in the list for both reasons.
CREATE MATERIALIZED VIEW WITH (
    description = 'Single orders to look after and why',
    tags = 'report,service',
    owner = 'service-data'
) AS
WITH reasons AS (
    SELECT order_key, 'valuable and unshipped' AS reason
    FROM marts.q03_shipping_priority
    UNION ALL
    SELECT order_key, 'very large' AS reason
    FROM marts.q18_large_volume_customer
),
revenue AS (
    SELECT
        order_key,
        customer_nation,
        customer_region,
        count(*)         AS line_count,
        sum(net_revenue) AS net_revenue
    FROM core.order_lines
    GROUP BY order_key, customer_nation, customer_region
)
SELECT
    r.order_key       AS order_key,
    r.reason          AS reason,
    o.customer_key    AS customer_key,
    v.customer_nation AS nation_name,
    v.customer_region AS region_name,
    o.order_date      AS order_date,
    o.order_status    AS order_status,
    v.line_count      AS line_count,
    v.net_revenue     AS net_revenue
FROM reasons AS r
JOIN staging.orders AS o ON o.order_key = r.order_key
JOIN revenue AS v ON v.order_key = r.order_key
