-- Whose refunds from the catalog are far above those usual in the state they go to?
WITH refunds AS (
    SELECT
        r.cr_refunded_customer_sk               AS customer_sk,
        a.ca_state                              AS state,
        count(DISTINCT r.cr_order_number)       AS orders,
        sum(r.cr_refunded_cash + r.cr_store_credit) AS refunded
    FROM catalog_returns AS r
    JOIN customer_address AS a ON a.ca_address_sk = r.cr_refunded_addr_sk
    JOIN date_dim AS d ON d.d_date_sk = r.cr_returned_date_sk
    WHERE d.d_year BETWEEN 2000 AND 2001
    GROUP BY r.cr_refunded_customer_sk, a.ca_state
)
SELECT
    c.c_customer_id,
    concat_ws(' ', c.c_salutation, c.c_first_name, c.c_last_name) AS name,
    home.ca_city,
    home.ca_state,
    f.state AS refunded_in,
    f.orders,
    f.refunded
FROM refunds AS f
JOIN customer AS c ON c.c_customer_sk = f.customer_sk
LEFT JOIN customer_address AS home ON home.ca_address_sk = c.c_current_addr_sk
WHERE f.refunded > (SELECT 2 * avg(g.refunded) FROM refunds AS g WHERE g.state = f.state)
  AND f.orders > (SELECT min(g.orders) FROM refunds AS g WHERE g.state = f.state)
ORDER BY f.refunded DESC, c.c_customer_id, refunded_in
LIMIT 100
