-- by column
select id, total from orders order by total
-- by hidden column
select id from orders order by total desc nulls last, placed asc nulls first
-- by alias
select total * 2 as double from orders order by double
-- alias before column
select total as id, id as total from orders order by id
-- alias inside an expression
select total * 2 as double from orders order by double + 1, abs(double)
-- swapped names inside an expression
select id as total, total as id from orders order by id + 0
-- by ordinal
select id, total * 2 from orders order by 2 desc, 1
-- ordinal of an expression without a name
select total + 1, upper(status) from orders order by 1, 2
-- ordinal in parentheses
select id from orders order by (1)
-- ordinal out of range
select id from orders order by 2
-- ordinal zero
select id from orders order by 0
-- negative is not an ordinal
select id from orders order by -1
-- ordinal of a column that repeats
select o.id, c.id from orders o join customers c on o.customer_id = c.id order by 2, 1
-- qualified key of a renamed column
select o.id as number from orders o order by o.id
-- key is the expression of an output
select total * 2 as double from orders order by total * 2
-- aggregate key
select status from orders group by status order by count(*) desc, status
-- aggregate key over an alias
select status as s, sum(total) as total from orders group by status order by total, s
-- key with case
select status from orders order by case when status = 'open' then 0 else 1 end, status
-- key is a subquery
select id from orders o order by (select max(c.since) from customers c where c.id = o.customer_id)
-- order by all in duckdb [duckdb]
select id, total from orders order by all
-- order in a subquery stays
select id from (select id from orders order by total limit 3) as dearest
-- order after distinct
select distinct status as s from orders order by s
-- unknown key
select id from orders order by totl
-- ambiguous alias
select id as x, total as x from orders order by x
-- alias in window
select id as x, row_number() over (order by total) as n from orders order by n, x
-- alias in having
select status, sum(total) as revenue from orders group by status having revenue > 5
-- column before alias in having
select status as total, max(total) as id from orders group by status having max(total) > 1
-- alias in group by
select date_trunc('day', placed) as day, count(*) as n from orders group by day
-- column before alias in group by
select upper(status) as status, count(*) as n from orders group by status
-- alias in qualify
select id, row_number() over (order by total) as n from orders qualify n = 1
-- lateral alias
select total * 2 as double, double + 1 as more from orders
