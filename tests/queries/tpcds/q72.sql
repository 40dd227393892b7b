-- Which categories are bought together on one ticket, more often than chance would have it?
WITH baskets AS (
    SELECT DISTINCT ss_ticket_number AS ticket, i_category AS category
    FROM store_sales
    JOIN item ON i_item_sk = ss_item_sk
    WHERE i_category IS NOT NULL
),
sizes AS (
    SELECT category, count(*) AS tickets FROM baskets GROUP BY category
),
pairs AS (
    SELECT l.category AS one, r.category AS other, count(*) AS together
    FROM baskets AS l
    JOIN baskets AS r ON r.ticket = l.ticket AND l.category < r.category
    GROUP BY l.category, r.category
),
total AS (
    SELECT count(DISTINCT ticket) AS tickets FROM baskets
)
SELECT
    p.one,
    p.other,
    p.together,
    round(CAST(p.together AS DOUBLE) / a.tickets, 4) AS confidence,
    round(CAST(p.together AS DOUBLE) * t.tickets / (CAST(a.tickets AS DOUBLE) * b.tickets), 4) AS lift
FROM pairs AS p
JOIN sizes AS a ON a.category = p.one
JOIN sizes AS b ON b.category = p.other
CROSS JOIN total AS t
WHERE p.together > 5
ORDER BY lift DESC, p.one, p.other
LIMIT 20
