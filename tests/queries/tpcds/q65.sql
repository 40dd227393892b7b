-- How far do the customers of the three channels overlap, category by category?
WITH by_store AS (
    SELECT DISTINCT ss_customer_sk AS customer_sk, i_category AS category
    FROM store_sales JOIN item ON i_item_sk = ss_item_sk
    WHERE ss_customer_sk IS NOT NULL
),
by_catalog AS (
    SELECT DISTINCT cs_bill_customer_sk AS customer_sk, i_category AS category
    FROM catalog_sales JOIN item ON i_item_sk = cs_item_sk
    WHERE cs_bill_customer_sk IS NOT NULL
),
by_web AS (
    SELECT DISTINCT ws_bill_customer_sk AS customer_sk, i_category AS category
    FROM web_sales JOIN item ON i_item_sk = ws_item_sk
    WHERE ws_bill_customer_sk IS NOT NULL
)
SELECT
    coalesce(s.category, c.category, w.category) AS category,
    count(*) AS customers,
    sum(CASE WHEN c.customer_sk IS NULL AND w.customer_sk IS NULL THEN 1 ELSE 0 END) AS store_alone,
    sum(CASE WHEN s.customer_sk IS NULL AND w.customer_sk IS NULL THEN 1 ELSE 0 END) AS catalog_alone,
    sum(CASE WHEN s.customer_sk IS NULL AND c.customer_sk IS NULL THEN 1 ELSE 0 END) AS web_alone,
    count(s.customer_sk + c.customer_sk + w.customer_sk) AS everywhere
FROM by_store AS s
FULL OUTER JOIN by_catalog AS c ON c.customer_sk = s.customer_sk AND c.category = s.category
FULL OUTER JOIN by_web AS w
    ON w.customer_sk = coalesce(s.customer_sk, c.customer_sk)
   AND w.category = coalesce(s.category, c.category)
GROUP BY coalesce(s.category, c.category, w.category)
ORDER BY category
