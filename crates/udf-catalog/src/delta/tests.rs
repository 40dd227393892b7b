use std::sync::Mutex;

use datafusion::catalog::MemTable;

use super::*;
use crate::{
    Installer,
    support::{run, session, session_with},
};

/// Gives a row for every call, and remembers the calls.
#[derive(Debug, Default)]
struct Lake(Mutex<Vec<DeltaCall>>);

impl DeltaFunctions for Lake {
    fn provider(
        &self,
        call: DeltaCall,
        _: &dyn Session,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        self.0.lock().unwrap().push(call);
        let batch = crate::support::one_row(7);
        Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
    }
}

#[tokio::test]
async fn calls_are_checked_and_handed_over() {
    let lake = Arc::new(Lake::default());
    let context = session_with(Installer::new().delta(lake.clone()));
    for sql in [
        "SELECT * FROM read_delta('orders')",
        "SELECT * FROM read_delta('orders', 3)",
        "SELECT * FROM read_delta_cdf('orders', 1)",
        "SELECT * FROM read_delta_cdf('orders', 1, 4)",
        "SELECT * FROM delta_files('orders', 0)",
        "SELECT * FROM delta_history('orders', 10)",
    ] {
        assert!(run(&context, sql).await.contains("| 7 "), "{sql}");
    }
    insta::assert_debug_snapshot!(lake.0.lock().unwrap());
}

#[tokio::test]
async fn what_is_no_literal_is_refused() {
    let context = session_with(Installer::new().delta(Arc::new(Lake::default())));
    let mut refused = Vec::new();
    for arguments in ["", "1", "''", "'orders', -1", "'orders', '1'", "'o', 1, 2"] {
        let sql = format!("SELECT * FROM read_delta({arguments})");
        refused.push(format!("{sql}: {}", run(&context, &sql).await));
    }
    refused.push(run(&context, "SELECT * FROM read_delta_cdf('orders', 4, 1)").await);
    insta::assert_snapshot!(refused.join("\n"));
}

#[tokio::test]
async fn without_a_lake_there_are_no_functions_on_it() {
    let result = run(&session(), "SELECT * FROM read_delta('orders')").await;
    assert!(result.contains("read_delta"), "{result}");
    assert!(result.starts_with("Error"), "{result}");
}
