SELECT e.v FROM UNNEST(make_array(7, 8)) AS e(v) ORDER BY 1;
SELECT t.id, e.v FROM t CROSS JOIN UNNEST(make_array(7, 8)) AS e(v) ORDER BY 1, 2;
SELECT id, unnest(xs) AS x FROM l ORDER BY 1, 2;
SELECT id FROM t WHERE a = 1 ORDER BY id;
SELECT l.id, e.x FROM u LEFT JOIN l ON u.a = l.a CROSS JOIN UNNEST(l.xs) AS e(x);
SELECT l.id FROM l FULL JOIN u ON l.a = u.a CROSS JOIN UNNEST(l.xs) AS e(x);
