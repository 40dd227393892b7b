use super::{Nulls, OwnFunction, Parameter, Returns, SCALAR, Takes};

const TEXT: Parameter = Parameter::new("text", Takes::Text, "'alpha'", "what is hashed");
const PREFIX: Parameter =
    Parameter::new("prefix", Takes::Text, "'node'", "stands before the hash; it is not hashed");
const PART: Parameter = Parameter::new(
    "part",
    Takes::Plain,
    "'alpha'",
    "what is hashed, as the text it is cast to; NULL is a part like any other",
)
.repeated();

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "prefixed_hash64",
        aliases: &["prefixed_hash"],
        parameters: &[PREFIX, TEXT],
        tags: &["hash", "id"],
        description: "`prefix`, a colon and `stable_hash64` of the text in decimal.",
        example: "SELECT prefixed_hash64('node', 'alpha')",
        example_result: "node:5982700193828047002",
        ..SCALAR
    },
    OwnFunction {
        name: "prefixed_hash_parts64",
        aliases: &["prefixed_hash_parts"],
        parameters: &[PREFIX, PART],
        nulls: Nulls::Described,
        tags: &["hash", "id"],
        description: "`prefix`, a colon and a 64-bit hash of several parts in decimal. Parts are put \
                      together as in `stable_id_parts`. NULL only when the prefix is.",
        example: "SELECT prefixed_hash_parts64('edge', 'a', 'b')",
        example_result: "edge:8668388485945676816",
        ..SCALAR
    },
    OwnFunction {
        name: "stable_hash128",
        aliases: &["hash128"],
        parameters: &[TEXT],
        tags: &["hash"],
        description: "The BLAKE2b digest of 16 bytes over the UTF-8 bytes of a text, in lower-case \
                      hexadecimal digits.",
        example: "SELECT stable_hash128('alpha')",
        example_result: "b52f7e54cd313e691148cc2c80345831",
        ..SCALAR
    },
    OwnFunction {
        name: "stable_hash64",
        aliases: &["hash64"],
        parameters: &[TEXT],
        returns: Returns::BigInt,
        tags: &["hash"],
        description: "A hash of a text that is the same on every machine and in every version: the \
                      BLAKE2b digest of 8 bytes over its UTF-8 bytes, read as a big-endian number \
                      without its highest bit, so never negative.",
        example: "SELECT stable_hash64('alpha')",
        example_result: "5982700193828047002",
        ..SCALAR
    },
    OwnFunction {
        name: "stable_hash_any",
        aliases: &["stable_hash"],
        parameters: &[
            Parameter::new("value", Takes::Any, "'alpha'", "what is hashed"),
            Parameter::new(
                "canonical",
                Takes::Boolean,
                "true",
                "whether texts that look alike are one: trimmed, in normal form NFKC",
            )
            .or("true"),
            Parameter::new("null_sentinel", Takes::Text, "'__NULL__'", "what is hashed for NULL")
                .or("'__NULL__'"),
        ],
        nulls: Nulls::Never,
        tags: &["hash"],
        description: "`stable_hash128` of the text of any value. Lists, maps and structures are \
                      written with their texts quoted, so that no two of one type have one text. \
                      NULL hashes the sentinel; a text that is the sentinel, or starts with U+001B, \
                      is hashed with U+001B before it, so it is never taken for NULL.",
        example: "SELECT stable_hash_any('  alpha ')",
        example_result: "b52f7e54cd313e691148cc2c80345831",
        ..SCALAR
    },
    OwnFunction {
        name: "stable_id",
        parameters: &[PREFIX, TEXT],
        tags: &["hash", "id"],
        description: "`prefix`, a colon and `stable_hash128` of the text.",
        example: "SELECT stable_id('node', 'alpha')",
        example_result: "node:b52f7e54cd313e691148cc2c80345831",
        ..SCALAR
    },
    OwnFunction {
        name: "stable_id_parts",
        aliases: &["stable_id_multi"],
        parameters: &[PREFIX, PART],
        nulls: Nulls::Described,
        tags: &["hash", "id"],
        description: "`prefix`, a colon and a 128-bit hash of several parts, in hexadecimal digits. \
                      The texts of the parts are joined with U+001F, NULL being `__NULL__`. What \
                      could be mistaken is escaped with U+001B: a separator within a part, U+001B \
                      itself, and a text `__NULL__`. So two lists of parts have one id only if they \
                      have the same number of parts with the same texts. NULL only when the prefix is.",
        example: "SELECT stable_id_parts('edge', 'a', 'b')",
        example_result: "edge:065ab5741cdfad44687cf119c1eb4ec9",
        ..SCALAR
    },
];
