//! Aggregate and window functions under another name.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, FieldRef},
    common::{Result, ScalarValue, plan_err},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, Expr, GroupsAccumulator, LimitEffect,
        PartitionEvaluator, Signature, Volatility, WindowFrame, WindowFunctionDefinition,
        WindowUDF, WindowUDFImpl,
        function::{
            AccumulatorArgs, AggregateFunctionSimplification, PartitionEvaluatorArgs,
            StateFieldsArgs, WindowUDFFieldArgs,
        },
        type_coercion::functions::fields_with_udf,
        utils::AggregateOrderSensitivity,
    },
};

use super::body::{Arguments, declared};

pub(super) fn is_aggregate_alias(function: &AggregateUDF) -> bool {
    function.inner().downcast_ref::<AggregateAlias>().is_some()
}

pub(super) fn is_window_alias(function: &WindowUDF) -> bool {
    function.inner().downcast_ref::<WindowAlias>().is_some()
}

/// An aggregate function whose body is a plain call of another.
pub(super) fn aggregate(
    name: String,
    arguments: &Arguments,
    returns: Option<DataType>,
    behavior: Option<Volatility>,
    body: Expr,
) -> Result<AggregateUDF> {
    let Expr::AggregateFunction(call) = arguments.bind(&name, body)? else {
        return plan_err!("aggregate function `{name}`: the body is a call of one");
    };
    let params = &call.params;
    if params.distinct
        || params.filter.is_some()
        || !params.order_by.is_empty()
        || params.null_treatment.is_some()
        || !arguments.are(&params.args)
    {
        return plan_err!(
            "aggregate function `{name}`: the body is `{}` with all arguments in order, without \
             DISTINCT, FILTER, ORDER BY or a treatment of NULL",
            call.func.name()
        );
    }
    let target = call.func;
    let types = coerced(&arguments.fields(), target.as_ref())?;
    let fields: Vec<FieldRef> = with_types(arguments, &types);
    check_returns(&name, returns, target.return_field(&fields)?.data_type())?;
    let volatility = declared(&name, behavior, target.signature().volatility)?;
    let signature = arguments.signature(types, volatility);
    Ok(AggregateUDF::from(AggregateAlias { name, signature, target }))
}

/// A window function whose body is a plain call of another.
pub(super) fn window(
    name: String,
    arguments: &Arguments,
    returns: Option<DataType>,
    behavior: Option<Volatility>,
    body: Expr,
) -> Result<WindowUDF> {
    let call = match arguments.bind(&name, body)? {
        Expr::WindowFunction(call) => call,
        _ => return plan_err!("window function `{name}`: the body is a call of one with OVER ()"),
    };
    let params = &call.params;
    let WindowFunctionDefinition::WindowUDF(target) = &call.fun else {
        return plan_err!(
            "window function `{name}`: `{}` is an aggregate function; make an aggregate of it",
            call.fun.name()
        );
    };
    if !params.partition_by.is_empty()
        || !params.order_by.is_empty()
        || params.window_frame != WindowFrame::new(None)
        || params.filter.is_some()
        || params.null_treatment.is_some()
        || params.distinct
        || !arguments.are(&params.args)
    {
        return plan_err!(
            "window function `{name}`: the body is `{}` with all arguments in order and OVER ()",
            target.name()
        );
    }
    let types = coerced(&arguments.fields(), target.as_ref())?;
    let fields = with_types(arguments, &types);
    let field = target.field(WindowUDFFieldArgs::new(&fields, &name))?;
    check_returns(&name, returns, field.data_type())?;
    let volatility = declared(&name, behavior, target.signature().volatility)?;
    let signature = arguments.signature(types, volatility);
    Ok(WindowUDF::from(WindowAlias { name, signature, target: Arc::clone(target) }))
}

fn coerced<F>(fields: &[FieldRef], target: &F) -> Result<Vec<DataType>>
where
    F: datafusion::logical_expr::type_coercion::functions::UDFCoercionExt,
{
    let coerced = fields_with_udf(fields, target)?;
    Ok(coerced.iter().map(|field| field.data_type().clone()).collect())
}

fn with_types(arguments: &Arguments, types: &[DataType]) -> Vec<FieldRef> {
    let fields = arguments.fields();
    let fields = fields.iter().zip(types);
    fields.map(|(f, t)| Arc::new(f.as_ref().clone().with_data_type(t.clone()))).collect()
}

fn check_returns(name: &str, declared: Option<DataType>, actual: &DataType) -> Result<()> {
    match declared {
        Some(declared) if declared != *actual => {
            plan_err!("function `{name}` is declared to return {declared}, but returns {actual}")
        }
        _ => Ok(()),
    }
}

/// While planning, calls become calls of the target; everything else is asked of it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AggregateAlias {
    name: String,
    signature: Signature,
    target: Arc<AggregateUDF>,
}

impl AggregateUDFImpl for AggregateAlias {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.target.return_type(types)
    }

    fn return_field(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        let field = self.target.return_field(fields)?;
        Ok(Arc::new(field.as_ref().clone().with_name(&self.name)))
    }

    fn is_nullable(&self) -> bool {
        self.target.is_nullable()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.target.default_value(data_type)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.target.order_sensitivity()
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.target.supports_null_handling_clause()
    }

    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        let target = Arc::clone(&self.target);
        Some(Box::new(move |mut call, _| {
            call.func = Arc::clone(&target);
            Ok(Expr::AggregateFunction(call))
        }))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.target.accumulator(args)
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        self.target.create_sliding_accumulator(args)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.target.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.target.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.target.create_groups_accumulator(args)
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct WindowAlias {
    name: String,
    signature: Signature,
    target: Arc<WindowUDF>,
}

impl WindowUDFImpl for WindowAlias {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        self.target.field(args)
    }

    fn expressions(
        &self,
        args: datafusion::logical_expr::function::ExpressionArgs<'_>,
    ) -> Vec<Arc<dyn datafusion::physical_expr::PhysicalExpr>> {
        self.target.expressions(args)
    }

    fn partition_evaluator(
        &self,
        args: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        self.target.inner().partition_evaluator(args)
    }

    fn sort_options(&self) -> Option<datafusion::arrow::compute::SortOptions> {
        self.target.sort_options()
    }

    fn limit_effect(
        &self,
        args: &[Arc<dyn datafusion::physical_expr::PhysicalExpr>],
    ) -> LimitEffect {
        self.target.inner().limit_effect(args)
    }
}
