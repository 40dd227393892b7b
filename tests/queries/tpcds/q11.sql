-- What share of its category, and of its category and size, has each colour of clothing by catalog?
SELECT
    i.i_category                                AS category,
    i.i_size                                    AS size,
    i.i_color                                   AS color,
    sum(cs.cs_net_paid)                         AS paid,
    round(CAST(sum(cs.cs_net_paid) AS DOUBLE)
        / CAST(sum(sum(cs.cs_net_paid)) OVER (PARTITION BY i.i_category) AS DOUBLE) * 100, 4) AS of_category,
    round(CAST(sum(cs.cs_net_paid) AS DOUBLE)
        / CAST(sum(sum(cs.cs_net_paid)) OVER (PARTITION BY i.i_category, i.i_size) AS DOUBLE) * 100, 4) AS of_size
FROM catalog_sales AS cs
JOIN item AS i ON i.i_item_sk = cs.cs_item_sk
JOIN date_dim AS d ON d.d_date_sk = cs.cs_sold_date_sk
WHERE i.i_category IN ('Women', 'Men', 'Children')
  AND d.d_date >= DATE '1999-11-20'
  AND d.d_date < DATE '1999-11-20' + INTERVAL '45' DAY
GROUP BY i.i_category, i.i_size, i.i_color
ORDER BY category, size, of_size DESC, color
LIMIT 100
