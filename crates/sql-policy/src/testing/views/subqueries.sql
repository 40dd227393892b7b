-- scalar
select (select max(total) from orders) as highest
-- scalar without a name
select id, (select max(total) from orders) from customers
-- scalar correlated
select c.name, (select sum(total) from orders where customer_id = c.id) as spent from customers c
-- correlated by a bare name
select name, (select sum(total) from orders where customer_id = segment) as spent from customers
-- inner name wins
select id, (select max(id) from orders where id = customers.id) as m from customers
-- correlated over two levels
select c.name from customers c where exists (select 1 from orders o where o.customer_id = c.id and exists (select 1 from lines l where l.order_id = o.id and l.price > length(c.city)))
-- bare name over two levels
select name from customers where exists (select 1 from lines where order_id in (select orders.id from orders where status = segment))
-- in
select name from customers where id in (select customer_id from orders)
-- not in
select name from customers where id not in (select customer_id from orders where customer_id is not null)
-- in with a correlated filter
select name from customers c where city in (select e.city from employees e where e.name = c.name)
-- exists
select name from customers c where exists (select * from orders o where o.customer_id = c.id)
-- not exists
select name from customers c where not exists (select 1 from orders o where o.customer_id = c.id)
-- any
select name from customers where id = any (select customer_id from orders)
-- all
select id from orders where total >= all (select total from orders where status = 'open')
-- any of an array
select id from orders where status = any (['open', 'held'])
-- some
select name from customers where id = some (select customer_id from orders)
-- in with set operation
select id from orders where customer_id in (select id from customers union select id from employees)
-- scalar in having
select status, sum(total) as t from orders group by status having sum(total) > (select avg(total) from orders)
-- scalar in a join condition
select o.id from orders o join customers c on c.id = (select min(id) from customers where city = c.city)
-- scalar in order by
select id from orders order by (select count(*) from lines where order_id = orders.id)
-- scalar in limit
select id from orders limit (select 5)
-- scalar in case
select case when exists (select 1 from orders where total > 5) then 'yes' else 'no' end as any_dear
-- scalar in an aggregate
select sum((select max(price) from items)) as s from orders
-- two columns in expression position
select id from orders where customer_id = (select id, name from customers)
-- derived
select d.status, d.n from (select status, count(*) as n from orders group by status) as d
-- derived without an alias
select status, n from (select status, count(*) as n from orders group by status)
-- derived keeps the table name
select orders.status from (select status from orders)
-- derived with columns
select a, b from (select id, total from orders) as d (a, b)
-- derived with too few columns
select a from (select id, total from orders) as d (a)
-- derived with unnamed outputs
select d.* from (select total + 1, upper(status), count(*) over () from orders) as d
-- derived with a name twice
select * from (select id, id, total as id from orders) as d
-- derived in derived
select x from (select y as x from (select total as y from orders) as inside) as outside
-- derived of values
select v.a, v.b from (values (1, 'x'), (2, 'y')) as v (a, b)
-- derived of values without columns
select column1, column2 from (values (1, 'x'), (2, 'y')) as v
-- derived with order and limit
select d.id from (select id from orders order by total desc limit 10) d where d.id > 5
-- derived of a set operation
select u.id from (select id from orders union all select id from customers) as u
-- correlated derived without an alias
select c.id from customers c where exists (select 1 from (select total from orders where customer_id = c.id))
-- correlated derived with an alias
select c.id from customers c where exists (select 1 from (select total from orders where customer_id = c.id) as d)
-- subquery reads the same table
select id from orders where total = (select max(total) from orders)
-- three times the same table
select id from orders where total > (select avg(total) from orders where status in (select status from orders where note is null))
-- tuple in
select id from orders where (customer_id, total) in (select customer_id, max(total) from orders group by customer_id)
-- unknown inside
select id from orders o where exists (select 1 from customers c where c.id = o.nope)
-- a very long subquery
select c.name, (select sum(l.quantity * l.price) from orders o join lines l on l.order_id = o.id where o.customer_id = c.id and o.status <> 'cancelled') as spent from customers c where c.segment = 'retail'
