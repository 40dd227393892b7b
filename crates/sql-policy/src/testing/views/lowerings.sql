-- fetch first
select id from orders order by id fetch first 5 rows only
-- fetch next row
select id from orders order by id fetch next row only
-- offset and fetch
select id from orders order by id offset 10 rows fetch next 5 rows only
-- fetch with ties
select id from orders order by id fetch first 5 rows with ties
-- fetch percent
select id from orders order by id fetch first 5 percent rows only
-- fetch in a derived table
select d.id from (select id from orders order by total fetch first 3 rows only) as d
-- top [mssql]
select top 5 id from orders order by total desc
-- top in parentheses [mssql]
select top (5) id from orders order by total desc
-- top distinct [mssql]
select distinct top 5 status from orders
-- top in a branch [mssql]
select top 1 id from orders union all select id from customers
-- top percent [mssql]
select top 5 percent id from orders
-- top with ties [mssql]
select top 5 with ties id from orders order by total
-- minus [oracle]
select id from orders minus select id from customers
-- minus all
select id from orders minus all select id from customers
-- minus chain [spark]
select id from orders minus select id from customers minus select id from items
-- from first [duckdb]
from orders select id, total
-- from alone [duckdb]
from metrics.daily
-- from alone with a filter [duckdb]
from metrics.daily where value > 1 order by day
-- with rollup by name [mysql]
select status as s, count(*) as n from orders group by s with rollup
-- with cube [spark]
select status, note, count(*) as n from orders group by status, note with cube
-- rollup beside a rollup
select status, count(*) as n from orders group by rollup (status) with rollup
-- semi join [duckdb]
select id from orders semi join customers using (id)
-- anti join
select o.id from orders o anti join customers c on c.id = o.customer_id where o.total > 1
-- named window inherited in over
select id, sum(total) over (w order by placed) as s from orders window w as (partition by customer_id)
-- named window in an aggregate query
select status, sum(count(*)) over w as running from orders group by status window w as (order by status)
-- named window in distinct on
select distinct on (row_number() over w) id from orders window w as (order by total)
-- named window in replace
select * replace (sum(value) over w as value) from metrics.daily window w as (order by day)
-- everything at once [mssql]
select top 3 status, count(*) as n from orders o where o.total > 1 group by status with rollup
-- unnamed outputs beside a lowering
select total + 1, upper(status) from orders fetch first 2 rows only
-- shadowing and minus
with a as (select id from orders) select d.id from (with a as (select id from customers) select id from a minus select id from items) as d
-- limit by comma [mysql]
select id from orders order by id limit 5, 10
-- limit all
select id from orders limit all
-- offset only
select id from orders offset 3 rows
