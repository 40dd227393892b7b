-- Did a change of packaging in the middle of June 2000 make fewer cheap articles come back?
SELECT
    i.i_container                                       AS container,
    i.i_units                                           AS units,
    count(*) FILTER (WHERE d.d_date < DATE '2000-06-15')    AS ordered_before,
    count(*) FILTER (WHERE d.d_date >= DATE '2000-06-15')   AS ordered_after,
    sum(CASE WHEN d.d_date < DATE '2000-06-15' THEN coalesce(r.cr_return_quantity, 0) ELSE 0 END) AS back_before,
    sum(CASE WHEN d.d_date >= DATE '2000-06-15' THEN coalesce(r.cr_return_quantity, 0) ELSE 0 END) AS back_after,
    sum(s.cs_net_paid) - sum(coalesce(r.cr_return_amount, 0)) AS kept
FROM catalog_sales AS s
LEFT OUTER JOIN catalog_returns AS r
    ON r.cr_order_number = s.cs_order_number AND r.cr_item_sk = s.cs_item_sk
INNER JOIN item AS i ON i.i_item_sk = s.cs_item_sk AND i.i_current_price < 8
INNER JOIN date_dim AS d ON d.d_date_sk = s.cs_sold_date_sk
WHERE d.d_date BETWEEN DATE '2000-06-15' - INTERVAL '6' WEEK AND DATE '2000-06-15' + INTERVAL '6' WEEK
GROUP BY i.i_container, i.i_units
ORDER BY kept DESC, units
LIMIT 100
