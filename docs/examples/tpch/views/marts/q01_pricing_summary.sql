-- Q1: how much was billed, shipped and returned up to 90 days before 1998-12-01?
CREATE MATERIALIZED VIEW WITH (
    description = 'Billed, shipped and returned business by return flag and line status',
    tags = 'tpch,sales',
    owner = 'sales-data'
) AS
SELECT
    return_flag                  AS return_flag,
    line_status                  AS line_status,
    sum(quantity)                AS sum_quantity,
    sum(extended_price)          AS sum_base_price,
    sum(discounted_price)        AS sum_discounted_price,
    sum(CAST(discounted_price * (1 + tax) AS DECIMAL(20, 6))) AS sum_charge,
    avg(quantity)                AS avg_quantity,
    avg(extended_price)          AS avg_price,
    avg(discount)                AS avg_discount,
    count(*)                     AS line_count
FROM (
    SELECT
        return_flag,
        line_status,
        quantity,
        extended_price,
        discount,
        tax,
        CAST(extended_price * (1 - discount) AS DECIMAL(18, 4)) AS discounted_price
    FROM staging.line_items
    WHERE ship_date <= DATE '1998-12-01' - INTERVAL '90' DAY
) AS shipped
GROUP BY return_flag, line_status
