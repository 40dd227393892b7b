use std::fmt::Write as _;

use viewlane_core::FunctionSource;

use crate::{
    Lane, Limits, Policy,
    fixtures::{Known, check, refusal, text, view},
};

/// The header of a view in words, or why it is refused.
#[track_caller]
fn header(sql: &str) -> String {
    let view = match view(sql) {
        Ok(view) => view,
        Err(rejection) => return refusal(&rejection),
    };
    let (header, query) = view.into_parts();
    let mut shown = String::new();
    let kind = if header.materialized { "materialized view" } else { "view" };
    let name = header.name.as_ref().map(|(name, _)| name.to_string());
    let _ = writeln!(shown, "{kind} {}", name.as_deref().unwrap_or("-"));
    for column in &header.columns {
        let _ = write!(shown, "  column {}", column.name);
        if let Some(data_type) = &column.data_type {
            let _ = write!(shown, " {data_type}");
        }
        if column.not_null {
            let _ = write!(shown, " not null");
        }
        if let Some(default) = &column.default {
            let _ = write!(shown, " default {default}");
        }
        shown.push('\n');
    }
    if !header.primary_key.is_empty() {
        let names: Vec<_> = header.primary_key.iter().map(|(name, _)| name.as_str()).collect();
        let _ = writeln!(shown, "  key {}", names.join(", "));
    }
    for option in &header.options {
        let value = &sql[option.value_span.start..option.value_span.end];
        let _ = writeln!(shown, "  {} = {:?} from `{value}`", option.key, option.value);
    }
    let _ = write!(shown, "{}", query.sql());
    shown
}

fn each(texts: &[&str], show: impl Fn(&str) -> String) -> String {
    let shown = texts.iter().map(|sql| {
        let outcome: String = show(sql).lines().map(|line| format!("    {line}\n")).collect();
        format!("{sql}\n{outcome}\n")
    });
    shown.collect()
}

#[test]
fn a_view_may_say_all_this() {
    insta::assert_snapshot!(each(&[
        "SELECT 1",
        "CREATE VIEW AS SELECT 1",
        "create materialized view Marts.\"Rev\" as select 1;",
        "CREATE VIEW v (A, \"B\" INT NOT NULL DEFAULT -1, c DECIMAL(10, 2) DEFAULT abs(1) NOT NULL, d NOT NULL, PRIMARY KEY (a, \"B\")) AS SELECT 1",
        "CREATE VIEW (PRIMARY KEY (a)) AS SELECT 1 AS a",
        "CREATE VIEW v WITH (refresh = incremental, tags = (Daily, 'big one'), owner = 'x''y', n = -1.5, strict = TRUE, m = 7) AS SELECT 1",
        "CREATE MATERIALIZED VIEW WITH (k = 'v') AS WITH x AS (SELECT 1) SELECT * FROM x",
        "; CREATE VIEW v AS (SELECT 1) ;;",
    ], header), @r#"
    SELECT 1
        view -
        SELECT 1

    CREATE VIEW AS SELECT 1
        view -
        SELECT 1

    create materialized view Marts."Rev" as select 1;
        materialized view marts."Rev"
        SELECT 1

    CREATE VIEW v (A, "B" INT NOT NULL DEFAULT -1, c DECIMAL(10, 2) DEFAULT abs(1) NOT NULL, d NOT NULL, PRIMARY KEY (a, "B")) AS SELECT 1
        view v
          column a
          column B INT not null default -1
          column c DECIMAL(10,2) not null default abs(1)
          column d not null
          key a, B
        SELECT 1

    CREATE VIEW (PRIMARY KEY (a)) AS SELECT 1 AS a
        view -
          key a
        SELECT 1 AS a

    CREATE VIEW v WITH (refresh = incremental, tags = (Daily, 'big one'), owner = 'x''y', n = -1.5, strict = TRUE, m = 7) AS SELECT 1
        view v
          refresh = Identifiers(["incremental"]) from `incremental`
          tags = Identifiers(["daily", "big one"]) from `(Daily, 'big one')`
          owner = String("x'y") from `'x''y'`
          n = Number("-1.5") from `-1.5`
          strict = Boolean(true) from `TRUE`
          m = Number("7") from `7`
        SELECT 1

    CREATE MATERIALIZED VIEW WITH (k = 'v') AS WITH x AS (SELECT 1) SELECT * FROM x
        materialized view -
          k = String("v") from `'v'`
        WITH x AS (SELECT 1) SELECT * FROM x

    ; CREATE VIEW v AS (SELECT 1) ;;
        view v
        (SELECT 1)
    "#);
}

#[test]
fn a_view_may_say_nothing_else() {
    insta::assert_snapshot!(each(&[
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 1",
        "CREATE VIEW v IF NOT EXISTS AS SELECT 1",
        "CREATE VIEW v COMMENT = 'x' AS SELECT 1",
        "CREATE VIEW v CLUSTER BY (a) AS SELECT 1",
        "CREATE VIEW v TO t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1 WITH NO SCHEMA BINDING",
        "CREATE VIEW v AS SELECT 1 WITH CHECK OPTION",
        "CREATE VIEW v (a INT PRIMARY KEY, b INT UNIQUE, c INT NULL, d INT CHECK (d > 0)) AS SELECT 1",
        "CREATE VIEW v (a, A, PRIMARY KEY (a, a), PRIMARY KEY (b)) WITH (k = 1, K = 2) AS SELECT 1",
        "CREATE VIEW v (a INT DEFAULT b, c INT DEFAULT (SELECT 1), d INT DEFAULT nope()) AS SELECT 1",
        "CREATE VIEW v WITH (k = NULL) AS SELECT 1",
        "CREATE VIEW v WITH (k = 1 + 1) AS SELECT 1",
        "CREATE VIEW v WITH () AS SELECT 1",
        "CREATE VIEW v () AS SELECT 1",
        "CREATE VIEW v (a INT b) AS SELECT 1",
        "CREATE VIEW a.b.c.d AS SELECT 1",
        "CREATE VIEW v",
        "CREATE VIEW v AS",
        "CREATE VIEW v AS DROP TABLE t",
        "CREATE VIEW v AS SELECT 1; SELECT 2",
    ], header), @"
    CREATE OR REPLACE VIEW v AS SELECT 1
        VL-P0206: a view has no clause `OR REPLACE` here @ 1:8 `OR REPLACE`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 1
        VL-P0206: a view has no clause `OR REPLACE` here @ 1:8 `OR REPLACE`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)
        VL-P0206: a view has no clause `TEMPORARY` here @ 1:19 `TEMPORARY`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)
        VL-P0206: a view has no clause `IF NOT EXISTS` here @ 1:34 `IF`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v IF NOT EXISTS AS SELECT 1
        VL-P0206: a view has no clause `IF NOT EXISTS` here @ 1:15 `IF`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v COMMENT = 'x' AS SELECT 1
        VL-P0206: a view has no clause `COMMENT` here @ 1:15 `COMMENT`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v CLUSTER BY (a) AS SELECT 1
        VL-P0206: a view has no clause `CLUSTER` here @ 1:15 `CLUSTER`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v TO t AS SELECT 1
        VL-P0206: a view has no clause `TO` here @ 1:15 `TO`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v AS SELECT 1 WITH NO SCHEMA BINDING
        VL-P0206: a view has no clause `WITH after the query` here @ 1:27 `WITH`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v AS SELECT 1 WITH CHECK OPTION
        VL-P0206: a view has no clause `WITH after the query` here @ 1:27 `WITH`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v (a INT PRIMARY KEY, b INT UNIQUE, c INT NULL, d INT CHECK (d > 0)) AS SELECT 1
        VL-P0206: a view has no clause `PRIMARY KEY` here @ 1:22 `PRIMARY KEY`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)
        VL-P0206: a view has no clause `UNIQUE` here @ 1:41 `UNIQUE`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)
        VL-P0206: a view has no clause `NULL` here @ 1:55 `NULL`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)
        VL-P0206: a view has no clause `CHECK (d > 0)` here @ 1:67 `CHECK (d > 0)`
          help: leave it out: a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)

    CREATE VIEW v (a, A, PRIMARY KEY (a, a), PRIMARY KEY (b)) WITH (k = 1, K = 2) AS SELECT 1
        VL-P0207: the column `a` stands twice @ 1:19 `A`
          help: keep one of the two
        VL-P0207: the key column `a` stands twice @ 1:38 `a`
          help: keep one of the two
        VL-P0207: PRIMARY KEY stands twice @ 1:42 `PRIMARY`
          help: keep one of the two
        VL-P0207: the option `k` stands twice @ 1:72 `K`
          help: keep one of the two
        VL-P0209: the key column `b` is not among the columns @ 1:55 `b`
          help: name a declared column, or declare this one

    CREATE VIEW v (a INT DEFAULT b, c INT DEFAULT (SELECT 1), d INT DEFAULT nope()) AS SELECT 1
        VL-P0210: a default cannot read the column `b` @ 1:30 `b`
          help: write a constant
        VL-P0210: a default cannot be a subquery @ 1:48 `SELECT`
          help: write a constant
        VL-P0401: the function `nope` is not known @ 1:73 `nope`
          help: check the spelling, or register the function

    CREATE VIEW v WITH (k = NULL) AS SELECT 1
        VL-P0208: this is not the value of an option @ 1:25 `NULL`
          help: write a 'string', a number, true, false, a name or a list of names in parentheses

    CREATE VIEW v WITH (k = 1 + 1) AS SELECT 1
        VL-P0201: expected `,` or `)`, found `+` @ 1:27 `+`
          help: correct the syntax at the marked place

    CREATE VIEW v WITH () AS SELECT 1
        VL-P0201: expected identifier, found `)` @ 1:21 `)`
          help: correct the syntax at the marked place

    CREATE VIEW v () AS SELECT 1
        VL-P0201: expected identifier, found `)` @ 1:16 `)`
          help: correct the syntax at the marked place

    CREATE VIEW v (a INT b) AS SELECT 1
        VL-P0201: expected `,` or `)`, found `b` @ 1:22 `b`
          help: correct the syntax at the marked place

    CREATE VIEW a.b.c.d AS SELECT 1
        VL-P0304: `a.b.c.d` does not name a view: a name has at most three parts, this one has 4 @ 1:13 `a.b.c.d`
          help: write one to three names joined by dots

    CREATE VIEW v
        VL-P0201: expected AS and a query, found the end of the text @ 1:14 ``
          help: correct the syntax at the marked place

    CREATE VIEW v AS
        VL-P0201: expected a query, found the end of the text @ 1:17 ``
          help: correct the syntax at the marked place

    CREATE VIEW v AS DROP TABLE t
        VL-P0204: `DROP` is not a query @ 1:18 `DROP`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    CREATE VIEW v AS SELECT 1; SELECT 2
        VL-P0203: a second statement begins here @ 1:28 `SELECT`
          help: put each statement into a file of its own
    ");
}

#[test]
fn only_one_query_is_a_query() {
    insta::assert_snapshot!(each(&[
        "",
        "  -- nothing\n /* here */ ;",
        "SELECT 1; -- done\n;",
        "SELECT 1; DROP TABLE t",
        "SELECT 1 SELECT 2",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE t (a INT)",
        "CREATE OR REPLACE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION 'x'",
        "CREATE VIEW v AS SELECT 1",
        "COPY t TO 'x'",
        "SET a = 1",
        "EXPLAIN ANALYZE INSERT INTO t SELECT 1",
        "PREPARE p AS SELECT 1",
        "SHOW TABLES",
        "selec 1",
        "1 + 1",
    ], check), @"

        VL-P0202: the text holds no statement @ 1:1 ``
          help: write a query, or remove the file

      -- nothing
     /* here */ ;
        VL-P0202: the text holds no statement @ 2:14 ``
          help: write a query, or remove the file

    SELECT 1; -- done
    ;
        SELECT 1

    SELECT 1; DROP TABLE t
        VL-P0203: a second statement begins here @ 1:11 `DROP`
          help: put each statement into a file of its own

    SELECT 1 SELECT 2
        VL-P0201: expected the end of the statement, found `SELECT` @ 1:10 `SELECT`
          help: correct the syntax at the marked place

    INSERT INTO t VALUES (1)
        VL-P0204: `INSERT` is not a query @ 1:1 `INSERT`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    UPDATE t SET a = 1
        VL-P0204: `UPDATE` is not a query @ 1:1 `UPDATE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    DELETE FROM t
        VL-P0204: `DELETE` is not a query @ 1:1 `DELETE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    DROP TABLE t
        VL-P0204: `DROP` is not a query @ 1:1 `DROP`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    CREATE TABLE t (a INT)
        VL-P0204: `CREATE TABLE` is not a query @ 1:1 `CREATE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    CREATE OR REPLACE TABLE t AS SELECT 1
        VL-P0204: `CREATE TABLE` is not a query @ 1:1 `CREATE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    CREATE EXTERNAL TABLE t STORED AS CSV LOCATION 'x'
        VL-P0204: `CREATE EXTERNAL` is not a query @ 1:1 `CREATE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    CREATE VIEW v AS SELECT 1
        VL-P0204: `CREATE VIEW` is not a query @ 1:1 `CREATE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    COPY t TO 'x'
        VL-P0204: `COPY` is not a query @ 1:1 `COPY`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    SET a = 1
        VL-P0204: `SET` is not a query @ 1:1 `SET`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    EXPLAIN ANALYZE INSERT INTO t SELECT 1
        VL-P0204: `EXPLAIN` is not a query @ 1:1 `EXPLAIN`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    PREPARE p AS SELECT 1
        VL-P0204: `PREPARE` is not a query @ 1:1 `PREPARE`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    SHOW TABLES
        VL-P0204: `SHOW` is not a query @ 1:1 `SHOW`
          help: write a SELECT; data is written by refreshing a view, never by a statement

    selec 1
        VL-P0201: expected a query, found `selec` @ 1:1 `selec`
          help: correct the syntax at the marked place

    1 + 1
        VL-P0201: expected a query, found `1` @ 1:1 `1`
          help: correct the syntax at the marked place
    ");
}

#[test]
fn syntax_errors_say_where_and_what_was_expected() {
    insta::assert_snapshot!(each(&[
        "SELECT a,\n  FROM t",
        "SELECT a FROM t WHERE",
        "SELECT (a FROM t",
        "SELECT 'abc",
        "SELECT a FROM t GROUP a",
        "SELECT a /* open",
        "SELECT \"é\", ü ü ü FROM t",
        "SELECT a FROM t WHERE a = = 1",
    ], check), @r#"
    SELECT a,
      FROM t
        SELECT a FROM t
        reads t

    SELECT a FROM t WHERE
        VL-P0201: expected an expression, found the end of the text @ 1:22 ``
          help: correct the syntax at the marked place

    SELECT (a FROM t
        VL-P0201: expected ), found `FROM` @ 1:11 `FROM`
          help: correct the syntax at the marked place

    SELECT 'abc
        VL-P0201: unterminated string literal @ 1:8 `'`
          help: correct the syntax at the marked place

    SELECT a FROM t GROUP a
        VL-P0201: expected the end of the statement, found `GROUP` @ 1:17 `GROUP`
          help: correct the syntax at the marked place

    SELECT a /* open
        VL-P0201: unexpected EOF while in a multi-line comment @ 1:17 ``
          help: correct the syntax at the marked place

    SELECT "é", ü ü ü FROM t
        VL-P0201: expected the end of the statement, found `ü` @ 1:17 `ü`
          help: correct the syntax at the marked place

    SELECT a FROM t WHERE a = = 1
        VL-P0201: expected an expression, found `=` @ 1:27 `=`
          help: correct the syntax at the marked place
    "#);
}

fn under(limits: Limits, sql: &str) -> String {
    let policy = Policy::builder().limits(limits).build().expect("no limit is zero");
    let known: &dyn FunctionSource = &Known;
    match Lane::new(policy).read_view(&text(sql), known) {
        Ok(view) => view.query().sql(),
        Err(rejection) => refusal(&rejection),
    }
}

#[test]
fn limits_hold() {
    let default = Limits::default();
    let deep = format!("SELECT {}1{}", "(".repeat(60), ")".repeat(60));
    insta::assert_snapshot!(under(default, &deep), @"
    VL-P0205: the nesting is deeper than 50 levels @ 1:58 `(`
      help: take inner parts out into common table expressions or views of their own, or raise the limit `depth`
    ");
    insta::assert_snapshot!(under(Limits { bytes: 8, ..default }, "SELECT 10"), @"
    VL-P0211: the text has 9 bytes, the policy allows 8 @ 1:1 `S`
      help: split the view, or raise the limit `bytes`
    ");
    insta::assert_snapshot!(under(Limits { expressions: 2, ..default }, "SELECT a + 1"), @"
    VL-P0405: the query has 3 expressions, the policy allows 2 @ 1:1 `S`
      help: split the query into several views, or raise the limit `expressions`
    ");
    insta::assert_snapshot!(under(Limits { joins: 1, ..default }, "SELECT 1 FROM a, b JOIN c ON true"), @"
    VL-P0405: the query has 2 joins, the policy allows 1 @ 1:1 `S`
      help: split the query into several views, or raise the limit `joins`
    ");
    insta::assert_snapshot!(under(Limits { ctes: 1, ..default }, "WITH a AS (SELECT 1), b AS (SELECT 2) SELECT 3"), @"
    VL-P0405: the query has 2 common table expressions, the policy allows 1 @ 1:1 `W`
      help: split the query into several views, or raise the limit `ctes`
    ");
    insta::assert_snapshot!(under(Limits { columns: 1, ..default }, "SELECT 1, 2"), @"
    VL-P0405: the query has 2 columns in one SELECT, the policy allows 1 @ 1:1 `SELECT`
      help: split the query into several views, or raise the limit `columns`
    ");
}
