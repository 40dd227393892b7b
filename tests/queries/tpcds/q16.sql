-- Articles bought, brought back, and ordered again by the same customer: how much each time, and
-- how long in between?
WITH bought AS (
    SELECT ss_customer_sk AS customer_sk, ss_item_sk AS item_sk, ss_ticket_number AS ticket,
           ss_quantity AS quantity, d_date AS day
    FROM store_sales
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE d_year IN (1999, 2000, 2001)
),
brought_back AS (
    SELECT sr_customer_sk AS customer_sk, sr_item_sk AS item_sk, sr_ticket_number AS ticket,
           sr_return_quantity AS quantity, d_date AS day
    FROM store_returns
    JOIN date_dim ON d_date_sk = sr_returned_date_sk
),
ordered AS (
    SELECT cs_bill_customer_sk AS customer_sk, cs_item_sk AS item_sk,
           cs_quantity AS quantity, d_date AS day
    FROM catalog_sales
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
)
SELECT
    i.i_item_id,
    i.i_product_name,
    count(*)                            AS cases,
    avg(b.quantity)                     AS bought,
    round(stddev_pop(b.quantity), 6)    AS bought_spread,
    avg(r.quantity)                     AS brought_back,
    avg(o.quantity)                     AS ordered,
    max(o.quantity) - min(o.quantity)   AS ordered_range,
    min(r.day)                          AS first_return,
    max(o.day)                          AS last_order
FROM bought AS b
JOIN brought_back AS r USING (customer_sk, item_sk)
JOIN ordered AS o USING (customer_sk, item_sk)
JOIN item AS i ON i.i_item_sk = b.item_sk
WHERE r.ticket = b.ticket
GROUP BY i.i_item_id, i.i_product_name
ORDER BY cases DESC, i.i_item_id, i.i_product_name
LIMIT 100
