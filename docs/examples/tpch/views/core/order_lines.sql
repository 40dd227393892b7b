-- Every order line with its order, its customer, its supplier and where both are at home.
-- Net revenue is the list price after discount. It stays a decimal, so that every sum
-- over it is exact whatever order the rows arrive in.
CREATE MATERIALIZED VIEW WITH (
    description = 'Order lines with net revenue, order, customer and supplier geography',
    tags = 'core,sales',
    owner = 'sales-data',
    partition_by = 'order_year'
) AS
SELECT
    l.order_key                                 AS order_key,
    l.line_number                               AS line_number,
    l.part_key                                  AS part_key,
    l.supplier_key                              AS supplier_key,
    o.customer_key                              AS customer_key,
    o.order_date                                AS order_date,
    o.order_priority                            AS order_priority,
    o.ship_priority                             AS ship_priority,
    c.market_segment                            AS market_segment,
    cg.nation_name                              AS customer_nation,
    cg.region_name                              AS customer_region,
    sg.nation_name                              AS supplier_nation,
    sg.region_name                              AS supplier_region,
    l.quantity                                  AS quantity,
    l.extended_price                            AS extended_price,
    l.discount                                  AS discount,
    CAST(l.extended_price * (1 - l.discount) AS DECIMAL(18, 4)) AS net_revenue,
    l.return_flag                               AS return_flag,
    l.ship_date                                 AS ship_date,
    l.receipt_date > l.commit_date              AS is_late,
    CAST(EXTRACT(YEAR FROM o.order_date) AS INT) AS order_year
FROM staging.line_items AS l
JOIN staging.orders AS o ON o.order_key = l.order_key
JOIN staging.customers AS c ON c.customer_key = o.customer_key
JOIN core.geography AS cg ON cg.nation_key = c.nation_key
JOIN staging.suppliers AS s ON s.supplier_key = l.supplier_key
JOIN core.geography AS sg ON sg.nation_key = s.nation_key
