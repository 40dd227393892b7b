-- Nations with the name of their region: a plain view, inlined wherever it is read.
SELECT
    n.nation_key  AS nation_key,
    n.nation_name AS nation_name,
    r.region_key  AS region_key,
    r.region_name AS region_name
FROM staging.nations AS n
JOIN staging.regions AS r ON r.region_key = n.region_key
