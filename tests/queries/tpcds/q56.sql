-- Regulars of an article who never brought it back: do they buy more of it in the store or order
-- more of it?
WITH kept AS (
    SELECT ss_item_sk AS item_sk, ss_customer_sk AS customer_sk,
           sum(ss_quantity) AS pieces, sum(ss_net_paid) AS paid, min(ss_sales_price) AS lowest
    FROM store_sales
    LEFT JOIN store_returns ON sr_ticket_number = ss_ticket_number AND sr_item_sk = ss_item_sk
    WHERE sr_item_sk IS NULL
    GROUP BY ss_item_sk, ss_customer_sk
),
ordered AS (
    SELECT cs_item_sk AS item_sk, cs_bill_customer_sk AS customer_sk,
           sum(cs_quantity) AS pieces, sum(cs_net_paid) AS paid, min(cs_sales_price) AS lowest
    FROM catalog_sales
    WHERE NOT EXISTS (
        SELECT 1
        FROM catalog_returns
        WHERE cr_order_number = cs_order_number AND cr_item_sk = cs_item_sk
    )
    GROUP BY cs_item_sk, cs_bill_customer_sk
)
SELECT
    i.i_item_id,
    c.c_customer_id,
    kept.pieces,
    ordered.pieces AS ordered_pieces,
    round(CAST(kept.pieces AS DOUBLE) / nullif(ordered.pieces, 0), 3) AS ratio,
    kept.paid + ordered.paid AS paid,
    least(kept.lowest, ordered.lowest) AS lowest
FROM kept
JOIN ordered USING (item_sk, customer_sk)
JOIN item AS i ON i.i_item_sk = kept.item_sk
JOIN customer AS c ON c.c_customer_sk = kept.customer_sk
WHERE kept.pieces > 0
ORDER BY paid DESC NULLS LAST, i.i_item_id, c.c_customer_id
LIMIT 100
