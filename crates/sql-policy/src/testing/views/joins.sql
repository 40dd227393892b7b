-- inner
select o.id, c.name from orders o join customers c on o.customer_id = c.id
-- inner spelled out
select o.id, c.name from orders o inner join customers c on o.customer_id = c.id
-- left
select o.id, c.name from orders o left join customers c on o.customer_id = c.id
-- left outer
select o.id, c.name from orders o left outer join customers c on o.customer_id = c.id
-- right
select o.id, c.name from orders o right join customers c on o.customer_id = c.id
-- full
select o.id, c.name from orders o full outer join customers c on o.customer_id = c.id
-- cross
select o.id, c.name from orders o cross join customers c
-- comma
select o.id, c.name from orders o, customers c where o.customer_id = c.id
-- comma and join
select o.id, c.name, i.name from customers c, orders o join lines l on o.id = l.order_id join items i on i.id = l.item_id where c.id = o.customer_id
-- left semi
select id from orders o left semi join customers c on o.customer_id = c.id
-- left anti
select id from orders o left anti join customers c on o.customer_id = c.id
-- right semi
select c.name from orders o right semi join customers c on o.customer_id = c.id
-- right anti
select c.name from orders o right anti join customers c on o.customer_id = c.id
-- right side of a semi join is gone
select c.name from orders o left semi join customers c on o.customer_id = c.id
-- bare semi
select id from orders o semi join customers c on o.customer_id = c.id
-- bare anti [spark]
select id from orders o anti join customers c on o.customer_id = c.id
-- self join
select a.name, b.name as boss from employees a join employees b on a.manager_id = b.id
-- self join without aliases
select * from employees, employees
-- ambiguous
select id from orders join customers on customer_id = customers.id
-- using
select id, o.total, c.name from orders o join customers c using (id)
-- using star
select * from metrics.daily d join metrics.weekly w using (metric)
-- using two keys
select metric, value, day, week from metrics.daily join metrics.weekly using (metric, value)
-- using left
select metric, d.value, w.value as other from metrics.daily d left join metrics.weekly w using (metric)
-- using left star
select * from metrics.weekly w left join metrics.daily d using (metric)
-- using right
select metric, d.metric as mine, w.metric as theirs from metrics.daily d right join metrics.weekly w using (metric)
-- using full
select metric, day, week from metrics.daily d full join metrics.weekly w using (metric)
-- using full star
select * from metrics.daily d full join metrics.weekly w using (metric)
-- using key in where
select metric from metrics.daily d join metrics.weekly w using (metric) where metric = 'x'
-- using full key everywhere
select metric, count(*) as n from metrics.daily full join metrics.weekly using (metric) where metric <> 'x' group by metric having max(metric) > 'a' order by metric
-- using qualified key
select d.metric, w.metric as other from metrics.daily d join metrics.weekly w using (metric)
-- using three tables
select id from orders join customers using (id) join items using (id)
-- using full three tables
select id from orders full join customers using (id) full join items using (id)
-- using after a full join on another key
select o.id, name from orders o full join customers c using (id) left join items i using (name)
-- using unknown
select 1 as one from orders join customers using (nope)
-- using on one side
select 1 as one from orders join customers using (total)
-- using ambiguous side
select 1 as one from orders o join customers c on true join items i using (id)
-- natural
select * from metrics.daily natural join metrics.weekly
-- natural left
select metric, value, day, week from metrics.daily natural left join metrics.weekly
-- natural right
select metric, value, day, week from metrics.daily natural right join metrics.weekly
-- natural full
select metric, value, day, week from metrics.daily natural full join metrics.weekly
-- natural without a common column
select day, salary from metrics.daily natural join employees
-- semi using
select * from orders left semi join customers using (id)
-- nested
select o.id, i.name from orders o left join (lines l join items i on l.item_id = i.id) on o.id = l.order_id
-- nested with an alias
select j.order_id, j.name from (lines l join items i on l.item_id = i.id) as j
-- nested with an alias hides its tables
select l.order_id from (lines l join items i on l.item_id = i.id) as j
-- nested using
select metric, d.day from metrics.daily d join (metrics.weekly w join metrics.weekly v using (metric)) using (metric)
-- nested on the left
select a.id from (orders a cross join customers b) left join items i on i.id = a.id
-- join without condition
select o.id from orders o join customers c
-- join on true
select o.id from orders o left join customers c on true
-- on sees both sides only
select o.id from orders o join customers c on c.id = i.id join items i on true
-- on sees the left items
select o.id from orders o join customers c on c.id = o.customer_id join items i on i.id = o.id and c.city = 'x'
-- on does not see earlier commas
select o.id from items i, orders o join customers c on c.id = i.id
-- lateral
select o.id, m.best from orders o, lateral (select max(l.price) as best from lines l where l.order_id = o.id) as m
-- lateral left join
select o.id, m.best from orders o left join lateral (select max(price) as best from lines where order_id = o.id) as m on true
-- lateral cross join
select c.name, x.total from customers c cross join lateral (select total from orders where customer_id = c.id order by total desc limit 1) x
-- lateral without an alias
select o.id, best from orders o, lateral (select max(l.price) as best from lines l where l.order_id = o.id)
-- derived does not see its neighbours
select o.id from orders o, (select max(price) as best from lines where order_id = o.id) as m
-- same table in two schemas
select orders.id, sales.orders.total from archive.sales.orders join datafusion.public.orders on true
-- two relations of one name apart
select o.id from orders o join archive.sales.orders on o.id = sales.orders.id
-- global is nothing here [clickhouse]
select o.id from orders o global join customers c on o.customer_id = c.id
