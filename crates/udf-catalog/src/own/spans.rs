use super::{Nulls, OwnFunction, Pack, Parameter, Returns, SCALAR, Takes};

const SPAN: OwnFunction = OwnFunction { pack: Pack::Spans, fallible: true, ..SCALAR };
const LEFT: Parameter =
    Parameter::new("left", Takes::Span, "{bstart: 0, bend: 10}", "span to compare with");
const RIGHT: Parameter =
    Parameter::new("right", Takes::Span, "{bstart: 4, bend: 8}", "span that is compared");
const BSTART: Parameter = Parameter::new("bstart", Takes::Integer, "4", "first byte");
const BEND: Parameter = Parameter::new("bend", Takes::Integer, "8", "end, in bytes");

const fn bound(name: &'static str, sample: &'static str) -> Parameter {
    Parameter::new(name, Takes::Integer, sample, "bound of an interval")
}

pub(super) const ROWS: &[OwnFunction] = &[
    OwnFunction {
        name: "interval_align_score",
        parameters: &[
            bound("left_start", "0"),
            bound("left_end", "5"),
            bound("right_start", "10"),
            bound("right_end", "20"),
        ],
        returns: Returns::Double,
        fallible: false,
        tags: &["alignment", "interval", "score"],
        description: "How well the right interval fits the left one, for choosing the greatest: minus \
                      the length of the right one, so that the shortest wins.",
        example: "SELECT interval_align_score(0, 5, 10, 20)",
        example_result: "-10.0",
        ..SPAN
    },
    OwnFunction {
        name: "span_contains",
        parameters: &[LEFT, RIGHT],
        returns: Returns::Boolean,
        nulls: Nulls::Described,
        tags: &["interval", "span"],
        description: "Whether the right span lies within the left one. A span whose end is inclusive \
                      counts its last byte. NULL when a span or one of its bounds is.",
        example: "SELECT span_contains(span_make(0, 10), span_make(4, 10))",
        example_result: "true",
        ..SPAN
    },
    OwnFunction {
        name: "span_id",
        parameters: &[
            Parameter::new("prefix", Takes::Text, "'span'", "stands before the hash"),
            Parameter::new("path", Takes::Text, "'a.py'", "file of the span"),
            BSTART,
            BEND,
            Parameter::new("kind", Takes::Text, "'call'", "what the span is of").or("left out"),
        ],
        fallible: false,
        nulls: Nulls::Described,
        tags: &["hash", "id", "span"],
        description: "`stable_id_parts` of a path, two bounds and, when it is given, a kind. NULL only \
                      when the prefix is.",
        example: "SELECT span_id('span', 'a.py', 4, 8) = stable_id_parts('span', 'a.py', 4, 8)",
        example_result: "true",
        ..SPAN
    },
    OwnFunction {
        name: "span_len",
        parameters: &[Parameter::new("span", Takes::Span, "{bstart: 4, bend: 8}", "a span")],
        returns: Returns::BigInt,
        nulls: Nulls::Described,
        tags: &["span"],
        description: "Number of bytes of a span; one more when its end is inclusive. NULL when the \
                      span or one of its bounds is.",
        example: "SELECT span_len(span_make(4, 8))",
        example_result: "4",
        ..SPAN
    },
    OwnFunction {
        name: "span_make",
        aliases: &["span"],
        parameters: &[
            BSTART,
            BEND,
            Parameter::new("line_base", Takes::Integer, "0", "number of the first line").or("0"),
            Parameter::new("col_unit", Takes::Text, "'byte'", "what columns count").or("'byte'"),
            Parameter::new("end_exclusive", Takes::Boolean, "true", "whether `bend` is outside")
                .or("true"),
        ],
        returns: Returns::Span,
        tags: &["span"],
        description: "A span of bytes as a structure of its arguments. A span that ends before it \
                      starts and a base that does not fit 32 bits are errors.",
        example: "SELECT get_field(span_make(4, 8), 'bend')",
        example_result: "8",
        ..SPAN
    },
    OwnFunction {
        name: "span_overlaps",
        parameters: &[LEFT, RIGHT],
        returns: Returns::Boolean,
        nulls: Nulls::Described,
        tags: &["interval", "span"],
        description: "Whether two spans have a byte in common. A span whose end is inclusive counts \
                      its last byte. NULL when a span or one of its bounds is.",
        example: "SELECT span_overlaps(span_make(0, 4), span_make(4, 8))",
        example_result: "false",
        ..SPAN
    },
];
