-- literals
select 1 as a, 1.50 as b, 1e3 as c, 'it''s' as d, '' as e, null as f, true as g, FALSE as h
-- big number
select 12345678901234567890 as n, 0x1F as h
-- text with a newline
select 'a
b' as t
-- escape text [postgres]
select E'a\nb' as t
-- dollar text [postgres]
select $$it's$$ as t
-- typed literals
select date '2024-01-01' as d, timestamp '2024-01-01 00:00:00' as t, time '12:00:00' as c
-- intervals
select placed + interval '1 day' as next, interval '1' day as one, interval '2 hours 3 minutes' as two from orders
-- cast
select cast(total as int) as a, total::bigint as b, try_cast(note as double) as c from orders
-- cast chain
select total::int::text as t, (total + 1)::int as n, -total::int as m from orders
-- cast to decimal
select cast(total as decimal(10, 2)) as d, cast(total as numeric) as n, cast(placed as timestamp with time zone) as z from orders
-- precedence of plus and times
select 1 + 2 * 3 as a, (1 + 2) * 3 as b, 1 - (2 - 3) as c, 1 - 2 - 3 as d
-- precedence of and and or
select id from orders where total > 1 and status = 'a' or note is null
-- parentheses over or
select id from orders where total > 1 and (status = 'a' or note is null)
-- not binds weaker than comparison
select not total = 1 as a, not (total = 1) as b, (not total > 1) = true as c from orders
-- double negation
select - - total as a, -(-total) as b, - (1) as c, -1 as d, +1 as e from orders
-- needless parentheses
select ((total)) as t, ((total) + (1)) as u from orders where ((total > 1))
-- between
select id from orders where total between 1 and 2 + 3 and status not between 'a' and 'b'
-- in list
select id from orders where status in ('a', 'b') and total not in (1)
-- like
select id from orders where note like 'a%' and note not like '%b' and note ilike 'C' and status like 'x!%' escape '!'
-- similar to
select id from orders where note similar to 'a'
-- regex
select id from orders where note ~ 'a' and note !~* 'b'
-- is
select note is null as a, note is not null as b, (total > 1) is true as c, (total > 1) is not false as d, (total > 1) is unknown as e from orders
-- is distinct from
select id from orders where note is distinct from status and note is not distinct from 'x'
-- case
select case when total > 1 then 'a' when total > 0 then 'b' else 'c' end as k, case status when 'x' then 1 end as s from orders
-- nested case
select case when total > 1 then case when note is null then 1 else 2 end else 3 end as k from orders
-- long case
select case when total > 1000 and status = 'open' then 'large and open' when total > 100 and status = 'open' then 'open' when status = 'closed' then 'closed' else 'something else' end as label from orders
-- concat
select status || '-' || note as k from orders
-- modulo and bits
select id % 2 as m, id & 1 as a, id | 2 as o, id ^ 3 as x, id << 1 as l, id >> 1 as r from orders
-- not equal
select id from orders where total <> 1 and status != 'x'
-- extract
select extract(year from placed) as y, date_part('month', placed) as m from orders
-- trim
select trim(note) as a, trim(both 'x' from note) as b, trim(leading from note) as c from orders
-- substring
select substring(note from 2 for 3) as a, substring(note, 2) as b from orders
-- position and overlay
select position('x' in note) as p, overlay(note placing 'y' from 2 for 1) as o from orders
-- ceil and floor
select ceil(total) as c, floor(total) as f from orders
-- at time zone
select placed at time zone 'UTC' as p from orders
-- current words
select current_date as d, current_timestamp as t, now() as n
-- calls in capitals
select UPPER(status) as u, Coalesce(note, 'x') as n from orders
-- calls with nothing
select random() as r, uuid() as u
-- alias name of a call
select array_cat([1], [2]) as a, char_length(note) as n from orders
-- comparison chain
select (total > 1) = (id > 1) as same, total > 1 = true as odd from orders
-- row comparison
select id from orders where (id, total) = (1, 2)
-- deep nesting
select coalesce(nullif(upper(trim(note)), ''), concat(status, '-', cast(id as text)), 'nothing at all') as label from orders
-- a long chain
select id from orders where status = 'open' and total > 10 and note is not null and customer_id <> 4 and placed > date '2024-01-01'
-- a long sum
select total + total + total + total + total + total + total + total + total + total + total + total + total as s from orders
-- exists as a value
select exists (select 1 from orders) as e, not exists (select 1 from items) as n
-- braces of odbc
select {fn upper('a')} as u, {d '2024-01-01'} as d
-- comments
select /* one */ id -- two
, total from orders /* three */
