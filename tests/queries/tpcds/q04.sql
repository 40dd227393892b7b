-- Whose spending moved from the stores to the catalog between 1999 and 2000?
WITH store_year AS (
    SELECT ss_customer_sk AS customer_sk, d_year AS year, sum(ss_net_paid + ss_coupon_amt) AS spent
    FROM store_sales
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE d_year IN (1999, 2000)
    GROUP BY ss_customer_sk, d_year
),
catalog_year AS (
    SELECT cs_bill_customer_sk AS customer_sk, d_year AS year, sum(cs_net_paid + cs_coupon_amt) AS spent
    FROM catalog_sales
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    WHERE d_year IN (1999, 2000)
    GROUP BY cs_bill_customer_sk, d_year
),
both_years AS (
    SELECT
        s_old.customer_sk,
        s_old.spent AS store_before,
        s_new.spent AS store_after,
        c_old.spent AS catalog_before,
        c_new.spent AS catalog_after
    FROM store_year AS s_old
    JOIN store_year AS s_new ON s_new.customer_sk = s_old.customer_sk AND s_new.year = s_old.year + 1
    JOIN catalog_year AS c_old ON c_old.customer_sk = s_old.customer_sk AND c_old.year = s_old.year
    JOIN catalog_year AS c_new ON c_new.customer_sk = s_new.customer_sk AND c_new.year = s_new.year
    WHERE s_old.year = 1999
)
SELECT
    c.c_customer_id,
    c.c_email_address,
    b.store_after - b.store_before     AS store_change,
    b.catalog_after - b.catalog_before AS catalog_change,
    round(CAST(b.catalog_after AS DOUBLE) / CAST(b.catalog_after + b.store_after AS DOUBLE)
        - CAST(b.catalog_before AS DOUBLE) / CAST(b.catalog_before + b.store_before AS DOUBLE), 4) AS moved
FROM both_years AS b
JOIN customer AS c ON c.c_customer_sk = b.customer_sk
WHERE b.store_after < b.store_before
  AND b.catalog_after > b.catalog_before
  AND b.store_before + b.catalog_before > 0
  AND b.store_after + b.catalog_after > 0
ORDER BY moved DESC, c.c_customer_id
LIMIT 100
