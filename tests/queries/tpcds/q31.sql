-- Dear articles that were never short in spring 2000, though both stores and web sold them.
SELECT
    i.i_item_id,
    i.i_product_name,
    i.i_current_price,
    min(n.inv_quantity_on_hand) AS least_stock
FROM item AS i
JOIN inventory AS n ON n.inv_item_sk = i.i_item_sk
JOIN date_dim AS d ON d.d_date_sk = n.inv_date_sk
WHERE i.i_current_price > ALL (SELECT avg(i_current_price) FROM item GROUP BY i_category)
  AND d.d_date >= DATE '2000-03-01'
  AND d.d_date < DATE '2000-03-01' + INTERVAL '3' MONTH
  AND i.i_item_sk IN (SELECT ss_item_sk FROM store_sales WHERE ss_quantity >= 20)
  AND i.i_item_sk = ANY (SELECT ws_item_sk FROM web_sales WHERE ws_quantity >= 20)
GROUP BY i.i_item_id, i.i_product_name, i.i_current_price
HAVING min(n.inv_quantity_on_hand) > 5
ORDER BY least_stock DESC, i.i_item_id, i.i_product_name
LIMIT 100
