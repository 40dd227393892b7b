-- Who bought on one day in a store and on the same day from the catalog, and never sent
-- anything back to the web that year?
SELECT count(*) AS customers
FROM (
    SELECT c_last_name, c_first_name, d_month_seq
    FROM store_sales, date_dim, customer
    WHERE ss_sold_date_sk = d_date_sk
      AND ss_customer_sk = c_customer_sk
      AND d_year = 2000
    INTERSECT
    SELECT c_last_name, c_first_name, d_month_seq
    FROM catalog_sales, date_dim, customer
    WHERE cs_sold_date_sk = d_date_sk
      AND cs_bill_customer_sk = c_customer_sk
      AND d_year = 2000
    EXCEPT
    SELECT c_last_name, c_first_name, d_month_seq
    FROM web_returns, date_dim, customer
    WHERE wr_returned_date_sk = d_date_sk
      AND wr_returning_customer_sk = c_customer_sk
      AND d_year = 2000
) AS faithful
