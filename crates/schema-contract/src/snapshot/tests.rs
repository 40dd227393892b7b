use arrow_schema::{DataType, Field};
use proptest::prelude::*;

use super::*;
use crate::{SortColumn, parse_type, testing};

fn read(text: &str) -> Result<Accepted, Vec<Diagnostic>> {
    Accepted::read(&SourceText::new("schema.snapshot", text))
}

fn one(schema: Schema) -> Snapshot {
    [("a.b".parse().unwrap(), Arc::new(schema))].into_iter().collect()
}

proptest! {
    /// A snapshot is what its text reads back as, and the text of that is the same text.
    #[test]
    fn read_undoes_write(schema in testing::schema(), known in any::<bool>()) {
        let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        let mut snapshot = Snapshot::default();
        let mut relation = Relation::table(Arc::new(schema));
        if known {
            let sorting = names.iter().map(|name| SortColumn { name: name.clone(), descending: true, nulls_first: false });
            relation = relation.key(names.clone()).partition_by([] as [&str; 0]).sort_by(sorting)
                .constraints(names.iter().map(|name| (name, name)));
        }
        let name = RelationName::from_parts([names[0].as_str(), "T"]).unwrap();
        snapshot.insert(name, relation);
        let text = snapshot.to_string();
        let accepted = read(&text).unwrap();
        prop_assert_eq!(accepted.snapshot(), &snapshot, "{}", text);
        prop_assert_eq!(accepted.snapshot().to_string(), text);
    }

    /// Nothing drifts from itself; every single change drifts, as exactly one thing, and is seen
    /// from the other side as well.
    #[test]
    fn drift_is_inequality(schema in testing::schema()) {
        let before = one(schema.clone());
        prop_assert_eq!(before.drift(&before), vec![]);
        for (changed, kind, path) in testing::mutations(&schema) {
            let after = one(changed);
            let drift = before.drift(&after);
            prop_assert_eq!(drift.len(), 1, "{} at {}: {:?}", kind, path, drift);
            let Change::Differs(difference) = &drift[0].change else { panic!("{drift:?}") };
            prop_assert_eq!((difference.kind(), difference.path()), (kind, path));
            prop_assert!(!after.drift(&before).is_empty());
        }
    }

    /// Two schemas drift exactly when they are not equal.
    #[test]
    fn drift_sees_everything(one_schema in testing::schema(), other in testing::schema()) {
        let drift = one(one_schema.clone()).drift(&one(other.clone()));
        prop_assert_eq!(drift.is_empty(), one_schema == other);
    }

    /// Any edit of a snapshot has an outcome, and what is read is written as it was read.
    #[test]
    fn any_edit_is_answered(schema in testing::schema(), place in any::<prop::sample::Index>(), insert in "[ \\na-z@:=\"]{0,4}", cut in 0..3_usize) {
        let mut text: Vec<char> = one(schema).to_string().chars().collect();
        let place = place.index(text.len());
        text.splice(place..(place + cut).min(text.len()), insert.chars());
        let text: String = text.into_iter().collect();
        if let Ok(accepted) = read(&text) {
            let written = accepted.snapshot().to_string();
            prop_assert_eq!(&read(&written).unwrap(), &accepted);
        }
    }
}

fn orders(price: &str) -> Snapshot {
    let lines = parse_type(&format!(
        r#"List(non-null Struct("sku": non-null Utf8, "price": {price}, "tags": Map("entries": non-null Struct("key": non-null Utf8, "value": Int64), unsorted)))"#
    ));
    let fields = vec![
        Field::new("id", DataType::Int64, false)
            .with_metadata([("unit".to_owned(), "one \"x\"".to_owned())].into()),
        Field::new("Ordered At", parse_type(r#"Timestamp(us, "UTC")"#).unwrap(), true),
        Field::new("lines", lines.unwrap(), true),
        Field::new("kind", parse_type("Dictionary(Int32, Utf8)").unwrap(), true),
    ];
    let mut snapshot = Snapshot::default();
    let relation = Relation::table(Arc::new(Schema::new(fields)))
        .key(["id"])
        .partition_by([] as [&str; 0])
        .sort_by(["id desc nulls last".parse().unwrap()])
        .constraints([("positive", "id > 0")]);
    snapshot.insert("marts.orders".parse().unwrap(), relation);
    snapshot.insert(
        "marts.\"Other\"".parse().unwrap(),
        Relation::table(Arc::new(Schema::new(vec![Field::new("x", DataType::Int8, true)]))),
    );
    snapshot
}

#[test]
fn the_text_is_made_for_review() {
    insta::assert_snapshot!(orders("Decimal128(10, 2)").to_string());
}

#[test]
fn drift_says_what_became_of_what() {
    let accepted = read(&orders("Decimal128(10, 2)").to_string()).unwrap();
    let mut live = orders("Float64");
    live.relations.remove(&"marts.\"Other\"".parse().unwrap());
    live.insert("marts.new".parse().unwrap(), Relation::table(Arc::new(Schema::empty())));
    let name: RelationName = "marts.orders".parse().unwrap();
    let relation = live.relations.remove(&name).unwrap();
    live.insert(name, relation.key(["id", "kind"]).constraints([("positive", "true")]));
    let lines: Vec<_> = accepted
        .drift(&live)
        .iter()
        .map(|drift| format!("{}; {}", drift.to_diagnostic(), drift.help()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn an_accepted_relation_is_a_contract() {
    let snapshot = orders("Decimal128(10, 2)");
    let accepted = read(&snapshot.to_string()).unwrap();
    let name = "marts.orders".parse().unwrap();
    let contract = accepted.contract(&name, Evolution::Strict).unwrap().unwrap();
    assert_eq!(contract.check_relation(&snapshot.relations()[&name]), vec![]);
    let later = orders("Float64");
    let found = contract.check_relation(&later.relations()[&name]);
    assert_eq!(
        found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`lines[].price` is declared as Decimal128(10, 2), the table has Float64"]
    );
    assert!(accepted.contract(&"marts.none".parse().unwrap(), Evolution::Strict).is_none());
}

#[test]
fn lines_that_cannot_be_read_are_named() {
    let texts = [
        "",
        "viewlane snapshot 2\n",
        "viewlane snapshot 1\ntable a\n",
        "viewlane snapshot 1\nrelation a..b\nrelation a\nrelation a\n",
        "viewlane snapshot 1\n  column a: Int8\n",
        "viewlane snapshot 1\nrelation a\n  column a Int8\n  column a: Int9\n  column : Int8\n   key a\n  key a\n  key b\n  nothing\n",
        "viewlane snapshot 1\nrelation a\n  column a: List\n  column b: Int8\n    c: Int8\n  column c: Map\n    e: Int8\n  column d: Union Odd\n  column e: Union Dense\n    x: Int8\n",
        "viewlane snapshot 1\nrelation a\n  column a: Int8\n    @\"k\" = \"v\"\n    @\"k\" = \"w\"\n    @k\n  sort_by a up\n  constraints\n    c: true\n",
    ];
    let wrong = |text: &str| {
        let found = read(text).unwrap_err();
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(texts.map(wrong).join("\n--\n"));
}

#[test]
fn lines_that_nest_without_end_are_refused() {
    let mut text = "viewlane snapshot 1\nrelation a\n  column a: List\n".to_owned();
    for level in 2..2_000 {
        text.push_str(&"  ".repeat(level));
        text.push_str("item: List\n");
    }
    assert!(!read(&text).unwrap_err().is_empty());
}
