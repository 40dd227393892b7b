//! Functions of the engine that our documentation promises. They are not registered by us; the
//! parity check holds that the engine still has them, under these names.

use super::{Lane, Nulls, OwnFunction, Pack, Parameter, Returns, SCALAR, Takes, Tier};

const ENGINE: OwnFunction = OwnFunction {
    pack: Pack::Engine,
    tier: Tier::Builtin,
    lanes: &[Lane::Engine],
    returns: Returns::Engine,
    nulls: Nulls::Described,
    ..SCALAR
};

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "array_compact",
        aliases: &["list_compact"],
        parameters: &[Parameter::new("array", Takes::List, "['a', NULL, 'b']", "a list")],
        tags: &["list", "nested"],
        description: "A list without its NULL elements. NULL gives NULL.",
        example: "SELECT array_to_string(list_compact(['a', NULL, 'b']), ',')",
        example_result: "a,b",
        ..ENGINE
    },
    OwnFunction {
        name: "arrow_metadata",
        parameters: &[
            Parameter::new("expression", Takes::Any, "'a'", "any expression"),
            Parameter::new("key", Takes::Text, "'unit'", "key of the metadata")
                .or("every key")
                .constant(),
        ],
        tags: &["schema"],
        description: "The metadata of the field that an expression is, as a map, or the value under \
                      one key, NULL when it is not there.",
        example: "SELECT arrow_metadata('a', 'unit') IS NULL",
        example_result: "true",
        ..ENGINE
    },
];
