use viewlane_core::{FunctionKind, Volatility};

use super::{Nulls, OwnFunction, Pack, Parameter, Returns, SCALAR, Takes};

const DELTA: OwnFunction = OwnFunction {
    kind: FunctionKind::Table,
    pack: Pack::Delta,
    volatility: Volatility::Volatile,
    fallible: true,
    returns: Returns::Relation,
    nulls: Nulls::Described,
    ..SCALAR
};
const TABLE: Parameter =
    Parameter::new("table", Takes::Text, "'orders'", "name of a table").constant();
const VERSION: Parameter = Parameter::new("version", Takes::Integer, "1", "version of the table")
    .or("the newest")
    .constant();

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "delta_files",
        aliases: &["viewlane.files"],
        parameters: &[TABLE, VERSION],
        tags: &["delta", "table"],
        description: "The data files of one version of a Delta table. Arguments are literals.",
        example: "SELECT count(*) FROM delta_files('orders')",
        example_result: "1",
        ..DELTA
    },
    OwnFunction {
        name: "delta_history",
        parameters: &[
            TABLE,
            Parameter::new("most", Takes::Integer, "10", "number of versions").or("all").constant(),
        ],
        tags: &["delta", "table"],
        description: "The versions of a Delta table, newest first. Arguments are literals.",
        example: "SELECT count(*) FROM delta_history('orders', 1)",
        example_result: "1",
        ..DELTA
    },
    OwnFunction {
        name: "read_delta",
        parameters: &[TABLE, VERSION],
        tags: &["delta", "table"],
        description: "The rows of one version of a Delta table. Arguments are literals.",
        example: "SELECT count(*) FROM read_delta('orders', 1)",
        example_result: "1",
        ..DELTA
    },
    OwnFunction {
        name: "read_delta_cdf",
        parameters: &[
            TABLE,
            Parameter::new("from_version", Takes::Integer, "0", "first version").constant(),
            Parameter::new("to_version", Takes::Integer, "1", "last version")
                .or("the newest")
                .constant(),
        ],
        tags: &["cdf", "delta", "incremental", "table"],
        description: "The changes of a Delta table between two versions, both included. Arguments are \
                      literals.",
        example: "SELECT count(*) FROM read_delta_cdf('orders', 0, 1)",
        example_result: "1",
        ..DELTA
    },
];
