use viewlane_core::{FunctionKind, Volatility};

use super::{Nulls, OwnFunction, Pack, Returns, SCALAR};

const TABLE: OwnFunction = OwnFunction {
    kind: FunctionKind::Table,
    pack: Pack::Tables,
    volatility: Volatility::Volatile,
    returns: Returns::Relation,
    nulls: Nulls::Described,
    tags: &["table"],
    ..SCALAR
};

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "function_docs",
        description: "One row for each function of the session, as it is when the query is planned: \
                      `name`, `kind`, `section`, `description`, `syntax`, `example`, \
                      `argument_names`, `argument_descriptions`, `aliases`.",
        example: "SELECT syntax FROM function_docs() WHERE name = 'stable_id'",
        example_result: "stable_id(prefix, text)",
        ..TABLE
    },
    OwnFunction {
        name: "functions",
        description: "One row for each function of the session, as it is when the query is planned: \
                      `name`, `kind`, `tier`, `pack`, `volatility`, `fallible`, `aliases`, \
                      `parameters`, `signatures`, `returns`, `lanes`, `tags`, `description`.",
        example: "SELECT tier FROM functions() WHERE name = 'stable_id'",
        example_result: "rust",
        ..TABLE
    },
    OwnFunction {
        name: "list_files_cache",
        description: "The lists of files that the session holds: `table_name`, `path`, `files`, \
                      `size_bytes`, `hits`, `expires`. No row when the cache is off.",
        example: "SELECT count(*) FROM list_files_cache()",
        example_result: "0",
        ..TABLE
    },
    OwnFunction {
        name: "metadata_cache",
        description: "The footers of files that the session holds: `path`, `file_size_bytes`, \
                      `last_modified`, `size_bytes`, `hits`.",
        example: "SELECT count(*) FROM metadata_cache()",
        example_result: "0",
        ..TABLE
    },
    OwnFunction {
        name: "statistics_cache",
        description: "The statistics of files that the session holds: `table_name`, `path`, \
                      `file_size_bytes`, `last_modified`, `rows`, `rows_exact`, `columns`, \
                      `size_bytes`, `hits`. No row when the cache is off.",
        example: "SELECT count(*) FROM statistics_cache()",
        example_result: "0",
        ..TABLE
    },
];
