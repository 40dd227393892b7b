-- Which makers do the managers of few articles buy from, for people far away from the store?
SELECT
    i.i_manufact                            AS maker,
    i.i_manager_id                          AS manager,
    sum(ss.ss_net_paid)                     AS paid,
    count(DISTINCT c.c_customer_sk)         AS customers
FROM store_sales AS ss
INNER JOIN item AS i ON i.i_item_sk = ss.ss_item_sk
INNER JOIN store AS s ON s.s_store_sk = ss.ss_store_sk
INNER JOIN customer AS c ON c.c_customer_sk = ss.ss_customer_sk
LEFT JOIN customer_address AS a ON a.ca_address_sk = c.c_current_addr_sk
WHERE (a.ca_gmt_offset < s.s_gmt_offset OR substr(a.ca_zip, 1, 1) <> substr(s.s_zip, 1, 1))
  AND i.i_manager_id IN (
      SELECT i_manager_id
      FROM item
      GROUP BY i_manager_id
      HAVING count(*) BETWEEN 1 AND 15
  )
GROUP BY i.i_manufact, i.i_manager_id
ORDER BY paid DESC, maker, manager
LIMIT 100
