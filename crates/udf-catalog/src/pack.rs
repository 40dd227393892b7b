//! Our own functions as DataFusion takes them.

use std::sync::Arc;

use datafusion::{
    error::DataFusionError,
    execution::FunctionRegistry,
    logical_expr::{AggregateUDF, ScalarUDF, WindowUDF},
};
use viewlane_core::{FunctionFacts, FunctionKind, FunctionPack};

use crate::{OwnFunction, Pack};

mod aggregate;
mod bodies;
mod rows;
mod scalar;
mod signature;
mod window;

pub(crate) use rows::documentation;
pub(crate) use scalar::Scalar;
pub(crate) use signature::{coerce, signature};

/// The general functions of this crate, to be put into a session.
///
/// ```
/// use datafusion::prelude::SessionContext;
/// use viewlane_core::FunctionPack;
/// use viewlane_udf_catalog::ViewlaneFunctions;
///
/// let mut context = SessionContext::new();
/// ViewlaneFunctions.register(&mut context)?;
/// assert!(context.state().scalar_functions().contains_key("stable_hash64"));
/// assert!(context.state().aggregate_functions().contains_key("arg_max"));
/// # Ok::<(), datafusion::error::DataFusionError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewlaneFunctions;

impl ViewlaneFunctions {
    /// The scalar functions, sorted by name.
    pub fn functions(self) -> Vec<Arc<ScalarUDF>> {
        scalars(Pack::Viewlane)
    }

    /// The aggregate functions, sorted by name.
    pub fn aggregates(self) -> Vec<Arc<AggregateUDF>> {
        rows_of(Pack::Viewlane, FunctionKind::Aggregate).filter_map(aggregate::of).collect()
    }

    /// The window functions, sorted by name.
    pub fn windows(self) -> Vec<Arc<WindowUDF>> {
        rows_of(Pack::Viewlane, FunctionKind::Window).filter_map(window::of).collect()
    }
}

impl FunctionPack for ViewlaneFunctions {
    fn name(&self) -> &'static str {
        "viewlane"
    }

    fn facts(&self) -> Vec<FunctionFacts> {
        facts(Pack::Viewlane)
    }

    fn register(&self, registry: &mut dyn FunctionRegistry) -> Result<(), DataFusionError> {
        for function in self.functions() {
            registry.register_udf(function)?;
        }
        for function in self.aggregates() {
            registry.register_udaf(function)?;
        }
        for function in self.windows() {
            registry.register_udwf(function)?;
        }
        Ok(())
    }
}

/// The functions on spans of text: a pack for one field of work, beside the general one.
///
/// ```
/// use datafusion::prelude::SessionContext;
/// use viewlane_core::FunctionPack;
/// use viewlane_udf_catalog::SpanFunctions;
///
/// let mut context = SessionContext::new();
/// SpanFunctions.register(&mut context)?;
/// assert!(context.state().scalar_functions().contains_key("span_make"));
/// # Ok::<(), datafusion::error::DataFusionError>(())
/// ```
#[cfg(feature = "spans")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanFunctions;

#[cfg(feature = "spans")]
impl FunctionPack for SpanFunctions {
    fn name(&self) -> &'static str {
        "spans"
    }

    fn facts(&self) -> Vec<FunctionFacts> {
        facts(Pack::Spans)
    }

    fn register(&self, registry: &mut dyn FunctionRegistry) -> Result<(), DataFusionError> {
        for function in scalars(Pack::Spans) {
            registry.register_udf(function)?;
        }
        Ok(())
    }
}

fn scalars(pack: Pack) -> Vec<Arc<ScalarUDF>> {
    rows_of(pack, FunctionKind::Scalar)
        .filter_map(|row| Some(Arc::new(ScalarUDF::from(Scalar::new(row, bodies::of(row.name)?)))))
        .collect()
}

fn facts(pack: Pack) -> Vec<FunctionFacts> {
    OwnFunction::all().iter().filter(|row| row.pack == pack).map(|row| row.facts()).collect()
}

fn rows_of(pack: Pack, kind: FunctionKind) -> impl Iterator<Item = &'static OwnFunction> {
    OwnFunction::all().iter().copied().filter(move |row| row.pack == pack && row.kind == kind)
}

#[cfg(test)]
mod tests;
