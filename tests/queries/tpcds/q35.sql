-- Makers that have some article in each of three wanted assortments, and one such article each.
SELECT
    m.i_manufact,
    count(*)              AS articles,
    min(m.i_product_name) AS for_instance
FROM item AS m
WHERE m.i_manufact IS NOT NULL
  AND (
      SELECT count(*)
      FROM item AS x
      WHERE x.i_manufact = m.i_manufact
        AND ((x.i_category IN ('Women', 'Men') AND x.i_size IN ('small', 'petite', 'medium'))
             OR (x.i_category = 'Shoes' AND (x.i_color LIKE 's%' OR x.i_color LIKE 'p%')))
  ) >= 2
  AND EXISTS (
      SELECT 1
      FROM item AS y
      WHERE y.i_manufact = m.i_manufact
        AND y.i_units NOT IN ('N/A', 'Unknown')
        AND (y.i_color = 'sky' OR y.i_color = 'salmon' OR y.i_color = 'red' OR y.i_color = 'sienna')
  )
  AND m.i_manufact NOT IN (
      SELECT z.i_manufact
      FROM item AS z
      WHERE z.i_current_price > 95 AND z.i_manufact IS NOT NULL
  )
GROUP BY m.i_manufact
ORDER BY articles DESC, m.i_manufact
LIMIT 100
