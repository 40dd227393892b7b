-- How is each region doing, as a market and as a source? Its nations in the order of their
-- revenue, its three strongest suppliers, and how much of its demand is met at home.
CREATE MATERIALIZED VIEW WITH (
    description = 'One row per region with markets, suppliers and trade',
    tags = 'board',
    owner = 'board-office'
) AS
WITH markets AS (
    SELECT
        region_name,
        count(*) AS nation_count,
        CAST(sum(net_revenue) AS DECIMAL(30, 4)) AS net_revenue,
        array_agg(
            named_struct(
                'nation_name', nation_name,
                'net_revenue', net_revenue,
                'share_of_region', share_of_region
            ) ORDER BY rank_in_region
        ) AS nations
    FROM reports.market_share_by_nation
    GROUP BY region_name
),
domestic AS (
    SELECT
        m.region_name,
        CAST(sum(t.net_revenue) AS DECIMAL(30, 4)) AS domestic_revenue
    FROM reports.trade_lanes AS t
    JOIN reports.market_share_by_nation AS m ON m.nation_name = t.customer_nation
    WHERE t.is_domestic
    GROUP BY m.region_name
),
suppliers AS (
    SELECT
        region_name,
        supplier_key,
        supplier_name,
        volume['net_revenue']  AS net_revenue,
        service['late_share']  AS late_share,
        row_number() OVER (
            PARTITION BY region_name
            ORDER BY volume['net_revenue'] DESC, supplier_key
        ) AS place
    FROM reports.supplier_scorecard
),
strongest AS (
    SELECT
        region_name,
        array_agg(
            named_struct(
                'supplier_key', supplier_key,
                'supplier_name', supplier_name,
                'net_revenue', net_revenue,
                'late_share', late_share
            ) ORDER BY net_revenue DESC, supplier_key
        ) AS strongest_suppliers
    FROM suppliers
    WHERE place <= 3
    GROUP BY region_name
),
stock AS (
    SELECT
        region_name,
        sum(supplier_count) AS supplier_count,
        CAST(sum(stock_value) AS DECIMAL(30, 2))  AS stock_value,
        CAST(sum(green_profit) AS DECIMAL(30, 4)) AS green_profit
    FROM reports.supply_by_nation
    GROUP BY region_name
)
SELECT
    m.region_name         AS region_name,
    named_struct(
        'nation_count', m.nation_count,
        'net_revenue', m.net_revenue,
        'domestic_revenue', d.domestic_revenue
    ) AS market,
    named_struct(
        'supplier_count', k.supplier_count,
        'stock_value', k.stock_value,
        'green_profit', k.green_profit
    ) AS supply,
    m.nations             AS nations,
    s.strongest_suppliers AS strongest_suppliers
FROM markets AS m
JOIN domestic AS d ON d.region_name = m.region_name
JOIN strongest AS s ON s.region_name = m.region_name
JOIN stock AS k ON k.region_name = m.region_name
