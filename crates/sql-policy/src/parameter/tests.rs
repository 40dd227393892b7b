use proptest::prelude::*;
use viewlane_core::Kinded;

use super::*;
use crate::{
    CompiledQuery, Lane, ParameterStyle, Parameters, Policy,
    fixtures::{Known, Letters, compile, refusal, show, text},
};

const STYLES: [ParameterStyle; 4] =
    [ParameterStyle::Colon, ParameterStyle::At, ParameterStyle::Dollar, ParameterStyle::Question];

fn binding(dialect: &str, styles: &[ParameterStyle]) -> Lane {
    let policy = Policy::builder().dialect(dialect);
    let policy =
        styles.iter().fold(policy, |policy, style| policy.parameters(*style, Parameters::Bind));
    Lane::new(policy.build().unwrap())
}

fn query(sql: &str) -> Result<CompiledQuery, Rejection> {
    compile(&binding("generic", &STYLES), &text(sql))
}

fn shown(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n{}\n", show_parameters(sql, query(sql)))).collect()
}

fn show_parameters(sql: &str, outcome: Result<CompiledQuery, Rejection>) -> String {
    let query = match outcome {
        Ok(query) => query,
        Err(rejection) => return refusal(&rejection),
    };
    let parameters = query.parameters().iter().map(|parameter| {
        let uses = parameter.spans.iter().map(|span| &sql[span.start..span.end]);
        format!(" {} ({})", parameter.name, uses.collect::<Vec<_>>().join(" "))
    });
    format!("  =>  {} with{}", query.sql(), parameters.collect::<String>())
}

#[test]
fn every_style_becomes_one_form() {
    insta::assert_snapshot!(shown(&[
        "select :b, @a, $c, :b, $a from t where x = :1 and y = $2",
        "select ?, f from t where x in (?, ?) and y = ?",
        "select ?2, ?10, ?1",
        "select a from t where b between :x and :y limit :n offset :m",
        "select abs(:x), case when :y then :z end, cast(:d as date), [1, :q], {a: :r}, a[(:n)] from t",
        "select sum(a) over (order by b rows between :n preceding and current row) from t",
        "select a from t where b like :p and c = any(select d from u where e = :é)",
        "select a::int, a[1:2], a @> b, '$1 :a ?' from t where x = $x",
        "values (:a, :b), (:c, :a)",
        "select array_transform(a, x -> x = :y) from t",
        "select -- :no\n :yes /* ? */ from generate_series(1, :n) as g (a)",
    ]), @"
    select :b, @a, $c, :b, $a from t where x = :1 and y = $2
      =>  SELECT $b AS _col_1, $a AS _col_2, $c AS _col_3, $b AS _col_4, $a AS _col_5 FROM datafusion.public.t AS t WHERE t.x = $1 AND t.y = $2 with 1 (:1) 2 ($2) a (@a $a) b (:b :b) c ($c)
    select ?, f from t where x in (?, ?) and y = ?
      =>  SELECT $1 AS _col_1, t.f AS f FROM datafusion.public.t AS t WHERE t.x IN ($2, $3) AND t.y = $4 with 1 (?) 2 (?) 3 (?) 4 (?)
    select ?2, ?10, ?1
      =>  SELECT $2 AS _col_1, $10 AS _col_2, $1 AS _col_3 with 1 (?1) 2 (?2) 10 (?10)
    select a from t where b between :x and :y limit :n offset :m
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b BETWEEN $x AND $y LIMIT $n OFFSET $m with m (:m) n (:n) x (:x) y (:y)
    select abs(:x), case when :y then :z end, cast(:d as date), [1, :q], {a: :r}, a[(:n)] from t
      =>  SELECT abs($x) AS abs, CASE WHEN $y THEN $z END AS _col_2, CAST($d AS DATE) AS _col_3, [1, $q] AS _col_4, {a: $r} AS _col_5, t.a[$n] AS _col_6 FROM datafusion.public.t AS t with d (:d) n (:n) q (:q) r (:r) x (:x) y (:y) z (:z)
    select sum(a) over (order by b rows between :n preceding and current row) from t
      =>  SELECT sum(t.a) OVER (ORDER BY t.b ROWS BETWEEN $n PRECEDING AND CURRENT ROW) AS sum FROM datafusion.public.t AS t with n (:n)
    select a from t where b like :p and c = any(select d from u where e = :é)
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b LIKE $p AND (t.c = ANY(SELECT u.d FROM datafusion.public.u AS u WHERE u.e = $é)) with p (:p) é (:é)
    select a::int, a[1:2], a @> b, '$1 :a ?' from t where x = $x
      =>  SELECT t.a::INT AS _col_1, t.a[1:2] AS _col_2, t.a @> t.b AS _col_3, '$1 :a ?' AS _col_4 FROM datafusion.public.t AS t WHERE t.x = $x with x ($x)
    values (:a, :b), (:c, :a)
      =>  VALUES ($a, $b), ($c, $a) with a (:a :a) b (:b) c (:c)
    select array_transform(a, x -> x = :y) from t
      =>  SELECT array_transform(t.a, t.x -> (t.x = $y)) AS array_transform FROM datafusion.public.t AS t with y (:y)
    select -- :no
     :yes /* ? */ from generate_series(1, :n) as g (a)
      =>  SELECT $yes AS _col_1 FROM generate_series(1, $n) AS g (a) with n (:n) yes (:yes)
    ");
}

#[test]
fn what_cannot_be_bound_is_refused() {
    insta::assert_snapshot!(shown(&[
        "select ?, $1",
        "select $2, ?, ?",
        "select $0, $01, :1e5, :a$b, $1a",
        "select t.$1, t.:a, @@version from t",
        "select [:a, 1], a[:n] from t",
        "select date :d, a from t where b like 'x' escape :e",
        "select a ?| b from t",
        "select :a :b",
    ]), @"
    select ?, $1
    VL-P0110: `$1` makes it unclear which number a `?` has: both count parameters @ 1:11 `$1`
      help: write all of them with `?`, or none
    select $2, ?, ?
    VL-P0110: `?` makes it unclear which number a `?` has: both count parameters @ 1:12 `?`
      help: write all of them with `?`, or none
    VL-P0110: `?` makes it unclear which number a `?` has: both count parameters @ 1:15 `?`
      help: write all of them with `?`, or none
    select $0, $01, :1e5, :a$b, $1a
    VL-P0110: `$0` is neither a name nor a number from 1 on @ 1:8 `$0`
      help: begin the name with a letter, or the number with 1 to 9
    VL-P0110: `$01` is neither a name nor a number from 1 on @ 1:12 `$01`
      help: begin the name with a letter, or the number with 1 to 9
    VL-P0110: `:1e5` is neither a name nor a number from 1 on @ 1:17 `:1e5`
      help: begin the name with a letter, or the number with 1 to 9
    VL-P0110: `:a$b` is neither a name nor a number from 1 on @ 1:23 `:a$b`
      help: begin the name with a letter, or the number with 1 to 9
    VL-P0110: `$1a` is neither a name nor a number from 1 on @ 1:29 `$1a`
      help: begin the name with a letter, or the number with 1 to 9
    select t.$1, t.:a, @@version from t
    VL-P0110: `$1` stands after a dot, where only a name may stand @ 1:10 `$1`
      help: write the name itself
    VL-P0110: `:a` stands after a dot, where only a name may stand @ 1:16 `:a`
      help: write the name itself
    VL-P0102: `@@version` is a parameter, and there is nobody to give it a value @ 1:20 `@@version`
      help: write the value itself: views take no parameters
    select [:a, 1], a[:n] from t
    VL-P0110: the parameter `:a` cannot be told from other signs @ 1:9 `:a`
      help: put the parameter into parentheses, or write it as `$name`
    select date :d, a from t where b like 'x' escape :e
    VL-P0110: `:d` stands where only a literal may stand @ 1:13 `:d`
      help: write the literal, or CAST of the parameter to its type
    VL-P0110: `$e` stands where only a literal may stand @ 1:50 `:e`
      help: write the literal, or CAST of the parameter to its type
    select a ?| b from t
    VL-P0102: `?` is a parameter, and there is nobody to give it a value @ 1:10 `?`
      help: write the value itself: views take no parameters
    select :a :b
    VL-P0302: the engine does not support `: path` @ 1:8 `:a`
      help: write column['key']
    ");
    let lane = binding("generic", &STYLES);
    let sql = "create view v (a int default :x, b date default date :y) with (k = :z) as select :w";
    let rejection = lane.read_view(&text(sql), &Known).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0208: this is not the value of an option @ 1:68 `:z`
      help: write a 'string', a number, true, false, a name or a list of names in parentheses
    ");
    let sql = "create view v (a int default :x, b date default date :y) as select :w";
    let rejection = lane.read_view(&text(sql), &Known).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0210: a default cannot read the parameter `:x` @ 1:30 `:x`
      help: write a constant
    VL-P0110: `:y` stands where only a literal may stand @ 1:54 `:y`
      help: write the literal, or CAST of the parameter to its type
    ");
}

#[test]
fn only_the_styles_of_the_policy_are_bound() {
    let sql = "select :a, $b, ?, @c, @@d from t";
    let outcome = binding("generic", &[ParameterStyle::Colon]).read_query(&text(sql), &Known);
    insta::assert_snapshot!(show(outcome), @"
    VL-P0102: `$b` is a parameter, and there is nobody to give it a value @ 1:12 `$b`
      help: write the value itself: views take no parameters
    VL-P0102: `?` is a parameter, and there is nobody to give it a value @ 1:16 `?`
      help: write the value itself: views take no parameters
    VL-P0102: `@c` is a parameter, and there is nobody to give it a value @ 1:19 `@c`
      help: write the value itself: views take no parameters
    VL-P0102: `@@d` is a parameter, and there is nobody to give it a value @ 1:23 `@@d`
      help: write the value itself: views take no parameters
    ");
}

#[test]
fn dialects_keep_their_operators() {
    let cases = [
        ("postgres", "select a from t where b ? 'k' and c = ? and d @> e and f = $$?$$"),
        ("postgres", "select a from t where b = $1 and c = :d"),
        ("mysql", "select a from t where b = @b and c = ?"),
        ("bigquery", "select a from t where b = @b"),
        ("snowflake", "select a from t where b = :b and c = $1"),
        ("sqlite", "select a from t where b = $b and c = ?2"),
        ("duckdb", "select a from t where b = $b and c = [1, 2][1:2]"),
        ("mssql", "select a from t where b = @b and c = [d]"),
    ];
    let shown = cases.map(|(dialect, sql)| {
        use ParameterStyle::{At, Colon, Dollar, Question};
        let styles: &[ParameterStyle] = match dialect {
            "postgres" => &[Colon, Dollar, Question],
            "mysql" | "mssql" => &[Colon, At, Question],
            _ => &STYLES,
        };
        let outcome = compile(&binding(dialect, styles), &text(sql));
        format!("[{dialect}] {sql}\n{}\n", show_parameters(sql, outcome))
    });
    insta::assert_snapshot!(shown.concat(), @"
    [postgres] select a from t where b ? 'k' and c = ? and d @> e and f = $$?$$
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE (t.b ? 'k') AND t.c = $1 AND (t.d @> t.e) AND t.f = $$?$$ with 1 (?)
    [postgres] select a from t where b = $1 and c = :d
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $1 AND t.c = $d with 1 ($1) d (:d)
    [mysql] select a from t where b = @b and c = ?
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b AND t.c = $1 with 1 (?) b (@b)
    [bigquery] select a from t where b = @b
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b with b (@b)
    [snowflake] select a from t where b = :b and c = $1
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b AND t.c = $1 with 1 ($1) b (:b)
    [sqlite] select a from t where b = $b and c = ?2
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b AND t.c = $2 with 2 (?2) b ($b)
    [duckdb] select a from t where b = $b and c = [1, 2][1:2]
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b AND t.c = [1, 2][1:2] with b ($b)
    [mssql] select a from t where b = @b and c = [d]
      =>  SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.b = $b AND t.c = t.d with b (@b)
    ");
}

fn bound(sql: &str, values: &ParameterValues) -> String {
    match query(sql).unwrap().bind(values) {
        Ok(statement) => statement.to_string(),
        Err(rejection) => refusal(&rejection),
    }
}

#[test]
fn values_become_literals_of_their_types() {
    let each = [
        ParameterValue::Null,
        ParameterValue::Boolean(true),
        ParameterValue::Int64(7),
        ParameterValue::Int64(-7),
        ParameterValue::Int64(i64::MIN),
        ParameterValue::Float64(1.0),
        ParameterValue::Float64(-0.0),
        ParameterValue::Float64(1e300),
        ParameterValue::Float64(f64::NAN),
        ParameterValue::Float64(f64::NEG_INFINITY),
        ParameterValue::Decimal { digits: "-12.50".to_owned(), precision: 10, scale: 2 },
        ParameterValue::Utf8("it's".to_owned()),
        ParameterValue::Date(0),
        ParameterValue::Date(-719_162),
        ParameterValue::Date(2_932_896),
        ParameterValue::Timestamp(0),
        ParameterValue::Timestamp(-1),
        ParameterValue::Timestamp(1_700_000_000_123_456),
    ];
    let shown: String = each
        .map(|value| {
            let values = ParameterValues::new().set("x", value.clone());
            format!("{value:?}  =>  {}\n", bound("select 1 = :x", &values))
        })
        .concat();
    insta::assert_snapshot!(shown, @r#"
    Null  =>  SELECT 1 = NULL AS _col_1
    Boolean(true)  =>  SELECT 1 = true AS _col_1
    Int64(7)  =>  SELECT 1 = 7 AS _col_1
    Int64(-7)  =>  SELECT 1 = -7 AS _col_1
    Int64(-9223372036854775808)  =>  SELECT 1 = -9223372036854775808 AS _col_1
    Float64(1.0)  =>  SELECT 1 = CAST('1.0' AS DOUBLE) AS _col_1
    Float64(-0.0)  =>  SELECT 1 = CAST('-0.0' AS DOUBLE) AS _col_1
    Float64(1e300)  =>  SELECT 1 = CAST('1e300' AS DOUBLE) AS _col_1
    Float64(NaN)  =>  SELECT 1 = CAST('NaN' AS DOUBLE) AS _col_1
    Float64(-inf)  =>  SELECT 1 = CAST('-inf' AS DOUBLE) AS _col_1
    Decimal { digits: "-12.50", precision: 10, scale: 2 }  =>  SELECT 1 = CAST('-12.50' AS DECIMAL(10,2)) AS _col_1
    Utf8("it's")  =>  SELECT 1 = 'it''s' AS _col_1
    Date(0)  =>  SELECT 1 = CAST('1970-01-01' AS DATE) AS _col_1
    Date(-719162)  =>  SELECT 1 = CAST('0001-01-01' AS DATE) AS _col_1
    Date(2932896)  =>  SELECT 1 = CAST('9999-12-31' AS DATE) AS _col_1
    Timestamp(0)  =>  SELECT 1 = CAST('1970-01-01T00:00:00.000000' AS TIMESTAMP(6)) AS _col_1
    Timestamp(-1)  =>  SELECT 1 = CAST('1969-12-31T23:59:59.999999' AS TIMESTAMP(6)) AS _col_1
    Timestamp(1700000000123456)  =>  SELECT 1 = CAST('2023-11-14T22:13:20.123456' AS TIMESTAMP(6)) AS _col_1
    "#);
}

#[test]
fn values_that_have_no_literal_are_refused() {
    let decimal = |digits: &str, precision, scale| ParameterValue::Decimal {
        digits: digits.to_owned(),
        precision,
        scale,
    };
    let each = [
        decimal("1.234", 10, 2),
        decimal("123.4", 3, 1),
        decimal("0123.4", 4, 1),
        decimal("1e5", 10, 2),
        decimal("1.", 10, 2),
        decimal(".5", 10, 2),
        decimal("--1", 10, 2),
        decimal("", 10, 2),
        decimal("1", 0, 0),
        decimal("1", 77, 0),
        decimal("1", 2, 3),
        ParameterValue::Date(-719_163),
        ParameterValue::Date(2_932_897),
        ParameterValue::Timestamp(i64::MAX),
        ParameterValue::Timestamp(i64::MIN),
    ];
    let shown: String = each
        .map(|value| {
            let values = ParameterValues::new().set("x", value.clone());
            format!("{value:?}  =>  {}\n", bound("select 1 = :x", &values))
        })
        .concat();
    insta::assert_snapshot!(shown, @r#"
    Decimal { digits: "1.234", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is `1.234`, which does not fit DECIMAL(10, 2) @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "123.4", precision: 3, scale: 1 }  =>  VL-P0113: the value of the parameter `x` is `123.4`, which does not fit DECIMAL(3, 1) @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "0123.4", precision: 4, scale: 1 }  =>  SELECT 1 = CAST('0123.4' AS DECIMAL(4,1)) AS _col_1
    Decimal { digits: "1e5", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is `1e5`, which is not a decimal number such as `-12.50` @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "1.", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is `1.`, which is not a decimal number such as `-12.50` @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: ".5", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is `.5`, which is not a decimal number such as `-12.50` @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "--1", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is `--1`, which is not a decimal number such as `-12.50` @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "", precision: 10, scale: 2 }  =>  VL-P0113: the value of the parameter `x` is ``, which is not a decimal number such as `-12.50` @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "1", precision: 0, scale: 0 }  =>  VL-P0113: the value of the parameter `x` has the type DECIMAL(0, 0), which does not exist @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "1", precision: 77, scale: 0 }  =>  VL-P0113: the value of the parameter `x` has the type DECIMAL(77, 0), which does not exist @ 1:12 `:x`
      help: give a value of its type
    Decimal { digits: "1", precision: 2, scale: 3 }  =>  VL-P0113: the value of the parameter `x` has the type DECIMAL(2, 3), which does not exist @ 1:12 `:x`
      help: give a value of its type
    Date(-719163)  =>  VL-P0113: the value of the parameter `x` lies in the year 0, outside 1 to 9999 @ 1:12 `:x`
      help: give a value of its type
    Date(2932897)  =>  VL-P0113: the value of the parameter `x` lies in the year 10000, outside 1 to 9999 @ 1:12 `:x`
      help: give a value of its type
    Timestamp(9223372036854775807)  =>  VL-P0113: the value of the parameter `x` lies in the year 294247, outside 1 to 9999 @ 1:12 `:x`
      help: give a value of its type
    Timestamp(-9223372036854775808)  =>  VL-P0113: the value of the parameter `x` lies in the year -290308, outside 1 to 9999 @ 1:12 `:x`
      help: give a value of its type
    "#);
}

#[test]
fn values_and_parameters_have_to_match() {
    let values = ParameterValues::new()
        .set("dya", ParameterValue::Int64(1))
        .set("region", ParameterValue::Null)
        .set("other", ParameterValue::Null)
        .set("price", ParameterValue::Date(i32::MAX));
    insta::assert_snapshot!(bound("select :day,\n :region, :price, :day", &values), @"
    VL-P0111: the parameter `day` has no value @ 1:8 `:day`
      help: there is a value `dya`: is it meant for this one?
    VL-P0113: the value of the parameter `price` lies in the year 5881580, outside 1 to 9999 @ 2:11 `:price`
      help: give a value of its type
    VL-P0112: the query has no parameter `dya`
      help: did you mean `day`?
    VL-P0112: the query has no parameter `other`
      help: leave the value out
    ");
    insta::assert_snapshot!(bound("select ?, ?", &ParameterValues::new()), @"
    VL-P0111: the parameter `1` has no value @ 1:8 `?`
      help: give a value for `1`
    VL-P0111: the parameter `2` has no value @ 1:11 `?`
      help: give a value for `2`
    ");
    insta::assert_snapshot!(bound("select 1", &values), @"
    VL-P0112: the query has no parameter `dya`
      help: leave the value out
    VL-P0112: the query has no parameter `other`
      help: leave the value out
    VL-P0112: the query has no parameter `price`
      help: leave the value out
    VL-P0112: the query has no parameter `region`
      help: leave the value out
    ");
    insta::assert_snapshot!(bound("select 1", &ParameterValues::new()), @"SELECT 1 AS _col_1");
    let code = query("select :a").unwrap().bind(&ParameterValues::new()).unwrap_err().code();
    assert_eq!(code, codes::PARAMETER_MISSING);
}

/// A parameter is a constant; a bare number there would be the number of a column.
#[test]
fn sorting_and_grouping_by_a_parameter_never_name_a_column() {
    let values = ParameterValues::new().set("1", ParameterValue::Int64(2));
    let sql = "select distinct on ($1) a, b from t group by $1, (($1)), rollup ($1, a), \
               grouping sets (($1), ()) order by $1, ($1) desc, $1 + 1 limit $1";
    insta::assert_snapshot!(bound(sql, &values), @"SELECT DISTINCT ON (CAST('2' AS BIGINT)) t.a AS a, t.b AS b FROM datafusion.public.t GROUP BY CAST('2' AS BIGINT), CAST('2' AS BIGINT), ROLLUP (CAST('2' AS BIGINT), t.a), GROUPING SETS ((CAST('2' AS BIGINT)), ()) ORDER BY CAST('2' AS BIGINT), CAST('2' AS BIGINT) DESC, 2 + 1 LIMIT 2");
}

#[test]
fn every_place_is_bound_and_the_query_stays_as_it_is() {
    let sql = "with c as (select :a as x, 1 as y where :a = 1) select (select :a), exists (select :b), \
               sum(y) filter (where :a > 0) over (partition by :b) from c join lateral \
               (select :a) d on :a = :b where x in (select :b union all values (:a)) \
               group by :a having :b limit :b";
    let query = query(sql).unwrap();
    let (before, fingerprint) = (query.sql(), query.fingerprint());
    let values: ParameterValues =
        [("a", ParameterValue::Int64(1)), ("b", ParameterValue::Utf8("$a".to_owned()))]
            .into_iter()
            .collect();
    let statement = query.bind(&values).unwrap();
    assert!(placeholders(&statement).is_empty());
    insta::assert_snapshot!(statement.to_string(), @"WITH c AS (SELECT 1 AS x, 1 AS y WHERE 1 = 1) SELECT (SELECT 1) AS _col_1, EXISTS (SELECT '$a') AS _col_2, sum(c.y) FILTER (WHERE 1 > 0) OVER (PARTITION BY '$a') AS sum FROM c AS c JOIN LATERAL (SELECT 1 AS __sp_1) AS d ON 1 = '$a' WHERE c.x IN (SELECT '$a' UNION ALL VALUES (1)) GROUP BY CAST('1' AS BIGINT) HAVING '$a' LIMIT '$a'");
    assert_eq!((query.sql(), query.fingerprint()), (before, fingerprint));
    assert_eq!(placeholders(&query.statement()).len(), 14);
}

#[test]
fn the_fingerprint_knows_names_and_not_signs() {
    let id = |sql: &str| query(sql).unwrap().fingerprint();
    assert_eq!(id("select :a"), id("select $a"));
    assert_eq!(id("select :a"), id("select @a"));
    assert_eq!(id("select ?"), id("select :1"));
    assert_ne!(id("select :a"), id("select :b"));
    assert_ne!(id("select ?, ?"), id("select $1, $1"));
    assert_ne!(id("select :a from t"), id("select a from t"));
}

#[test]
fn a_stored_tree_keeps_its_parameters() {
    let lane = binding("generic", &[ParameterStyle::Colon]);
    let query = compile(&lane, &text("select :a from t where b = :c")).unwrap();
    let again = lane.read_ast(query.ast().clone(), query.source(), &Known).unwrap();
    let again = lane.resolve(again, &Letters, &()).unwrap();
    assert_eq!(again.parameters(), query.parameters());
    assert_eq!(again.fingerprint(), query.fingerprint());

    let tree = |sql: &str| {
        let dialect = sqlparser::dialect::GenericDialect {};
        let mut parsed = sqlparser::parser::Parser::parse_sql(&dialect, sql).unwrap();
        match parsed.remove(0) {
            Statement::Query(query) => *query,
            other => panic!("{other}"),
        }
    };
    let origin = text("");
    let outcome = lane.read_ast(tree("SELECT $b, $10, $2"), &origin, &Known).unwrap();
    let names: Vec<_> = outcome.parameters().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["2", "10", "b"]);
    let outcome = lane.read_ast(tree("SELECT ?, :a, DATE $1"), &origin, &Known);
    insta::assert_snapshot!(show(outcome), @"
    VL-P0110: the parameter `?` cannot be told from other signs @ 1:1 ``
      help: put the parameter into parentheses, or write it as `$name`
    VL-P0110: the parameter `:a` cannot be told from other signs @ 1:1 ``
      help: put the parameter into parentheses, or write it as `$name`
    VL-P0110: `$1` stands where only a literal may stand @ 1:1 ``
      help: write the literal, or CAST of the parameter to its type
    ");
}

#[test]
fn a_long_chain_of_parameters_can_be_bound() {
    let terms: Vec<_> = (0..10_000).map(|n| format!("a + {n} = :p")).collect();
    let query = query(&format!("select 1 from t where {}", terms.join(" or "))).unwrap();
    assert_eq!(query.parameters()[0].spans.len(), 10_000);
    let values = ParameterValues::new().set("p", ParameterValue::Float64(0.1));
    let statement = query.bind(&values).unwrap();
    assert!(placeholders(&statement).is_empty());
    // A tree this high is dropped where there is room for it.
    stacker::grow(64 << 20, || drop(statement));
}

#[test]
fn days_are_counted_as_the_calendar_does() {
    for (days, expected) in [
        (0, (1970, 1, 1)),
        (-1, (1969, 12, 31)),
        (59, (1970, 3, 1)),
        (789, (1972, 2, 29)),
        (790, (1972, 3, 1)),
        (10_957, (2000, 1, 1)),
        (11_016, (2000, 2, 29)),
        (47_540, (2100, 2, 28)),
        (47_541, (2100, 3, 1)),
        (-719_162, (1, 1, 1)),
        (2_932_896, (9999, 12, 31)),
    ] {
        assert_eq!(civil(days), expected, "{days}");
    }
}

proptest! {
    /// Each day is the one after the day before.
    #[test]
    fn days_follow_each_other(days in -719_162_i64..2_932_896) {
        let ((year, month, day), next) = (civil(days), civil(days + 1));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let expected = match (month, day) {
            (12, 31) => (year + 1, 1, 1),
            (month, day) if day == last => (year, month + 1, 1),
            (month, day) => (year, month, day + 1),
        };
        prop_assert_eq!(next, expected);
    }

    /// A text comes back as exactly this text, also in the printed statement.
    #[test]
    fn texts_come_back(value in any::<String>()) {
        let values = ParameterValues::new().set("x", ParameterValue::Utf8(value.clone()));
        let statement = query("select 1 = :x").unwrap().bind(&values).unwrap();
        let mut found = Vec::new();
        struct Texts<'a>(&'a mut Vec<String>);
        impl Visitor for Texts<'_> {
            type Break = ();
            fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
                if let Value::SingleQuotedString(text) = &value.value {
                    self.0.push(text.clone());
                }
                ControlFlow::Continue(())
            }
        }
        let _: ControlFlow<()> = statement.visit(&mut Texts(&mut found));
        prop_assert_eq!(found, vec![value]);
    }

    /// A double comes back with all its bits.
    #[test]
    fn doubles_come_back(value in any::<f64>()) {
        let values = ParameterValues::new().set("x", ParameterValue::Float64(value));
        let shown = bound("select :x", &values);
        let digits = shown.split('\'').nth(1).unwrap();
        let back: f64 = digits.parse().unwrap();
        prop_assert!(back.to_bits() == value.to_bits() || back.is_nan() && value.is_nan());
    }

    /// No soup makes the lane panic, what passes has only canonical parameters, and all of them
    /// can be bound.
    #[test]
    fn any_soup_has_an_outcome(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "select ", "from ", "where ", "t", "a", " ", ", ", "(", ")", "=", ":", "::", ":a",
                "@a", "@", "$1", "$a", "$", "?", "?1", "[", "]", "{", "}", "1", "'s'", "and ",
                "limit ", "order by ", "date ", "escape ", "like ", "--", "\n", "é", ".", "||",
                "|", "&", "interval ", "values ", "case when ", "then ", "end ", "x -> ",
            ]),
            0..18,
        ),
        dialect in prop::sample::select(vec!["generic", "duckdb", "snowflake", "sqlite"]),
    ) {
        let source = text(&parts.concat());
        let lane = binding(dialect, &STYLES);
        let _ = lane.read_view(&source, &Known);
        if let Ok(query) = compile(&lane, &source) {
            let values: ParameterValues = query
                .parameters()
                .iter()
                .map(|parameter| (parameter.name.clone(), ParameterValue::Int64(-1)))
                .collect();
            prop_assert!(placeholders(&query.bind(&values).unwrap()).is_empty());
            for placeholder in placeholders(&**query.ast()) {
                prop_assert!(is_canonical(&placeholder.value.to_string()));
            }
        }
    }
}
