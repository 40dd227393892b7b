-- What needs attention? Suppliers who kept many orders waiting, customers with heavy
-- returns, and single orders; one row per subject and reason.
CREATE MATERIALIZED VIEW WITH (
    description = 'Suppliers, customers and orders that need attention',
    tags = 'board',
    owner = 'board-office'
) AS
SELECT
    'supplier'     AS subject,
    supplier_key   AS subject_key,
    'kept orders waiting' AS reason,
    nation_name    AS nation_name,
    CAST(volume['net_revenue'] AS DECIMAL(28, 4)) AS net_revenue
FROM reports.supplier_scorecard
WHERE service['waiting_count'] >= 10
UNION ALL
SELECT
    'customer'          AS subject,
    customer_key        AS subject_key,
    'heavy returns'     AS reason,
    home['nation_name'] AS nation_name,
    CAST(net_revenue AS DECIMAL(28, 4)) AS net_revenue
FROM reports.customer_profile
WHERE returned_revenue > CAST(0 AS DECIMAL(28, 4))
UNION ALL
SELECT
    'order'        AS subject,
    order_key      AS subject_key,
    reason         AS reason,
    nation_name    AS nation_name,
    CAST(net_revenue AS DECIMAL(28, 4)) AS net_revenue
FROM reports.priority_orders
