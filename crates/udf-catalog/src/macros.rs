//! SQL macros: `CREATE FUNCTION … RETURN …`.
//!
//! A body is an expression that the engine has planned; placeholders in it become the arguments of
//! the call. No text is put together.

use std::{any::Any, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::{Result, ScalarValue, plan_err},
    execution::{
        SessionState,
        context::{FunctionFactory, RegisterFunction},
    },
    logical_expr::{CreateFunction, Expr, ScalarUDF},
};

mod aliases;
mod body;
mod scalar;

/// Makes functions of `CREATE FUNCTION` statements.
///
/// `LANGUAGE` is left out, `sql` or `datafusion`, and the body says what kind of function it is; or
/// it names the kind: `scalar`, `aggregate`, `window` or `table`. Bodies:
///
/// * scalar: any expression over `$1` or `$name`; `RETURNS` is required, the result is cast to it;
/// * aggregate: a call of an aggregate function with all arguments in order;
/// * window: a call of a window function with all arguments in order and `OVER ()`;
/// * table: the name of a table function, as a text.
///
/// ```
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use viewlane_udf_catalog::MacroFactory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> datafusion::error::Result<()> {
/// let context = SessionContext::new().with_function_factory(Arc::new(MacroFactory));
/// context.sql("CREATE FUNCTION twice(x BIGINT) RETURNS BIGINT RETURN $x * 2").await?;
/// let rows = context.sql("SELECT twice(x => 21) AS n").await?.collect().await?;
/// assert_eq!(rows[0].num_rows(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MacroFactory;

#[async_trait]
impl FunctionFactory for MacroFactory {
    async fn create(
        &self,
        state: &SessionState,
        statement: CreateFunction,
    ) -> Result<RegisterFunction> {
        create(state, statement)
    }
}

/// Whether a function was made by a macro.
pub(crate) fn is_macro(function: &ScalarUDF) -> bool {
    function.inner().downcast_ref::<scalar::ScalarMacro>().is_some()
}

enum Kind {
    Scalar,
    Aggregate,
    Window,
    Table,
}

fn create(state: &SessionState, statement: CreateFunction) -> Result<RegisterFunction> {
    let CreateFunction { or_replace, temporary, name, args, return_type, params, .. } = statement;
    if temporary {
        return plan_err!("function `{name}`: TEMPORARY is not supported, leave it out");
    }
    if name != name.to_lowercase() {
        return plan_err!(
            "function `{name}`: calls are looked up in lower case, so name it `{}`",
            name.to_lowercase()
        );
    }
    check_free(state, &name, or_replace)?;
    let Some(body) = params.function_body else {
        return plan_err!("function `{name}` has no body: write `RETURN` and an expression");
    };
    let arguments = body::Arguments::new(&name, args.unwrap_or_default())?;
    let language = params.language.map(|language| language.value.to_lowercase());
    let kind = match (language.as_deref(), &body) {
        (Some("scalar" | "udf"), _) => Kind::Scalar,
        (Some("aggregate" | "udaf" | "agg"), _) => Kind::Aggregate,
        (Some("window" | "udwf"), _) => Kind::Window,
        (Some("table" | "udtf"), _) => Kind::Table,
        (None | Some("sql" | "datafusion"), Expr::AggregateFunction(_)) => Kind::Aggregate,
        (None | Some("sql" | "datafusion"), Expr::WindowFunction(_)) => Kind::Window,
        (None | Some("sql" | "datafusion"), Expr::Literal(ScalarValue::Utf8(_), _))
            if return_type.is_none() =>
        {
            Kind::Table
        }
        (None | Some("sql" | "datafusion"), _) => Kind::Scalar,
        (Some(other), _) => {
            return plan_err!(
                "function `{name}`: unknown language `{other}`; use `sql`, `scalar`, `aggregate`, \
                 `window` or `table`"
            );
        }
    };
    let behavior = params.behavior;
    Ok(match kind {
        Kind::Scalar => {
            let function =
                scalar::ScalarMacro::new(state, name, &arguments, return_type, behavior, body)?;
            RegisterFunction::Scalar(Arc::new(ScalarUDF::from(function)))
        }
        Kind::Aggregate => RegisterFunction::Aggregate(Arc::new(aliases::aggregate(
            name,
            &arguments,
            return_type,
            behavior,
            body,
        )?)),
        Kind::Window => RegisterFunction::Window(Arc::new(aliases::window(
            name,
            &arguments,
            return_type,
            behavior,
            body,
        )?)),
        Kind::Table => {
            let Expr::Literal(ScalarValue::Utf8(Some(target)), _) = &body else {
                return plan_err!(
                    "table function `{name}`: the body is the name of one, as a text"
                );
            };
            if !arguments.is_empty() || return_type.is_some() || behavior.is_some() {
                return plan_err!(
                    "table function `{name}` takes what `{target}` takes: declare nothing else"
                );
            }
            let Some(function) = state.table_functions().get(target) else {
                return plan_err!("table function `{name}`: there is no `{target}`");
            };
            let alias = TableAlias { target: Arc::clone(function.function()) };
            RegisterFunction::Table(name, Arc::new(alias))
        }
    })
}

/// A macro may be replaced by a macro; nothing else is hidden by one.
fn check_free(state: &SessionState, name: &str, or_replace: bool) -> Result<()> {
    let scalar = state.scalar_functions().get(name).map(|function| is_macro(function));
    let aggregate = state.aggregate_functions().get(name).map(|f| aliases::is_aggregate_alias(f));
    let window = state.window_functions().get(name).map(|f| aliases::is_window_alias(f));
    let table = state.table_functions().get(name).map(|function| {
        let function: &dyn Any = function.function().as_ref();
        function.is::<TableAlias>()
    });
    let higher = state.higher_order_functions().get(name).map(|_| false);
    let known = [scalar, aggregate, window, table, higher];
    if known.contains(&Some(false)) {
        return plan_err!("function `{name}` is there already and not a macro: take another name");
    }
    if known.contains(&Some(true)) && !or_replace {
        return plan_err!("function `{name}` is there already: write CREATE OR REPLACE FUNCTION");
    }
    Ok(())
}

#[derive(Debug)]
struct TableAlias {
    target: Arc<dyn TableFunctionImpl>,
}

impl TableFunctionImpl for TableAlias {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        self.target.call_with_args(args)
    }
}

#[cfg(test)]
mod tests;
