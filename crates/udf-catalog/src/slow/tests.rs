use std::sync::Mutex;

use datafusion::{arrow::datatypes::Field, logical_expr::Volatility};

use super::*;
use crate::{
    Installer,
    support::{run, session, session_with},
};

/// Waits, and remembers the sizes of its batches.
#[derive(Debug, Default)]
struct Waits {
    millis: u64,
    batches: Mutex<Vec<usize>>,
}

#[async_trait]
impl SlowFunction for Waits {
    fn name(&self) -> &str {
        "waits"
    }

    fn signature(&self) -> Signature {
        Signature::exact(vec![DataType::Int64], Volatility::Volatile)
    }

    fn return_field(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new("waits", DataType::Int64, true)))
    }

    async fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.batches.lock().unwrap().push(args.number_rows);
        tokio::time::sleep(Duration::from_millis(self.millis)).await;
        Ok(args.args[0].clone())
    }
}

const QUERY: &str = "SELECT sum(w) AS n FROM (SELECT waits(value) AS w FROM range(1, 101))";

#[tokio::test]
async fn a_slow_function_gets_batches_of_the_size_that_the_policy_grants() {
    let waits = Arc::new(Waits::default());
    let policy = SlowPolicy::default().allow(["waits"]).batch_size(32);
    let context = session_with(Installer::new().slow(policy).slow_function(waits.clone()));
    assert!(run(&context, QUERY).await.contains("5050"));
    let batches = waits.batches.lock().unwrap();
    assert!(batches.iter().all(|rows| *rows <= 32), "{batches:?}");
    assert_eq!(batches.iter().sum::<usize>(), 100);
}

#[tokio::test]
async fn a_batch_that_takes_too_long_fails_the_query() {
    let waits = Arc::new(Waits { millis: 60_000, ..Waits::default() });
    let policy = SlowPolicy::default().allow(["waits"]).timeout(Duration::from_millis(5));
    let context = session_with(Installer::new().slow(policy).slow_function(waits));
    let result = run(&context, QUERY).await;
    assert!(result.contains("`waits` took longer than 5 ms for one batch"), "{result}");
}

#[tokio::test]
async fn what_is_not_allowed_is_not_there() {
    let context = session();
    let result = run(&context, "SELECT async_echo('a')").await;
    assert!(result.contains("Invalid function 'async_echo'"), "{result}");

    let policy = SlowPolicy::default().allow(["async_ecko"]);
    let error = policy.admit(&own()).unwrap_err();
    insta::assert_snapshot!(
        error,
        @"`async_ecko` is allowed as a slow function, but there is none of this name; did you mean `async_echo`?"
    );
}
