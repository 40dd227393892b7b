-- Freight of each warehouse month by month: what left it by two carriers, over both channels that
-- ship, in money, in pieces, and per square foot of floor.
WITH web AS (
    SELECT ws_warehouse_sk AS warehouse_sk, d_moy AS month, ws_ext_ship_cost AS cost, ws_quantity AS pieces
    FROM web_sales
    JOIN date_dim ON d_date_sk = ws_ship_date_sk
    JOIN ship_mode ON sm_ship_mode_sk = ws_ship_mode_sk
    WHERE d_year = 2000 AND sm_carrier IN ('UPS', 'TBS')
),
catalog AS (
    SELECT cs_warehouse_sk AS warehouse_sk, d_moy AS month, cs_ext_ship_cost AS cost, cs_quantity AS pieces
    FROM catalog_sales
    JOIN date_dim ON d_date_sk = cs_ship_date_sk
    JOIN ship_mode ON sm_ship_mode_sk = cs_ship_mode_sk
    WHERE d_year = 2000 AND sm_carrier IN ('UPS', 'TBS')
),
web_months AS (
    SELECT
        warehouse_sk,
        sum(CASE WHEN month = 1 THEN cost ELSE 0 END) AS jan_cost,
        sum(CASE WHEN month = 2 THEN cost ELSE 0 END) AS feb_cost,
        sum(CASE WHEN month = 3 THEN cost ELSE 0 END) AS mar_cost,
        sum(CASE WHEN month = 4 THEN cost ELSE 0 END) AS apr_cost,
        sum(CASE WHEN month = 5 THEN cost ELSE 0 END) AS may_cost,
        sum(CASE WHEN month = 6 THEN cost ELSE 0 END) AS jun_cost,
        sum(CASE WHEN month = 7 THEN cost ELSE 0 END) AS jul_cost,
        sum(CASE WHEN month = 8 THEN cost ELSE 0 END) AS aug_cost,
        sum(CASE WHEN month = 9 THEN cost ELSE 0 END) AS sep_cost,
        sum(CASE WHEN month = 10 THEN cost ELSE 0 END) AS oct_cost,
        sum(CASE WHEN month = 11 THEN cost ELSE 0 END) AS nov_cost,
        sum(CASE WHEN month = 12 THEN cost ELSE 0 END) AS dec_cost,
        sum(CASE WHEN month = 1 THEN pieces ELSE 0 END) AS jan_pieces,
        sum(CASE WHEN month = 2 THEN pieces ELSE 0 END) AS feb_pieces,
        sum(CASE WHEN month = 3 THEN pieces ELSE 0 END) AS mar_pieces,
        sum(CASE WHEN month = 4 THEN pieces ELSE 0 END) AS apr_pieces,
        sum(CASE WHEN month = 5 THEN pieces ELSE 0 END) AS may_pieces,
        sum(CASE WHEN month = 6 THEN pieces ELSE 0 END) AS jun_pieces,
        sum(CASE WHEN month = 7 THEN pieces ELSE 0 END) AS jul_pieces,
        sum(CASE WHEN month = 8 THEN pieces ELSE 0 END) AS aug_pieces,
        sum(CASE WHEN month = 9 THEN pieces ELSE 0 END) AS sep_pieces,
        sum(CASE WHEN month = 10 THEN pieces ELSE 0 END) AS oct_pieces,
        sum(CASE WHEN month = 11 THEN pieces ELSE 0 END) AS nov_pieces,
        sum(CASE WHEN month = 12 THEN pieces ELSE 0 END) AS dec_pieces
    FROM web
    GROUP BY warehouse_sk
),
catalog_months AS (
    SELECT
        warehouse_sk,
        sum(CASE WHEN month = 1 THEN cost ELSE 0 END) AS jan_cost,
        sum(CASE WHEN month = 2 THEN cost ELSE 0 END) AS feb_cost,
        sum(CASE WHEN month = 3 THEN cost ELSE 0 END) AS mar_cost,
        sum(CASE WHEN month = 4 THEN cost ELSE 0 END) AS apr_cost,
        sum(CASE WHEN month = 5 THEN cost ELSE 0 END) AS may_cost,
        sum(CASE WHEN month = 6 THEN cost ELSE 0 END) AS jun_cost,
        sum(CASE WHEN month = 7 THEN cost ELSE 0 END) AS jul_cost,
        sum(CASE WHEN month = 8 THEN cost ELSE 0 END) AS aug_cost,
        sum(CASE WHEN month = 9 THEN cost ELSE 0 END) AS sep_cost,
        sum(CASE WHEN month = 10 THEN cost ELSE 0 END) AS oct_cost,
        sum(CASE WHEN month = 11 THEN cost ELSE 0 END) AS nov_cost,
        sum(CASE WHEN month = 12 THEN cost ELSE 0 END) AS dec_cost,
        sum(CASE WHEN month = 1 THEN pieces ELSE 0 END) AS jan_pieces,
        sum(CASE WHEN month = 2 THEN pieces ELSE 0 END) AS feb_pieces,
        sum(CASE WHEN month = 3 THEN pieces ELSE 0 END) AS mar_pieces,
        sum(CASE WHEN month = 4 THEN pieces ELSE 0 END) AS apr_pieces,
        sum(CASE WHEN month = 5 THEN pieces ELSE 0 END) AS may_pieces,
        sum(CASE WHEN month = 6 THEN pieces ELSE 0 END) AS jun_pieces,
        sum(CASE WHEN month = 7 THEN pieces ELSE 0 END) AS jul_pieces,
        sum(CASE WHEN month = 8 THEN pieces ELSE 0 END) AS aug_pieces,
        sum(CASE WHEN month = 9 THEN pieces ELSE 0 END) AS sep_pieces,
        sum(CASE WHEN month = 10 THEN pieces ELSE 0 END) AS oct_pieces,
        sum(CASE WHEN month = 11 THEN pieces ELSE 0 END) AS nov_pieces,
        sum(CASE WHEN month = 12 THEN pieces ELSE 0 END) AS dec_pieces
    FROM catalog
    GROUP BY warehouse_sk
)
SELECT
    coalesce(w.w_warehouse_name, 'unknown') AS warehouse,
    w.w_city AS city,
    w.w_warehouse_sq_ft AS square_feet,
    coalesce(x.jan_cost, 0) + c.jan_cost AS jan_cost,
    coalesce(x.feb_cost, 0) + c.feb_cost AS feb_cost,
    coalesce(x.mar_cost, 0) + c.mar_cost AS mar_cost,
    coalesce(x.apr_cost, 0) + c.apr_cost AS apr_cost,
    coalesce(x.may_cost, 0) + c.may_cost AS may_cost,
    coalesce(x.jun_cost, 0) + c.jun_cost AS jun_cost,
    coalesce(x.jul_cost, 0) + c.jul_cost AS jul_cost,
    coalesce(x.aug_cost, 0) + c.aug_cost AS aug_cost,
    coalesce(x.sep_cost, 0) + c.sep_cost AS sep_cost,
    coalesce(x.oct_cost, 0) + c.oct_cost AS oct_cost,
    coalesce(x.nov_cost, 0) + c.nov_cost AS nov_cost,
    coalesce(x.dec_cost, 0) + c.dec_cost AS dec_cost,
    coalesce(x.jan_pieces, 0) + c.jan_pieces AS jan_pieces,
    coalesce(x.feb_pieces, 0) + c.feb_pieces AS feb_pieces,
    coalesce(x.mar_pieces, 0) + c.mar_pieces AS mar_pieces,
    coalesce(x.apr_pieces, 0) + c.apr_pieces AS apr_pieces,
    coalesce(x.may_pieces, 0) + c.may_pieces AS may_pieces,
    coalesce(x.jun_pieces, 0) + c.jun_pieces AS jun_pieces,
    coalesce(x.jul_pieces, 0) + c.jul_pieces AS jul_pieces,
    coalesce(x.aug_pieces, 0) + c.aug_pieces AS aug_pieces,
    coalesce(x.sep_pieces, 0) + c.sep_pieces AS sep_pieces,
    coalesce(x.oct_pieces, 0) + c.oct_pieces AS oct_pieces,
    coalesce(x.nov_pieces, 0) + c.nov_pieces AS nov_pieces,
    coalesce(x.dec_pieces, 0) + c.dec_pieces AS dec_pieces,
    round(CAST(c.jan_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS jan_per_foot,
    round(CAST(c.feb_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS feb_per_foot,
    round(CAST(c.mar_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS mar_per_foot,
    round(CAST(c.apr_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS apr_per_foot,
    round(CAST(c.may_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS may_per_foot,
    round(CAST(c.jun_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS jun_per_foot,
    round(CAST(c.jul_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS jul_per_foot,
    round(CAST(c.aug_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS aug_per_foot,
    round(CAST(c.sep_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS sep_per_foot,
    round(CAST(c.oct_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS oct_per_foot,
    round(CAST(c.nov_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS nov_per_foot,
    round(CAST(c.dec_cost AS DOUBLE) / w.w_warehouse_sq_ft, 6) AS dec_per_foot
FROM catalog_months AS c
LEFT JOIN web_months AS x ON x.warehouse_sk = c.warehouse_sk
LEFT JOIN warehouse AS w ON w.w_warehouse_sk = c.warehouse_sk
ORDER BY warehouse, city, jan_cost
