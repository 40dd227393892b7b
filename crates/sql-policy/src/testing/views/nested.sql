-- field by dots
select details.color, details.size.width from lines
-- field by dots after an alias
select l.details.color from lines l
-- field by dots after a table
select lines.details.color as c from lines
-- field by subscript
select details['color'] from lines
-- array subscript
select tags[1], tags[-1] from items
-- array slice
select tags[1:2] from items
-- subscript then dots
select details['size'].width, tags[1] from lines join items on item_id = items.id
-- qualified subscript
select i.tags[1], items.attributes['k'] from items i, items
-- qualified subscript of an alias
select i.tags[1], i.attributes['k'] from items i
-- array literal
select [1, 2, 3] as a, [] as nothing, [[1], [2, 3]] as deep
-- array word
select array[1, 2] as a
-- struct literal
select {'a': 1, 'b': 'x'} as s
-- struct literal of names
select {a: total, b: status} as s from orders
-- struct call
select struct(id, total) as s, named_struct('a', id) as n from orders
-- struct call with names [bigquery]
select struct(id as number, total) as s from orders
-- map literal
select map {'a': 1, 'b': 2} as m
-- map call
select map(['a'], [1]) as m
-- subscript of a call
select array_concat([1], [2])[1] as first
-- field of a call
select (named_struct('a', 1)).a as x
-- field of a scalar subquery
select (select details from lines limit 1)['color'] as c
-- lambda [duckdb]
select array_transform(tags, x -> upper(x)) as loud from items
-- lambda reads a column [databricks]
select array_transform(tags, x -> concat(x, name)) as named from items
-- lambda hides a column [duckdb]
select array_transform(tags, name -> upper(name)) as loud, name from items
-- lambda of two [duckdb]
select array_transform(tags, (x, i) -> concat(x, i)) as numbered from items
-- arrow is not a lambda
select attributes -> 'k' as v from items
-- unnest in the list
select id, unnest(tags) as tag from items
-- unnest in from
select t.tag from items, unnest(items.tags) as t (tag)
-- unnest literal
select x from unnest([1, 2]) as u (x)
-- unnest without columns
select * from unnest([1, 2]) as u
-- table function
select s.n from generate_series(1, 10) as s (n)
-- table function without columns
select * from generate_series(1, 10)
-- table function in capitals
select n from GENERATE_SERIES(1, 3) as s (n)
-- array contains
select id from items where tags @> ['a']
-- any over an array column
select id from items where 'a' = any (tags)
-- field of an unknown struct
select detail.color from lines
-- field that reads like a relation
select l.color from lines l
-- order by a field
select item_id from lines order by details.color
-- group by a field
select details.color, count(*) as n from lines group by details.color
-- where on a field
select item_id from lines where details.color = 'red' and details['size'] is not null
