-- What did pages of the catalog and stores earn on dear articles in autumn, returns deducted?
WITH autumn AS (
    SELECT d_date_sk AS date_sk, d_month_seq AS month_seq
    FROM date_dim
    WHERE d_date BETWEEN DATE '2001-09-01' AND DATE '2001-12-01' - INTERVAL '1' DAY
),
dear AS (
    SELECT i_item_sk AS item_sk, i_category AS category FROM item WHERE i_current_price > 20
),
earned AS (
    SELECT 'page type ' || coalesce(cp_type, '?') AS outlet, category, month_seq,
           cs_net_paid AS paid, coalesce(cr_return_amount, 0) AS refunded,
           cs_net_profit - coalesce(cr_net_loss, 0) AS profit
    FROM catalog_sales
    JOIN autumn ON date_sk = cs_sold_date_sk
    JOIN dear ON item_sk = cs_item_sk
    JOIN catalog_page ON cp_catalog_page_sk = cs_catalog_page_sk
    LEFT JOIN catalog_returns ON cr_order_number = cs_order_number AND cr_item_sk = cs_item_sk
    UNION ALL
    SELECT 'store ' || s_store_name, category, month_seq,
           ss_net_paid, coalesce(sr_return_amt, 0),
           ss_net_profit - coalesce(sr_net_loss, 0)
    FROM store_sales
    JOIN autumn ON date_sk = ss_sold_date_sk
    JOIN dear ON item_sk = ss_item_sk
    JOIN store ON s_store_sk = ss_store_sk
    LEFT JOIN store_returns ON sr_ticket_number = ss_ticket_number AND sr_item_sk = ss_item_sk
)
SELECT outlet, category, month_seq, count(*) AS lines, sum(paid) AS paid, sum(refunded) AS refunded,
       sum(profit) AS profit, grouping(outlet) AS all_outlets, grouping(category) AS all_categories,
       grouping(month_seq) AS all_months
FROM earned
GROUP BY CUBE (outlet, category, month_seq)
ORDER BY all_outlets, all_categories, all_months, outlet, category, month_seq
LIMIT 300
