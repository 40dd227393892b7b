-- How complete are the sales records? Lines without one of their references, by channel and year.
WITH gaps AS (
    SELECT 'store' AS channel, 'customer' AS reference, ss_sold_date_sk AS date_sk,
           CASE WHEN ss_customer_sk IS NULL THEN 1 ELSE 0 END AS gap, ss_net_paid AS paid
    FROM store_sales
    UNION ALL
    SELECT 'store', 'promotion', ss_sold_date_sk,
           CASE WHEN ss_promo_sk IS NULL THEN 1 ELSE 0 END, ss_net_paid
    FROM store_sales
    UNION ALL
    SELECT 'catalog', 'ship mode', cs_sold_date_sk,
           CASE WHEN cs_ship_mode_sk IS NULL THEN 1 ELSE 0 END, cs_net_paid
    FROM catalog_sales
    UNION ALL
    SELECT 'web', 'ship address', ws_sold_date_sk,
           CASE WHEN ws_ship_addr_sk IS NULL THEN 1 ELSE 0 END, ws_net_paid
    FROM web_sales
)
SELECT
    g.channel,
    g.reference,
    coalesce(d.d_year, 0)                                   AS year,
    sum(g.gap)                                              AS gaps,
    count(*)                                                AS lines,
    round(CAST(sum(g.gap) AS DOUBLE) / count(*) * 100, 3)   AS percent,
    sum(CASE WHEN g.gap = 1 THEN g.paid END)                AS paid_in_gaps
FROM gaps AS g
LEFT JOIN date_dim AS d ON d.d_date_sk = g.date_sk
GROUP BY g.channel, g.reference, d.d_year
HAVING sum(g.gap) > 0
ORDER BY g.channel, g.reference, year
