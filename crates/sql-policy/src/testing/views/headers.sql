-- bare name
create view daily as select day, value from metrics.daily
-- materialized
create materialized view daily as select day, value from metrics.daily
-- schema and name
create view reports.daily as select day, value from metrics.daily
-- quoted name
create view "Daily Report" as select day as "Day" from metrics.daily
-- column names
create view v (day, value) as select day, value from metrics.daily
-- column types
create view v (day date not null, value bigint default 0, label text) as select day, value, metric as label from metrics.daily
-- primary key
create view v (day, value, primary key (day)) as select day, value from metrics.daily
-- composite key
create materialized view v (day, metric, value, primary key (day, metric)) as select day, metric, value from metrics.daily
-- key alone
create view v (primary key (day)) as select day, value from metrics.daily
-- key not among the columns
create view v (value, primary key (day)) as select value from metrics.daily
-- column twice
create view v (day, day) as select day, day from metrics.daily
-- options
create materialized view v with (refresh = full, every = '1 hour', keep = 30, strict = true, partition_by = (day, metric)) as select day, metric, value from metrics.daily
-- negative option
create view v with (shift = -2) as select day from metrics.daily
-- option twice
create view v with (a = 1, a = 2) as select day from metrics.daily
-- bad option
create view v with (a = 1 + 2) as select day from metrics.daily
-- default is no constant
create view v (day default random()) as select day from metrics.daily
-- or replace
create or replace view v as select day from metrics.daily
-- if not exists
create view if not exists v as select day from metrics.daily
-- check option
create view v as select day from metrics.daily with check option
-- long primary key
create view v (primary key (customer_identifier, order_identifier, item_identifier, warehouse_identifier, day_of_month)) as select day from metrics.daily
-- with a lowering
create materialized view latest (day, value) with (refresh = full) as select day, value from metrics.daily order by day desc fetch first 10 rows only
-- with a rejection
create view v as select dai from metrics.daily
