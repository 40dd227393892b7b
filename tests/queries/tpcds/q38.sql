-- Web revenue by town: towns with shops of ours, towns of some counties, or some favoured articles.
SELECT
    a.ca_city                       AS town,
    a.ca_state                      AS state,
    count(DISTINCT w.ws_order_number) AS orders,
    sum(w.ws_net_paid)              AS revenue
FROM web_sales AS w, customer_address AS a, item AS i
WHERE a.ca_address_sk = w.ws_bill_addr_sk
  AND i.i_item_sk = w.ws_item_sk
  AND (a.ca_city IN (SELECT s_city FROM store)
       OR a.ca_county IN ('Williamson County', 'Jackson County', 'Madison County')
       OR i.i_item_id IN (
           SELECT x.i_item_id
           FROM item AS x
           WHERE x.i_brand = 'edu packedu pack #1' OR x.i_color = 'salmon'
       ))
  AND w.ws_quantity <> 1
GROUP BY a.ca_city, a.ca_state
ORDER BY revenue DESC, town, state
LIMIT 100
