-- Q10: which customers may have trouble with the parts shipped to them?
-- Revenue lost to returned lines of orders of 1993 Q4; ties end at the customer key.
CREATE MATERIALIZED VIEW WITH (
    description = 'Twenty customers with the most revenue lost to returns, 1993 Q4',
    tags = 'tpch,customers',
    owner = 'customer-data'
) AS
WITH returned AS (
    SELECT customer_key, customer_nation, sum(net_revenue) AS revenue
    FROM core.order_lines
    WHERE order_date >= DATE '1993-10-01'
      AND order_date < DATE '1993-10-01' + INTERVAL '3' MONTH
      AND return_flag = 'R'
    GROUP BY customer_key, customer_nation
)
SELECT
    c.customer_key    AS customer_key,
    c.customer_name   AS customer_name,
    r.revenue         AS revenue,
    c.account_balance AS account_balance,
    r.customer_nation AS nation_name,
    c.address         AS address,
    c.phone           AS phone,
    c.comment         AS customer_comment
FROM returned AS r
JOIN staging.customers AS c ON c.customer_key = r.customer_key
ORDER BY revenue DESC, customer_key
LIMIT 20
