-- Q4: does the priority system work? Orders of 1993 Q3 with a line received after its
-- committed date, by priority.
CREATE MATERIALIZED VIEW WITH (
    description = 'Late orders by priority, third quarter of 1993',
    tags = 'tpch,service',
    owner = 'service-data'
) AS
SELECT
    o.order_priority AS order_priority,
    count(*)         AS order_count
FROM staging.orders AS o
WHERE o.order_date >= DATE '1993-07-01'
  AND o.order_date < DATE '1993-07-01' + INTERVAL '3' MONTH
  AND EXISTS (
      SELECT 1
      FROM staging.line_items AS l
      WHERE l.order_key = o.order_key
        AND l.commit_date < l.receipt_date
  )
GROUP BY o.order_priority
