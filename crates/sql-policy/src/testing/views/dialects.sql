-- backticks in mysql [mysql]
select `id`, `Total` as `Sum` from `orders` join (select 1 as `Total`) as x on true
-- backticks in bigquery [bigquery]
select `id` from `orders` where `status` = 'open'
-- brackets in mssql [mssql]
select [id], [total] as [Total Sum] from [orders]
-- capitals in snowflake [snowflake]
SELECT ID, TOTAL FROM ORDERS
-- double quoted text in bigquery [bigquery]
select id from orders where status = "open"
-- double colon in redshift [redshift]
select total::decimal(10, 2) as t from orders
-- integer division in mysql [mysql]
select total div 2 as d from orders
-- cast types of bigquery [bigquery]
select cast(id as int64) as i, cast(note as string) as s, cast(total as float64) as f from orders
-- safe cast of bigquery [bigquery]
select safe_cast(note as int64) as i from orders
-- array type of duckdb [duckdb]
select [1, 2]::int[] as a
-- qualify of snowflake [snowflake]
select id from orders qualify row_number() over (partition by customer_id order by total) = 1
-- qualify of teradata [teradata]
select id from orders qualify rank() over (order by total desc) <= 3
-- group by all of duckdb [duckdb]
select status, count(*) as n from orders group by all
-- except of bigquery [bigquery]
select * except (note) replace (total + 1 as total) from orders
-- exclude of redshift [redshift]
select * exclude note from orders
-- except distinct of bigquery [bigquery]
select id from orders except distinct select id from customers
-- regexp of mysql [mysql]
select id from orders where note regexp 'x'
-- rlike of hive [hive]
select id from orders where note rlike 'x'
-- null-safe equals of mysql [mysql]
select id from orders where note <=> status
-- ilike of postgres [postgres]
select id from orders where note ilike 'x%' and status not ilike '_'
-- distinct on of postgres [postgres]
select distinct on (status) status, id from orders order by status, placed desc
-- array of postgres [postgres]
select array[1, 2] as a, id = any (array[1, 2]) as b from orders
-- json arrows of postgres [postgres]
select attributes -> 'a' ->> 'b' as v from items
-- left anti join of spark [spark]
select o.id from orders o left anti join customers c on c.id = o.customer_id
-- using sample of duckdb [duckdb]
select id from orders using sample 10
-- positional of sqlite [sqlite]
select id from orders limit 5 offset 2
-- ansi [ansi]
select id, total from orders order by total desc
-- colon path of snowflake [snowflake]
select attributes:a.b as v from items
-- struct of bigquery [bigquery]
select struct(1 as a, 'x' as b) as s
-- interval of bigquery [bigquery]
select placed + interval 1 day as d from orders
-- interval of mysql [mysql]
select placed + interval 1 day as d from orders
-- hash comment of mysql [mysql]
select id # comment
from orders
-- limit of clickhouse [clickhouse]
select id from orders limit 2 by status
-- named window of bigquery [bigquery]
select id, sum(total) over (w rows between 1 preceding and current row) as s from orders window w as (partition by status order by id)
-- comma join of oracle [oracle]
select o.id from orders o, customers c where o.customer_id = c.id
-- table alias without as of oracle [oracle]
select o.id, (select max(price) from lines l where l.order_id = o.id) p from orders o
-- concat of databricks [databricks]
select concat(status, '-', note) as k, status || note as l from orders
