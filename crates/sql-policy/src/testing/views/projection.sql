-- one column
select id from orders
-- capitals are lowered
SELECT Id, STATUS FROM Orders
-- quoted lower case
select "id" from "orders"
-- quoted capitals
select "Id", "Total Sum", plain from "Mixed"
-- quoted capitals that are not there
select "ID" from orders
-- unquoted capitals that are not there
select Id from "Mixed"
-- reserved words as aliases
select id as "select", total as "from", note as "order" from orders
-- words of types as aliases
select placed as date, placed as timestamp, total as int from orders
-- blanks and dots in an alias
select total as "Total, net", total as "a.b" from orders
-- expression without a name
select total * 2 from orders
-- several without a name
select id, total + 1, -total, not status = 'x', 'text', null from orders
-- call without a name
select round(total), upper(status), round(total) from orders
-- made-up name that is taken
select total + 1, id as _col_1 from orders
-- call name that is taken
select sum(total), id as sum from orders group by id
-- same output twice
select id, id from orders
-- same alias twice
select id as x, total as x from orders
-- qualified by table
select orders.id, orders.total from orders
-- qualified by schema
select metrics.daily.day, daily.value, value from metrics.daily
-- qualified by catalog
select datafusion.public.orders.id, public.orders.total from orders
-- other catalog
select archive.sales.orders.total, orders.id from archive.sales.orders
-- table alias
select o.id from orders as o
-- table alias hides the table
select orders.id from orders as o
-- table alias with columns
select o.a, b, o.f from orders as o (a, b, c, d, e, f)
-- alias in capitals
select O.Id from orders AS o
-- alias in quoted capitals
select "O".id from orders as "O"
-- no from
select 1 as one, 'a' as letter, true as yes
-- alias without as
select id number, total amount from orders o
-- alias that is a function
select id as count, total as sum from orders
-- unknown column
select idd from orders
-- unknown column of an alias
select o.statuss from orders o
-- unknown relation before a column
select p.id from orders o
-- distinct
select distinct status from orders
-- distinct on
select distinct on (customer_id) customer_id, id, total from orders order by customer_id, total desc
-- distinct on an alias
select distinct on (c) customer_id + 1 as c, id from orders order by c
-- limit and offset
select id from orders order by id limit 10 offset 5
-- limit expression
select id from orders limit 2 + 3
-- filter
select id from orders where status = 'open' and total > 10
-- filter by an alias
select total * 2 as double from orders where double > 10
-- a very long list
select id, customer_id, placed, status, total, note, total * 2 as twice, total * 3 as thrice, upper(status) as loud, lower(status) as quiet from orders
