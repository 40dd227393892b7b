use super::*;
use crate::Relation;

fn source(text: &str) -> SourceText {
    SourceText::new("contracts/marts/revenue.toml", text)
}

fn wrong(text: &str) -> String {
    let found = read_contract(&source(text)).unwrap_err();
    let line = |d: &Diagnostic| format!("{d}; {}", d.help.as_deref().unwrap_or_default());
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

const WHOLE: &str = r#"
version = 3
contract = "additive"
description = "What was sold on a day."
key = ["id"]
partition_by = ["day"]
sort_by = ["day desc nulls last", "id"]

[constraints]
positive = "amount > 0"

[[columns]]
name = "id"
type = "Int64"
not_null = true
metadata = { semantic_type = "id" }

[[columns]]
name = "day"
type = "Date32"
default = "current_date"
description = "When it was sold."

[[columns]]
name = "amount"
"#;

#[test]
fn every_key_is_read() {
    let contract = read_contract(&source(WHOLE)).unwrap();
    insta::assert_debug_snapshot!(contract);
}

#[test]
fn a_file_is_held_against_a_table() {
    let contract = read_contract(&source(WHOLE)).unwrap();
    let fields = vec![
        arrow_schema::Field::new("id", arrow_schema::DataType::Int64, true),
        arrow_schema::Field::new("day", arrow_schema::DataType::Date32, true),
    ];
    let table = Relation::table(std::sync::Arc::new(arrow_schema::Schema::new(fields)));
    let found: Vec<_> = contract.check_relation(&table).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let texts = [
        "key = [",
        "kee = [\"a\"]\n[[columns]]\nname = \"a\"\nnotnull = true\nzzz = 1",
        "version = -1\ncontract = \"strikt\"\ndescription = 1\nkey = \"a\"\nsort_by = [\"a down\"]\nconstraints = 1",
        "columns = 1",
        "columns = [1]",
        "version = \"1\"\n[[columns]]\ntype = \"Int64\"\n[[columns]]\nname = \"b\"\ntype = \"Int46\"\nnot_null = 1\nmetadata = { a = 1 }",
        "",
        "key = [\"b\"]\n[[columns]]\nname = \"a\"",
        "partition_by = [\"b\"]\n[[columns]]\nname = \"a\"",
        "sort_by = [\"a\", \"a\"]\n[[columns]]\nname = \"a\"",
        "[[columns]]\nname = \"a\"\n[[columns]]\nname = \"a\"",
    ];
    insta::assert_snapshot!(texts.map(wrong).join("\n--\n"));
}

#[test]
fn a_changed_contract_has_a_greater_version() {
    let contract =
        |text: &str| read_contract(&source(&WHOLE.replace("version = 3", text))).unwrap();
    let three = contract("version = 3");
    assert_eq!(three.follows(&three), Ok(()));
    assert_eq!(contract("version = 4").follows(&three), Ok(()));
    assert_eq!(three.follows(&contract("")), Ok(()));
    let other = read_contract(&source(&WHOLE.replace("Date32", "Date64"))).unwrap();
    for (later, shown) in
        [(other, "3"), (contract("version = 2"), "2"), (contract(""), "unnumbered")]
    {
        let error = later.follows(&three).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the contract was version 3, and this one, which differs, is {shown}")
        );
        assert_eq!(error.help(), "write `version = 4`, or take the change back");
    }
}
