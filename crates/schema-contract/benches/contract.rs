//! What checking a wide nested schema costs, and what it costs to encode, read and compare it.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{hint::black_box, sync::Arc, time::Instant};

use arrow_schema::{DataType, Field, Schema};
use viewlane_core::SourceText;
use viewlane_schema_contract::{
    Accepted, Column, Contract, Evolution, Relation, Snapshot, decode, encode, fingerprint,
    parse_type, plan_evolution,
};

use self::figures::{Figure, Figures, median};

// One form of figures for all benches of the workspace; the crate that owns it is a heavy one.
#[path = "../../../tests/src/figures.rs"]
pub mod figures;

const COLUMNS: usize = 2_000;
const ROUNDS: usize = 51;
/// What a contract check of that many columns may take, in microseconds.
const LIMIT: f64 = 1_000.0;

fn main() {
    let figures = Figures::from_arguments("contract");
    let shapes = [
        "Int64",
        r#"Struct("a": Int32, "b": Struct("c": Utf8, "d": Decimal128(10, 2)))"#,
        r#"List(Struct("sku": Utf8, "price": Decimal128(10, 2), "parts": List(Struct("x": Int8, "y": Utf8))))"#,
        r#"Map("entries": non-null Struct("key": non-null Utf8, "value": List(Int64)), unsorted)"#,
    ];
    // Read one by one: nothing is shared between two columns, or between what is declared and what
    // there is, so that no comparison ends at a pointer.
    let fields = || -> Vec<Field> {
        let field = |i: usize| {
            let data_type = parse_type(shapes[i % shapes.len()]).unwrap();
            Field::new(format!("column_{i:04}"), data_type, !i.is_multiple_of(3))
        };
        (0..COLUMNS).map(field).collect()
    };
    let contract = |evolution| {
        let column = |f: Field| Column {
            not_null: !f.is_nullable(),
            ..Column::new(f.name(), f.data_type().clone())
        };
        let builder = Contract::builder(evolution);
        fields().into_iter().fold(builder, |b, f| b.column(column(f))).build().unwrap()
    };
    let strict = contract(Evolution::Strict);
    let same = Relation::table(Arc::new(Schema::new(fields())));
    let turned = {
        let mut turned = fields();
        turned.reverse();
        Relation::table(Arc::new(Schema::new(turned)))
    };
    // Every string is held another way, as a table gives them back, so that nothing is simply equal.
    let stored = {
        let stored = fields().into_iter().map(|f| {
            let data_type = f.data_type().clone();
            f.with_data_type(viewed(data_type))
        });
        Relation::table(Arc::new(Schema::new(stored.collect::<Vec<_>>())))
    };
    assert!(strict.check_relation(&same).is_empty() && strict.check_relation(&stored).is_empty());
    assert_eq!(strict.check_relation(&turned).len(), 1);

    let limit = |figure: &str, value: f64| {
        figures.print(Figure {
            figure,
            value,
            unit: "us",
            peer: "the limit of 1 ms",
            ratio: value / LIMIT,
            target: 1.0,
        });
    };
    let (shape, schema) = (format!("{COLUMNS} nested columns"), same.schema());
    limit(&format!("check, {shape}, as declared"), time(|| strict.check_relation(&same)));
    limit(&format!("check, {shape}, held another way"), time(|| strict.check_relation(&stored)));
    limit(&format!("check, {shape}, in another order"), time(|| strict.check_relation(&turned)));

    let check = time(|| strict.check_relation(&same));
    let against = |figure: &str, value: f64, target: f64| {
        let peer = "a check as declared";
        figures.print(Figure { figure, value, unit: "us", peer, ratio: value / check, target });
    };
    let bytes = encode(schema);
    let mut snapshot = Snapshot::default();
    snapshot.insert("a.b".parse().unwrap(), same.clone());
    let text = SourceText::new("schema.snapshot", snapshot.to_string());
    let accepted = Accepted::read(&text).unwrap();
    against("encode", time(|| encode(schema)), 4.0);
    against("decode", time(|| decode(&bytes).unwrap()), 40.0);
    against("fingerprint", time(|| fingerprint(schema)), 5.0);
    against("plan of evolution", time(|| plan_evolution(&same, &stored, Evolution::Strict)), 5.0);
    against("drift", time(|| accepted.drift(&snapshot)), 3.0);
    against("snapshot, write", time(|| snapshot.to_string()), 20.0);
    against("snapshot, read", time(|| Accepted::read(&text).unwrap()), 50.0);
}

fn viewed(data_type: DataType) -> DataType {
    match data_type {
        DataType::Utf8 => DataType::Utf8View,
        DataType::List(item) => DataType::List(Arc::new(of(&item))),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|f| Arc::new(of(f))).collect())
        }
        DataType::Map(entries, sorted) => DataType::Map(Arc::new(of(&entries)), sorted),
        other => other,
    }
}

fn of(field: &Field) -> Field {
    field.clone().with_data_type(viewed(field.data_type().clone()))
}

/// Microseconds of the median round.
fn time<T>(work: impl Fn() -> T) -> f64 {
    let round = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1e6
    };
    median((0..ROUNDS).map(|_| round()).collect())
}
