use viewlane_core::FunctionKind;

use super::{Nulls, OwnFunction, Parameter, Returns, SCALAR, Takes};

const WINDOW: OwnFunction = OwnFunction {
    kind: FunctionKind::Window,
    returns: Returns::UnsignedBigInt,
    nulls: Nulls::Never,
    ..SCALAR
};

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "dedupe_best_by_score",
        parameters: &[Parameter::new("score", Takes::Ordered, "1", "the greatest is the best")],
        tags: &["dedupe", "window"],
        description: "Rank of a row within its partition by score, 1 being the best. Rows of one score \
                      keep the order of the window; NULL scores come last. With PARTITION BY a key and \
                      a complete ORDER BY, `= 1` keeps one row of each key, always the same.",
        example: "SELECT max(v) FROM (SELECT v, dedupe_best_by_score(s) OVER (ORDER BY v) AS n \
                  FROM (VALUES ('a', 1), ('b', 3), ('c', 3)) t(v, s)) WHERE n = 1",
        example_result: "b",
        ..WINDOW
    },
    OwnFunction {
        name: "row_index",
        tags: &["window"],
        description: "Number of a row within its partition in the order of the window, counted from 0.",
        example: "SELECT max(n) FROM (SELECT row_index() OVER (ORDER BY v) AS n \
                  FROM (VALUES ('a'), ('b')) t(v))",
        example_result: "1",
        ..WINDOW
    },
];
