//! The arguments of a macro, and its body with columns in place of placeholders.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field},
    common::{
        Column, DFSchema, Result, plan_err,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Expr, OperateFunctionArg, Signature, TypeSignature, Volatility, WindowFunctionDefinition,
    },
};

pub(super) struct Arguments {
    pub(super) names: Option<Vec<String>>,
    pub(super) types: Vec<DataType>,
}

impl Arguments {
    pub(super) fn new(function: &str, args: Vec<OperateFunctionArg>) -> Result<Self> {
        if args.iter().any(|arg| arg.default_expr.is_some()) {
            return plan_err!("function `{function}`: arguments cannot have a default");
        }
        // Either all have a name or none; the planner has seen to that.
        let names: Option<Vec<String>> =
            args.iter().map(|arg| Some(arg.name.as_ref()?.value.clone())).collect();
        let types = args.into_iter().map(|arg| arg.data_type).collect();
        Ok(Self { names: names.filter(|names| !names.is_empty()), types })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// One column for each argument.
    pub(super) fn schema(&self) -> Result<DFSchema> {
        let fields: Vec<Field> = self
            .types
            .iter()
            .enumerate()
            .map(|(number, data_type)| Field::new(column(number), data_type.clone(), true))
            .collect();
        DFSchema::try_from(datafusion::arrow::datatypes::Schema::new(fields))
    }

    pub(super) fn fields(&self) -> Vec<Arc<Field>> {
        let field =
            |data_type: &DataType| Arc::new(Field::new("argument", data_type.clone(), true));
        self.types.iter().map(field).collect()
    }

    pub(super) fn signature(&self, types: Vec<DataType>, volatility: Volatility) -> Signature {
        let kind = match types.is_empty() {
            true => TypeSignature::Nullary,
            false => TypeSignature::Exact(types),
        };
        let mut signature = Signature::new(kind, volatility);
        signature.parameter_names = self.names.clone();
        signature
    }

    /// The body with the column of an argument in place of each placeholder.
    pub(super) fn bind(&self, function: &str, body: Expr) -> Result<Expr> {
        body.transform(|expr| match expr {
            Expr::Placeholder(placeholder) => {
                let number = placeholder.id.trim_start_matches('$').parse::<usize>();
                match number {
                    Ok(number) if (1..=self.types.len()).contains(&number) => {
                        let name = Column::from_name(column(number - 1));
                        Ok(Transformed::yes(Expr::Column(name)))
                    }
                    _ => plan_err!("function `{function}` has no argument `{}`", placeholder.id),
                }
            }
            other => Ok(Transformed::no(other)),
        })
        .data()
    }

    /// Whether a call has all arguments and nothing else, in order.
    pub(super) fn are(&self, args: &[Expr]) -> bool {
        args.len() == self.types.len()
            && args.iter().enumerate().all(|(number, arg)| match arg {
                Expr::Column(name) => *name.name() == column(number),
                _ => false,
            })
    }
}

/// The name of the column that stands for an argument.
pub(super) fn column(number: usize) -> String {
    format!("argument {}", number + 1)
}

/// The number of the argument that a column stands for.
pub(super) fn argument(name: &str) -> Option<usize> {
    name.strip_prefix("argument ")?.parse::<usize>().ok()?.checked_sub(1)
}

/// The least stable of the functions in an expression.
pub(super) fn volatility(expr: &Expr) -> Result<Volatility> {
    let mut all = Volatility::Immutable;
    expr.apply(|expr| {
        let found = match expr {
            Expr::ScalarFunction(call) => call.func.signature().volatility,
            Expr::HigherOrderFunction(call) => call.func.signature().volatility,
            Expr::AggregateFunction(call) => call.func.signature().volatility,
            Expr::WindowFunction(call) => match &call.fun {
                WindowFunctionDefinition::WindowUDF(function) => function.signature().volatility,
                WindowFunctionDefinition::AggregateUDF(function) => function.signature().volatility,
            },
            _ => Volatility::Immutable,
        };
        all = all.max(found);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all)
}

/// What is declared must hold.
pub(super) fn declared(
    function: &str,
    declared: Option<Volatility>,
    actual: Volatility,
) -> Result<Volatility> {
    match declared {
        Some(declared) if declared < actual => {
            plan_err!("function `{function}` is declared {declared:?}, but its body is {actual:?}")
        }
        Some(declared) => Ok(declared),
        None => Ok(actual),
    }
}
