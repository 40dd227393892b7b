use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow_schema::{Field, Schema};
use viewlane_core::RelationName;

use crate::{Error, parse_type};

/// A row of `information_schema.columns`, with the columns of the same names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InformationColumn {
    /// The catalog of the relation.
    pub table_catalog: String,
    /// The schema of the relation.
    pub table_schema: String,
    /// The relation.
    pub table_name: String,
    /// The column.
    pub column_name: String,
    /// Where it stands. Rows may come in any order, and numbers may start at any number.
    pub ordinal_position: u64,
    /// Whether NULL is possible: `YES` or `NO`.
    pub is_nullable: String,
    /// The type as Arrow prints it.
    pub data_type: String,
}

/// The schemas that rows of `information_schema.columns` describe, by full name: relations of one
/// name in two schemas are two relations.
///
/// # Errors
///
/// All that is wrong, as [`Error::Information`]: a column twice or two at one place, a nullability
/// that is neither `YES` nor `NO`, a type that is none, a name without a part.
///
/// ```
/// use viewlane_schema_contract::{InformationColumn, schemas};
///
/// let row = InformationColumn {
///     table_catalog: "lake".into(),
///     table_schema: "marts".into(),
///     table_name: "revenue".into(),
///     column_name: "amount".into(),
///     ordinal_position: 0,
///     is_nullable: "YES".into(),
///     data_type: "Decimal128(10, 2)".into(),
/// };
/// let schemas = schemas([row]).unwrap();
/// assert_eq!(schemas[&"lake.marts.revenue".parse()?].fields().len(), 1);
/// # Ok::<(), viewlane_core::NameError>(())
/// ```
pub fn schemas(
    rows: impl IntoIterator<Item = InformationColumn>,
) -> Result<BTreeMap<RelationName, Arc<Schema>>, Vec<Error>> {
    let mut found = Vec::new();
    let mut columns: BTreeMap<RelationName, BTreeMap<u64, Field>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for row in rows {
        match read(&row) {
            Ok((name, field)) => {
                let (place, column) = (row.ordinal_position, &row.column_name);
                if !known.insert((name.clone(), column.clone())) {
                    found.push(wrong(&row, format!("column `{column}` is there twice")));
                } else if let Some(other) = columns.entry(name).or_default().insert(place, field) {
                    let other = other.name();
                    let reason = format!("columns `{other}` and `{column}` both stand at {place}");
                    found.push(wrong(&row, reason));
                }
            }
            Err(error) => found.push(error),
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let schema = |fields: BTreeMap<u64, Field>| {
        Arc::new(Schema::new(fields.into_values().collect::<Vec<_>>()))
    };
    Ok(columns.into_iter().map(|(name, fields)| (name, schema(fields))).collect())
}

fn read(row: &InformationColumn) -> Result<(RelationName, Field), Error> {
    let parts = [&row.table_catalog, &row.table_schema, &row.table_name];
    let name = RelationName::from_parts(parts).map_err(|error| wrong(row, error.to_string()))?;
    let nullable = match row.is_nullable.as_str() {
        "YES" => true,
        "NO" => false,
        other => {
            let column = &row.column_name;
            return Err(wrong(
                row,
                format!("`{column}` is nullable neither `YES` nor `NO`: `{other}`"),
            ));
        }
    };
    let data_type = parse_type(&row.data_type)
        .map_err(|error| wrong(row, format!("of column `{}`, {error}", row.column_name)))?;
    Ok((name, Field::new(&row.column_name, data_type, nullable)))
}

fn wrong(row: &InformationColumn, reason: String) -> Error {
    let relation = format!("{}.{}.{}", row.table_catalog, row.table_schema, row.table_name);
    Error::Information { relation, reason }
}

#[cfg(test)]
mod tests;
