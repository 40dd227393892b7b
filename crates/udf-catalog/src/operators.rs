//! Operators on nested values: `->`, `->>`, `@>` and `<@`.

use datafusion::{
    arrow::datatypes::{DataType, Field},
    common::{
        DFSchema, Result, ScalarValue, config::ConfigOptions, plan_err, tree_node::Transformed,
    },
    functions::core::expr_fn::get_field,
    functions_nested::expr_fn::{array_element, array_has_all, map_entries},
    logical_expr::{
        BinaryExpr, Expr, ExprSchemable, Operator, and, binary_expr, cast,
        expr_rewriter::FunctionRewrite,
        lit,
        planner::{ExprPlanner, PlannerResult, RawBinaryExpr},
    },
    sql::sqlparser::ast::BinaryOperator,
};

/// Gives the operators a meaning on structures, maps and lists:
///
/// | | structure | map | list |
/// |---|---|---|---|
/// | `x -> k` | field of this name | value under this key | element with this number, counted from 1 |
/// | `x ->> k` | the same, as text | the same, as text | the same, as text |
/// | `x @> y` | `y` has no field but those of `x`, with the same values | every entry of `y` is in `x` | every element of `y` is in `x` |
/// | `x <@ y` | `y @> x` | `y @> x` | `y @> x` |
///
/// On anything else they are left to others. Registered as an expression planner, and as a rewrite
/// for expressions that were planned elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NestedOperators;

const NAME: &str = "viewlane_nested_operators";

impl ExprPlanner for NestedOperators {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let op = match expr.op {
            BinaryOperator::Arrow => Operator::Arrow,
            BinaryOperator::LongArrow => Operator::LongArrow,
            BinaryOperator::AtArrow => Operator::AtArrow,
            BinaryOperator::ArrowAt => Operator::ArrowAt,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        Ok(match meaning(op, &expr.left, &expr.right, schema)? {
            Some(planned) => PlannerResult::Planned(planned),
            None => PlannerResult::Original(expr),
        })
    }
}

impl FunctionRewrite for NestedOperators {
    fn name(&self) -> &str {
        NAME
    }

    fn rewrite(
        &self,
        expr: Expr,
        schema: &DFSchema,
        _: &ConfigOptions,
    ) -> Result<Transformed<Expr>> {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = &expr else {
            return Ok(Transformed::no(expr));
        };
        match meaning(*op, left, right, schema)? {
            Some(planned) => Ok(Transformed::yes(planned)),
            None => Ok(Transformed::no(expr)),
        }
    }
}

fn meaning(op: Operator, left: &Expr, right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    match op {
        Operator::Arrow => part(left, right, schema),
        Operator::LongArrow => {
            let part = part(left, right, schema)?;
            Ok(part.map(|part| cast(part, DataType::Utf8)))
        }
        Operator::AtArrow => contains(left, right, schema),
        Operator::ArrowAt => contains(right, left, schema),
        _ => Ok(None),
    }
}

fn part(whole: &Expr, key: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    Ok(match whole.get_type(schema)? {
        DataType::Struct(fields) => {
            let Expr::Literal(name, _) = key else {
                return plan_err!("a field is chosen by a literal name, not by `{key}`");
            };
            let Some(Some(name)) = name.try_as_str() else {
                return plan_err!("a field is chosen by a literal name, not by {name}");
            };
            if fields.find(name).is_none() {
                let known: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
                return plan_err!("`{name}` is not a field; there are `{}`", known.join("`, `"));
            }
            Some(get_field(whole.clone(), name))
        }
        DataType::Map(entries, _) => {
            let key = match (key, entries.data_type()) {
                (Expr::Literal(value, metadata), DataType::Struct(fields)) => {
                    let value = value.cast_to(fields[0].data_type())?;
                    Expr::Literal(value, metadata.clone())
                }
                _ => key.clone(),
            };
            Some(Expr::ScalarFunction(datafusion::logical_expr::expr::ScalarFunction::new_udf(
                datafusion::functions::core::get_field(),
                vec![whole.clone(), key],
            )))
        }
        data_type if is_list(&data_type) => Some(array_element(whole.clone(), key.clone())),
        _ => None,
    })
}

fn contains(whole: &Expr, part: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    Ok(match (whole.get_type(schema)?, part.get_type(schema)?) {
        (DataType::Map(_, _), DataType::Map(_, _)) => {
            Some(array_has_all(map_entries(whole.clone()), map_entries(part.clone())))
        }
        (DataType::Struct(_), DataType::Struct(wanted)) => {
            let same = |field: &Field| {
                let name = field.name();
                let (left, right) = (get_field(whole.clone(), name), get_field(part.clone(), name));
                binary_expr(left, Operator::IsNotDistinctFrom, right)
            };
            let known = |field: &Field| match whole.get_type(schema) {
                Ok(DataType::Struct(fields)) => fields.find(field.name()).is_some(),
                _ => false,
            };
            if !wanted.iter().all(|field| known(field)) {
                return Ok(Some(lit(false)));
            }
            let all = wanted.iter().map(|field| same(field)).reduce(and);
            Some(all.unwrap_or_else(|| lit(ScalarValue::Boolean(Some(true)))))
        }
        (one, other) if is_list(&one) && is_list(&other) => {
            Some(array_has_all(whole.clone(), part.clone()))
        }
        _ => None,
    })
}

fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _))
}

#[cfg(test)]
mod tests;
