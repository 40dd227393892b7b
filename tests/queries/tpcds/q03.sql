-- Which brands of some makers give the largest discounts on the web at the end of the year?
SELECT
    extract(YEAR FROM d.d_date)                 AS year,
    i.i_brand                                   AS brand,
    count(*)                                    AS lines,
    sum(w.ws_ext_discount_amt)                  AS discounts,
    sum(w.ws_ext_list_price)                    AS listed
FROM web_sales AS w
JOIN date_dim AS d ON d.d_date_sk = w.ws_sold_date_sk AND d.d_moy >= 11
JOIN item AS i ON i.i_item_sk = w.ws_item_sk
WHERE i.i_manufact_id % 10 IN (3, 7)
GROUP BY extract(YEAR FROM d.d_date), i.i_brand
HAVING count(*) > 1
ORDER BY year, discounts DESC, brand
LIMIT 100
