-- In which states live at least two customers who paid well above the average of a category?
SELECT
    a.ca_state AS state,
    count(*)   AS purchases,
    count(DISTINCT c.c_customer_sk) AS customers
FROM customer_address AS a, customer AS c, store_sales AS s, date_dim AS d, item AS i
WHERE a.ca_address_sk = c.c_current_addr_sk
  AND c.c_customer_sk = s.ss_customer_sk
  AND s.ss_sold_date_sk = d.d_date_sk
  AND s.ss_item_sk = i.i_item_sk
  AND d.d_month_seq = (
      SELECT DISTINCT d_month_seq
      FROM date_dim
      WHERE d_year = 2001 AND d_moy = 11
  )
  AND i.i_current_price > 1.3 * (
      SELECT avg(j.i_current_price)
      FROM item AS j
      WHERE j.i_category = i.i_category
  )
GROUP BY a.ca_state
HAVING count(DISTINCT c.c_customer_sk) >= 2
ORDER BY purchases DESC, state
LIMIT 100
