-- Q18: who places very large orders? Orders of more than 300 units in total, the dearest
-- first; ties end at the order key.
CREATE MATERIALIZED VIEW WITH (
    description = 'Hundred largest orders of more than 300 units',
    tags = 'tpch,customers',
    owner = 'customer-data'
) AS
SELECT
    c.customer_name AS customer_name,
    c.customer_key  AS customer_key,
    o.order_key     AS order_key,
    o.order_date    AS order_date,
    o.total_price   AS total_price,
    sum(l.quantity) AS sum_quantity
FROM staging.customers AS c
JOIN staging.orders AS o ON o.customer_key = c.customer_key
JOIN staging.line_items AS l ON l.order_key = o.order_key
WHERE o.order_key IN (
    SELECT order_key
    FROM staging.line_items
    GROUP BY order_key
    HAVING sum(quantity) > 300
)
GROUP BY c.customer_name, c.customer_key, o.order_key, o.order_date, o.total_price
ORDER BY total_price DESC, order_date, order_key
LIMIT 100
