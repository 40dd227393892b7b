-- What does each nation supply? Its stock, how much of it is in the important parts of
-- Germany (Q11), its share of the American market watched for Brazil (Q8), and what is
-- earned on its green parts year by year (Q9).
CREATE MATERIALIZED VIEW WITH (
    description = 'Stock, important parts and green profit of each supplier nation',
    tags = 'report,supply',
    owner = 'supply-data'
) AS
WITH stock AS (
    SELECT
        o.region_name    AS region_name,
        o.nation_name    AS nation_name,
        count(DISTINCT o.supplier_key) AS supplier_count,
        count(DISTINCT o.part_key)     AS part_count,
        sum(o.stock_value)             AS stock_value,
        sum(CASE WHEN i.part_key IS NOT NULL
                 THEN o.stock_value
                 ELSE CAST(0 AS DECIMAL(18, 2)) END) AS important_stock_value
    FROM core.supply_offers AS o
    LEFT JOIN marts.q11_important_stock AS i ON i.part_key = o.part_key
    GROUP BY o.region_name, o.nation_name
),
profit AS (
    SELECT
        nation_name,
        CAST(sum(sum_profit) AS DECIMAL(30, 4)) AS green_profit,
        array_agg(
            named_struct('order_year', order_year, 'profit', sum_profit)
            ORDER BY order_year
        ) AS green_profit_by_year
    FROM marts.q09_product_type_profit
    GROUP BY nation_name
),
share AS (
    SELECT
        'BRAZIL' AS nation_name,
        array_agg(
            named_struct('order_year', order_year, 'market_share', market_share)
            ORDER BY order_year
        ) AS american_market_share
    FROM marts.q08_national_market_share
)
SELECT
    s.region_name           AS region_name,
    s.nation_name           AS nation_name,
    s.supplier_count        AS supplier_count,
    s.part_count            AS part_count,
    s.stock_value           AS stock_value,
    s.important_stock_value AS important_stock_value,
    p.green_profit          AS green_profit,
    p.green_profit_by_year  AS green_profit_by_year,
    h.american_market_share AS american_market_share
FROM stock AS s
LEFT JOIN profit AS p ON p.nation_name = s.nation_name
LEFT JOIN share AS h ON h.nation_name = s.nation_name
