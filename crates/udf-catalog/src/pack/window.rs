//! Window functions.

use std::{
    hash::{Hash, Hasher},
    ops::Range,
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{ArrayRef, UInt64Array},
        compute::SortOptions,
        datatypes::{DataType, Field, FieldRef},
        row::{RowConverter, SortField},
    },
    common::{Result, ScalarValue},
    logical_expr::{
        Documentation, PartitionEvaluator, Signature, WindowUDF, WindowUDFImpl,
        function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
    },
};

use super::{coerce, documentation, rows::aliases, signature};
use crate::OwnFunction;

const BEST_FIRST: SortOptions = SortOptions { descending: true, nulls_first: false };

pub(super) fn of(row: &'static OwnFunction) -> Option<Arc<WindowUDF>> {
    let evaluator: fn() -> Box<dyn PartitionEvaluator> = match row.name {
        "dedupe_best_by_score" => || Box::new(ByScore),
        "row_index" => || Box::new(Index(0)),
        _ => return None,
    };
    Some(Arc::new(WindowUDF::from(Window {
        row,
        signature: signature(row),
        aliases: aliases(row),
        documentation: documentation(row),
        evaluator,
    })))
}

#[derive(Debug)]
struct Window {
    row: &'static OwnFunction,
    signature: Signature,
    aliases: Vec<String>,
    documentation: Documentation,
    evaluator: fn() -> Box<dyn PartitionEvaluator>,
}

/// A name has one row, and a row one evaluator.
impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name
    }
}

impl Eq for Window {}

impl Hash for Window {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.row.name.hash(state);
    }
}

impl WindowUDFImpl for Window {
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

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::UInt64, false)))
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok((self.evaluator)())
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// `row_index`: how many rows came before.
#[derive(Debug)]
struct Index(u64);

impl PartitionEvaluator for Index {
    fn is_causal(&self) -> bool {
        true
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }

    fn evaluate_all(&mut self, _: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        Ok(Arc::new(UInt64Array::from_iter_values(0..rows as u64)))
    }

    fn evaluate(&mut self, _: &[ArrayRef], _: &Range<usize>) -> Result<ScalarValue> {
        self.0 += 1;
        Ok(ScalarValue::UInt64(Some(self.0 - 1)))
    }
}

/// `dedupe_best_by_score`: the whole partition must be seen.
#[derive(Debug)]
struct ByScore;

impl PartitionEvaluator for ByScore {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let field = SortField::new_with_options(values[0].data_type().clone(), BEST_FIRST);
        let scores = RowConverter::new(vec![field])?.convert_columns(&values[..1])?;
        let mut order: Vec<usize> = (0..rows).collect();
        // Stable: equal scores keep the order of the window.
        order.sort_by(|one, other| scores.row(*one).cmp(&scores.row(*other)));
        let mut ranks = vec![0; rows];
        for (rank, row) in (1..).zip(order) {
            ranks[row] = rank;
        }
        Ok(Arc::new(UInt64Array::from(ranks)))
    }
}

#[cfg(test)]
mod tests;
