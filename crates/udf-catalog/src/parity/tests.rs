use std::sync::Arc;

use datafusion::{
    catalog::{MemTable, Session, TableProvider},
    execution::SessionStateBuilder,
    prelude::SessionContext,
};

use super::*;
use crate::{
    DeltaCall, DeltaFunctions, FunctionSnapshot, Installer, SlowPolicy, functions_document,
};

/// Tables of one row.
#[derive(Debug)]
struct OneRow;

impl DeltaFunctions for OneRow {
    fn provider(
        &self,
        _: DeltaCall,
        _: &dyn Session,
    ) -> datafusion::error::Result<Arc<dyn TableProvider>> {
        let batch = crate::support::one_row(1);
        Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
    }
}

fn state() -> SessionState {
    let mut state = SessionStateBuilder::new().with_default_features().build();
    let installer =
        Installer::new().delta(Arc::new(OneRow)).slow(SlowPolicy::default().allow(["async_echo"]));
    installer.install(&mut state).unwrap();
    state
}

fn facts() -> Vec<FunctionEntry> {
    FunctionSnapshot::own().functions().to_vec()
}

async fn differences(state: &SessionState, facts: &[FunctionEntry], page: &str) -> String {
    match check_parity(state, facts, page).await {
        Err(Error::NoParity { differences }) => {
            // Of several names that are equally near the engine suggests any.
            let text = differences.join("\n");
            let lines = text.lines().filter(|line| !line.starts_with("Did you mean"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Err(other) => other.to_string(),
        Ok(_) => "none".to_owned(),
    }
}

#[tokio::test]
async fn every_function_is_what_the_table_says_and_runs_from_sql() {
    let parity = check_parity(&state(), &facts(), &functions_document()).await;
    let parity = match parity {
        Ok(parity) => parity,
        Err(Error::NoParity { differences }) => panic!("{}", differences.join("\n")),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(parity.functions, OwnFunction::all().len());
    assert!(parity.calls > 300, "{parity:?}");
}

/// One entry of each kind is broken, and each time the gate says which.
#[tokio::test]
async fn every_kind_of_difference_is_found() {
    let (state, page) = (state(), functions_document());
    let mut found = Vec::new();
    type Change = fn(&mut FunctionEntry);
    let changes: [(&str, Change); 6] = [
        ("stable_id", |entry| entry.parameters[1] = "value".to_owned()),
        ("arg_max", |entry| entry.volatility = Volatility::Stable),
        ("row_index", |entry| entry.name = "row_number_from_0".to_owned()),
        ("functions", |entry| entry.kind = FunctionKind::Scalar),
        ("stable_hash64", |entry| entry.aliases = vec!["hash_64".to_owned()]),
        ("count_if", |entry| entry.syntax = "count_if(what)".to_owned()),
    ];
    for (name, change) in changes {
        let mut facts = facts();
        change(facts.iter_mut().find(|entry| entry.name == name).unwrap());
        found.push(format!("{name}:\n{}", differences(&state, &facts, &page).await));
    }
    let less: Vec<_> = facts().into_iter().filter(|entry| entry.name != "list_unique").collect();
    found.push(format!("no fact:\n{}", differences(&state, &less, &page).await));
    let bare = SessionContext::new().state();
    let one: Vec<_> = facts().into_iter().filter(|entry| entry.name == "span_len").collect();
    found.push(format!("not registered:\n{}", differences(&bare, &one, &page).await));
    let other =
        page.replace("`prefix`, a colon and `stable_hash128` of the text.", "An identifier.");
    found.push(format!("page:\n{}", differences(&state, &facts(), &other).await));
    insta::assert_snapshot!(found.join("\n\n"));
}

/// A function that is registered under the right name, but gives something else, is found by running.
#[tokio::test]
async fn a_function_that_gives_something_else_is_found() {
    use datafusion::{
        arrow::datatypes::DataType,
        logical_expr::{ColumnarValue, ScalarUDF, Volatility as Engine, create_udf},
    };

    let mut state = state();
    let other: ScalarUDF = create_udf(
        "cdf_change_rank",
        vec![DataType::Utf8],
        DataType::Int32,
        Engine::Immutable,
        Arc::new(|args: &[ColumnarValue]| {
            let rows = match &args[0] {
                ColumnarValue::Array(array) => array.len(),
                ColumnarValue::Scalar(_) => 1,
            };
            let values = (0..rows).map(|row| Some(row as i32));
            let array = values.collect::<datafusion::arrow::array::Int32Array>();
            Ok(ColumnarValue::Array(Arc::new(array)))
        }),
    );
    datafusion::execution::FunctionRegistry::register_udf(&mut state, Arc::new(other)).unwrap();
    let one: Vec<_> = facts().into_iter().filter(|f| f.name == "cdf_change_rank").collect();
    let found = differences(&state, &one, &functions_document()).await;
    assert!(found.contains("the example gives `0`, not `3`"), "{found}");
    assert!(found.contains("on a slice gives `1`, not `0`"), "{found}");
    assert!(found.contains("is registered with the parameters []"), "{found}");
}
