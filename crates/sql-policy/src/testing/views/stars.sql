-- star
select * from orders
-- star of a join
select * from metrics.daily d join employees e on e.name = d.metric
-- star of a join with names twice
select * from orders o join customers c on c.id = o.customer_id
-- qualified star
select o.*, c.name from orders o join customers c on c.id = o.customer_id
-- qualified star by schema
select metrics.daily.* from metrics.daily
-- unknown qualified star
select x.* from orders o
-- star and a column
select *, total * 2 as double from orders
-- star and the same column
select *, id from orders
-- except
select * except (note, placed) from orders
-- exclude one
select * exclude note from orders
-- exclude several
select * exclude (note, placed) from orders
-- exclude in capitals
select * exclude (NOTE) from orders
-- exclude unknown
select * exclude (nope) from orders
-- exclude twice
select * except (note, note) from orders
-- exclude everything
select * exclude (day, metric, value) from metrics.daily
-- replace
select * replace (upper(status) as status) from orders
-- replace and exclude
select * exclude (note) replace (total * 2 as total, 'x' as status) from orders
-- replace unknown
select * replace (1 as nope) from orders
-- rename [snowflake]
select * rename total as amount from orders
-- rename several [snowflake]
select * rename (total as amount, note as remark) from orders
-- rename unknown [snowflake]
select * rename nope as other from orders
-- exclude and rename [snowflake]
select * exclude note rename total as amount from orders
-- ilike [snowflake]
select * ilike '%id' from orders
-- ilike one character [snowflake]
select * ilike 'i_' from orders
-- ilike nothing [snowflake]
select * ilike 'zzz%' from orders
-- star of a derived table
select * from (select id, total + 1 as more from orders) as d
-- star of a star
select * from (select * from (select * from metrics.daily) as a) as b
-- star of quoted columns
select * from "Mixed"
-- star without from
select *
-- star in exists
select id from orders o where exists (select * from lines where order_id = o.id)
-- qualified star except
select o.* except (note, placed, status) from orders o
-- qualified star of using
select d.*, w.* from metrics.daily d full join metrics.weekly w using (metric)
-- star of three using
select * from orders join customers using (id) join items using (id)
-- star twice
select *, * from metrics.daily
-- star of an alias with columns
select * from metrics.daily as d (a, b, c)
-- star with order by ordinal
select * from metrics.daily order by 3 desc, 1
