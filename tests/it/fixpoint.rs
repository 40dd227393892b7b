//! A compiled query is its own normal form, and its text for people is the same query.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Field, Schema},
};
use datafusion::{common::TableReference, datasource::MemTable};

use crate::{
    engine::Engine,
    policy::{probes, tables},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const ROWS: usize = 12;

/// The queries of a folder, and the list of the tables that they read.
pub(crate) struct Benchmark {
    folder: &'static str,
    tables: &'static str,
    queries: usize,
}

/// The queries of `queries/tpcds`.
pub(crate) const REPORTS: Benchmark = Benchmark {
    folder: "tests/queries/tpcds",
    tables: "tests/queries/tpcds/tables.txt",
    queries: 76,
};

/// The queries of TPC-H, as the marts of an example.
pub(crate) const MARTS: Benchmark = Benchmark {
    folder: "docs/examples/tpch/views/marts",
    tables: "tests/queries/tpch/tables.txt",
    queries: 22,
};

impl Benchmark {
    /// An engine that has the tables, each with a few rows, and the queries.
    pub(crate) fn load(&self) -> (Engine, Vec<String>) {
        let queries = files(self.folder);
        assert_eq!(queries.len(), self.queries);
        (engine_over(self.tables, &queries), queries)
    }
}

/// The texts of all SQL files of a folder, without what stands before the query of a view.
fn files(folder: &str) -> Vec<String> {
    let mut paths: Vec<_> =
        fs::read_dir(Path::new(ROOT).join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let query = |path| {
        let text = fs::read_to_string(path).unwrap();
        text.split_once(") AS\n").map_or(text.clone(), |(_, query)| query.to_owned())
    };
    paths.into_iter().map(query).collect()
}

/// An engine with the tables of a list, each with a few rows. The values come from the queries: what
/// a query compares with is then found here and there.
fn engine_over(list: &str, queries: &[String]) -> Engine {
    let mut texts: Vec<&str> =
        queries.iter().flat_map(|sql| sql.split('\'').skip(1).step_by(2)).collect();
    texts.sort_unstable();
    texts.dedup();
    let list = fs::read_to_string(Path::new(ROOT).join(list)).unwrap();
    let mut tables: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut last = "";
    for line in list.lines() {
        match line.strip_prefix("  ") {
            Some(column) => tables.get_mut(last).unwrap().push(column.split_once(' ').unwrap()),
            None => {
                last = line;
                tables.insert(line, Vec::new());
            }
        }
    }
    let mut engine = Engine::new(&["CREATE SCHEMA staging", "CREATE SCHEMA core"]);
    for (name, columns) in tables {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (number, (column, kind)) in columns.into_iter().enumerate() {
            let is_null = |row: usize| kind.ends_with('?') && (row + number) % 7 == 3;
            let numbers = |range: usize, first: i64| -> ArrayRef {
                let number = |row: usize| first + ((row * (number % 3 + 1)) % range) as i64;
                let values = (0..ROWS).map(|row| (!is_null(row)).then(|| number(row)));
                Arc::new(Int64Array::from_iter(values))
            };
            let (array, data_type) = match kind.trim_end_matches('?') {
                "text" => {
                    let text = |row: usize| texts[(row * 31 + number * 7) % texts.len()];
                    let values = (0..ROWS).map(|row| (!is_null(row)).then(|| text(row)));
                    (Arc::new(StringArray::from_iter(values)) as ArrayRef, DataType::Utf8)
                }
                "int" if column.ends_with("year") => (numbers(3, 1999), DataType::Int32),
                "int" => (numbers(5, 1), DataType::Int32),
                "bigint" => (numbers(5, 1), DataType::Int64),
                "boolean" => (numbers(2, 0), DataType::Boolean),
                "date" => (cast(&numbers(900, 9_100), &DataType::Int32).unwrap(), DataType::Date32),
                decimal => {
                    let digits = decimal.trim_start_matches("decimal(").trim_end_matches(')');
                    let (precision, scale) = digits.split_once(',').unwrap();
                    let (precision, scale) = (precision.parse().unwrap(), scale.parse().unwrap());
                    (numbers(90, 1), DataType::Decimal128(precision, scale))
                }
            };
            arrays.push(cast(&array, &data_type).unwrap());
            fields.push(Field::new(column, data_type, kind.ends_with('?')));
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
        let table = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
        engine.context.register_table(TableReference::parse_str(name), Arc::new(table)).unwrap();
    }
    engine.refresh();
    engine
}

/// Holds a query against itself, compiled again from its tree and from its text.
fn check(engine: &Engine, sql: &str) -> usize {
    let refused = |refusal| panic!("{sql}\n{refusal}");
    let query = engine.compile(sql).unwrap_or_else(refused);
    let again = engine.compile_again(&query).unwrap_or_else(refused);
    assert_eq!(again.ast(), query.ast(), "{sql}\n{}\n{}", query.sql(), again.sql());
    assert_eq!(again.fingerprint(), query.fingerprint(), "{sql}");
    assert_eq!(again.outputs(), query.outputs(), "{sql}");
    assert_eq!(again.deviations().count(), 0, "{sql}");

    let text = query.sql();
    let read = engine.compile(&text).unwrap_or_else(|refusal| panic!("{text}\n{refusal}"));
    assert_eq!(read.ast(), query.ast(), "{text}\n{}", read.sql());
    assert_eq!(read.fingerprint(), query.fingerprint(), "{text}");
    let answer = engine.run(&query).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    let of_text = engine.run(&read).unwrap_or_else(|error| panic!("{text}\n{error}"));
    assert_eq!(of_text, answer, "{sql}\n{text}");
    answer.rows.len()
}

#[test]
fn probes_compile_to_themselves() {
    let engine = Engine::new(&tables());
    for sql in probes() {
        check(&engine, sql);
    }
}

#[test]
fn reports_over_tpcds_compile_to_themselves() {
    corpus(&REPORTS);
}

#[test]
fn marts_over_tpch_compile_to_themselves() {
    corpus(&MARTS);
}

fn corpus(benchmark: &Benchmark) {
    let (engine, queries) = benchmark.load();
    let rows: Vec<_> = queries.iter().map(|sql| check(&engine, sql)).collect();
    let with_rows = rows.iter().filter(|rows| **rows > 0).count();
    assert!(with_rows * 4 >= queries.len(), "{with_rows} of {} queries have rows", queries.len());
}
