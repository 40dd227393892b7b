use super::{Lane, Nulls, OwnFunction, Parameter, Returns, SCALAR, Takes};
use super::{Pack, Tier};
use viewlane_core::Volatility;

const TEXT: Parameter = Parameter::new("text", Takes::Text, "'alpha'", "string of any kind");

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "async_echo",
        pack: Pack::Async,
        tier: Tier::Async,
        lanes: &[Lane::Await],
        volatility: Volatility::Volatile,
        fallible: true,
        parameters: &[TEXT],
        tags: &["async"],
        description: "The text itself, awaited in batches under the policy for slow functions. Shows \
                      that asynchronous functions work where they are allowed. Fails when a batch \
                      takes longer than the policy grants.",
        example: "SELECT async_echo('alpha')",
        example_result: "alpha",
        ..SCALAR
    },
    OwnFunction {
        name: "col_to_byte",
        fallible: true,
        parameters: &[
            Parameter::new("line_text", Takes::Text, "'éclair'", "the line"),
            Parameter::new("col", Takes::Integer, "1", "column, counted from 0"),
            Parameter::new(
                "col_unit",
                Takes::TextOrInteger,
                "'utf32'",
                "what `col` counts: `byte`, `utf8` (1), `utf16` (2) or `utf32` (3)",
            ),
        ],
        returns: Returns::BigInt,
        tags: &["position_encoding"],
        description: "The byte at which a column of a line starts. A negative column is 0, one behind \
                      the end is the end. A column within a character, counted in `utf8` or `utf16`, \
                      is an error, and so is an unknown unit.",
        example: "SELECT col_to_byte('éclair', 1, 'utf32')",
        example_result: "2",
        ..SCALAR
    },
    OwnFunction {
        name: "utf8_normalize",
        aliases: &["normalize_utf8"],
        fallible: true,
        parameters: &[
            TEXT,
            Parameter::new("form", Takes::Text, "'NFKC'", "`NFC`, `NFD`, `NFKC` or `NFKD`")
                .or("'NFKC'"),
            Parameter::new("casefold", Takes::Boolean, "true", "whether to make it lower case")
                .or("true"),
            Parameter::new(
                "collapse_ws",
                Takes::Boolean,
                "true",
                "whether any run of white space becomes one blank",
            )
            .or("true"),
        ],
        nulls: Nulls::Described,
        tags: &["string_norm"],
        description: "A text in one of Unicode's normal forms, trimmed, in lower case, with single \
                      blanks. NULL when an argument is NULL or nothing is left. An unknown form is an \
                      error.",
        example: "SELECT utf8_normalize('  Ｃafé   NOIR ')",
        example_result: "café noir",
        ..SCALAR
    },
    OwnFunction {
        name: "utf8_null_if_blank",
        aliases: &["null_if_blank"],
        parameters: &[TEXT],
        returns: Returns::SameAs(0),
        nulls: Nulls::Described,
        tags: &["string"],
        description: "NULL when a text is NULL, empty or has nothing but white space, as Unicode \
                      defines it; else the text as it is, untrimmed.",
        example: "SELECT utf8_null_if_blank('  ') IS NULL",
        example_result: "true",
        ..SCALAR
    },
];
