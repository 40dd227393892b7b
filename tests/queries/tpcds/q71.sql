-- Recency, frequency and worth of catalog customers in quarters, and how many fall into each box.
WITH facts AS (
    SELECT
        cs_bill_customer_sk              AS customer_sk,
        max(d_date)                      AS last_order,
        count(DISTINCT cs_order_number)  AS orders,
        sum(cs_net_paid)                 AS paid
    FROM catalog_sales
    JOIN date_dim ON cs_sold_date_sk = d_date_sk
    WHERE cs_bill_customer_sk IS NOT NULL
      AND d_year BETWEEN 2000 AND 2002
    GROUP BY cs_bill_customer_sk
),
scored AS (
    SELECT
        customer_sk,
        paid,
        ntile(4) OVER (ORDER BY last_order, customer_sk)  AS recency,
        ntile(4) OVER (ORDER BY orders, customer_sk)      AS frequency,
        ntile(4) OVER (ORDER BY paid, customer_sk)        AS worth
    FROM facts
),
named AS (
    SELECT
        customer_sk,
        paid,
        CASE
            WHEN recency >= 3 AND frequency >= 3 AND worth >= 3 THEN 'champions'
            WHEN recency >= 3 AND frequency <= 2 THEN 'newcomers'
            WHEN recency <= 2 AND frequency >= 3 THEN 'at risk'
            WHEN recency = 1 AND frequency = 1 THEN 'lost'
            ELSE 'in between'
        END AS segment
    FROM scored
)
SELECT
    segment,
    count(*)  AS customers,
    sum(paid) AS paid,
    CAST(sum(paid) AS DOUBLE) / CAST((SELECT sum(paid) FROM facts) AS DOUBLE) AS share
FROM named
GROUP BY segment
ORDER BY customers DESC, segment
