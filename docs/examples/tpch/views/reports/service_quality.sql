-- Are urgent orders served better? Punctuality by priority over all years, the late orders
-- of 1993 Q3 (Q4), and the late lines of 1994 by ship mode (Q12) of the same urgency.
CREATE MATERIALIZED VIEW WITH (
    description = 'Punctuality by order priority, with the late lines by ship mode',
    tags = 'report,service',
    owner = 'service-data'
) AS
WITH lines AS (
    SELECT
        order_priority,
        count(DISTINCT order_key)                AS order_count,
        count(*)                                 AS line_count,
        sum(CASE WHEN is_late THEN 1 ELSE 0 END) AS late_line_count
    FROM core.order_lines
    GROUP BY order_priority
),
modes AS (
    SELECT
        array_agg(
            named_struct('ship_mode', ship_mode, 'late_line_count', high_line_count)
            ORDER BY ship_mode
        ) AS high_modes,
        array_agg(
            named_struct('ship_mode', ship_mode, 'late_line_count', low_line_count)
            ORDER BY ship_mode
        ) AS low_modes
    FROM marts.q12_shipping_modes
)
SELECT
    l.order_priority  AS order_priority,
    l.order_priority IN ('1-URGENT', '2-HIGH') AS is_high_priority,
    l.order_count     AS order_count,
    l.line_count      AS line_count,
    l.late_line_count AS late_line_count,
    CAST(l.late_line_count AS DOUBLE) / CAST(l.line_count AS DOUBLE) AS late_share,
    coalesce(q04.order_count, 0) AS late_orders_1993_q3,
    CASE WHEN l.order_priority IN ('1-URGENT', '2-HIGH')
         THEN m.high_modes
         ELSE m.low_modes END AS late_lines_1994_by_mode
FROM lines AS l
LEFT JOIN marts.q04_order_priority_checking AS q04 ON q04.order_priority = l.order_priority
CROSS JOIN modes AS m
