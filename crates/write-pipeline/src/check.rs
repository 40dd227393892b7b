use std::sync::Arc;

use arrow::{
    array::{Array, AsArray},
    datatypes::{DataType, Schema},
    record_batch::RecordBatch,
};
use datafusion::{error::DataFusionError, physical_expr::PhysicalExpr};

use crate::Error;

/// How many offending rows a message shows.
const SHOWN: usize = 3;

/// A condition that each stored row must meet, as SQL's `CHECK` has it: only *false* breaks it,
/// NULL passes.
///
/// ```
/// use std::sync::Arc;
/// use arrow::datatypes::{DataType, Field, Schema};
/// use datafusion::{common::DFSchema, prelude::{SessionContext, col, lit}};
/// use viewlane_write_pipeline::Check;
///
/// let schema = Arc::new(Schema::new(vec![Field::new("cost", DataType::Int64, true)]));
/// let condition = SessionContext::new()
///     .create_physical_expr(col("cost").gt_eq(lit(0i64)), &DFSchema::try_from(schema.clone())?)?;
/// let check = Check::new("cost is not negative", condition, &schema)?;
/// assert_eq!(check.name(), "cost is not negative");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Check {
    name: String,
    condition: Arc<dyn PhysicalExpr>,
}

impl Check {
    /// Names a condition over the stored schema.
    ///
    /// # Errors
    ///
    /// `VL-W0106` when the condition is not boolean over `schema`.
    pub fn new(
        name: impl Into<String>,
        condition: Arc<dyn PhysicalExpr>,
        schema: &Schema,
    ) -> Result<Self, Error> {
        let name = name.into();
        let bad = |source| Error::CheckUnusable { name: name.clone(), source };
        match condition.data_type(schema).map_err(bad)? {
            DataType::Boolean => Ok(Self { name, condition }),
            other => Err(bad(DataFusionError::Plan(format!(
                "`{condition}` is of type {other}, not Boolean"
            )))),
        }
    }

    /// The name, as messages show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Passes the batch, or tells what of it breaks the condition.
    pub(crate) fn pass(&self, batch: &RecordBatch) -> Result<(), Error> {
        let bad = |source| Error::CheckUnusable { name: self.name.clone(), source };
        let held = self
            .condition
            .evaluate(batch)
            .and_then(|value| value.into_array(batch.num_rows()))
            .map_err(bad)?;
        let held = held.as_boolean_opt().ok_or_else(|| {
            bad(DataFusionError::Execution("the condition did not give booleans".to_owned()))
        })?;
        // False and not NULL; counted by the bit, because nearly all batches have none.
        let count = held.len() - held.null_count() - held.true_count();
        if count == 0 {
            return Ok(());
        }
        let rows = (0..held.len()).filter(|row| held.is_valid(*row) && !held.value(*row));
        let first: Vec<_> = rows.take(SHOWN).map(|row| show_row(batch, row)).collect();
        Err(Error::Check {
            name: self.name.clone(),
            count,
            rows: batch.num_rows(),
            first: first.join("; "),
        })
    }
}

/// How many rows a write is expected to have; a write outside of it fails and leaves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowLimits {
    /// The least number of rows. `None`: no lower bound.
    pub min: Option<u64>,
    /// The greatest number of rows. `None`: no upper bound.
    pub max: Option<u64>,
}

impl RowLimits {
    /// Fails once more rows were seen than may be.
    pub(crate) fn pass_so_far(self, rows: u64) -> Result<(), Error> {
        match self.max {
            Some(max) if rows > max => Err(Error::RowCount {
                rows: format!("at least {rows}"),
                bound: format!("at most {max}"),
            }),
            _ => Ok(()),
        }
    }

    /// Fails at the end when fewer rows were seen than must be.
    pub(crate) fn pass_whole(self, rows: u64) -> Result<(), Error> {
        match self.min {
            Some(min) if rows < min => {
                Err(Error::RowCount { rows: rows.to_string(), bound: format!("at least {min}") })
            }
            _ => Ok(()),
        }
    }
}

/// A row as text: `name = value, …`.
pub(crate) fn show_row(batch: &RecordBatch, row: usize) -> String {
    let cells = batch.columns().iter().zip(batch.schema_ref().fields()).map(|(column, field)| {
        let value = if column.is_null(row) {
            "NULL".to_owned()
        } else {
            arrow::util::display::array_value_to_string(column, row)
                .unwrap_or_else(|_| "?".to_owned())
        };
        format!("{} = {value}", field.name())
    });
    cells.collect::<Vec<_>>().join(", ")
}
