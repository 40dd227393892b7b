-- How long do customers of each store keep what they bring back?
WITH kept AS (
    SELECT
        ss_store_sk                            AS store_sk,
        sr_returned_date_sk - ss_sold_date_sk  AS days,
        sr_return_amt                          AS amount
    FROM store_sales
    JOIN store_returns
        ON sr_ticket_number = ss_ticket_number
       AND sr_item_sk = ss_item_sk
       AND sr_customer_sk = ss_customer_sk
)
SELECT
    s.s_store_id,
    s.s_store_name,
    s.s_street_number || ' ' || s.s_street_name || ' ' || s.s_street_type AS street,
    s.s_city,
    sum(CASE WHEN k.days <= 14 THEN 1 ELSE 0 END)                     AS two_weeks,
    sum(CASE WHEN k.days > 14 AND k.days <= 30 THEN 1 ELSE 0 END)     AS one_month,
    sum(CASE WHEN k.days > 30 AND k.days <= 91 THEN 1 ELSE 0 END)     AS one_quarter,
    sum(CASE WHEN k.days > 91 THEN 1 ELSE 0 END)                      AS longer,
    sum(CASE WHEN k.days > 91 THEN k.amount END)                      AS amount_of_longer,
    avg(k.days)                                                       AS average_days,
    max(k.days)                                                       AS longest
FROM kept AS k
JOIN store AS s ON s.s_store_sk = k.store_sk
GROUP BY s.s_store_id, s.s_store_name, s.s_street_number, s.s_street_name, s.s_street_type, s.s_city
ORDER BY s.s_store_id, s.s_store_name
