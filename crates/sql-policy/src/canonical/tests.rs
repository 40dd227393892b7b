use crate::fixtures::{Known, check, lane, query, text};

fn each(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n    {}\n", query(sql).unwrap().sql())).collect()
}

#[test]
fn names_are_written_as_the_engine_matches_them() {
    insta::assert_snapshot!(each(&[
        "SELECT A, \"b\", \"C\", T.D, \"t\".\"E f\", `g` FROM T AS \"t\"",
        "SELECT \"select\", \"date\", name, \"name\", Ä, \"ä\" FROM \"order\"",
        "WITH \"X\" (A, \"B\") AS (SELECT 1, 2) SELECT x.A FROM \"X\" x",
        "SELECT ABS(a), \"abs\"(a), Sum(a) OVER W FROM t WINDOW \"w\" AS (ORDER BY A)",
        "SELECT array_transform([1], X -> X + Y) FROM t",
        "SELECT s.A.\"b\", m['K'], {Key: A}, struct(A AS B) FROM t",
        "SELECT count(ALL a), count(T.*), * EXCLUDE (A) FROM t JOIN u USING (\"K\")",
        "SELECT {fn ABS(A)}, CURRENT_DATE FROM s.T",
    ]), @r#"
    SELECT A, "b", "C", T.D, "t"."E f", `g` FROM T AS "t"
        SELECT a, b, "C", t.d, t."E f", g FROM t AS t
    SELECT "select", "date", name, "name", Ä, "ä" FROM "order"
        SELECT "select", "date", name, name, "Ä", "ä" FROM "order"
    WITH "X" (A, "B") AS (SELECT 1, 2) SELECT x.A FROM "X" x
        WITH "X" (a, "B") AS (SELECT 1, 2) SELECT x.a FROM "X" AS x
    SELECT ABS(a), "abs"(a), Sum(a) OVER W FROM t WINDOW "w" AS (ORDER BY A)
        SELECT abs(a), abs(a), sum(a) OVER (ORDER BY a) FROM t
    SELECT array_transform([1], X -> X + Y) FROM t
        SELECT array_transform([1], x -> x + y) FROM t
    SELECT s.A."b", m['K'], {Key: A}, struct(A AS B) FROM t
        SELECT s.a.b, m['K'], {Key: a}, STRUCT(a AS B) FROM t
    SELECT count(ALL a), count(T.*), * EXCLUDE (A) FROM t JOIN u USING ("K")
        SELECT count(a), count(t.*), * EXCLUDE (A) FROM t JOIN u USING("K")
    SELECT {fn ABS(A)}, CURRENT_DATE FROM s.T
        SELECT abs(a), current_date FROM s.t
    "#);
}

#[test]
fn what_the_engine_takes_verbatim_stays_as_written() {
    insta::assert_snapshot!(
        check("SELECT {A: 1, 'B': 2}, named_struct(X => 1), * REPLACE (1 AS A), 'Text', 1.10 FROM t"),
        @"
    SELECT {A: 1, 'B': 2}, named_struct(X => 1), * REPLACE (1 AS A), 'Text', 1.10 FROM t
    reads t
    calls named_struct
    "
    );
}

/// Canonical form of canonical form is itself, as a tree.
#[test]
fn a_canonical_tree_stays_as_it_is() {
    for sql in [
        "FROM T SELECT ALL A, \"b\", \"select\"",
        "SELECT COUNT(ALL x) OVER V FROM T WINDOW V AS (ORDER BY \"B\")",
        "VALUES ROW(1) OFFSET 2 ROWS",
        "WITH X AS (SELECT 1) (SELECT * FROM X) UNION ALL VALUES ROW(1)",
    ] {
        let once = query(sql).unwrap();
        let twice = lane().read_ast(once.ast().clone(), &text(sql), &Known).unwrap();
        assert_eq!(once.ast(), twice.ast());
        assert_eq!(once.fingerprint(), twice.fingerprint());
    }
}
