//! Every code this crate raises. A code is never reused; `docs/errors.md` explains each.

use viewlane_core::{Code, ErrorKind};

use ErrorKind::{Denied, Invalid, NotFound, Unsupported};

// 01: the template guard

/// A template marker such as `{{` outside strings and comments.
pub const TEMPLATE_MARKER: Code = Code::new("VL-P0101", Invalid);
/// A query parameter such as `$1`, `?`, `:name` or `@name`.
pub const PARAMETER: Code = Code::new("VL-P0102", Invalid);
/// A template inside a string or a quoted name.
pub const TEMPLATE_IN_LITERAL: Code = Code::new("VL-P0103", Invalid);
/// A template that cannot be read, or that asks its values for what they cannot do.
pub const TEMPLATE_SYNTAX: Code = Code::new("VL-P0104", Invalid);
/// A statement, filter or operator that templates do not have here.
pub const TEMPLATE_FEATURE: Code = Code::new("VL-P0105", Denied);
/// A template names a value that nobody gave.
pub const TEMPLATE_VALUE_MISSING: Code = Code::new("VL-P0106", NotFound);
/// A value was given that the template does not name.
pub const TEMPLATE_VALUE_UNUSED: Code = Code::new("VL-P0107", Invalid);
/// A value that SQL cannot write where the template puts it.
pub const TEMPLATE_VALUE: Code = Code::new("VL-P0108", Invalid);
/// Rendering takes more steps than the policy allows.
pub const TEMPLATE_STEPS: Code = Code::new("VL-P0109", Denied);
/// A parameter in a form, or at a place, where it cannot be bound.
pub const PARAMETER_FORM: Code = Code::new("VL-P0110", Invalid);
/// A parameter without a value.
pub const PARAMETER_MISSING: Code = Code::new("VL-P0111", NotFound);
/// A value for a parameter that the query does not have.
pub const PARAMETER_UNKNOWN: Code = Code::new("VL-P0112", NotFound);
/// A value that cannot be written as a literal of its type.
pub const PARAMETER_VALUE: Code = Code::new("VL-P0113", Invalid);

// 02: parsing and the header of a view

/// The text does not follow the grammar of the dialect.
pub const SYNTAX: Code = Code::new("VL-P0201", Invalid);
/// The text holds nothing but blanks and comments.
pub const NO_STATEMENT: Code = Code::new("VL-P0202", Invalid);
/// The text goes on after its first statement.
pub const SECOND_STATEMENT: Code = Code::new("VL-P0203", Invalid);
/// The statement is neither a query nor, where one may stand, a view.
pub const NOT_A_QUERY: Code = Code::new("VL-P0204", Denied);
/// The nesting is deeper than the policy allows.
pub const TOO_DEEP: Code = Code::new("VL-P0205", Denied);
/// A clause of CREATE VIEW that views do not have here.
pub const VIEW_CLAUSE: Code = Code::new("VL-P0206", Unsupported);
/// A column, key or option that stands twice in the header.
pub const HEADER_DUPLICATE: Code = Code::new("VL-P0207", Invalid);
/// An option value that is neither string, number, boolean nor names.
pub const OPTION_VALUE: Code = Code::new("VL-P0208", Invalid);
/// A primary key column that the column list does not have.
pub const KEY_COLUMN: Code = Code::new("VL-P0209", NotFound);
/// A default that is not a constant expression.
pub const DEFAULT_EXPRESSION: Code = Code::new("VL-P0210", Invalid);
/// The text is longer than the policy allows.
pub const TOO_LONG: Code = Code::new("VL-P0211", Denied);

// 03: the gate over the query

/// The engine would accept the clause and ignore it.
pub const DROPPED_CLAUSE: Code = Code::new("VL-P0301", Unsupported);
/// The engine has no such clause or expression.
pub const UNSUPPORTED_CLAUSE: Code = Code::new("VL-P0302", Unsupported);
/// A statement that writes, inside a query.
pub const WRITE_IN_QUERY: Code = Code::new("VL-P0303", Denied);
/// A relation name with more than three parts, or with parts that are not names.
pub const RELATION_NAME: Code = Code::new("VL-P0304", Invalid);
/// A relation name that reads as a path, a URL or a call.
pub const RELATION_LOOKS_LIKE_PATH: Code = Code::new("VL-P0305", Denied);
/// A name that the engine would resolve otherwise than it reads.
pub const AMBIGUOUS_SCOPE: Code = Code::new("VL-P0306", Invalid);
/// A named window that is not known, is defined twice, or builds on another one as it must not.
pub const WINDOW_NAME: Code = Code::new("VL-P0307", Invalid);

// 04: functions and limits

/// A function that is not registered.
pub const UNKNOWN_FUNCTION: Code = Code::new("VL-P0401", NotFound);
/// A function that the policy denies.
pub const DENIED_FUNCTION: Code = Code::new("VL-P0402", Denied);
/// A volatile function where the policy allows none.
pub const VOLATILE_FUNCTION: Code = Code::new("VL-P0403", Denied);
/// A function of one kind called as if it were of another.
pub const FUNCTION_KIND: Code = Code::new("VL-P0404", Invalid);
/// More of something than the policy allows.
pub const LIMIT: Code = Code::new("VL-P0405", Denied);

// 05: the gate over the plan

/// The plan defines, changes or sets something.
pub const PLAN_WRITES: Code = Code::new("VL-P0501", Denied);
/// The plan scans a table that the query does not read.
pub const PLAN_RELATION: Code = Code::new("VL-P0502", Denied);

// 06: configuration of a policy

/// A dialect that does not exist.
pub const UNKNOWN_DIALECT: Code = Code::new("VL-P0601", NotFound);
/// A limit of zero.
pub const ZERO_LIMIT: Code = Code::new("VL-P0602", Invalid);
/// An empty function name or option key.
pub const EMPTY_NAME: Code = Code::new("VL-P0603", Invalid);
/// A session option given twice with different values.
pub const OPTION_CONFLICT: Code = Code::new("VL-P0604", Invalid);
/// A revision of the rules that this build does not have.
pub const UNKNOWN_REVISION: Code = Code::new("VL-P0605", NotFound);
/// A style of parameters that is bound and refused, or that the dialect reads as something else.
pub const PARAMETER_CONFLICT: Code = Code::new("VL-P0606", Invalid);
/// Two policies that cannot be one, because they mean different things.
pub const POLICIES_DIFFER: Code = Code::new("VL-P0607", Invalid);

// 07: names

/// A relation that does not exist.
pub const UNKNOWN_RELATION: Code = Code::new("VL-P0701", NotFound);
/// A column that does not exist where it is read.
pub const UNKNOWN_COLUMN: Code = Code::new("VL-P0702", NotFound);
/// A name that several columns or outputs have.
pub const AMBIGUOUS_COLUMN: Code = Code::new("VL-P0703", Invalid);
/// A list of columns that is not as long as what it names.
pub const COLUMN_LIST: Code = Code::new("VL-P0704", Invalid);
/// Outputs that the engine does not name.
pub const OUTPUT_NAMES: Code = Code::new("VL-P0705", Unsupported);
/// A star that stands for nothing, or an option of it that names no column.
pub const WILDCARD: Code = Code::new("VL-P0706", NotFound);
/// The number of an output that does not exist.
pub const ORDINAL: Code = Code::new("VL-P0707", NotFound);
/// A derived table without an alias that reads a query around it.
pub const CORRELATED_DERIVED: Code = Code::new("VL-P0708", Unsupported);
/// ORDER BY after DISTINCT over something that is not an output.
pub const DISTINCT_ORDER: Code = Code::new("VL-P0709", Invalid);
