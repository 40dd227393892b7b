-- The latest two purchases of each preferred customer, and what came before each.
WITH visits AS (
    SELECT
        ss_customer_sk      AS customer_sk,
        ss_ticket_number    AS ticket,
        d_date              AS visited_on,
        sum(ss_net_paid)    AS paid,
        count(*)            AS lines
    FROM store_sales
    JOIN date_dim ON ss_sold_date_sk = d_date_sk
    WHERE ss_customer_sk IS NOT NULL
    GROUP BY ss_customer_sk, ss_ticket_number, d_date
)
SELECT
    c.c_customer_id,
    c.c_first_name,
    c.c_last_name,
    v.visited_on,
    v.lines,
    v.paid,
    lag(v.paid) OVER history                     AS paid_before,
    v.paid - lag(v.paid) OVER history            AS change,
    sum(v.paid) OVER history                     AS paid_so_far
FROM visits AS v
JOIN customer AS c ON c.c_customer_sk = v.customer_sk
WHERE c.c_preferred_cust_flag = 'Y'
WINDOW history AS (PARTITION BY v.customer_sk ORDER BY v.visited_on, v.ticket)
QUALIFY row_number() OVER (
    PARTITION BY v.customer_sk ORDER BY v.visited_on DESC, v.ticket DESC
) <= 2
ORDER BY c.c_customer_id, v.visited_on DESC, v.ticket DESC
LIMIT 100
