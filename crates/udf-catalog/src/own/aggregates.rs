use viewlane_core::FunctionKind;

use super::{Nulls, OwnFunction, Parameter, Returns, SCALAR, Takes};

const AGGREGATE: OwnFunction =
    OwnFunction { kind: FunctionKind::Aggregate, nulls: Nulls::Described, ..SCALAR };
const VALUE: Parameter = Parameter::new("value", Takes::Ordered, "'v'", "what is chosen");
const KEY: Parameter = Parameter::new("key", Takes::Ordered, "1", "what it is chosen by");

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "any_value_det",
        parameters: &[VALUE, KEY],
        returns: Returns::SameAs(0),
        tags: &["aggregate"],
        description: "A value of the group, always the same one: of the values that are not NULL the \
                      one with the smallest key, of equal keys the smallest value. Rows with a NULL \
                      key do not count; NULL when none is left.",
        example: "SELECT any_value_det(v, k) FROM (VALUES ('a', 2), ('b', 1), (NULL, 0)) t(v, k)",
        example_result: "b",
        ..AGGREGATE
    },
    OwnFunction {
        name: "arg_max",
        aliases: &["max_by"],
        parameters: &[VALUE, KEY],
        returns: Returns::SameAs(0),
        tags: &["aggregate"],
        description: "The value of the row with the greatest key, of equal keys the smallest value, \
                      NULL being the greatest. Rows with a NULL key do not count; NULL when none is \
                      left.",
        example: "SELECT arg_max(v, k) FROM (VALUES ('c', 2), ('b', 2), ('a', 1)) t(v, k)",
        example_result: "b",
        ..AGGREGATE
    },
    OwnFunction {
        name: "arg_min",
        aliases: &["min_by"],
        parameters: &[VALUE, KEY],
        returns: Returns::SameAs(0),
        tags: &["aggregate"],
        description: "The value of the row with the smallest key, of equal keys the smallest value, \
                      NULL being the greatest. Rows with a NULL key do not count; NULL when none is \
                      left.",
        example: "SELECT arg_min(v, k) FROM (VALUES ('a', 2), ('c', 1), ('b', 1)) t(v, k)",
        example_result: "b",
        ..AGGREGATE
    },
    OwnFunction {
        name: "asof_select",
        parameters: &[
            VALUE,
            Parameter::new("at", Takes::Ordered, "1", "when the value came to be"),
            Parameter::new("as_of", Takes::LikeBefore, "1", "the moment asked for")
                .or("the last one"),
        ],
        returns: Returns::SameAs(0),
        tags: &["aggregate"],
        description: "The value as of a moment: of the rows whose `at` is not later, the one with the \
                      latest, of equal ones the smallest value, NULL being the greatest. Rows with a \
                      NULL `at` or `as_of` do not count; NULL when none is left.",
        example: "SELECT asof_select(v, k, 2) FROM (VALUES ('a', 1), ('b', 2), ('c', 3)) t(v, k)",
        example_result: "b",
        ..AGGREGATE
    },
    OwnFunction {
        name: "collect_set",
        parameters: &[VALUE],
        returns: Returns::ListOf,
        tags: &["aggregate", "list"],
        description: "The different values of the group as a list in ascending order, NULL left out, \
                      so the same for every order of the rows. NULL when no value is left.",
        example: "SELECT array_to_string(collect_set(v), ',') FROM (VALUES ('b'), ('a'), ('b')) t(v)",
        example_result: "a,b",
        ..AGGREGATE
    },
    OwnFunction {
        name: "count_if",
        parameters: &[Parameter::new("condition", Takes::Boolean, "true", "what must be true")],
        returns: Returns::BigInt,
        nulls: Nulls::Never,
        tags: &["aggregate"],
        description: "Number of rows for which a condition is true; 0 when there is none.",
        example: "SELECT count_if(v > 1) FROM (VALUES (1), (2), (3), (NULL)) t(v)",
        example_result: "2",
        ..AGGREGATE
    },
    OwnFunction {
        name: "list_unique",
        parameters: &[VALUE],
        returns: Returns::ListOf,
        tags: &["aggregate", "list"],
        description: "The different values of the group as a list. With ORDER BY within the call they \
                      stand in that order, equal ones by value; without, in the order in which they \
                      are first met, which several threads do not fix. NULL is a value unless IGNORE \
                      NULLS says otherwise. NULL when no value is left.",
        example: "SELECT array_to_string(list_unique(v ORDER BY k), ',') \
                  FROM (VALUES ('a', 3), ('b', 1), ('b', 2)) t(v, k)",
        example_result: "b,a",
        ..AGGREGATE
    },
];
