use super::{Lane, OwnFunction, Parameter, Returns, SCALAR, Takes};

const CHANGE_TYPE: Parameter = Parameter::new(
    "change_type",
    Takes::Text,
    "'insert'",
    "`insert`, `delete`, `update_preimage` or `update_postimage`",
);

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "cdf_change_rank",
        parameters: &[CHANGE_TYPE],
        returns: Returns::Int,
        tags: &["cdf", "incremental"],
        description: "Which change of one row counts: `update_postimage` 3, `insert` 2, `delete` 1, \
                      `update_preimage` 0, anything else -1. The greatest of one version is its state.",
        example: "SELECT cdf_change_rank('update_postimage')",
        example_result: "3",
        ..SCALAR
    },
    OwnFunction {
        name: "cdf_is_delete",
        lanes: &[Lane::Rewrite, Lane::Kernel],
        parameters: &[CHANGE_TYPE],
        returns: Returns::Boolean,
        tags: &["cdf", "incremental"],
        description: "Whether a change takes a row away: `delete`.",
        example: "SELECT cdf_is_delete('delete')",
        example_result: "true",
        ..SCALAR
    },
    OwnFunction {
        name: "cdf_is_upsert",
        lanes: &[Lane::Rewrite, Lane::Kernel],
        parameters: &[CHANGE_TYPE],
        returns: Returns::Boolean,
        tags: &["cdf", "incremental"],
        description: "Whether a change gives a row its state: `insert` or `update_postimage`.",
        example: "SELECT cdf_is_upsert('update_preimage')",
        example_result: "false",
        ..SCALAR
    },
];
