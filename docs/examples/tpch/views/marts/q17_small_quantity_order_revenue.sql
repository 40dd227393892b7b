-- Q17: what would refusing small orders cost a year? Lines of Brand#23 in a MED BOX with
-- less than a fifth of the average quantity of their part, over the seven years of data.
CREATE MATERIALIZED VIEW WITH (
    description = 'Average yearly revenue lost if small orders were refused',
    tags = 'tpch,pricing',
    owner = 'pricing-data'
) AS
SELECT
    CAST(sum(l.extended_price) AS DOUBLE) / 7 AS avg_yearly
FROM staging.line_items AS l
JOIN staging.parts AS p ON p.part_key = l.part_key
WHERE p.brand = 'Brand#23'
  AND p.container = 'MED BOX'
  AND l.quantity < (
      SELECT CAST(0.2 AS DECIMAL(3, 2)) * avg(a.quantity)
      FROM staging.line_items AS a
      WHERE a.part_key = p.part_key
  )
