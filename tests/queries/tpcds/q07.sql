-- What do married graduates buy from the catalog under promotions that are not advertised?
SELECT
    i_item_id,
    avg(cs_quantity)    AS avg_quantity,
    avg(cs_list_price)  AS avg_list_price,
    avg(cs_coupon_amt)  AS avg_coupon,
    avg(cs_sales_price) AS avg_sales_price
FROM catalog_sales
JOIN customer_demographics ON cs_bill_cdemo_sk = cd_demo_sk
JOIN date_dim ON cs_sold_date_sk = d_date_sk
JOIN item ON cs_item_sk = i_item_sk
JOIN promotion ON cs_promo_sk = p_promo_sk
WHERE cd_marital_status = 'M'
  AND cd_education_status IN ('College', '4 yr Degree', 'Advanced Degree')
  AND (p_channel_email = 'N' OR p_channel_event = 'N')
  AND d_year BETWEEN 1999 AND 2001
GROUP BY i_item_id
ORDER BY i_item_id
LIMIT 100
