-- Q13: how many customers have placed how many orders, special requests not counted?
-- Customers without an order count as zero.
CREATE MATERIALIZED VIEW WITH (
    description = 'Number of customers by number of orders',
    tags = 'tpch,customers',
    owner = 'customer-data'
) AS
SELECT
    order_count AS order_count,
    count(*)    AS customer_count
FROM (
    SELECT c.customer_key, count(o.order_key) AS order_count
    FROM staging.customers AS c
    LEFT JOIN staging.orders AS o
        ON o.customer_key = c.customer_key
       AND o.comment NOT LIKE '%special%requests%'
    GROUP BY c.customer_key
) AS orders_of_customer
GROUP BY order_count
