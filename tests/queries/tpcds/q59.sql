-- Of each income band, who has brought back most, and how often?
SELECT band, customer, returns, amount
FROM (
    SELECT
        CAST(b.ib_lower_bound AS VARCHAR) || ' to ' || CAST(b.ib_upper_bound AS VARCHAR) AS band,
        b.ib_lower_bound,
        c.c_customer_id AS customer,
        count(*) AS returns,
        sum(r.sr_return_amt) AS amount,
        rank() OVER (PARTITION BY b.ib_lower_bound ORDER BY sum(r.sr_return_amt) DESC, c.c_customer_id) AS place
    FROM income_band AS b
    JOIN household_demographics AS h ON h.hd_income_band_sk = b.ib_income_band_sk
    JOIN customer AS c ON c.c_current_hdemo_sk = h.hd_demo_sk
    JOIN store_returns AS r ON r.sr_customer_sk = c.c_customer_sk
    WHERE r.sr_return_amt > 0
    GROUP BY b.ib_lower_bound, b.ib_upper_bound, c.c_customer_id
) AS ranked
WHERE place = 1
ORDER BY ib_lower_bound
