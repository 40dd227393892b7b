-- In each channel, which articles come back most, by pieces or by money?
WITH web_rates AS (
    SELECT
        ws_item_sk AS item_sk,
        CAST(sum(wr_return_quantity) AS DOUBLE) / CAST(sum(ws_quantity) AS DOUBLE) AS pieces,
        CAST(sum(wr_refunded_cash) AS DOUBLE) / CAST(sum(ws_net_paid) AS DOUBLE)   AS money
    FROM web_sales
    INNER JOIN web_returns ON wr_order_number = ws_order_number AND wr_item_sk = ws_item_sk
    WHERE ws_net_paid > 0 AND ws_quantity > 0
    GROUP BY ws_item_sk
),
catalog_rates AS (
    SELECT
        cs_item_sk AS item_sk,
        CAST(sum(cr_return_quantity) AS DOUBLE) / CAST(sum(cs_quantity) AS DOUBLE) AS pieces,
        CAST(sum(cr_refunded_cash) AS DOUBLE) / CAST(sum(cs_net_paid) AS DOUBLE)   AS money
    FROM catalog_sales
    INNER JOIN catalog_returns ON cr_order_number = cs_order_number AND cr_item_sk = cs_item_sk
    WHERE cs_net_paid > 0 AND cs_quantity > 0
    GROUP BY cs_item_sk
),
store_rates AS (
    SELECT
        ss_item_sk AS item_sk,
        CAST(sum(sr_return_quantity) AS DOUBLE) / CAST(sum(ss_quantity) AS DOUBLE) AS pieces,
        CAST(sum(sr_refunded_cash) AS DOUBLE) / CAST(sum(ss_net_paid) AS DOUBLE)   AS money
    FROM store_sales
    INNER JOIN store_returns ON sr_ticket_number = ss_ticket_number AND sr_item_sk = ss_item_sk
    WHERE ss_net_paid > 0 AND ss_quantity > 0
    GROUP BY ss_item_sk
),
ranked AS (
    SELECT
        channel,
        item_sk,
        pieces,
        money,
        rank() OVER (PARTITION BY channel ORDER BY pieces DESC NULLS LAST) AS by_pieces,
        rank() OVER (PARTITION BY channel ORDER BY money DESC NULLS LAST)  AS by_money
    FROM (
        SELECT 'web' AS channel, item_sk, pieces, money FROM web_rates
        UNION ALL
        SELECT 'catalog', item_sk, pieces, money FROM catalog_rates
        UNION ALL
        SELECT 'store', item_sk, pieces, money FROM store_rates
    ) AS rates
)
SELECT r.channel, i.i_item_id, r.pieces, r.money, r.by_pieces, r.by_money
FROM ranked AS r
JOIN item AS i ON i.i_item_sk = r.item_sk
WHERE r.by_pieces <= 8 OR r.by_money <= 8
ORDER BY r.channel, r.by_pieces, r.by_money, r.item_sk
LIMIT 100
