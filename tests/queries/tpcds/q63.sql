-- What do returns through each call center cost, by kind of household, and which kind costs most?
SELECT DISTINCT ON (c.cc_name)
    c.cc_name                       AS call_center,
    c.cc_manager                    AS manager,
    h.hd_buy_potential              AS potential,
    p.cd_marital_status             AS marital_status,
    count(r.cr_order_number)        AS lines,
    sum(r.cr_net_loss)              AS loss
FROM catalog_returns AS r
JOIN call_center AS c ON c.cc_call_center_sk = r.cr_call_center_sk
JOIN household_demographics AS h ON h.hd_demo_sk = r.cr_returning_hdemo_sk
JOIN customer_demographics AS p ON p.cd_demo_sk = r.cr_returning_cdemo_sk
JOIN date_dim AS d ON d.d_date_sk = r.cr_returned_date_sk
WHERE d.d_year IN (1999, 2000, 2001)
  AND (p.cd_education_status LIKE '%Degree%' OR p.cd_education_status = 'College')
  AND h.hd_buy_potential LIKE '%00'
GROUP BY c.cc_name, c.cc_manager, h.hd_buy_potential, p.cd_marital_status
ORDER BY c.cc_name, loss DESC, potential, marital_status
