//! Signatures and coercion, from the table.

use datafusion::{
    arrow::{
        datatypes::DataType,
        row::{RowConverter, SortField},
    },
    common::{
        Result, plan_err,
        types::{NativeType, logical_boolean, logical_int64, logical_string},
    },
    logical_expr::{Coercion, Signature, TypeSignature, TypeSignatureClass},
    logical_expr_common::{
        signature::EncodingPreservation, type_coercion::binary::comparison_coercion,
    },
};

use super::rows::volatility;
use crate::{OwnFunction, Parameter, Takes, pack::bodies::text_map};

/// The signature of a row. Where every parameter is of a plain type the engine coerces, and lists
/// the parameters in `information_schema`; else [`coerce`] does it.
pub(crate) fn signature(row: &OwnFunction) -> Signature {
    let names: Vec<String> = row.parameters.iter().map(|p| p.name.to_owned()).collect();
    let lists = (row.required()..=row.parameters.len())
        .map(|count| row.parameters[..count].iter().map(plain).collect::<Option<Vec<_>>>());
    let type_signature = match lists.collect::<Option<Vec<_>>>() {
        Some(lists) if names.is_empty() => {
            debug_assert_eq!(lists.len(), 1);
            TypeSignature::Nullary
        }
        Some(mut lists) if lists.len() == 1 => TypeSignature::Coercible(lists.remove(0)),
        Some(lists) => {
            TypeSignature::OneOf(lists.into_iter().map(TypeSignature::Coercible).collect())
        }
        None => TypeSignature::UserDefined,
    };
    let mut signature = Signature::new(type_signature, volatility(row));
    // Not by `with_parameter_names`, which refuses optional parameters although calls with them are
    // resolved. A parameter that can be given several times has no name for the second.
    if !row.parameters.iter().any(|parameter| parameter.repeated) && !names.is_empty() {
        signature.parameter_names = Some(names);
    }
    signature
}

/// No number is taken for its text, because a hash of `1` must not depend on whether it was written
/// `1.0` somewhere.
fn plain(parameter: &Parameter) -> Option<Coercion> {
    match parameter.takes {
        _ if parameter.repeated => None,
        Takes::Text => Some(
            Coercion::new_exact(TypeSignatureClass::Native(logical_string()))
                .with_encoding_preservation(EncodingPreservation::dictionary()),
        ),
        Takes::Integer => Some(Coercion::new_implicit(
            TypeSignatureClass::Native(logical_int64()),
            vec![TypeSignatureClass::Integer],
            NativeType::Int64,
        )),
        Takes::Boolean => Some(Coercion::new_exact(TypeSignatureClass::Native(logical_boolean()))),
        _ => None,
    }
}

/// The types that the arguments of a call are cast to.
pub(crate) fn coerce(row: &OwnFunction, given: &[DataType]) -> Result<Vec<DataType>> {
    let repeated = row.parameters.last().is_some_and(|parameter| parameter.repeated);
    if given.len() < row.required() || (given.len() > row.parameters.len() && !repeated) {
        return plan_err!(
            "`{}` is called as `{}`, not with {} arguments",
            row.name,
            row.syntax(),
            given.len()
        );
    }
    let mut types: Vec<DataType> = Vec::with_capacity(given.len());
    for (number, given) in given.iter().enumerate() {
        let parameter = &row.parameters[number.min(row.parameters.len() - 1)];
        let Some(coerced) = argument(parameter.takes, given, &types) else {
            return plan_err!(
                "`{}` takes for `{}`: {}; not {given}",
                row.name,
                parameter.name,
                parameter.takes
            );
        };
        if parameter.takes == Takes::LikeBefore {
            types[number - 1] = coerced.clone();
        }
        types.push(coerced);
    }
    Ok(types)
}

fn argument(takes: Takes, given: &DataType, before: &[DataType]) -> Option<DataType> {
    let same = || Some(given.clone());
    let null = *given == DataType::Null;
    match takes {
        Takes::Text | Takes::TextOrInteger if null => Some(DataType::Utf8),
        Takes::Text if is_text(given) => same(),
        Takes::TextOrInteger if is_text(given) => same(),
        Takes::Integer | Takes::TextOrInteger if given.is_integer() => Some(DataType::Int64),
        Takes::Integer if null => Some(DataType::Int64),
        Takes::Boolean if null || *given == DataType::Boolean => Some(DataType::Boolean),
        Takes::Plain if null => Some(DataType::Utf8),
        Takes::Plain if !given.is_nested() => same(),
        Takes::Any => same(),
        Takes::Ordered if null => Some(DataType::Utf8),
        Takes::Ordered => {
            // Dictionaries come back from their order as plain values.
            let plain = match given {
                DataType::Dictionary(_, value) => value.as_ref(),
                other => other,
            };
            let field = SortField::new(plain.clone());
            RowConverter::supports_fields(&[field]).then(|| plain.clone())
        }
        Takes::LikeBefore => comparison_coercion(before.last()?, given),
        Takes::List => match given {
            DataType::List(_) | DataType::LargeList(_) => same(),
            DataType::FixedSizeList(field, _) | DataType::ListView(field) => {
                Some(DataType::List(field.clone()))
            }
            DataType::LargeListView(field) => Some(DataType::LargeList(field.clone())),
            DataType::Null => Some(DataType::new_list(DataType::Utf8, true)),
            _ => None,
        },
        Takes::Map if null => Some(text_map()),
        Takes::Map => matches!(given, DataType::Map(_, _)).then(|| given.clone()),
        Takes::KeyOfMap => of_map(before, 0).filter(|wanted| fits(given, wanted)),
        Takes::ValueOfMap => of_map(before, 1).filter(|wanted| fits(given, wanted)),
        Takes::Struct => matches!(given, DataType::Struct(_)).then(|| given.clone()),
        Takes::Span => span(given),
        _ => None,
    }
}

/// Whether a value can stand where another type is wanted without a surprise.
fn fits(given: &DataType, wanted: &DataType) -> bool {
    *given == DataType::Null
        || given == wanted
        || (is_text(given) && is_text(wanted))
        || (given.is_numeric() && wanted.is_numeric())
}

fn of_map(before: &[DataType], number: usize) -> Option<DataType> {
    let Some(DataType::Map(entries, _)) = before.first() else { return None };
    let DataType::Struct(fields) = entries.data_type() else { return None };
    Some(fields.get(number)?.data_type().clone())
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

#[cfg(feature = "spans")]
fn span(given: &DataType) -> Option<DataType> {
    match given {
        DataType::Struct(fields) => ["bstart", "bend"]
            .iter()
            .all(|name| fields.find(name).is_some_and(|(_, field)| field.data_type().is_integer()))
            .then(|| given.clone()),
        DataType::Null => Some(DataType::Struct(crate::kernels::spans::span_fields())),
        _ => None,
    }
}

#[cfg(not(feature = "spans"))]
fn span(_: &DataType) -> Option<DataType> {
    None
}
