-- A line for the buyer: for each band of quantities the usual discount where a band is popular,
-- and the usual price where it is not.
SELECT
    r_reason_desc AS asked_because,
    CASE WHEN (SELECT count(*) FROM catalog_sales WHERE cs_quantity <= 25) > 22000
         THEN (SELECT avg(cs_ext_discount_amt) FROM catalog_sales WHERE cs_quantity <= 25)
         ELSE (SELECT avg(cs_sales_price) FROM catalog_sales WHERE cs_quantity <= 25)
    END AS few,
    CASE WHEN (SELECT count(*) FROM catalog_sales WHERE cs_quantity > 25 AND cs_quantity <= 50) > 22000
         THEN (SELECT avg(cs_ext_discount_amt) FROM catalog_sales WHERE cs_quantity > 25 AND cs_quantity <= 50)
         ELSE (SELECT avg(cs_sales_price) FROM catalog_sales WHERE cs_quantity > 25 AND cs_quantity <= 50)
    END AS some,
    CASE WHEN (SELECT count(*) FROM catalog_sales WHERE cs_quantity > 50 AND cs_quantity <= 75) > 22000
         THEN (SELECT avg(cs_ext_discount_amt) FROM catalog_sales WHERE cs_quantity > 50 AND cs_quantity <= 75)
         ELSE (SELECT avg(cs_sales_price) FROM catalog_sales WHERE cs_quantity > 50 AND cs_quantity <= 75)
    END AS many,
    CASE WHEN (SELECT count(*) FROM catalog_sales WHERE cs_quantity > 75) > 22000
         THEN (SELECT avg(cs_ext_discount_amt) FROM catalog_sales WHERE cs_quantity > 75)
         ELSE (SELECT avg(cs_sales_price) FROM catalog_sales WHERE cs_quantity > 75)
    END AS most
FROM reason
WHERE r_reason_desc = 'Found a better price in a store'
