-- count star
select count(*) from orders
-- count one
select count(1) as n from orders
-- count distinct
select count(distinct customer_id) as n from orders
-- sum all
select sum(all total) as s from orders
-- group by column
select status, count(*) as n from orders group by status
-- group by ordinal
select status, customer_id, count(*) from orders group by 1, 2
-- group by ordinal of an expression
select date_trunc('month', placed), sum(total) from orders group by 1 order by 1
-- group by ordinal of a literal
select 7 as seven, count(*) as n from orders group by 1
-- group by ordinal out of range
select status from orders group by 3
-- group by ordinal in parentheses
select status, count(*) from orders group by (1)
-- group by expression
select upper(status) as s, count(*) as n from orders group by upper(status)
-- group by hidden column
select count(*) as n from orders group by status, customer_id
-- group by all
select status, customer_id, sum(total) as t from orders group by all
-- having
select status from orders group by status having count(*) > 1 and sum(total) < 100
-- having without group by
select count(*) as n from orders having count(*) > 1
-- rollup
select status, customer_id, sum(total) as t from orders group by rollup (status, customer_id)
-- cube
select status, customer_id, sum(total) as t from orders group by cube (status, customer_id)
-- grouping sets
select status, customer_id, sum(total) as t from orders group by grouping sets ((status, customer_id), (status), ())
-- grouping sets beside a column
select city, segment, count(*) as n from customers group by city, grouping sets ((segment), ())
-- rollup of pairs
select city, segment, name, count(*) as n from customers group by rollup ((city, segment), name)
-- rollup by alias
select upper(status) as s, count(*) as n from orders group by rollup (s)
-- grouping function
select status, grouping(status) as g, sum(total) as t from orders group by rollup (status)
-- with rollup
select status, customer_id, sum(total) as t from orders group by status, customer_id with rollup
-- with cube
select status, customer_id, sum(total) as t from orders group by status, customer_id with cube
-- with rollup of ordinals
select status, customer_id, sum(total) as t from orders group by 1, 2 with rollup
-- with totals
select status, sum(total) as t from orders group by status with totals
-- filter clause
select count(*) filter (where status = 'open') as open, sum(total) filter (where total > 5) as dear from orders
-- order inside
select array_agg(id order by placed desc nulls last) as ids from orders
-- distinct inside
select array_agg(distinct status) as kinds, string_agg(distinct status, ',') as text from orders
-- within group
select percentile_cont(0.5) within group (order by total) as median from orders
-- ignore nulls
select first_value(note) ignore nulls as note from orders
-- nested expression
select sum(total) / count(*) as mean, sum(total * 2 + 1) as s from orders
-- aggregate of case
select sum(case when status = 'open' then total else 0 end) as open from orders
-- alias name of a function
select mean(total) as m from orders
-- distinct and group by
select distinct status, count(*) as n from orders group by status
-- group by with qualified columns
select o.status, c.city, sum(o.total) as t from orders o join customers c on c.id = o.customer_id group by o.status, c.city
-- group by in a subquery
select max(n) as most from (select count(*) as n from orders group by status) as d
-- group by and order by aggregates
select status, count(*) as n from orders group by status order by sum(total) desc, n
-- aggregate over a join using
select metric, sum(d.value) as v from metrics.daily d join metrics.weekly w using (metric) group by metric
-- many grouping sets
select city, segment, name, count(*) as number_of_customers from customers group by grouping sets ((city, segment, name), (city, segment), (city, name), (segment, name), (city), (segment), (name), ())
