-- Articles that the same kind of household bought and brought back in two years running, where
-- the catalog refunds little of them: what changed from one year to the next?
WITH rarely_refunded AS (
    SELECT cs_item_sk AS item_sk
    FROM catalog_sales
    JOIN catalog_returns ON cr_order_number = cs_order_number AND cr_item_sk = cs_item_sk
    GROUP BY cs_item_sk
    HAVING sum(cs_net_paid) > sum(cr_refunded_cash) + sum(cr_store_credit)
),
facts AS (
    SELECT
        i.i_item_sk                   AS item_sk,
        i.i_product_name              AS product,
        st.s_store_id                 AS store_id,
        bought.d_year                 AS year,
        then_band.ib_lower_bound      AS income_then,
        now_band.ib_lower_bound       AS income_now,
        count(*)                      AS lines,
        count(DISTINCT c.c_customer_sk) AS customers,
        sum(s.ss_wholesale_cost)      AS cost,
        sum(s.ss_list_price)          AS listed,
        sum(s.ss_coupon_amt)          AS coupons,
        sum(r.sr_return_quantity)     AS returned
    FROM store_sales AS s
    JOIN store_returns AS r ON r.sr_ticket_number = s.ss_ticket_number AND r.sr_item_sk = s.ss_item_sk
    JOIN rarely_refunded AS f ON f.item_sk = s.ss_item_sk
    JOIN item AS i ON i.i_item_sk = s.ss_item_sk
    JOIN store AS st ON st.s_store_sk = s.ss_store_sk
    JOIN customer AS c ON c.c_customer_sk = s.ss_customer_sk
    JOIN date_dim AS bought ON bought.d_date_sk = s.ss_sold_date_sk
    JOIN date_dim AS first_seen ON first_seen.d_date_sk = c.c_first_sales_date_sk
    JOIN household_demographics AS then_home ON then_home.hd_demo_sk = s.ss_hdemo_sk
    JOIN household_demographics AS now_home ON now_home.hd_demo_sk = c.c_current_hdemo_sk
    JOIN income_band AS then_band ON then_band.ib_income_band_sk = then_home.hd_income_band_sk
    JOIN income_band AS now_band ON now_band.ib_income_band_sk = now_home.hd_income_band_sk
    JOIN customer_demographics AS then_person ON then_person.cd_demo_sk = s.ss_cdemo_sk
    JOIN customer_demographics AS now_person ON now_person.cd_demo_sk = c.c_current_cdemo_sk
    JOIN customer_address AS then_place ON then_place.ca_address_sk = s.ss_addr_sk
    JOIN customer_address AS now_place ON now_place.ca_address_sk = c.c_current_addr_sk
    WHERE then_person.cd_marital_status <> now_person.cd_marital_status
      AND (then_place.ca_state IS DISTINCT FROM now_place.ca_state)
      AND first_seen.d_date <= bought.d_date + INTERVAL '10' YEAR
      AND i.i_current_price < 95
    GROUP BY i.i_item_sk, i.i_product_name, st.s_store_id, bought.d_year,
             then_band.ib_lower_bound, now_band.ib_lower_bound
)
SELECT
    a.product,
    a.store_id,
    a.income_then,
    a.income_now,
    b.income_then         AS later_income_then,
    b.income_now          AS later_income_now,
    a.lines,
    b.lines               AS later_lines,
    b.customers - a.customers AS more_customers,
    b.cost - a.cost       AS more_cost,
    b.listed - a.listed   AS more_listed,
    b.coupons - a.coupons AS more_coupons,
    a.returned + b.returned AS returned
FROM facts AS a
JOIN facts AS b ON b.item_sk = a.item_sk AND b.store_id = a.store_id AND b.year = a.year + 1
WHERE a.year = 2000
  AND a.lines >= b.lines
ORDER BY a.product, a.item_sk, a.store_id, a.income_then, a.income_now, b.income_then, b.income_now
LIMIT 200
