-- Months of a category at a call center that differ by a sixth from their yearly mean, with the
-- months around them.
WITH months AS (
    SELECT
        i_category,
        cc_name,
        d_year,
        d_moy,
        sum(cs_net_paid)                                                        AS paid,
        avg(sum(cs_net_paid)) OVER (PARTITION BY i_category, cc_name, d_year)   AS mean,
        row_number() OVER (PARTITION BY i_category, cc_name ORDER BY d_year, d_moy) AS n
    FROM catalog_sales
    JOIN item ON i_item_sk = cs_item_sk
    JOIN date_dim ON d_date_sk = cs_sold_date_sk
    JOIN call_center ON cc_call_center_sk = cs_call_center_sk
    WHERE d_month_seq BETWEEN 12 * (2001 - 1900) - 1 AND 12 * (2002 - 1900)
      AND i_category IS NOT NULL
    GROUP BY i_category, cc_name, d_year, d_moy
),
around AS (
    SELECT m.*, before.paid AS paid_before, after.paid AS paid_after
    FROM months AS m
    LEFT JOIN months AS before
        ON before.i_category = m.i_category AND before.cc_name = m.cc_name AND before.n = m.n - 1
    LEFT JOIN months AS after
        ON after.i_category = m.i_category AND after.cc_name = m.cc_name AND after.n = m.n + 1
)
SELECT
    i_category AS category,
    cc_name    AS call_center,
    d_moy      AS month,
    paid_before,
    paid,
    paid_after,
    CASE WHEN paid > mean THEN 'above' ELSE 'below' END AS side,
    CAST(abs(paid - mean) AS DOUBLE) / CAST(mean AS DOUBLE) AS distance
FROM around
WHERE d_year = 2001
  AND mean > 0
  AND abs(paid - mean) * 6 > mean
ORDER BY distance DESC, category, call_center, month
LIMIT 100
