-- Which customers brought back much more to a store in 2000 than its customers usually do?
WITH returned AS (
    SELECT
        sr_customer_sk  AS customer_sk,
        sr_store_sk     AS store_sk,
        count(*)        AS lines,
        sum(sr_return_amt_inc_tax) AS amount
    FROM store_returns
    JOIN date_dim ON sr_returned_date_sk = d_date_sk
    WHERE d_year = 2000
      AND sr_customer_sk IS NOT NULL
    GROUP BY sr_customer_sk, sr_store_sk
)
SELECT
    c.c_customer_id,
    c.c_last_name,
    s.s_store_name,
    r.lines,
    r.amount
FROM returned AS r
JOIN store AS s ON s.s_store_sk = r.store_sk
JOIN customer AS c ON c.c_customer_sk = r.customer_sk
WHERE s.s_state = 'TN'
  AND r.amount > (
      SELECT avg(other.amount) * 1.5
      FROM returned AS other
      WHERE other.store_sk = r.store_sk
  )
ORDER BY r.amount DESC, c.c_customer_id, s.s_store_name
LIMIT 100
