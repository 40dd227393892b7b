use std::sync::Arc;

use arrow_schema::Schema;
use proptest::prelude::*;

use super::*;
use crate::{DifferenceKind, parse_type, testing};

fn table(schema: &Schema) -> Relation {
    Relation::table(Arc::new(schema.clone()))
}

/// The actions that a change of this kind can need.
fn expected(kind: DifferenceKind) -> &'static [&'static str] {
    match kind {
        DifferenceKind::Missing => &["drop_field"],
        DifferenceKind::Extra => &["add_field", "add_required_field"],
        DifferenceKind::Duplicate => &["ambiguous"],
        DifferenceKind::Type => &["widen", "retype"],
        DifferenceKind::Nullable => &["drop_not_null"],
        DifferenceKind::NotNull => &["set_not_null"],
        DifferenceKind::Order => &["reorder"],
        DifferenceKind::Metadata => &["set_metadata"],
        other => panic!("{other} is no change of columns"),
    }
}

proptest! {
    /// Nothing to change is nothing to do.
    #[test]
    fn a_table_as_wanted_stays(schema in testing::schema()) {
        for policy in Evolution::ALL {
            let plan = plan_evolution(&table(&schema), &table(&schema), policy);
            prop_assert_eq!(&plan, &EvolutionPlan::default());
            prop_assert_eq!(plan.needs(), None);
        }
    }

    /// Each single change is one action of its kind, or one refusal; a strict policy refuses all,
    /// and a laxer one refuses no more than a stricter one.
    #[test]
    fn each_single_change_is_one_action(schema in testing::schema()) {
        for (changed, kind, path) in testing::mutations(&schema) {
            let mut refused = Vec::new();
            for policy in Evolution::ALL {
                let plan = plan_evolution(&table(&schema), &table(&changed), policy);
                let actions = plan.actions.iter().chain(plan.refused.iter().map(|r| &r.action));
                let names: Vec<_> = actions.map(|action| action.rule().name).collect();
                prop_assert_eq!(names.len(), 1, "{} at {}: {:?}", kind, path, names);
                prop_assert!(expected(kind).contains(&names[0]), "{kind} became {names:?}");
                prop_assert_eq!(plan.needs().is_some(), plan.refused.is_empty());
                refused.push(plan.refused.len());
            }
            prop_assert_eq!(refused[0], 1);
            prop_assert!(refused.is_sorted_by(|a, b| a >= b));
        }
    }

    /// What widens has room for everything: the way back does not, unless both are the same.
    #[test]
    fn widening_has_no_way_back(one in testing::data_type(2), other in testing::data_type(2)) {
        if widens(&one, &other) && widens(&other, &one) {
            let schema = |t: &DataType| table(&Schema::new(vec![Field::new("x", t.clone(), true)]));
            let plan = plan_evolution(&schema(&one), &schema(&other), Evolution::Strict);
            prop_assert!(plan.refused.iter().all(|r| r.action.rule().name != "retype"), "{plan:?}");
        }
    }
}

#[test]
fn each_action_is_said_in_words() {
    let schema = |columns: &[(&str, &str, bool)]| {
        let field = |(name, text, null): &(&str, &str, bool)| {
            Field::new(*name, parse_type(text).unwrap(), *null)
        };
        Schema::new(columns.iter().map(field).collect::<Vec<_>>())
    };
    let stored = table(&schema(&[
        ("id", "Int32", true),
        ("lines", r#"List(Struct("sku": Utf8, "n": Int8, "gone": Int8))"#, true),
        ("day", "Date32", false),
        ("text", "Utf8", true),
    ]))
    .key(["id"])
    .partition_by(["day"])
    .sort_by([SortColumn::ascending("id")])
    .constraints([("a", "true"), ("b", "true")]);
    let wanted = schema(&[
        ("day", "Date32", true),
        ("id", "Int64", false),
        ("lines", r#"List(Struct("n": Int16, "sku": Utf8View, "more": Utf8))"#, true),
        ("text", "Int64", true),
        ("needed", "Int8", false),
    ]);
    let wanted = Schema::new_with_metadata(
        wanted.fields().clone(),
        [("k".to_owned(), "v".to_owned())].into(),
    );
    let wanted = table(&wanted)
        .key(["id", "day"])
        .partition_by([] as [&str; 0])
        .sort_by(["day desc".parse().unwrap()])
        .constraints([("b", "false"), ("c", "true")]);
    let lines = Evolution::ALL.map(|policy| {
        let plan = plan_evolution(&stored, &wanted, policy);
        let actions =
            plan.actions.iter().map(|a| format!("{a}: {}", a.rule().needs.unwrap().delta()));
        let refused = plan.refused.iter().map(|r| format!("{}; {}", r.to_diagnostic(), r.help()));
        actions.chain(refused).collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(lines.join("\n--\n"));
}

#[test]
fn a_query_has_no_say_in_nullability() {
    let schema = |null| Arc::new(Schema::new(vec![Field::new("a", DataType::Int8, null)]));
    let plan = plan_evolution(
        &Relation::table(schema(true)),
        &Relation::query(schema(false)),
        Evolution::Strict,
    );
    assert_eq!(plan, EvolutionPlan::default());
}
