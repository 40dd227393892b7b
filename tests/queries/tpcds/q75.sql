-- How do prices paid compare with the bands of a price list, category by category?
WITH bands (name, lower_bound, upper_bound) AS (
    VALUES
        ('cheap', 0, 10),
        ('fair', 10, 50),
        ('dear', 50, 100),
        ('luxury', 100, 100000)
)
SELECT
    coalesce(i.i_category, 'none') AS category,
    b.name                         AS band,
    count(ss.ss_item_sk)           AS lines,
    sum(ss.ss_net_paid)            AS paid,
    min(ss.ss_sales_price)         AS lowest,
    max(ss.ss_sales_price)         AS highest
FROM bands AS b
LEFT JOIN store_sales AS ss
    ON ss.ss_sales_price >= b.lower_bound AND ss.ss_sales_price < b.upper_bound
LEFT JOIN item AS i ON i.i_item_sk = ss.ss_item_sk
WHERE ss.ss_sold_date_sk BETWEEN 2451545 AND 2451575 OR ss.ss_sold_date_sk IS NULL
GROUP BY coalesce(i.i_category, 'none'), b.name, b.lower_bound
HAVING count(ss.ss_item_sk) > 1
ORDER BY category, b.lower_bound
