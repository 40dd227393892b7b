-- What is left of each customer's purchases after returns for reasons that are nobody's fault?
SELECT
    coalesce(c_customer_id, 'unknown') AS customer,
    count(*)                           AS lines,
    sum(left_over)                     AS worth
FROM (
    SELECT
        ss_customer_sk AS customer_sk,
        CASE
            WHEN sr_return_quantity IS NULL THEN ss_quantity
            WHEN r_reason_desc IN ('Gift exchange', 'Did not fit', 'Wrong size') THEN ss_quantity - sr_return_quantity
            ELSE 0
        END * ss_sales_price AS left_over
    FROM store_sales
    LEFT JOIN store_returns ON sr_ticket_number = ss_ticket_number AND sr_item_sk = ss_item_sk
    LEFT JOIN reason ON r_reason_sk = sr_reason_sk
    WHERE ss_sold_date_sk IN (SELECT d_date_sk FROM date_dim WHERE d_year = 1999)
) AS adjusted
LEFT JOIN customer ON c_customer_sk = customer_sk
GROUP BY c_customer_id
HAVING sum(left_over) > 0
ORDER BY worth DESC, customer
LIMIT 100
