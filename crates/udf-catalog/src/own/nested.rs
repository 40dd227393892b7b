use super::{Nulls, OwnFunction, Parameter, Returns, SCALAR, Takes};

const MAP: Parameter = Parameter::new("map", Takes::Map, "MAP {'A': 'x', 'b': 'y'}", "a map");

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "list_unique_sorted",
        aliases: &["array_unique_sorted"],
        parameters: &[Parameter::new(
            "list",
            Takes::List,
            "['b', 'a', 'b']",
            "elements with an order",
        )],
        returns: Returns::SameAs(0),
        tags: &["list", "nested"],
        description: "The different elements of a list in ascending order, NULL left out.",
        example: "SELECT array_to_string(list_unique_sorted(['b', NULL, 'a', 'b']), ',')",
        example_result: "a,b",
        ..SCALAR
    },
    OwnFunction {
        name: "map_get_default",
        parameters: &[
            MAP,
            Parameter::new("key", Takes::KeyOfMap, "'A'", "what to look for"),
            Parameter::new("default", Takes::ValueOfMap, "'z'", "the result when it is not there"),
        ],
        returns: Returns::ValueOfMap,
        nulls: Nulls::Described,
        tags: &["map", "nested"],
        description: "The first value of a map under a key that is not NULL, else the default. NULL \
                      when the map or the key is NULL, or the default is needed and NULL.",
        example: "SELECT map_get_default(MAP {'a': 'x'}, 'b', 'none')",
        example_result: "none",
        ..SCALAR
    },
    OwnFunction {
        name: "map_normalize",
        fallible: true,
        parameters: &[
            MAP,
            Parameter::new("key_case", Takes::Text, "'lower'", "`lower`, `upper` or `none`")
                .or("'lower'")
                .constant(),
            Parameter::new("sort_keys", Takes::Boolean, "true", "whether to sort by key")
                .or("true")
                .constant(),
        ],
        returns: Returns::TextMap,
        tags: &["map", "nested", "string_norm"],
        description: "A map with keys and values as texts, keys in one case and sorted. Of keys that \
                      become the same the last one counts. An unknown case is an error.",
        example: "SELECT map_get_default(map_normalize(MAP {'A': 1, 'a': 2}), 'a', 'none')",
        example_result: "2",
        ..SCALAR
    },
    OwnFunction {
        name: "struct_pick",
        aliases: &["struct_select"],
        fallible: true,
        parameters: &[
            Parameter::new("struct", Takes::Struct, "{a: 1, b: 'x', c: true}", "a structure"),
            Parameter::new("field", Takes::Text, "'b'", "name of a field to keep")
                .constant()
                .repeated(),
        ],
        returns: Returns::Picked,
        tags: &["nested", "struct"],
        description: "A structure of the named fields only, in the order in which they are named. A \
                      name that is not a field is an error while planning.",
        example: "SELECT get_field(struct_pick({a: 1, b: 'x'}, 'b'), 'b')",
        example_result: "x",
        ..SCALAR
    },
];
