-- The whole business on one line: built on the other board views and the reports.
CREATE MATERIALIZED VIEW WITH (
    description = 'The one-page summary: a single row of figures by theme',
    tags = 'board',
    owner = 'board-office'
) AS
WITH markets AS (
    SELECT
        CAST(sum(market['net_revenue']) AS DECIMAL(32, 4))      AS net_revenue,
        CAST(sum(market['domestic_revenue']) AS DECIMAL(32, 4)) AS domestic_revenue,
        CAST(sum(supply['stock_value']) AS DECIMAL(32, 2))      AS stock_value
    FROM board.region_overview
),
attention AS (
    SELECT array_agg(
        named_struct('subject', subject, 'reason', reason, 'entry_count', entry_count)
        ORDER BY subject, reason
    ) AS attention
    FROM (
        SELECT subject, reason, count(*) AS entry_count
        FROM board.watch_list
        GROUP BY subject, reason
    ) AS counted
),
service AS (
    SELECT
        sum(line_count)      AS line_count,
        sum(late_line_count) AS late_line_count
    FROM reports.service_quality
),
brands AS (
    SELECT array_agg(brand ORDER BY net_revenue DESC, brand) AS brands_by_revenue
    FROM reports.brand_portfolio
),
dormant AS (
    SELECT
        sum(dormant_customer_count) AS customer_count,
        sum(dormant_balance)        AS balance
    FROM reports.dormant_customers
),
levers AS (
    SELECT array_agg(
        named_struct('lever', lever, 'amount', amount) ORDER BY lever
    ) AS pricing_levers
    FROM reports.pricing_levers
)
SELECT
    m.net_revenue       AS net_revenue,
    m.stock_value       AS stock_value,
    CAST(m.domestic_revenue AS DOUBLE) / CAST(m.net_revenue AS DOUBLE) AS domestic_share,
    CAST(s.late_line_count AS DOUBLE) / CAST(s.line_count AS DOUBLE)   AS late_share,
    named_struct(
        'customer_count', d.customer_count,
        'balance', d.balance
    ) AS dormant_customers,
    b.brands_by_revenue AS brands_by_revenue,
    l.pricing_levers    AS pricing_levers,
    a.attention         AS attention
FROM markets AS m
CROSS JOIN service AS s
CROSS JOIN dormant AS d
CROSS JOIN brands AS b
CROSS JOIN levers AS l
CROSS JOIN attention AS a
