-- union
select id from orders union select id from customers
-- union all
select id from orders union all select id from customers
-- union distinct
select id from orders union distinct select id from customers
-- intersect
select id from orders intersect select id from customers
-- except
select id from orders except select id from customers
-- except all
select id from orders except all select id from customers
-- intersect binds stronger
select id from orders union select id from customers intersect select id from items
-- intersect binds stronger on the left
select id from orders intersect select id from customers union select id from items
-- parentheses on the right
select id from orders except (select id from customers except select id from items)
-- parentheses on the left
(select id from orders union select id from customers) intersect select id from items
-- needless parentheses
((select id from orders) union (select id from customers))
-- names of the first branch
select id as a, total as b from orders union all select id, name from customers
-- unnamed outputs
select total + 1 from orders union all select id from customers
-- unnamed in the second branch
select total as t from orders union all select price * 2 from items
-- order by name
select id as a from orders union select id from customers order by a
-- order by ordinal
select id as a, total from orders union select id, id from customers order by 2, 1 desc
-- order by an expression over outputs
select id as a from orders union select id from customers order by a + 1
-- order by a column of a branch
select id as a from orders union select id from customers order by total
-- limit
select id from orders union all select id from customers order by id limit 5 offset 2
-- order in a branch
(select id from orders order by total limit 3) union all (select id from customers order by since limit 3)
-- different widths
select id, total from orders union select id from customers
-- same name twice
select id, id from orders union all select id, name from customers
-- star branches
select * from metrics.daily union all select * from metrics.weekly
-- by name
select id, name from customers union all by name select name, id from employees
-- by name with missing columns
select id, total from orders union by name select id, name from customers
-- values as a branch
select id from orders union all values (1), (2)
-- values alone
values (1, 'a'), (2, 'b')
-- values ordered
values (1, 'a'), (2, 'b') order by column2 limit 1
-- values with expressions
values (1 + 1, upper('a')), (abs(-2), null)
-- values read a column
values (id)
-- in a derived table
select s.id, count(*) as n from (select id from orders union all select id from customers) s group by s.id
-- in a cte
with s as (select id from orders except select id from customers) select id from s
-- three levels
select id from orders union all (select id from customers union all (select id from items union all select id from employees))
-- left chain
select id from orders union all select id from customers union all select id from items union all select id from employees
-- with before the set
with a as (select id from orders) select id from a union select id from customers
-- with grouping
select status as k, count(*) as n from orders group by status union all select city, count(*) from customers group by city order by n desc
