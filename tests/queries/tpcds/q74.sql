-- Which kinds of articles does a brand offer in every channel but sell in one alone, by quarter?
WITH sold (channel, item_sk, date_sk, quantity, paid) AS (
    SELECT 'store', ss_item_sk, ss_sold_date_sk, ss_quantity, ss_net_paid FROM store_sales
    UNION ALL
    SELECT 'catalog', cs_item_sk, cs_sold_date_sk, cs_quantity, cs_net_paid FROM catalog_sales
    UNION ALL
    SELECT 'web', ws_item_sk, ws_sold_date_sk, ws_quantity, ws_net_paid FROM web_sales
),
by_quarter AS (
    SELECT
        i.i_brand,
        d.d_quarter_name AS quarter,
        sum(CASE WHEN s.channel = 'store'   THEN s.quantity ELSE 0 END) AS store_qty,
        sum(CASE WHEN s.channel = 'catalog' THEN s.quantity ELSE 0 END) AS catalog_qty,
        sum(CASE WHEN s.channel = 'web'     THEN s.quantity ELSE 0 END) AS web_qty,
        sum(s.paid) AS paid
    FROM sold AS s
    INNER JOIN item AS i ON i.i_item_sk = s.item_sk
    INNER JOIN date_dim AS d ON d.d_date_sk = s.date_sk
    WHERE d.d_year IN (2000, 2001)
    GROUP BY i.i_brand, d.d_quarter_name
)
SELECT
    i_brand,
    quarter,
    CASE greatest(store_qty, catalog_qty, web_qty)
        WHEN store_qty THEN 'store'
        WHEN catalog_qty THEN 'catalog'
        ELSE 'web'
    END AS strongest,
    store_qty,
    catalog_qty,
    web_qty,
    paid
FROM by_quarter
WHERE (store_qty = 0 OR catalog_qty = 0 OR web_qty = 0)
  AND NOT (store_qty = 0 AND catalog_qty = 0 AND web_qty = 0)
ORDER BY paid DESC, i_brand, quarter
LIMIT 100
