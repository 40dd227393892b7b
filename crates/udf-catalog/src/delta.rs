//! The table functions of a lake: what they are called with is settled here, what they read is given
//! from outside, because this crate knows no table format.

use std::{fmt, sync::Arc};

use datafusion::{
    catalog::{Session, TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::{Result, ScalarValue, plan_err},
    error::DataFusionError,
    logical_expr::Expr,
};

use crate::OwnFunction;

/// Reads the tables of a lake for `read_delta`, `read_delta_cdf`, `delta_files` and `delta_history`.
///
/// # Contract
///
/// Called while a query is planned, from any thread of the runtime, once for each call in the query.
/// The provider shows one version, chosen now, however often it is scanned. An unknown table or
/// version is an error, never an empty relation.
pub trait DeltaFunctions: fmt::Debug + Send + Sync {
    /// The relation that a call stands for.
    ///
    /// # Errors
    ///
    /// When the table or the version does not exist, or cannot be read.
    fn provider(
        &self,
        call: DeltaCall,
        session: &dyn Session,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError>;
}

/// A call of one of the table functions of a lake, its arguments checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaCall {
    /// `read_delta`: the rows of one version, of the newest when there is none.
    Rows {
        /// Name of the table.
        table: String,
        /// The version.
        version: Option<u64>,
    },
    /// `read_delta_cdf`: the changes between two versions, both included.
    Changes {
        /// Name of the table.
        table: String,
        /// The first version.
        from: u64,
        /// The last version; the newest when there is none.
        to: Option<u64>,
    },
    /// `delta_files`: the data files of one version.
    Files {
        /// Name of the table.
        table: String,
        /// The version; the newest when there is none.
        version: Option<u64>,
    },
    /// `delta_history`: the versions, newest first.
    History {
        /// Name of the table.
        table: String,
        /// How many at most; all when there is none.
        most: Option<u64>,
    },
}

#[derive(Debug)]
pub(crate) struct DeltaTable {
    row: &'static OwnFunction,
    functions: Arc<dyn DeltaFunctions>,
}

impl DeltaTable {
    pub(crate) fn new(row: &'static OwnFunction, functions: Arc<dyn DeltaFunctions>) -> Self {
        Self { row, functions }
    }

    fn call(&self, exprs: &[Expr]) -> Result<DeltaCall> {
        let row = self.row;
        if exprs.len() < row.required() || exprs.len() > row.parameters.len() {
            return plan_err!("`{}` is called as `{}`", row.name, row.syntax());
        }
        let table = match literal(&exprs[0]).and_then(|value| value.try_as_str().flatten()) {
            Some(table) if !table.trim().is_empty() => table.to_owned(),
            _ => return plan_err!("`{}` takes `table` as a literal text", row.name),
        };
        let number = |at: usize| match exprs.get(at) {
            None => Ok(None),
            Some(expr) => {
                let value = literal(expr).filter(|value| value.data_type().is_integer());
                let value = value.and_then(|value| value.cast_to(&U64).ok());
                match value {
                    Some(ScalarValue::UInt64(Some(number))) => Ok(Some(number)),
                    _ => plan_err!(
                        "`{}` takes `{}` as a literal number, 0 or greater",
                        row.name,
                        row.parameters[at].name
                    ),
                }
            }
        };
        Ok(match row.name {
            "delta_files" => DeltaCall::Files { table, version: number(1)? },
            "delta_history" => DeltaCall::History { table, most: number(1)? },
            "read_delta" => DeltaCall::Rows { table, version: number(1)? },
            _ => match (number(1)?, number(2)?) {
                (Some(from), Some(to)) if to < from => {
                    return plan_err!("`{}` cannot read from {from} back to {to}", row.name);
                }
                (from, to) => DeltaCall::Changes { table, from: from.unwrap_or_default(), to },
            },
        })
    }
}

const U64: datafusion::arrow::datatypes::DataType = datafusion::arrow::datatypes::DataType::UInt64;

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value @ (ScalarValue::Utf8(_) | ScalarValue::Utf8View(_)), _) => Some(value),
        Expr::Literal(value, _) if value.data_type().is_integer() => Some(value),
        _ => None,
    }
}

impl TableFunctionImpl for DeltaTable {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        self.functions.provider(self.call(args.exprs())?, args.session())
    }
}

#[cfg(test)]
mod tests;
