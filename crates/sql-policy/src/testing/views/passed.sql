-- a word that is an alias [clickhouse]
select id from orders final
-- stable is fine [strict]
select now() as n
-- a window without over
select row_number() as n from orders
-- aggregate as a table
select x from sum(1) as s (x)
-- table function as a value
select generate_series(1, 2) as g
-- as many branches as there may be [strict]
select 1 as a union select 2 union select 3 union select 4
