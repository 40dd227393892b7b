-- Articles whose stock varies a lot in one month, and still does in the next.
WITH monthly AS (
    SELECT
        inv_item_sk                             AS item_sk,
        d_month_seq                             AS month_seq,
        count(inv_quantity_on_hand)             AS counted,
        avg(inv_quantity_on_hand)               AS mean,
        round(stddev(inv_quantity_on_hand), 6)  AS spread
    FROM inventory
    JOIN date_dim ON d_date_sk = inv_date_sk
    WHERE d_month_seq BETWEEN 1210 AND 1214
    GROUP BY inv_item_sk, d_month_seq
    HAVING count(inv_quantity_on_hand) > 2
),
unsteady AS (
    SELECT item_sk, month_seq, mean, spread, spread / nullif(mean, 0) AS variation
    FROM monthly
    WHERE spread > 0.8 * mean
)
SELECT
    i.i_item_id,
    i.i_product_name,
    first.month_seq,
    first.mean,
    first.variation,
    second.mean      AS mean_after,
    second.variation AS variation_after,
    CASE
        WHEN second.variation > first.variation THEN 'worse'
        WHEN second.variation < first.variation THEN 'better'
        ELSE 'same'
    END AS tendency
FROM unsteady AS first
JOIN unsteady AS second
    ON second.item_sk = first.item_sk AND second.month_seq = first.month_seq + 1
JOIN item AS i ON i.i_item_sk = first.item_sk
ORDER BY first.variation + second.variation DESC, i.i_item_id, i.i_product_name, first.month_seq
LIMIT 100
