-- Each month of a store against the same month a year earlier, workdays and weekends apart.
WITH monthly AS (
    SELECT
        ss_store_sk AS store_sk,
        d_month_seq AS month_seq,
        sum(CASE WHEN d_dow BETWEEN 1 AND 5 THEN ss_net_paid ELSE 0 END)    AS workdays,
        sum(CASE WHEN d_dow IN (0, 6) THEN ss_net_paid ELSE 0 END)          AS weekends,
        count(DISTINCT ss_ticket_number)                                    AS tickets
    FROM store_sales
    INNER JOIN date_dim ON d_date_sk = ss_sold_date_sk
    GROUP BY ss_store_sk, d_month_seq
)
SELECT
    s.s_store_name,
    2000 + (this.month_seq - 1200) / 12 AS year,
    (this.month_seq - 1200) % 12 + 1    AS month,
    this.tickets - last.tickets         AS more_tickets,
    CASE
        WHEN last.workdays = 0 THEN NULL
        ELSE round(CAST(this.workdays AS DOUBLE) / CAST(last.workdays AS DOUBLE) * 100 - 100, 2)
    END AS workdays_percent,
    CASE
        WHEN last.weekends = 0 THEN NULL
        ELSE round(CAST(this.weekends AS DOUBLE) / CAST(last.weekends AS DOUBLE) * 100 - 100, 2)
    END AS weekends_percent,
    CASE
        WHEN this.workdays > last.workdays AND this.weekends > last.weekends THEN 'up'
        WHEN this.workdays < last.workdays AND this.weekends < last.weekends THEN 'down'
        ELSE 'mixed'
    END AS tendency
FROM monthly AS this
JOIN monthly AS last ON last.store_sk = this.store_sk AND last.month_seq = this.month_seq - 12
JOIN store AS s ON s.s_store_sk = this.store_sk
WHERE this.month_seq BETWEEN 1200 AND 1223
ORDER BY s.s_store_name, s.s_store_id, this.month_seq
