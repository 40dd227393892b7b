-- A calendar of months without gaps, with what the web sold to one state in each, and the
-- moving average of three months.
WITH RECURSIVE months AS (
    SELECT CAST(1200 AS INT) AS month_seq
    UNION ALL
    SELECT CAST(month_seq + 1 AS INT) FROM months WHERE month_seq < 1223
),
sold AS (
    SELECT d.d_month_seq AS month_seq, count(*) AS lines, sum(ws.ws_net_paid) AS paid
    FROM web_sales AS ws
    JOIN date_dim AS d ON d.d_date_sk = ws.ws_sold_date_sk
    JOIN customer_address AS a ON a.ca_address_sk = ws.ws_bill_addr_sk
    WHERE a.ca_state = 'OH'
    GROUP BY d.d_month_seq
)
SELECT
    m.month_seq,
    1900 + m.month_seq / 12     AS year,
    m.month_seq % 12 + 1        AS month,
    coalesce(s.lines, 0)        AS lines,
    coalesce(s.paid, 0)         AS paid,
    avg(coalesce(s.paid, 0)) OVER (
        ORDER BY m.month_seq ROWS BETWEEN 2 PRECEDING AND CURRENT ROW
    ) AS moving_average,
    CASE WHEN s.month_seq IS NULL THEN 'no sales' ELSE 'sales' END AS remark
FROM months AS m
LEFT JOIN sold AS s ON s.month_seq = m.month_seq
ORDER BY m.month_seq
