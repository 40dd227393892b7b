-- Calls by the clock: catalog lines of families in four stretches of the day, and their share.
SELECT
    early.lines   AS early,
    noon.lines    AS noon,
    late.lines    AS late,
    night.lines   AS night,
    round(CAST(night.lines AS DOUBLE) / (early.lines + noon.lines + late.lines + night.lines), 5) AS night_share
FROM (
    SELECT count(*) AS lines
    FROM catalog_sales
    JOIN time_dim ON t_time_sk = cs_sold_time_sk
    JOIN household_demographics ON hd_demo_sk = cs_bill_hdemo_sk
    WHERE t_hour BETWEEN 6 AND 10
      AND ((hd_dep_count > 3 AND hd_vehicle_count > 1) OR (hd_dep_count > 5 AND hd_vehicle_count >= 0))
      AND hd_buy_potential NOT IN ('Unknown', '0-500')
) AS early
CROSS JOIN (
    SELECT count(*) AS lines
    FROM catalog_sales
    JOIN time_dim ON t_time_sk = cs_sold_time_sk
    JOIN household_demographics ON hd_demo_sk = cs_bill_hdemo_sk
    WHERE t_hour BETWEEN 11 AND 13
      AND ((hd_dep_count > 3 AND hd_vehicle_count > 1) OR (hd_dep_count > 5 AND hd_vehicle_count >= 0))
      AND hd_buy_potential NOT IN ('Unknown', '0-500')
) AS noon
CROSS JOIN (
    SELECT count(*) AS lines
    FROM catalog_sales
    JOIN time_dim ON t_time_sk = cs_sold_time_sk
    JOIN household_demographics ON hd_demo_sk = cs_bill_hdemo_sk
    WHERE t_hour BETWEEN 14 AND 19
      AND ((hd_dep_count > 3 AND hd_vehicle_count > 1) OR (hd_dep_count > 5 AND hd_vehicle_count >= 0))
      AND hd_buy_potential NOT IN ('Unknown', '0-500')
) AS late
CROSS JOIN (
    SELECT count(*) AS lines
    FROM catalog_sales
    JOIN time_dim ON t_time_sk = cs_sold_time_sk
    JOIN household_demographics ON hd_demo_sk = cs_bill_hdemo_sk
    WHERE (t_hour >= 20 OR t_hour < 6)
      AND ((hd_dep_count > 3 AND hd_vehicle_count > 1) OR (hd_dep_count > 5 AND hd_vehicle_count >= 0))
      AND hd_buy_potential NOT IN ('Unknown', '0-500')
) AS night
