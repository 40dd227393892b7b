-- Where should the sales force call? The well-off customers without orders (Q22) against
-- all customers of the country code, and all customers without a counted order (Q13).
CREATE MATERIALIZED VIEW WITH (
    description = 'Customers to be won by country code',
    tags = 'report,customers',
    owner = 'customer-data'
) AS
WITH codes AS (
    SELECT substr(phone, 1, 2) AS country_code, count(*) AS customer_count
    FROM staging.customers
    GROUP BY substr(phone, 1, 2)
),
idle AS (
    SELECT coalesce(sum(customer_count), 0) AS customer_count
    FROM marts.q13_customer_distribution
    WHERE order_count = 0
)
SELECT
    q22.country_code   AS country_code,
    c.customer_count   AS customer_count,
    q22.customer_count AS dormant_customer_count,
    q22.total_balance  AS dormant_balance,
    CAST(q22.total_balance AS DOUBLE) / CAST(q22.customer_count AS DOUBLE) AS avg_dormant_balance,
    i.customer_count   AS idle_customer_count_worldwide
FROM marts.q22_global_sales_opportunity AS q22
JOIN codes AS c ON c.country_code = q22.country_code
CROSS JOIN idle AS i
