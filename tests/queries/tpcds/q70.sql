-- Stays of customers: runs of months in a row in which somebody bought something anywhere.
WITH active AS (
    SELECT ss_customer_sk AS customer_sk, ss_sold_date_sk AS date_sk FROM store_sales
    UNION
    SELECT cs_bill_customer_sk, cs_sold_date_sk FROM catalog_sales
    UNION
    SELECT ws_bill_customer_sk, ws_sold_date_sk FROM web_sales
),
active_months AS (
    SELECT DISTINCT a.customer_sk, d.d_month_seq
    FROM active AS a
    JOIN date_dim AS d ON d.d_date_sk = a.date_sk
    WHERE a.customer_sk IS NOT NULL
),
islands AS (
    SELECT
        customer_sk,
        d_month_seq,
        d_month_seq - row_number() OVER (PARTITION BY customer_sk ORDER BY d_month_seq) AS island
    FROM active_months
),
stays AS (
    SELECT
        customer_sk,
        island,
        min(d_month_seq) AS first_month,
        max(d_month_seq) AS last_month,
        count(*)         AS months
    FROM islands
    GROUP BY customer_sk, island
)
SELECT
    c.c_customer_id,
    s.first_month,
    s.last_month,
    s.months,
    s.first_month - lag(s.last_month) OVER (PARTITION BY s.customer_sk ORDER BY s.first_month) AS gap
FROM stays AS s
INNER JOIN customer AS c ON c.c_customer_sk = s.customer_sk
WHERE s.months = (SELECT max(longest.months) FROM stays AS longest WHERE longest.customer_sk = s.customer_sk)
  AND s.months >= 3
ORDER BY s.months DESC, c.c_customer_id, s.first_month
LIMIT 100
