-- Q9: what is earned on parts with green in the name, by nation of the supplier and year?
CREATE MATERIALIZED VIEW WITH (
    description = 'Profit on green parts by supplier nation and year',
    tags = 'tpch,pricing',
    owner = 'pricing-data'
) AS
SELECT
    nation_name AS nation_name,
    order_year  AS order_year,
    sum(profit) AS sum_profit
FROM (
    SELECT
        n.nation_name AS nation_name,
        CAST(EXTRACT(YEAR FROM o.order_date) AS INT) AS order_year,
        CAST(l.extended_price * (1 - l.discount) - ps.supply_cost * l.quantity
             AS DECIMAL(18, 4)) AS profit
    FROM staging.parts AS p
    JOIN staging.line_items AS l ON l.part_key = p.part_key
    JOIN staging.part_suppliers AS ps
        ON ps.part_key = l.part_key AND ps.supplier_key = l.supplier_key
    JOIN staging.orders AS o ON o.order_key = l.order_key
    JOIN staging.suppliers AS s ON s.supplier_key = l.supplier_key
    JOIN staging.nations AS n ON n.nation_key = s.nation_key
    WHERE p.part_name LIKE '%green%'
) AS profits
GROUP BY nation_name, order_year
