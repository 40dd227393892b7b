-- Weekday by weekday, how do the weeks of the year 2000 compare with those of the year after, in
-- the two channels that ship?
WITH shipped AS (
    SELECT ws_sold_date_sk AS date_sk, ws_net_paid AS paid FROM web_sales
    UNION ALL
    SELECT cs_sold_date_sk, cs_net_paid FROM catalog_sales
),
by_week AS (
    SELECT
        d.d_week_seq AS week_seq,
        min(d.d_date) AS begins,
        sum(CASE d.d_dow WHEN 1 THEN s.paid END) AS mon,
        sum(CASE d.d_dow WHEN 2 THEN s.paid END) AS tue,
        sum(CASE d.d_dow WHEN 3 THEN s.paid END) AS wed,
        sum(CASE d.d_dow WHEN 4 THEN s.paid END) AS thu,
        sum(CASE d.d_dow WHEN 5 THEN s.paid END) AS fri,
        sum(CASE WHEN d.d_dow IN (0, 6) THEN s.paid END) AS weekend
    FROM shipped AS s
    JOIN date_dim AS d ON d.d_date_sk = s.date_sk
    GROUP BY d.d_week_seq
)
SELECT
    old.begins,
    round(CAST(new.mon AS DOUBLE) / CAST(old.mon AS DOUBLE), 3)         AS mon,
    round(CAST(new.tue AS DOUBLE) / CAST(old.tue AS DOUBLE), 3)         AS tue,
    round(CAST(new.wed AS DOUBLE) / CAST(old.wed AS DOUBLE), 3)         AS wed,
    round(CAST(new.thu AS DOUBLE) / CAST(old.thu AS DOUBLE), 3)         AS thu,
    round(CAST(new.fri AS DOUBLE) / CAST(old.fri AS DOUBLE), 3)         AS fri,
    round(CAST(new.weekend AS DOUBLE) / CAST(old.weekend AS DOUBLE), 3) AS weekend
FROM by_week AS old
JOIN by_week AS new ON new.week_seq = old.week_seq + 52
WHERE old.begins BETWEEN DATE '2000-01-01' AND DATE '2000-12-31'
  AND old.mon > 0 AND old.tue > 0 AND old.wed > 0 AND old.thu > 0 AND old.fri > 0
ORDER BY old.begins
