-- empty over
select id, count(*) over () as n from orders
-- partition
select id, sum(total) over (partition by customer_id) as spent from orders
-- order
select id, rank() over (order by total desc nulls last) as place from orders
-- partition and order
select id, row_number() over (partition by customer_id, status order by placed, id) as n from orders
-- rows frame
select id, sum(total) over (order by placed rows between 2 preceding and current row) as moving from orders
-- rows short frame
select id, sum(total) over (order by placed rows unbounded preceding) as running from orders
-- range frame
select id, sum(total) over (order by placed range between interval '7 days' preceding and current row) as week from orders
-- groups frame
select id, sum(total) over (order by placed groups between 1 preceding and 1 following) as near from orders
-- frame to the end
select id, last_value(total) over (order by placed rows between current row and unbounded following) as final from orders
-- named
select id, sum(total) over w as s from orders window w as (partition by customer_id)
-- named twice used
select id, sum(total) over w as s, avg(total) over w as a from orders window w as (partition by customer_id order by placed)
-- named in capitals
select id, sum(total) over W as s from orders window w as (order by placed)
-- two names
select id, sum(total) over a as s, max(total) over b as m from orders window a as (partition by status), b as (order by id)
-- inherited in over
select id, sum(total) over (w rows 2 preceding) as s from orders window w as (partition by customer_id order by placed)
-- inherited in window
select id, sum(total) over v as s from orders window w as (partition by customer_id), v as (w order by placed)
-- alias of a window [bigquery]
select id, sum(total) over v as s from orders window w as (partition by customer_id), v as w
-- unknown window
select id, sum(total) over w as s from orders
-- window twice
select id, sum(total) over w as s from orders window w as (order by id), w as (order by total)
-- inherited partition twice
select id, sum(total) over (w partition by status) as s from orders window w as (partition by customer_id)
-- named in order by
select id from orders window w as (order by total) order by row_number() over w
-- named in qualify
select id from orders window w as (partition by customer_id order by total desc) qualify row_number() over w = 1
-- named in a subquery
select id, (select max(r) from (select rank() over w as r from orders window w as (order by total)) as d) as m from customers
-- outer window is not seen inside
select id, (select sum(total) over w from orders limit 1) as s from customers window w as (order by id)
-- qualify
select id, customer_id, total from orders qualify row_number() over (partition by customer_id order by total desc) = 1
-- qualify with where and group by
select customer_id, sum(total) as spent from orders where status = 'paid' group by customer_id having sum(total) > 1 qualify rank() over (order by sum(total) desc) <= 10
-- filter and over
select id, count(*) filter (where status = 'open') over (partition by customer_id) as open from orders
-- lag and lead
select id, lag(total) over (order by placed) as before, lead(total, 2, 0) over (order by placed) as after from orders
-- ignore nulls
select id, lag(note) ignore nulls over (order by placed) as note from orders
-- over an aggregate
select status, sum(sum(total)) over (order by status) as running from orders group by status
-- in an expression
select id, total / sum(total) over (partition by customer_id) as share from orders
-- window over an alias of a subquery
select d.k, rank() over (order by d.n) as place from (select status as k, count(*) as n from orders group by status) as d
-- window key by a bare name in a join
select o.id, row_number() over (partition by city order by placed) as n from orders o join customers c on c.id = o.customer_id
-- a long window
select id, sum(total) over (partition by customer_id, status, note order by placed desc nulls last, id asc rows between unbounded preceding and current row) as running_total from orders
