//! What rows must be before they become files of a table.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, new_null_array},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, SchemaRef},
    record_batch::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::{
    error::DataFusionError,
    execution::SessionState,
    logical_expr::{Expr, Operator, binary_expr, cast, ident},
    physical_expr::PhysicalExpr,
};
use deltalake::DeltaTable;
use viewlane_core::{PortError, TableLocation};

use crate::{codes, session};

/// Columns of a row that are shown of one that is not taken.
const SHOWN_COLUMNS: usize = 8;

/// Brings rows into the form of the table and holds them against its rules: columns that may not be
/// NULL, constraints, generated columns, and the predicate of a replacement.
///
/// As Delta has it, a rule is kept only where it is true; NULL is not enough.
#[derive(Clone)]
pub(crate) struct Admission {
    location: TableLocation,
    schema: SchemaRef,
    /// How a column is made that the rows lack, by its place.
    generated: Vec<(usize, Arc<dyn PhysicalExpr>)>,
    /// What is checked, and its name for people.
    rules: Vec<(String, Arc<dyn PhysicalExpr>)>,
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<_> = self.rules.iter().map(|(name, _)| name).collect();
        f.debug_struct("Admission").field("rules", &rules).finish_non_exhaustive()
    }
}

impl Admission {
    /// No rule but the columns.
    pub(crate) fn of_columns(location: &TableLocation, schema: SchemaRef) -> Self {
        let location = location.clone();
        Self { location, schema, generated: Vec::new(), rules: Vec::new() }
    }

    /// The rules of a table, for rows of its columns as `schema` has them.
    pub(crate) fn of_table(
        location: &TableLocation,
        table: &DeltaTable,
        schema: SchemaRef,
        session: &SessionState,
    ) -> Result<Self, PortError> {
        let mut this = Self::of_columns(location, schema);
        let snapshot =
            table.snapshot().map_err(|error| crate::store::read_error(location, error))?;
        for (key, text) in snapshot.metadata().configuration() {
            if let Some(name) = key.strip_prefix("delta.constraints.") {
                let rule = this.parse(session, text)?;
                this.rule(session, format!("constraint `{name}` ({text})"), rule)?;
            }
        }
        for field in snapshot.schema().fields() {
            let name = field.name();
            if !field.is_nullable() {
                this.rule(session, format!("`{name}` IS NOT NULL"), ident(name).is_not_null())?;
            }
            let text = |key: &str| match field.metadata().get(key) {
                Some(deltalake::kernel::MetadataValue::String(text)) => Some(text.clone()),
                _ => None,
            };
            if let Some(invariant) = text("delta.invariants") {
                let invariant: serde_json::Value =
                    serde_json::from_str(&invariant).unwrap_or_default();
                let Some(rule) = invariant["expression"]["expression"].as_str() else {
                    let message =
                        format!("the invariant of `{name}` in `{location}` is no expression");
                    return Err(PortError::new(codes::FEATURE, message));
                };
                let parsed = this.parse(session, rule)?;
                this.rule(session, format!("invariant of `{name}` ({rule})"), parsed)?;
            }
            if let Some(expression) = text("delta.generationExpression") {
                let Ok(place) = this.schema.index_of(name) else { continue };
                let made = this.parse(session, &expression)?;
                let made = cast(made, this.schema.field(place).data_type().clone());
                let same = binary_expr(ident(name), Operator::IsNotDistinctFrom, made.clone());
                let made = session::physical(session, made, &this.schema);
                this.generated
                    .push((place, made.map_err(|error| this.broken(&expression, error))?));
                this.rule(
                    session,
                    format!("`{name}` = {expression}, as which it is generated,"),
                    same,
                )?;
            }
        }
        this.rules.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(this)
    }

    /// The same with one more rule.
    pub(crate) fn with_rule(
        mut self,
        session: &SessionState,
        name: String,
        rule: Expr,
    ) -> Result<Self, PortError> {
        self.rule(session, name, rule)?;
        Ok(self)
    }

    fn rule(&mut self, session: &SessionState, name: String, rule: Expr) -> Result<(), PortError> {
        let rule = session::physical(session, rule, &self.schema)
            .and_then(|rule| match rule.data_type(&self.schema)? {
                DataType::Boolean => Ok(rule),
                other => Err(DataFusionError::Plan(format!("it is {other} and not true or false"))),
            })
            .map_err(|error| self.broken(&name, error))?;
        self.rules.push((name, rule));
        Ok(())
    }

    fn parse(&self, session: &SessionState, text: &str) -> Result<Expr, PortError> {
        session::parse(session, text, &self.schema).map_err(|error| self.broken(text, error))
    }

    fn broken(&self, what: &str, error: DataFusionError) -> PortError {
        let message = format!("`{what}` of `{}` cannot be evaluated", self.location);
        PortError::with_source(codes::PREDICATE, message, error)
    }

    /// The columns of the table.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows as the table has them, or the first one that it does not take.
    pub(crate) fn admit(&self, batch: &RecordBatch) -> Result<RecordBatch, PortError> {
        let refuse = |what: String, error: arrow::error::ArrowError| {
            PortError::with_source(codes::ROWS, what, error)
        };
        let location = &self.location;
        if let Some(unknown) =
            batch.schema().fields().iter().find(|f| self.schema.index_of(f.name()).is_err())
        {
            let message = format!("`{location}` has no column `{}`", unknown.name());
            return Err(PortError::new(codes::ROWS, message));
        }
        let mut absent = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (place, field) in self.schema.fields().iter().enumerate() {
            let Some(column) = batch.column_by_name(field.name()) else {
                absent.push(place);
                columns.push(new_null_array(field.data_type(), batch.num_rows()));
                continue;
            };
            if column.data_type() == field.data_type() {
                columns.push(Arc::clone(column));
                continue;
            }
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            let column =
                cast_with_options(column, field.data_type(), &strict).map_err(|error| {
                    let (from, to) = (column.data_type(), field.data_type());
                    refuse(
                        format!("`{}` of `{location}` is {to} and not {from}", field.name()),
                        error,
                    )
                })?;
            columns.push(column);
        }
        let whole = |columns: Vec<ArrayRef>| {
            RecordBatch::try_new(Arc::clone(&self.schema), columns)
                .map_err(|error| refuse(format!("`{location}` does not take the rows"), error))
        };
        let mut rows = whole(columns)?;
        for (place, made) in self.generated.iter().filter(|(place, _)| absent.contains(place)) {
            let made = made
                .evaluate(&rows)
                .and_then(|made| made.into_array(rows.num_rows()))
                .map_err(|error| self.broken(self.schema.field(*place).name(), error))?;
            let mut columns = rows.columns().to_vec();
            columns[*place] = made;
            rows = whole(columns)?;
        }
        for (name, rule) in &self.rules {
            let kept = rule
                .evaluate(&rows)
                .and_then(|kept| kept.into_array(rows.num_rows()))
                .map_err(|error| self.broken(name, error))?;
            let kept = kept.as_boolean();
            if let Some(row) = (0..kept.len()).find(|row| kept.is_null(*row) || !kept.value(*row)) {
                let message = format!(
                    "`{location}` does not take a row: {name} does not hold for {}",
                    shown(&rows, row)
                );
                return Err(PortError::new(codes::ROWS, message));
            }
        }
        Ok(rows)
    }
}

/// A row for people.
fn shown(rows: &RecordBatch, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    let cells = rows
        .columns()
        .iter()
        .zip(rows.schema().fields().clone().iter())
        .map(|(column, field)| {
            let value = ArrayFormatter::try_new(column, &options)
                .map_or("?".to_owned(), |values| values.value(row).to_string());
            format!("{} = {value}", field.name())
        })
        .take(SHOWN_COLUMNS)
        .collect::<Vec<_>>();
    let more = if rows.num_columns() > SHOWN_COLUMNS { ", …" } else { "" };
    format!("({}{more})", cells.join(", "))
}
