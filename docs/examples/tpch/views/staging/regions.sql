-- The five sales regions.
SELECT
    r_regionkey AS region_key,
    r_name      AS region_name,
    r_comment   AS comment
FROM tpch.region
