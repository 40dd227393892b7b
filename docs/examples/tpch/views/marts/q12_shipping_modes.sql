-- Q12: do the cheap ship modes hurt critical orders? Lines by MAIL and SHIP received in
-- 1994, after their committed date though shipped before it.
CREATE MATERIALIZED VIEW WITH (
    description = 'Late lines by ship mode and order priority, 1994',
    tags = 'tpch,service',
    owner = 'service-data'
) AS
SELECT
    l.ship_mode AS ship_mode,
    sum(CASE WHEN o.order_priority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END)
        AS high_line_count,
    sum(CASE WHEN o.order_priority NOT IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END)
        AS low_line_count
FROM staging.line_items AS l
JOIN staging.orders AS o ON o.order_key = l.order_key
WHERE l.ship_mode IN ('MAIL', 'SHIP')
  AND l.commit_date < l.receipt_date
  AND l.ship_date < l.commit_date
  AND l.receipt_date >= DATE '1994-01-01'
  AND l.receipt_date < DATE '1994-01-01' + INTERVAL '1' YEAR
GROUP BY l.ship_mode
