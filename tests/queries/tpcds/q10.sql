-- What sort of people buy in the stores in summer and also order, by telephone or on the web?
WITH summer AS (
    SELECT d_date_sk AS date_sk FROM date_dim WHERE d_year = 2001 AND d_moy IN (6, 7, 8)
)
SELECT
    cd.cd_gender                        AS gender,
    cd.cd_education_status              AS education,
    cd.cd_credit_rating                 AS credit,
    count(*)                            AS people,
    avg(cd.cd_dep_count)                AS dependants,
    max(cd.cd_dep_employed_count)       AS most_employed,
    sum(cd.cd_dep_college_count)        AS at_college
FROM customer AS c
JOIN customer_demographics AS cd ON cd.cd_demo_sk = c.c_current_cdemo_sk
WHERE EXISTS (
        SELECT 1
        FROM store_sales AS s
        JOIN summer ON summer.date_sk = s.ss_sold_date_sk
        WHERE s.ss_customer_sk = c.c_customer_sk
    )
  AND (EXISTS (
        SELECT 1
        FROM web_sales AS w
        JOIN summer ON summer.date_sk = w.ws_sold_date_sk
        WHERE w.ws_ship_customer_sk = c.c_customer_sk
    )
    OR EXISTS (
        SELECT 1
        FROM catalog_sales AS k
        JOIN summer ON summer.date_sk = k.cs_sold_date_sk
        WHERE k.cs_ship_customer_sk = c.c_customer_sk
    ))
  AND NOT EXISTS (
        SELECT 1
        FROM store_returns AS r
        JOIN summer ON summer.date_sk = r.sr_returned_date_sk
        WHERE r.sr_customer_sk = c.c_customer_sk
    )
GROUP BY cd.cd_gender, cd.cd_education_status, cd.cd_credit_rating
ORDER BY people DESC, gender, education, credit
LIMIT 100
