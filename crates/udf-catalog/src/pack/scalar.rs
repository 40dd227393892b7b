//! One row of the table as a scalar function.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::ArrayRef,
        datatypes::{DataType, Field, FieldRef, Fields},
    },
    common::{DataFusionError, Result, ScalarValue, internal_err, plan_err},
    logical_expr::{
        ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl,
        Signature,
        expr::InList,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
};

use super::{bodies::text_map, coerce, documentation, rows::aliases, signature};
use crate::{
    Nulls, OwnFunction, Returns,
    kernels::{self, Argument},
};

/// What runs: the arguments of a batch, its number of rows, and the type that is promised.
pub(crate) type Body = fn(&[Argument], usize, &DataType) -> kernels::Result<ArrayRef>;

#[derive(Debug)]
pub(crate) struct Scalar {
    row: &'static OwnFunction,
    signature: Signature,
    aliases: Vec<String>,
    documentation: Documentation,
    body: Body,
}

impl Scalar {
    pub(crate) fn new(row: &'static OwnFunction, body: Body) -> Self {
        Self {
            row,
            signature: signature(row),
            aliases: aliases(row),
            documentation: documentation(row),
            body,
        }
    }
}

/// A name has one row, and a row one body.
impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.row.name.hash(state);
    }
}

impl ScalarUDFImpl for Scalar {
    fn name(&self) -> &str {
        self.row.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        coerce(self.row, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("`return_field_from_args` is asked instead")
    }

    /// What is never NULL is said to be so, that it can be a key.
    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let nullable = match self.row.nulls {
            Nulls::Propagate => args.arg_fields.iter().any(|field| field.is_nullable()),
            Nulls::Never => false,
            Nulls::Described => true,
        };
        let data_type = returns(self.row, &args)?;
        Ok(Arc::new(Field::new(self.row.name, data_type, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arguments: Vec<Argument> = args
            .args
            .iter()
            .map(|value| match value {
                ColumnarValue::Array(array) => Ok(Argument::column(Arc::clone(array))),
                ColumnarValue::Scalar(value) => Ok(Argument::constant(value.to_array()?)),
            })
            .collect::<Result<_>>()?;
        let rows = if scalar { 1 } else { args.number_rows };
        let array =
            (self.body)(&arguments, rows, args.return_field.data_type()).map_err(|error| {
                DataFusionError::from(error).context(format!("`{}`", self.row.name))
            })?;
        match scalar {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)),
            false => Ok(ColumnarValue::Array(array)),
        }
    }

    /// Literals are folded by the engine, because the functions are immutable. What has the lane
    /// `rewrite` becomes an expression that filters can be pushed down by.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let accepted: &[&str] = match self.row.name {
            "cdf_is_delete" => &["delete"],
            "cdf_is_upsert" => &["insert", "update_postimage"],
            _ => return Ok(ExprSimplifyResult::Original(args)),
        };
        let [arg] = args.as_slice() else { return Ok(ExprSimplifyResult::Original(args)) };
        let data_type = info.get_data_type(arg)?;
        if matches!(data_type, DataType::Dictionary(_, _)) {
            return Ok(ExprSimplifyResult::Original(args));
        }
        let list = accepted
            .iter()
            .map(|word| Ok(Expr::Literal(ScalarValue::from(*word).cast_to(&data_type)?, None)))
            .collect::<Result<Vec<_>>>()?;
        let within = InList::new(Box::new(arg.clone()), list, false);
        Ok(ExprSimplifyResult::Simplified(Expr::InList(within)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

fn returns(row: &OwnFunction, args: &ReturnFieldArgs<'_>) -> Result<DataType> {
    let argument = |number: usize| args.arg_fields.get(number).map(|field| field.data_type());
    Ok(match row.returns {
        Returns::BigInt => DataType::Int64,
        Returns::Int => DataType::Int32,
        Returns::UnsignedBigInt => DataType::UInt64,
        Returns::Double => DataType::Float64,
        Returns::Boolean => DataType::Boolean,
        Returns::Text => DataType::Utf8,
        Returns::TextMap => text_map(),
        #[cfg(feature = "spans")]
        Returns::Span => DataType::Struct(kernels::spans::span_fields()),
        Returns::SameAs(number) => match argument(number) {
            Some(data_type) => data_type.clone(),
            None => return plan_err!("`{}` is called as `{}`", row.name, row.syntax()),
        },
        Returns::ValueOfMap => match argument(0) {
            Some(DataType::Map(entries, _)) => match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 => fields[1].data_type().clone(),
                other => return plan_err!("a map of {other} has no values"),
            },
            _ => return plan_err!("`{}` takes a map", row.name),
        },
        Returns::Picked => DataType::Struct(picked(row, args)?),
        _ => return internal_err!("`{}` has no type as a scalar function", row.name),
    })
}

fn picked(row: &OwnFunction, args: &ReturnFieldArgs<'_>) -> Result<Fields> {
    let Some(DataType::Struct(fields)) = args.arg_fields.first().map(|field| field.data_type())
    else {
        return plan_err!("`{}` takes a structure", row.name);
    };
    let mut picked: Vec<FieldRef> = Vec::new();
    for name in args.scalar_arguments.iter().skip(1) {
        let Some(Some(name)) = name.and_then(|name| name.try_as_str()) else {
            return plan_err!("`{}` takes the names of fields as literals", row.name);
        };
        let Some((_, field)) = fields.find(name) else {
            let known: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            return plan_err!("`{name}` is not a field; there are `{}`", known.join("`, `"));
        };
        if picked.iter().any(|known| known.name() == name) {
            return plan_err!("field `{name}` is picked twice");
        }
        picked.push(Arc::clone(field));
    }
    Ok(picked.into())
}
