-- How long do catalog orders wait for shipment, by warehouse, kind of transport and call center?
SELECT
    substr(w_warehouse_name, 1, 20) AS warehouse,
    sm_type,
    cc_name,
    count(*) FILTER (WHERE cs_ship_date_sk - cs_sold_date_sk <= 30) AS days_30,
    count(*) FILTER (WHERE cs_ship_date_sk - cs_sold_date_sk > 30
                       AND cs_ship_date_sk - cs_sold_date_sk <= 60) AS days_60,
    count(*) FILTER (WHERE cs_ship_date_sk - cs_sold_date_sk > 60
                       AND cs_ship_date_sk - cs_sold_date_sk <= 90) AS days_90,
    count(*) FILTER (WHERE cs_ship_date_sk - cs_sold_date_sk > 90) AS days_more
FROM catalog_sales
JOIN warehouse ON cs_warehouse_sk = w_warehouse_sk
JOIN ship_mode ON cs_ship_mode_sk = sm_ship_mode_sk
JOIN call_center ON cs_call_center_sk = cc_call_center_sk
JOIN date_dim ON cs_ship_date_sk = d_date_sk
WHERE d_month_seq BETWEEN 1200 AND 1200 + 11
GROUP BY substr(w_warehouse_name, 1, 20), sm_type, cc_name
ORDER BY warehouse, sm_type, cc_name
LIMIT 100
