//! Our own functions as DataFusion takes them.

use std::sync::Arc;

use datafusion::{
    error::DataFusionError,
    execution::FunctionRegistry,
    logical_expr::{Documentation, ScalarUDF, Signature},
};
use viewlane_core::{FunctionFacts, FunctionPack};

use crate::OwnFunction;

mod stable_hash64;
mod strings;
mod utf8_null_if_blank;

/// The functions of this crate, to be put into a session.
///
/// ```
/// use datafusion::prelude::SessionContext;
/// use viewlane_core::FunctionPack;
/// use viewlane_udf_catalog::ViewlaneFunctions;
///
/// let mut context = SessionContext::new();
/// ViewlaneFunctions.register(&mut context)?;
/// assert!(context.state().scalar_functions().contains_key("stable_hash64"));
/// # Ok::<(), datafusion::error::DataFusionError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewlaneFunctions;

impl ViewlaneFunctions {
    /// The functions, sorted by name.
    pub fn functions(self) -> Vec<Arc<ScalarUDF>> {
        vec![
            Arc::new(ScalarUDF::from(stable_hash64::StableHash64::new())),
            Arc::new(ScalarUDF::from(utf8_null_if_blank::Utf8NullIfBlank::new())),
        ]
    }
}

impl FunctionPack for ViewlaneFunctions {
    fn name(&self) -> &'static str {
        "viewlane"
    }

    fn facts(&self) -> Vec<FunctionFacts> {
        OwnFunction::all().iter().map(OwnFunction::facts).collect()
    }

    fn register(&self, registry: &mut dyn FunctionRegistry) -> Result<(), DataFusionError> {
        for function in self.functions() {
            registry.register_udf(function)?;
        }
        Ok(())
    }
}

/// The row of the table for a function that is implemented here.
fn row(name: &str) -> &'static OwnFunction {
    OwnFunction::named(name).expect("every implementation has a row; a test holds the two together")
}

fn aliases(row: &OwnFunction) -> Vec<String> {
    row.aliases.iter().map(ToString::to_string).collect()
}

/// One string of any kind: no number is taken for its text, because a hash of `1` must not depend on
/// whether it was written `1.0` somewhere.
fn one_string(row: &OwnFunction) -> Signature {
    use datafusion::{
        common::types::logical_string,
        logical_expr::{Coercion, TypeSignatureClass},
    };

    let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()))
        .with_encoding_preservation(
            datafusion::logical_expr_common::signature::EncodingPreservation::dictionary(),
        );
    Signature::coercible(vec![text], volatility(row))
        .with_parameter_names(row.parameters.iter().map(|parameter| parameter.name).collect())
        .expect("there are as many names as parameters")
}

fn volatility(row: &OwnFunction) -> datafusion::logical_expr::Volatility {
    use datafusion::logical_expr::Volatility as Engine;
    use viewlane_core::Volatility;

    match row.volatility {
        Volatility::Immutable => Engine::Immutable,
        Volatility::Stable => Engine::Stable,
        Volatility::Volatile => Engine::Volatile,
    }
}

fn documentation(
    row: &OwnFunction,
    section: datafusion::logical_expr::DocSection,
) -> Documentation {
    let example = format!("```sql\n> {};\n{}\n```", row.example, row.example_result,);
    let mut builder =
        Documentation::builder(section, row.description, row.syntax()).with_sql_example(example);
    for parameter in row.parameters {
        builder = builder.with_argument(parameter.name, parameter.description);
    }
    builder.build()
}

#[cfg(test)]
mod tests;
