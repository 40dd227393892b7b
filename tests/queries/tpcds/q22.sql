-- For which colours do customers from elsewhere lose more on returns than is usual?
WITH losses AS (
    SELECT
        i.i_color                                    AS color,
        a.ca_state                                   AS state,
        s.s_store_name                               AS store_name,
        sum(r.sr_net_loss)                           AS loss,
        sum(r.sr_fee) + sum(r.sr_return_ship_cost)   AS charges
    FROM store_returns AS r
    JOIN store_sales AS b ON b.ss_ticket_number = r.sr_ticket_number AND b.ss_item_sk = r.sr_item_sk
    JOIN item AS i ON i.i_item_sk = r.sr_item_sk
    JOIN store AS s ON s.s_store_sk = r.sr_store_sk
    JOIN customer AS c ON c.c_customer_sk = b.ss_customer_sk
    JOIN customer_address AS a ON a.ca_address_sk = c.c_current_addr_sk
    WHERE (a.ca_state IS DISTINCT FROM s.s_state)
      AND c.c_birth_country <> upper(a.ca_country)
      AND b.ss_net_paid > 0
    GROUP BY i.i_color, a.ca_state, s.s_store_name
)
SELECT
    color,
    store_name,
    count(*)     AS states,
    sum(loss)    AS loss,
    sum(charges) AS charges
FROM losses
WHERE color IN (SELECT DISTINCT i_color FROM item WHERE i_category = 'Women')
GROUP BY color, store_name
HAVING sum(loss) > (SELECT avg(loss) * 5 FROM losses)
ORDER BY loss DESC, color, store_name
LIMIT 50
