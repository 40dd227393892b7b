-- What would pulling each lever change? The answers of Q6, Q17 and Q19 side by side, as
-- a share of the discounted revenue of the pricing summary (Q1), with the promotion
-- percentage of Q14 for reference.
CREATE MATERIALIZED VIEW WITH (
    description = 'What each pricing lever brings or costs against all revenue',
    tags = 'report,pricing',
    owner = 'pricing-data'
) AS
WITH total AS (
    SELECT CAST(sum(sum_discounted_price) AS DOUBLE) AS revenue
    FROM marts.q01_pricing_summary
),
levers AS (
    SELECT 'drop small discounts' AS lever, CAST(revenue AS DOUBLE) AS amount
    FROM marts.q06_forecast_revenue_change
    UNION ALL
    SELECT 'refuse small orders' AS lever, -avg_yearly AS amount
    FROM marts.q17_small_quantity_order_revenue
    UNION ALL
    SELECT 'hand-picked air parts' AS lever, CAST(revenue AS DOUBLE) AS amount
    FROM marts.q19_discounted_revenue
)
SELECT
    l.lever              AS lever,
    l.amount             AS amount,
    l.amount / t.revenue AS share_of_revenue,
    q14.promotion_revenue_percent AS promotion_revenue_percent
FROM levers AS l
CROSS JOIN total AS t
CROSS JOIN marts.q14_promotion_effect AS q14
