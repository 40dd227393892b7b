-- How much discount on the web went beyond 1.3 times what is usual for the article?
SELECT
    sum(ws.ws_ext_discount_amt) AS excess_discount,
    count(*)                    AS lines
FROM web_sales AS ws, item AS i, date_dim AS d
WHERE i.i_manufact_id BETWEEN 100 AND 400
  AND i.i_item_sk = ws.ws_item_sk
  AND d.d_date BETWEEN DATE '2000-01-27' AND DATE '2000-01-27' + INTERVAL '90' DAY
  AND d.d_date_sk = ws.ws_sold_date_sk
  AND ws.ws_ext_discount_amt > (
      SELECT 1.3 * avg(typical.ws_ext_discount_amt)
      FROM web_sales AS typical
      JOIN date_dim AS other_day ON other_day.d_date_sk = typical.ws_sold_date_sk
      WHERE typical.ws_item_sk = i.i_item_sk
        AND other_day.d_year = 2000
  )
