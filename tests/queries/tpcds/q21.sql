-- What do those who spend most in the stores order from afar, of articles that stores sell often?
WITH often AS (
    SELECT ss_item_sk AS item_sk
    FROM store_sales
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE d_year = 2000
    GROUP BY ss_item_sk
    HAVING count(DISTINCT ss_ticket_number) >= (
        SELECT avg(tickets)
        FROM (SELECT count(DISTINCT ss_ticket_number) AS tickets FROM store_sales GROUP BY ss_item_sk) AS t
    ) / 5
),
spending AS (
    SELECT ss_customer_sk AS customer_sk, sum(ss_quantity * ss_sales_price) AS spent
    FROM store_sales
    WHERE ss_customer_sk IS NOT NULL
    GROUP BY ss_customer_sk
),
big_spenders AS (
    SELECT customer_sk, spent
    FROM spending
    WHERE spent > (SELECT max(spent) FROM spending) * 0.4
),
orders AS (
    SELECT cs_bill_customer_sk AS customer_sk, cs_item_sk AS item_sk, cs_sold_date_sk AS date_sk,
           cs_quantity * cs_sales_price AS worth, 'catalog' AS channel
    FROM catalog_sales
    UNION ALL
    SELECT ws_bill_customer_sk, ws_item_sk, ws_sold_date_sk, ws_quantity * ws_sales_price, 'web'
    FROM web_sales
)
SELECT
    c.c_last_name,
    c.c_first_name,
    o.channel,
    count(*)     AS lines,
    sum(o.worth) AS ordered,
    max(b.spent) AS spent_in_stores
FROM orders AS o
JOIN date_dim AS d ON d.d_date_sk = o.date_sk AND d.d_year BETWEEN 2000 AND 2001
JOIN big_spenders AS b ON b.customer_sk = o.customer_sk
JOIN customer AS c ON c.c_customer_sk = b.customer_sk
WHERE o.item_sk IN (SELECT item_sk FROM often)
GROUP BY c.c_customer_sk, c.c_last_name, c.c_first_name, o.channel
ORDER BY ordered DESC, c.c_customer_sk, o.channel
LIMIT 100
