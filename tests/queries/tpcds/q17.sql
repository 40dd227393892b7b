-- Average web orders by the home of the buyer, from county to country, for two kinds of people.
SELECT
    a.ca_country                                            AS country,
    a.ca_state                                              AS state,
    a.ca_county                                             AS county,
    p.cd_gender                                             AS gender,
    grouping(a.ca_country, a.ca_state, a.ca_county, p.cd_gender) AS level,
    count(*)                                                AS lines,
    avg(CAST(w.ws_quantity AS DECIMAL(10, 2)))              AS quantity,
    avg(CAST(w.ws_list_price AS DECIMAL(12, 4)))            AS list_price,
    avg(CAST(w.ws_ext_ship_cost AS DECIMAL(12, 4)))         AS ship_cost,
    avg(2002 - c.c_birth_year)                              AS age,
    avg(h.hd_vehicle_count)                                 AS vehicles
FROM web_sales AS w
JOIN customer AS c ON c.c_customer_sk = w.ws_bill_customer_sk
JOIN customer_address AS a ON a.ca_address_sk = c.c_current_addr_sk
JOIN customer_demographics AS p ON p.cd_demo_sk = w.ws_bill_cdemo_sk
JOIN household_demographics AS h ON h.hd_demo_sk = w.ws_bill_hdemo_sk
WHERE ((p.cd_gender = 'F' AND p.cd_marital_status = 'S')
    OR (p.cd_gender = 'M' AND p.cd_marital_status = 'W'))
  AND c.c_birth_month BETWEEN 1 AND 6
GROUP BY ROLLUP (a.ca_country, a.ca_state, a.ca_county, p.cd_gender)
ORDER BY level DESC, country, state, county, gender
LIMIT 100
