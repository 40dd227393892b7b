-- How long would the stock of each colour and container last at the pace of the stores' sales?
WITH stock AS (
    SELECT i_color, i_container, i_size, avg(inv_quantity_on_hand) AS on_hand
    FROM inventory
    JOIN item ON i_item_sk = inv_item_sk
    JOIN date_dim ON d_date_sk = inv_date_sk
    WHERE d_year = 2002 AND d_moy = 6
    GROUP BY CUBE (i_color, i_container, i_size)
),
pace AS (
    SELECT i_color, i_container, i_size, sum(ss_quantity) AS pieces
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE d_year = 2002 AND d_moy = 6
    GROUP BY CUBE (i_color, i_container, i_size)
)
SELECT
    coalesce(s.i_color, 'any')     AS color,
    coalesce(s.i_container, 'any') AS container,
    coalesce(s.i_size, 'any')      AS size,
    round(s.on_hand, 4)            AS on_hand,
    p.pieces,
    round(s.on_hand / p.pieces, 6) AS months
FROM stock AS s
JOIN pace AS p
    ON coalesce(p.i_color, 'any') = coalesce(s.i_color, 'any')
   AND coalesce(p.i_container, 'any') = coalesce(s.i_container, 'any')
   AND coalesce(p.i_size, 'any') = coalesce(s.i_size, 'any')
WHERE p.pieces > 0
ORDER BY months DESC, color, container, size, p.pieces, on_hand
LIMIT 50
