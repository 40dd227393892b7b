-- How much of what each category took in one year came under a promotion by mail?
SELECT
    whole.category,
    promoted.lines                                                  AS promoted_lines,
    whole.lines,
    promoted.paid                                                   AS promoted_paid,
    whole.paid,
    round(CAST(promoted.paid AS DOUBLE) / CAST(whole.paid AS DOUBLE) * 100, 3) AS percent
FROM (
    SELECT i_category AS category, count(*) AS lines, sum(cs_net_paid) AS paid
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    JOIN customer_address ON ca_address_sk = cs_bill_addr_sk
    WHERE d_year = 1999
      AND ca_gmt_offset IN (-5, -6)
    GROUP BY i_category
) AS whole
LEFT JOIN (
    SELECT i_category AS category, count(*) AS lines, sum(cs_net_paid) AS paid
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    JOIN customer_address ON ca_address_sk = cs_bill_addr_sk
    JOIN promotion ON p_promo_sk = cs_promo_sk
    WHERE d_year = 1999
      AND ca_gmt_offset IN (-5, -6)
      AND (p_channel_dmail = 'Y' OR p_channel_email = 'Y')
      AND p_discount_active = 'N'
    GROUP BY i_category
) AS promoted ON promoted.category = whole.category
ORDER BY percent DESC NULLS LAST, whole.category
