-- The eight most and the eight least profitable articles of each web site, place by place.
WITH profits AS (
    SELECT ws_web_site_sk AS site_sk, ws_item_sk AS item_sk, avg(ws_net_profit) AS profit
    FROM web_sales
    WHERE ws_web_site_sk IS NOT NULL
    GROUP BY ws_web_site_sk, ws_item_sk
    HAVING count(*) > 2
),
places AS (
    SELECT
        site_sk,
        item_sk,
        profit,
        row_number() OVER (PARTITION BY site_sk ORDER BY profit DESC, item_sk) AS from_top,
        row_number() OVER (PARTITION BY site_sk ORDER BY profit, item_sk)      AS from_bottom
    FROM profits
)
SELECT
    site.web_site_id     AS site,
    high.from_top        AS place,
    best.i_product_name  AS best,
    high.profit          AS best_profit,
    worst.i_product_name AS worst,
    low.profit           AS worst_profit
FROM places AS high
JOIN places AS low ON low.site_sk = high.site_sk AND low.from_bottom = high.from_top
JOIN item AS best ON best.i_item_sk = high.item_sk
JOIN item AS worst ON worst.i_item_sk = low.item_sk
JOIN web_site AS site ON site.web_site_sk = high.site_sk
WHERE high.from_top <= 8
ORDER BY site, place
