-- Customers counted by gender, schooling and home state in three separate groupings.
SELECT
    coalesce(cd_gender, 'all')           AS gender,
    coalesce(cd_education_status, 'all') AS education,
    coalesce(ca_state, 'all')            AS state,
    grouping(cd_gender)                  AS over_gender,
    grouping(cd_education_status)        AS over_education,
    grouping(ca_state)                   AS over_state,
    count(*)                             AS customers,
    count(*) FILTER (WHERE c_preferred_cust_flag = 'Y')     AS preferred,
    avg(c_birth_year) FILTER (WHERE c_birth_year > 1950)    AS younger_half_born
FROM customer
JOIN customer_demographics ON c_current_cdemo_sk = cd_demo_sk
JOIN customer_address ON c_current_addr_sk = ca_address_sk
WHERE ca_state IN ('TX', 'GA', 'KS')
GROUP BY GROUPING SETS (
    (cd_gender, ca_state),
    (cd_education_status),
    (cd_gender, cd_education_status),
    ()
)
ORDER BY over_gender, over_education, over_state, gender, education, state
