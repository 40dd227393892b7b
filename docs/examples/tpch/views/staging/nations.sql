-- The 25 nations, each in one region.
SELECT
    n_nationkey AS nation_key,
    n_regionkey AS region_key,
    n_name      AS nation_name,
    n_comment   AS comment
FROM tpch.nation
