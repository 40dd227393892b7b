-- Four classes of catalog lines side by side, each with conditions of its own.
SELECT
    small.lines     AS small_lines,
    small.prices    AS small_prices,
    small.average   AS small_average,
    couponed.lines  AS couponed_lines,
    couponed.prices AS couponed_prices,
    couponed.average AS couponed_average,
    heavy.lines     AS heavy_lines,
    heavy.prices    AS heavy_prices,
    heavy.average   AS heavy_average,
    lossy.lines     AS lossy_lines,
    lossy.prices    AS lossy_prices,
    lossy.average   AS lossy_average
FROM (
    SELECT count(*) AS lines, count(DISTINCT cs_list_price) AS prices, avg(cs_list_price) AS average
    FROM catalog_sales
    WHERE cs_quantity < 10
      AND (cs_list_price < 50 OR cs_wholesale_cost BETWEEN 20 AND 40)
) AS small
CROSS JOIN (
    SELECT count(*) AS lines, count(DISTINCT cs_list_price) AS prices, avg(cs_list_price) AS average
    FROM catalog_sales
    WHERE cs_coupon_amt > 0
      AND (cs_coupon_amt > cs_ext_list_price * 0.5 OR cs_quantity BETWEEN 40 AND 60)
) AS couponed
CROSS JOIN (
    SELECT count(*) AS lines, count(DISTINCT cs_list_price) AS prices, avg(cs_list_price) AS average
    FROM catalog_sales
    WHERE cs_ext_ship_cost > 0.4 * cs_ext_list_price
      AND cs_quantity > 20
      AND cs_list_price IS NOT NULL
) AS heavy
CROSS JOIN (
    SELECT count(*) AS lines, count(DISTINCT cs_list_price) AS prices, avg(cs_list_price) AS average
    FROM catalog_sales
    WHERE cs_net_profit < -1000
      AND (cs_promo_sk IS NULL OR cs_ext_discount_amt > 500)
) AS lossy
