-- Q3: which orders of the building segment, not yet shipped on 1995-03-15, are worth most?
-- Ties end at the order key.
CREATE MATERIALIZED VIEW WITH (
    description = 'Ten unshipped building-segment orders of the highest value on 1995-03-15',
    tags = 'tpch,sales',
    owner = 'sales-data'
) AS
SELECT
    order_key        AS order_key,
    sum(net_revenue) AS revenue,
    order_date       AS order_date,
    ship_priority    AS ship_priority
FROM core.order_lines
WHERE market_segment = 'BUILDING'
  AND order_date < DATE '1995-03-15'
  AND ship_date > DATE '1995-03-15'
GROUP BY order_key, order_date, ship_priority
ORDER BY revenue DESC, order_date, order_key
LIMIT 10
