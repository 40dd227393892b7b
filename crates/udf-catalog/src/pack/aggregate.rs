//! Aggregate functions.

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

use crate::OwnFunction;

mod chosen;
mod collected;
mod counted;

pub(super) fn of(row: &'static OwnFunction) -> Option<Arc<AggregateUDF>> {
    Some(Arc::new(match row.name {
        "any_value_det" => AggregateUDF::from(chosen::Chosen::new(row, false, false)),
        "arg_max" | "asof_select" => AggregateUDF::from(chosen::Chosen::new(row, true, true)),
        "arg_min" => AggregateUDF::from(chosen::Chosen::new(row, false, true)),
        "collect_set" | "list_unique" => AggregateUDF::from(collected::Collected::new(row)),
        "count_if" => AggregateUDF::from(counted::CountIf::new(row)),
        _ => return None,
    }))
}

/// What each of the aggregate functions takes from its row of the table.
macro_rules! from_row {
    () => {
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

        fn documentation(&self) -> Option<&Documentation> {
            Some(&self.documentation)
        }
    };
}

/// A name has one row, and a row one implementation.
macro_rules! equal_by_row {
    ($type:ident) => {
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.row.name == other.row.name
            }
        }

        impl Eq for $type {}

        impl std::hash::Hash for $type {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.row.name.hash(state);
            }
        }
    };
}

use {equal_by_row, from_row};

#[cfg(test)]
mod tests;
