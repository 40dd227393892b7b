-- one
with o as (select id, total from orders) select id from o
-- two
with o as (select id, customer_id from orders), c as (select id, name from customers) select c.name, o.id from o join c on o.customer_id = c.id
-- later reads earlier
with a as (select id from orders), b as (select id + 1 as next from a) select next from b
-- not read
with a as (select id from orders) select id from customers
-- read twice
with a as (select id, total from orders) select x.id from a x join a y on x.id = y.id + 1
-- read twice without aliases
with a as (select id from orders) select id from a union all select id from a
-- column list
with a (x, y) as (select id, total from orders) select x + y as z from a
-- column list too short
with a (x) as (select id, total from orders) select x from a
-- unnamed outputs
with a as (select total + 1, upper(status) from orders) select * from a
-- name twice
with a as (select id, id from orders) select * from a
-- hides a table
with orders as (select id from customers) select id from orders
-- reads the table it hides
with orders as (select id, total from orders where total > 5) select total from orders
-- qualified name is not hidden
with orders as (select id from customers) select o.total from public.orders o join orders c on c.id = o.id
-- nested
with a as (with b as (select id from orders) select id from b) select id from a
-- nested of one name
with a as (with a as (select id from orders) select id from a) select id from a
-- shadowed in a subquery
with a as (select id from orders) select id, (with a as (select id from customers) select max(id) from a) as m from a
-- shadowed in a derived table
with a as (select id from orders) select d.name from (with a as (select name from customers) select name from a) d, a
-- shadowing reads the shadowed
with a as (select id from orders) select d.id from (with a as (select id + 1 as id from a) select id from a) as d
-- read in a subquery
with a as (select id from customers) select id from orders where customer_id in (select id from a)
-- correlated reader
with a as (select id, city from customers) select id from orders o where exists (select 1 from a where a.id = o.customer_id)
-- twice in one list
with a as (select 1 as x), a as (select 2 as x) select x from a
-- name with capitals
with A as (select id from orders), "B" as (select id from a) select id from "B"
-- recursive
with recursive n as (select 1 as i union all select i + 1 from n where i < 10) select i from n
-- recursive with columns
with recursive n (i, path) as (select 1, 'x' union all select i + 1, concat(path, 'x') from n where i < 10) select i, path from n
-- recursive tree
with recursive chain as (select id, name, 0 as depth from employees where manager_id is null union all select e.id, e.name, c.depth + 1 from employees e join chain c on e.manager_id = c.id) select name, depth from chain order by depth, name
-- recursive union
with recursive n as (select 1 as i union select i + 1 from n where i < 10) select i from n
-- recursive word without recursion
with recursive a as (select id from orders), b as (select id from a) select id from b
-- recursive with mixed list
with recursive base as (select 1 as s), n as (select s as i from base union all select i + 1 from n where i < 3) select i from n
-- recursive in the first term
with recursive n as (select i from n union all select 1 as i) select i from n
-- forward reference
with a as (select id from b), b as (select id from orders) select id from a
-- with in a branch
(with a as (select id from orders) select id from a) union all (with a as (select id from customers) select id from a)
-- materialized [postgres]
with a as materialized (select id from orders) select id from a
-- with values
with v (a, b) as (values (1, 'x'), (2, 'y')) select a, b from v
-- dotted name
with "a.b" as (select 1 as x) select x from "a.b"
-- star over a join of two
with a as (select id, total from orders), b as (select id, name from customers) select * from a join b using (id)
-- chain of steps
with placed as (select customer_id, date_trunc('month', placed) as month, total from orders where status <> 'cancelled'), monthly as (select customer_id, month, sum(total) as revenue from placed group by customer_id, month), ranked as (select customer_id, month, revenue, rank() over (partition by month order by revenue desc) as place from monthly) select c.name, r.month, r.revenue from ranked r join customers c on c.id = r.customer_id where r.place <= 3
