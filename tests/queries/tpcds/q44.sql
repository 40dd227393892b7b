-- Brands that took nearly the same in the stores and in the catalog, in the quarter of a given day.
WITH quarter AS (
    SELECT d_date_sk AS date_sk
    FROM date_dim
    WHERE d_quarter_seq = (SELECT d_quarter_seq FROM date_dim WHERE d_date = DATE '2000-12-03')
),
near AS (
    SELECT i_brand AS brand, sum(ss_net_paid) AS taken
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    WHERE ss_sold_date_sk IN (SELECT date_sk FROM quarter)
    GROUP BY i_brand
),
far AS (
    SELECT i_brand AS brand, sum(cs_net_paid) AS taken
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    WHERE cs_sold_date_sk IN (SELECT date_sk FROM quarter)
    GROUP BY i_brand
)
SELECT
    brand,
    near.taken AS in_stores,
    far.taken  AS by_catalog,
    round(abs(CAST(near.taken - far.taken AS DOUBLE)) / CAST(near.taken + far.taken AS DOUBLE), 5) AS distance
FROM near
INNER JOIN far USING (brand)
WHERE near.taken BETWEEN far.taken * 9 / 10 AND far.taken * 11 / 10
   OR far.taken BETWEEN near.taken * 9 / 10 AND near.taken * 11 / 10
ORDER BY distance, brand
LIMIT 100
