-- prewhere
select id from orders prewhere total > 1
-- lock
select id from orders for update
-- sample
select id from orders tablesample bernoulli (10)
-- settings [clickhouse]
select id from orders settings max_threads = 1
-- hint [mysql]
select /*+ NO_MERGE */ id from orders
-- version [databricks]
select id from orders version as of 3
-- lateral view [hive]
select id from orders lateral view explode(note) v as x
-- sort by [hive]
select id from orders sort by total
-- pivot [snowflake]
select id from orders pivot (sum(total) for status in ('a', 'b'))
-- connect by [snowflake]
select id from employees start with manager_id is null connect by prior id = manager_id
-- apply [mssql]
select o.id from orders o cross apply (select 1 as x) as a
-- asof [snowflake]
select o.id from orders o asof join customers c match_condition (o.placed >= c.since) on o.customer_id = c.id
-- pipes [bigquery]
select id from orders |> where id > 1
-- collate
select note collate de from orders
-- table statement
table orders
-- with ordinality
select x from unnest([1]) with ordinality as u (x)
-- two at once
select id from orders prewhere total > 1 for update
-- insert in with
with x as (insert into orders values (1)) select id from x
-- into
select id into other from orders
-- four parts
select id from a.b.c.d
-- empty part
select id from orders.""
-- file
select a from 'data/orders.parquet'
-- url
select a from "s3://bucket/orders"
-- cte twice
with a as (select 1 as x), a as (select 2 as x) select x from a
-- cte in an array
with a as (select 1 as x) select [(select x from a)] as b
-- unknown window name
select rank() over w as r from orders
-- unknown function
select uper(note) as u from orders
-- quoted function
select "UPPER"(note) as u from orders
-- function with a schema
select main.upper(note) as u from orders
-- denied function [strict]
select left(note, 2) as l from orders
-- denied by alias [strict]
select array_cat([1], [2]) as a
-- volatile function [strict]
select random() as r
-- scalar with over
select upper(note) over () as u from orders
-- scalar with distinct
select upper(distinct note) as u from orders
-- too many joins [strict]
select a.id from orders a, orders b, orders c, orders d
-- too many columns [strict]
select 1 as a, 2 as b, 3 as c, 4 as d, 5 as e
-- too many ctes [strict]
with a as (select 1 as x), b as (select 1 as x), c as (select 1 as x) select x from a
-- unknown relation
select id from order_lines
-- unknown relation of a schema
select id from metrics.hourly
-- unknown relation twice
select a.id, b.id from nope a join nope b on a.id = b.id
-- unknown column with a near name
select custmer_id from orders
-- unknown column without one
select zzzzzz from metrics.daily
-- ambiguous column
select name from customers, employees
-- ambiguous column in using
select id from orders a join orders b on true join orders c using (id)
-- column list of a table
select a from metrics.daily as d (a, b)
-- outputs nobody names
select * from generate_series(1, 2) as g
-- star for nothing
select * from (select 1 as one) as d left semi join orders o on true where x.* is null
-- star of unknown
select z.* from orders
-- ordinal beyond
select id from orders group by 1, 9
-- correlated without an alias
select o.id from orders o where o.total > (select max(price) from (select price from lines where order_id = o.id))
-- parameter
select id from orders where id = $1
-- template
select id from {{ source }}
-- two statements
select 1 as a; select 2 as b
-- not a query
delete from orders
-- nothing
/* nothing */
-- bad grammar
select id from orders where
-- order after distinct
select distinct status from orders order by total
-- too many branches [strict]
select 1 as a union select 2 union select 3 union select 4 union select 5
