-- Which makers of electronics earned most in one time zone and month, all channels together?
WITH makers AS (
    SELECT DISTINCT i_manufact_id AS maker FROM item WHERE i_category = 'Electronics'
),
places AS (
    SELECT ca_address_sk AS address_sk FROM customer_address WHERE ca_gmt_offset = -6
),
days AS (
    SELECT d_date_sk AS date_sk FROM date_dim WHERE d_year = 2001 AND d_moy = 3
),
from_stores AS (
    SELECT i_manufact_id AS maker, sum(ss_net_paid) AS paid, sum(ss_quantity) AS pieces
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    WHERE i_manufact_id IN (SELECT maker FROM makers)
      AND ss_sold_date_sk IN (SELECT date_sk FROM days)
      AND ss_addr_sk IN (SELECT address_sk FROM places)
    GROUP BY i_manufact_id
),
from_catalog AS (
    SELECT i_manufact_id AS maker, sum(cs_net_paid) AS paid, sum(cs_quantity) AS pieces
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    WHERE i_manufact_id IN (SELECT maker FROM makers)
      AND cs_sold_date_sk IN (SELECT date_sk FROM days)
      AND cs_bill_addr_sk IN (SELECT address_sk FROM places)
    GROUP BY i_manufact_id
),
from_web AS (
    SELECT i_manufact_id AS maker, sum(ws_net_paid) AS paid, sum(ws_quantity) AS pieces
    FROM web_sales
    JOIN item ON i_item_sk = ws_item_sk
    WHERE i_manufact_id IN (SELECT maker FROM makers)
      AND ws_sold_date_sk IN (SELECT date_sk FROM days)
      AND ws_bill_addr_sk IN (SELECT address_sk FROM places)
    GROUP BY i_manufact_id
)
SELECT maker, count(*) AS channels, sum(paid) AS paid, sum(pieces) AS pieces
FROM (
    SELECT * FROM from_stores
    UNION ALL
    SELECT * FROM from_catalog
    UNION ALL
    SELECT * FROM from_web
) AS channels
GROUP BY maker
ORDER BY paid DESC, maker
LIMIT 100
