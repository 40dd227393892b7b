-- Purchases for an address in another town than the home of the buyer, in larger households.
SELECT
    c.c_last_name,
    c.c_first_name,
    home.ca_city   AS home_town,
    trip.town,
    trip.ticket,
    trip.tax,
    trip.paid
FROM (
    SELECT ss_ticket_number AS ticket, ss_customer_sk AS customer_sk, away.ca_city AS town,
           sum(ss_ext_tax) AS tax, sum(ss_net_paid_inc_tax) AS paid
    FROM store_sales
    JOIN customer_address AS away ON away.ca_address_sk = ss_addr_sk
    JOIN household_demographics ON hd_demo_sk = ss_hdemo_sk
    JOIN date_dim ON d_date_sk = ss_sold_date_sk
    WHERE (hd_dep_count >= 6 OR hd_vehicle_count = 4)
      AND d_day_name IN ('Friday', 'Saturday', 'Sunday')
      AND d_year IN (2000, 2001)
    GROUP BY ss_ticket_number, ss_customer_sk, away.ca_city
) AS trip
JOIN customer AS c ON c.c_customer_sk = trip.customer_sk
JOIN customer_address AS home ON home.ca_address_sk = c.c_current_addr_sk
WHERE home.ca_city <> trip.town
  AND trip.paid > 500
ORDER BY trip.paid DESC, trip.ticket, trip.town
LIMIT 100
