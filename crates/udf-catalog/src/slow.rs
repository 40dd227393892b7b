//! Functions that wait for something outside: which may be there, how much at a time, how long.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{DataType, FieldRef},
    common::{Result, exec_err, internal_err},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
        async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl},
    },
};
use viewlane_core::nearest;

use crate::{Error, OwnFunction, Tier, pack::signature};

/// Which slow functions a session has, and under what limits. By default none.
///
/// ```
/// use std::time::Duration;
/// use viewlane_udf_catalog::SlowPolicy;
///
/// let policy = SlowPolicy::default()
///     .allow(["async_echo"])
///     .batch_size(64)
///     .timeout(Duration::from_secs(5));
/// assert!(policy.allows("async_echo"));
/// assert!(!SlowPolicy::default().allows("async_echo"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is used"]
pub struct SlowPolicy {
    allowed: BTreeSet<String>,
    batch_size: usize,
    timeout: Duration,
}

impl Default for SlowPolicy {
    fn default() -> Self {
        Self { allowed: BTreeSet::new(), batch_size: 1024, timeout: Duration::from_secs(30) }
    }
}

impl SlowPolicy {
    /// Also allows functions, by canonical name.
    pub fn allow(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed.extend(names.into_iter().map(Into::into));
        self
    }

    /// Rows that are awaited at a time. Default: 1024; 0 counts as 1.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows.max(1);
        self
    }

    /// How long one batch may take. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether a function may be registered.
    pub fn allows(&self, name: &str) -> bool {
        self.allowed.contains(name)
    }

    /// The functions of a set that are allowed, ready to be registered.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlowFunction`] for an allowed name that is none of them.
    pub fn admit(&self, functions: &[Arc<dyn SlowFunction>]) -> Result<Vec<ScalarUDF>, Error> {
        let names: Vec<&str> = functions.iter().map(|function| function.name()).collect();
        if let Some(unknown) = self.allowed.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(Error::UnknownSlowFunction {
                name: unknown.clone(),
                nearest: nearest(unknown, names.iter().copied()).map(str::to_owned),
            });
        }
        let allowed = functions.iter().filter(|function| self.allows(function.name()));
        Ok(allowed.map(|function| self.limit(Arc::clone(function))).collect())
    }

    fn limit(&self, function: Arc<dyn SlowFunction>) -> ScalarUDF {
        let limited = Limited {
            signature: function.signature(),
            function,
            batch_size: self.batch_size,
            timeout: self.timeout,
        };
        AsyncScalarUDF::new(Arc::new(limited)).into_scalar_udf()
    }
}

/// A scalar function that awaits its results.
///
/// # Contract
///
/// A call gets a batch of at most the size that the policy grants and gives one value for each row.
/// It may be dropped at any await, when its time is over.
#[async_trait]
pub trait SlowFunction: std::fmt::Debug + Send + Sync {
    /// Canonical name.
    fn name(&self) -> &str;

    /// What it takes.
    fn signature(&self) -> Signature;

    /// What it gives for such arguments.
    ///
    /// # Errors
    ///
    /// For arguments that it does not take.
    fn return_field(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef>;

    /// The results for one batch.
    ///
    /// # Errors
    ///
    /// When they cannot be had; the query fails.
    async fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue>;
}

/// The slow functions of this crate.
pub(crate) fn own() -> Vec<Arc<dyn SlowFunction>> {
    let rows = OwnFunction::all().iter().filter(|row| row.tier == Tier::Async);
    rows.map(|row| Arc::new(Echo(row)) as Arc<dyn SlowFunction>).collect()
}

#[derive(Debug)]
struct Echo(&'static OwnFunction);

#[async_trait]
impl SlowFunction for Echo {
    fn name(&self) -> &str {
        self.0.name
    }

    fn signature(&self) -> Signature {
        signature(self.0)
    }

    fn return_field(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [field] => Ok(Arc::new(datafusion::arrow::datatypes::Field::new(
                self.0.name,
                DataType::Utf8,
                field.is_nullable(),
            ))),
            _ => internal_err!("`{}` takes one argument", self.0.name),
        }
    }

    async fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        tokio::task::yield_now().await;
        args.args[0].cast_to(&DataType::Utf8, None)
    }
}

#[derive(Debug)]
struct Limited {
    function: Arc<dyn SlowFunction>,
    signature: Signature,
    batch_size: usize,
    timeout: Duration,
}

impl PartialEq for Limited {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
            && (self.batch_size, self.timeout) == (other.batch_size, other.timeout)
    }
}

impl Eq for Limited {}

impl Hash for Limited {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name().hash(state);
    }
}

impl ScalarUDFImpl for Limited {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("`return_field_from_args` is asked instead")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.function.return_field(args)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`{}` is awaited, never called", self.name())
    }

    fn documentation(&self) -> Option<&Documentation> {
        None
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for Limited {
    fn ideal_batch_size(&self) -> Option<usize> {
        Some(self.batch_size)
    }

    async fn invoke_async_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match tokio::time::timeout(self.timeout, self.function.call(args)).await {
            Ok(result) => result,
            Err(_) => exec_err!(
                "`{}` took longer than {} ms for one batch: raise the time limit or lower the \
                 batch size of slow functions",
                self.name(),
                self.timeout.as_millis()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
