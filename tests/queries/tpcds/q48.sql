-- Articles that a call center sells for less than a tenth of what its articles usually bring.
SELECT
    cc.cc_name,
    i.i_item_id,
    i.i_item_desc,
    own.revenue,
    usual.revenue AS usual_revenue,
    i.i_current_price
FROM (
    SELECT cs_call_center_sk AS center_sk, cs_item_sk AS item_sk, sum(cs_sales_price) AS revenue
    FROM catalog_sales
    WHERE cs_sold_date_sk BETWEEN (SELECT min(d_date_sk) FROM date_dim WHERE d_year = 1998)
                              AND (SELECT max(d_date_sk) FROM date_dim WHERE d_year = 2002)
    GROUP BY cs_call_center_sk, cs_item_sk
) AS own
JOIN (
    SELECT center_sk, avg(revenue) AS revenue
    FROM (
        SELECT cs_call_center_sk AS center_sk, cs_item_sk AS item_sk, sum(cs_sales_price) AS revenue
        FROM catalog_sales
        GROUP BY cs_call_center_sk, cs_item_sk
    ) AS articles
    GROUP BY center_sk
) AS usual ON usual.center_sk = own.center_sk AND own.revenue < usual.revenue * 0.35
JOIN call_center AS cc ON cc.cc_call_center_sk = own.center_sk
JOIN item AS i ON i.i_item_sk = own.item_sk
ORDER BY own.revenue, cc.cc_name, i.i_item_id, i.i_item_sk
LIMIT 100
