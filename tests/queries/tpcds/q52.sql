-- Web orders larger than the stock counted in the same week: how often, with a promotion and
-- without, and how many of them came back?
SELECT
    i.i_category,
    sold.d_week_seq                                                         AS week,
    count(*)                                                                AS orders,
    count(p.p_promo_sk)                                                     AS promoted,
    count(*) - count(p.p_promo_sk)                                          AS not_promoted,
    sum(CASE WHEN r.wr_order_number IS NULL THEN 0 ELSE 1 END)              AS came_back,
    sum(s.ws_quantity - n.inv_quantity_on_hand)                             AS pieces_short
FROM web_sales AS s
JOIN date_dim AS sold ON sold.d_date_sk = s.ws_sold_date_sk
JOIN date_dim AS shipped ON shipped.d_date_sk = s.ws_ship_date_sk
JOIN inventory AS n ON n.inv_item_sk = s.ws_item_sk AND n.inv_warehouse_sk = s.ws_warehouse_sk
JOIN date_dim AS counted ON counted.d_date_sk = n.inv_date_sk AND counted.d_week_seq = sold.d_week_seq
JOIN item AS i ON i.i_item_sk = s.ws_item_sk
LEFT JOIN promotion AS p ON p.p_promo_sk = s.ws_promo_sk AND p.p_channel_dmail = 'Y'
LEFT JOIN web_returns AS r ON r.wr_order_number = s.ws_order_number AND r.wr_item_sk = s.ws_item_sk
WHERE n.inv_quantity_on_hand < s.ws_quantity
  AND shipped.d_date > sold.d_date + INTERVAL '3' DAY
GROUP BY i.i_category, sold.d_week_seq
HAVING count(*) > 1
ORDER BY orders DESC, pieces_short DESC, i.i_category, week
LIMIT 100
