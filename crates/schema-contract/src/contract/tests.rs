use std::sync::Arc;

use arrow_schema::Field;
use proptest::prelude::*;
use viewlane_core::Kinded as _;

use super::*;
use crate::{DifferenceKind, parse_type, testing};

fn contract(evolution: Evolution) -> Contract {
    Contract::builder(evolution)
        .column(Column::new("id", DataType::Int64))
        .column(Column::new("name", DataType::Utf8))
        .column(Column::untyped("free"))
        .key(["id"])
        .build()
        .unwrap()
}

fn lines(found: &[Violation]) -> String {
    let lines = found.iter().map(|v| format!("{}: {v}; {}", v.code(), v.help()));
    lines.collect::<Vec<_>>().join("\n")
}

fn check(evolution: Evolution, columns: &[(&str, DataType)]) -> String {
    let fields = columns.iter().map(|(name, t)| Field::new(*name, t.clone(), true));
    lines(&contract(evolution).check(&Schema::new(fields.collect::<Vec<_>>())))
}

#[test]
fn three_policies_are_three_behaviours() {
    use DataType::{Boolean, Int32, Int64, Utf8View};
    let same = [("id", Int64), ("name", Utf8View), ("free", Boolean)];
    let turned = [("name", Utf8View), ("id", Int64), ("free", Boolean)];
    let more = [("id", Int64), ("name", Utf8View), ("free", Boolean), ("x", Boolean)];
    let less = [("id", Int64), ("nam", Utf8View), ("free", Boolean)];
    let other = [("id", Int32), ("name", Utf8View), ("free", Boolean)];
    let lines = |evolution| {
        [&same[..], &turned, &more, &less, &other].map(|c| check(evolution, c)).join("\n--\n")
    };
    insta::assert_snapshot!(lines(Evolution::Strict), @r"
    --
    VL-S0201: columns are declared as (id, name, free), the query gives (name, id, free); reorder one of the two, or set `contract = 'additive'` to allow any order
    --
    VL-S0201: the query gives column `x`, which is not declared; declare it, or set `contract = 'additive'` to allow further columns
    --
    VL-S0201: column `name` is declared, but the query does not give it; the query gives `nam`: rename one of the two
    VL-S0201: the query gives column `nam`, which is not declared; declare it, or set `contract = 'additive'` to allow further columns
    --
    VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
    ");
    insta::assert_snapshot!(lines(Evolution::Additive), @r"
    --

    --

    --
    VL-S0201: column `name` is declared, but the query does not give it; the query gives `nam`: rename one of the two
    --
    VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
    ");
    insta::assert_snapshot!(lines(Evolution::Relaxed), @r"
    --

    --

    --

    --
    VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
    ");
}

#[test]
fn each_kind_of_violation_says_where_what_and_what_to_do() {
    let lines_type = |text: &str| parse_type(text).unwrap();
    let contract = Contract::builder(Evolution::Strict)
        .column(Column::new("id", DataType::Int64).not_null().metadata("unit", "one"))
        .column(Column::new(
            "lines",
            lines_type(
                r#"List(non-null Struct("price": Decimal128(10, 2), "sku": Utf8, "note": Utf8))"#,
            ),
        ))
        .column(Column::new("day", DataType::Date32))
        .key(["id"])
        .partition_by(["day"])
        .sort_by([SortColumn::ascending("id")])
        .constraint("positive", "id > 0")
        .build()
        .unwrap();
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new(
            "lines",
            lines_type(r#"LargeList(Struct("sku": Utf8View, "price": Float64, "extra": Int8))"#),
            true,
        ),
        Field::new("day", DataType::Date32, false),
        Field::new("day", DataType::Utf8, false),
    ]);
    let table = Relation::table(Arc::new(schema))
        .key(["day", "id"])
        .partition_by([] as [&str; 0])
        .sort_by(["id desc".parse().unwrap()])
        .constraints([("positive", "id >= 0"), ("further", "true")]);
    insta::assert_snapshot!(lines(&contract.check_relation(&table)));
    insta::assert_snapshot!(
        contract
            .divergence(&table)
            .iter()
            .map(|d| format!("{}: {d}", d.kind()))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn a_contract_that_contradicts_itself_is_refused() {
    let column = || Column::untyped("a");
    let builder = || Contract::builder(Evolution::Strict);
    let refused = |builder: ContractBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(refused(builder()), "a contract needs at least one column");
    assert_eq!(
        refused(builder().column(column()).column(column())),
        "column `a` is declared twice"
    );
    assert_eq!(
        refused(builder().column(column()).key(["b"])),
        "the key names `b`, which is not a declared column"
    );
    assert_eq!(
        refused(builder().column(column()).partition_by(["b"])),
        "the partition names `b`, which is not a declared column"
    );
    assert_eq!(
        refused(builder().column(column()).sort_by(["a", "a desc"].map(|c| c.parse().unwrap()))),
        "the order names `a` twice"
    );
    let inside = parse_type(r#"List(Struct("x": Int8, "x": Int8))"#).unwrap();
    assert_eq!(
        refused(builder().column(Column::new("a", inside))),
        "column `a.x` is declared twice"
    );
}

#[test]
fn where_null_is_refused_inside_is_told_to_whoever_counts() {
    let data_type = parse_type(
        r#"List(non-null Struct("a": Int8, "m": Map("entries": non-null Struct("key": non-null Utf8, "value": non-null Int8), unsorted)))"#,
    );
    let column = Column::new("x", data_type.unwrap()).not_null();
    let contract = Contract::builder(Evolution::Strict).column(column).build().unwrap();
    let paths: Vec<_> = contract.not_null_inside().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["x[]", "x[].m{value}"]);
}

#[test]
fn a_schema_that_shares_nothing_is_answered_soon() {
    let names = |prefix: &str| (0..2_000).map(|i| format!("{prefix}_{i:04}")).collect::<Vec<_>>();
    let declared = names("declared").into_iter();
    let contract =
        declared.fold(Contract::builder(Evolution::Strict), |b, n| b.column(Column::untyped(n)));
    let fields = names("actual").into_iter().map(|n| Field::new(n, DataType::Int8, true));
    let found = contract.build().unwrap().check(&Schema::new(fields.collect::<Vec<_>>()));
    assert_eq!(found.len(), 4_000);
}

proptest! {
    /// A schema satisfies the contract that was written down from it, under every policy.
    #[test]
    fn a_schema_satisfies_its_own_contract(schema in testing::schema()) {
        for evolution in Evolution::ALL {
            let contract = testing::written(&schema, evolution).build().unwrap();
            prop_assert_eq!(contract.check(&schema), vec![]);
            let table = Relation::table(Arc::new(schema.clone()));
            prop_assert_eq!(contract.check_relation(&table), vec![]);
        }
    }

    /// Each single change of a schema, in whatever place, is exactly its violation: one, of its
    /// kind, at its path, under each policy that does not allow it, and under no other.
    #[test]
    fn each_single_change_is_exactly_its_violation(schema in testing::schema()) {
        for (changed, kind, path) in testing::mutations(&schema) {
            let table = Relation::table(Arc::new(changed));
            for evolution in Evolution::ALL {
                let contract = testing::written(&schema, evolution).build().unwrap();
                let found = contract.check_relation(&table);
                if evolution.allows(kind) {
                    prop_assert_eq!(found, vec![]);
                } else {
                    prop_assert_eq!(found.len(), 1, "{} at {}: {:?}", kind, path, found);
                    prop_assert_eq!((found[0].kind(), found[0].path()), (kind, path.clone()));
                }
                let divergence = contract.divergence(&table);
                prop_assert_eq!(divergence.len(), 1);
            }
        }
    }

    /// Each single change beside the columns is exactly its violation.
    #[test]
    fn each_single_change_of_a_table_is_exactly_its_violation(schema in testing::schema()) {
        let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        let fields: Vec<_> = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(false)).collect();
        let schema = Schema::new(fields);
        let sorting: Vec<_> = names.iter().map(SortColumn::ascending).collect();
        let table = Relation::table(Arc::new(schema.clone()))
            .key(names.clone())
            .partition_by(names.clone())
            .sort_by(sorting.clone())
            .constraints([("c", "true")]);
        let turned: Vec<_> = sorting.iter().map(|c| SortColumn { descending: true, ..c.clone() }).collect();
        let changes = [
            (table.clone().key([] as [&str; 0]), DifferenceKind::Key),
            (table.clone().partition_by([] as [&str; 0]), DifferenceKind::Partition),
            (table.clone().sort_by(turned), DifferenceKind::Sorting),
            (table.clone().constraints([("c", "false")]), DifferenceKind::Constraint),
            (table.clone().constraints([] as [(&str, &str); 0]), DifferenceKind::Constraint),
            (table.clone().constraints([("c", "true"), ("d", "true")]), DifferenceKind::ExtraConstraint),
        ];
        for evolution in Evolution::ALL {
            let contract = testing::written(&schema, evolution)
                .key(names.clone())
                .partition_by(names.clone())
                .sort_by(sorting.clone())
                .constraint("c", "true")
                .build()
                .unwrap();
            prop_assert_eq!(contract.check_relation(&table), vec![]);
            for (changed, kind) in &changes {
                let found: Vec<_> = contract.check_relation(changed).iter().map(Violation::kind).collect();
                let expected = if evolution.allows(*kind) { vec![] } else { vec![*kind] };
                prop_assert_eq!(found, expected);
            }
        }
    }

    /// What a stricter policy allows, a laxer one allows too; a query's nullability is not judged.
    #[test]
    fn policies_are_ordered(schema in testing::schema()) {
        for (changed, kind, _) in testing::mutations(&schema) {
            let found = Evolution::ALL.map(|evolution| {
                testing::written(&schema, evolution).build().unwrap().check(&changed).len()
            });
            prop_assert!(found.is_sorted_by(|a, b| a >= b), "{kind}: {found:?}");
            if matches!(kind, DifferenceKind::Nullable | DifferenceKind::NotNull) {
                prop_assert_eq!(found, [0, 0, 0]);
            }
        }
    }
}
