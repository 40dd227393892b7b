-- Q22: where are customers with more than the average positive balance, but no order yet?
CREATE MATERIALIZED VIEW WITH (
    description = 'Well-off customers without orders by country code',
    tags = 'tpch,customers',
    owner = 'customer-data'
) AS
WITH candidates AS (
    SELECT
        customer_key,
        account_balance,
        substr(phone, 1, 2) AS country_code
    FROM staging.customers
    WHERE substr(phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17')
)
SELECT
    c.country_code         AS country_code,
    count(*)               AS customer_count,
    sum(c.account_balance) AS total_balance
FROM candidates AS c
WHERE c.account_balance > (
        SELECT avg(account_balance)
        FROM candidates
        WHERE account_balance > CAST(0 AS DECIMAL(15, 2))
    )
  AND NOT EXISTS (
        SELECT 1 FROM staging.orders AS o WHERE o.customer_key = c.customer_key
    )
GROUP BY c.country_code
