//! What a row of the table is for the engine.

use datafusion::logical_expr::{DocSection, Documentation, Volatility as Engine};
use viewlane_core::{FunctionKind, Volatility};

use crate::{OwnFunction, Pack};

pub(crate) fn aliases(row: &OwnFunction) -> Vec<String> {
    row.aliases.iter().map(ToString::to_string).collect()
}

pub(crate) fn volatility(row: &OwnFunction) -> Engine {
    match row.volatility {
        Volatility::Immutable => Engine::Immutable,
        Volatility::Stable => Engine::Stable,
        Volatility::Volatile => Engine::Volatile,
    }
}

pub(crate) fn documentation(row: &OwnFunction) -> Documentation {
    let label = match (row.pack, row.kind) {
        (Pack::Spans, _) => "Span Functions",
        (_, FunctionKind::Scalar) => "Viewlane Functions",
        (_, FunctionKind::Aggregate) => "Viewlane Aggregate Functions",
        (_, FunctionKind::Window) => "Viewlane Window Functions",
        (_, FunctionKind::Table) => "Viewlane Table Functions",
    };
    let section = DocSection { include: true, label, description: None };
    let example = format!("```sql\n> {};\n{}\n```", row.example, row.example_result);
    let mut builder =
        Documentation::builder(section, row.description, row.syntax()).with_sql_example(example);
    for parameter in row.parameters {
        builder = builder.with_argument(parameter.name, parameter.description);
    }
    builder.build()
}
