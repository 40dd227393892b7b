//! Where strings, quoted names, comments, templates and parameters stand.
//!
//! The lexer knows as much of SQL as it takes to tell code from text, and asks the dialect where
//! dialects differ. Where it errs, the stages behind it object: what was rendered is read again by
//! the parser's own tokeniser, and a parameter that it did not see does not pass.

use sqlparser::dialect::Dialect;
use viewlane_core::Span;

use super::tag::{self, Tag, TagKind};
use crate::policy::{ParameterStyle, Policy};

/// What the lexer has found, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Scan<'t> {
    pub(crate) marks: Vec<Mark<'t>>,
    pub(crate) literals: Vec<Literal>,
}

/// The beginning of something that is not plain SQL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mark<'t> {
    pub(crate) kind: MarkKind<'t>,
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MarkKind<'t> {
    /// `{{`, `{%` or `{#`.
    Tag(Tag<'t>),
    /// `${`, `<%`: templates of somebody else.
    Foreign,
    /// A parameter.
    Parameter(ParameterStyle),
    /// A parameter after a dot, where a name is read.
    Member(ParameterStyle),
    /// `@@name`.
    Variable,
}

/// Something that is text, not code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) kind: LiteralKind,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiteralKind {
    /// A string, with the letters before its quote.
    Text,
    /// A name in quotes.
    Name,
    /// A comment, with the end of its line.
    Comment,
}

/// What of a dialect changes where code and text end.
pub(crate) struct Lexis {
    dialect: Box<dyn Dialect>,
    hash_comments: bool,
    slash_comments: bool,
    slash_operator: bool,
    return_ends_comments: bool,
    byte_strings: bool,
    raw_strings: bool,
    dollar_strings: bool,
    /// Signs in a row are one operator.
    operators: bool,
    /// `?` between two values is an operator.
    question_operators: bool,
}

impl Lexis {
    pub(crate) fn of(policy: &Policy) -> Self {
        let dialect = policy.parser_dialect();
        let name = policy.dialect();
        Self {
            hash_comments: matches!(name, "snowflake" | "bigquery" | "mysql" | "hive"),
            slash_comments: name == "snowflake",
            slash_operator: matches!(name, "duckdb" | "generic"),
            return_ends_comments: name == "postgres",
            byte_strings: matches!(name, "bigquery" | "postgres" | "mysql" | "generic"),
            raw_strings: matches!(name, "bigquery" | "generic"),
            dollar_strings: !dialect.supports_dollar_placeholder(),
            operators: dialect.is_custom_operator_part('-'),
            question_operators: dialect.supports_geometric_types(),
            dialect,
        }
    }
}

/// Reads a text to its end.
pub(crate) fn scan<'t>(text: &'t str, lexis: &Lexis) -> Scan<'t> {
    let mut scanner = Scanner {
        text,
        lexis,
        at: 0,
        open: Vec::new(),
        before: Before::Sign,
        found: Scan::default(),
    };
    while let Some(next) = scanner.rest().chars().next() {
        scanner.step(next);
    }
    scanner.found
}

/// What the lexer has come past last, blanks and comments aside.
#[derive(Clone, Copy)]
enum Before<'t> {
    /// A word, which may be a name or a part of the language.
    Word(&'t str),
    /// The end of a value.
    Value,
    /// An opening bracket.
    Open,
    Dot,
    /// Anything after which a value may begin.
    Sign,
}

struct Scanner<'t, 'l> {
    text: &'t str,
    lexis: &'l Lexis,
    at: usize,
    /// The brackets that are open.
    open: Vec<char>,
    before: Before<'t>,
    found: Scan<'t>,
}

impl<'t> Scanner<'t, '_> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip(&mut self, bytes: usize, before: Before<'t>) {
        self.at += bytes;
        self.before = before;
    }

    fn step(&mut self, next: char) {
        let rest = self.rest();
        if let Some(kind) = tag::opening(rest) {
            return self.tag(kind);
        }
        let dialect = &*self.lexis.dialect;
        match next {
            '<' if rest.starts_with("<%") => self.mark(MarkKind::Foreign, 2),
            '$' if rest.starts_with("${") => self.mark(MarkKind::Foreign, 2),
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '\'' => self.string(0, dialect.supports_string_literal_backslash_escape()),
            '"' if !dialect.is_delimited_identifier_start('"') => {
                self.string(0, dialect.supports_string_literal_backslash_escape());
            }
            c if dialect.is_delimited_identifier_start(c) => self.name(c),
            '[' if self.bracketed_name() => self.name('['),
            '-' if rest.starts_with("--") && self.dashes_comment() => self.line_comment(),
            '#' if self.lexis.hash_comments => self.line_comment(),
            '/' if self.lexis.slash_comments && rest.starts_with("//") => self.line_comment(),
            '/' if rest.starts_with("/*") => self.block_comment(),
            // This one as well.
            '/' if self.lexis.slash_operator && rest.starts_with("//") => {
                self.skip(2, Before::Sign);
            }
            '$' => self.dollar(),
            ':' => self.colon(),
            '@' => self.at_sign(),
            '?' => self.question(),
            '(' | '[' | '{' => {
                self.open.push(next);
                self.skip(1, Before::Open);
            }
            ')' | ']' | '}' => {
                self.open.pop();
                self.skip(1, Before::Value);
            }
            '.' if self.dot() => self.skip(1, Before::Dot),
            '.' | '0'..='9' => self.number(),
            '<' if rest.starts_with("<@") || rest.starts_with("<<") => self.skip(2, Before::Sign),
            // These are operators, so that `#--` and `|/*` begin no comment.
            '#' if rest.starts_with("#-") && !self.lexis.operators => self.skip(2, Before::Sign),
            '|' if rest.starts_with("|/") && !self.lexis.operators => self.skip(2, Before::Sign),
            '#' if dialect.is_identifier_start('#') => self.sign_word(1, &['-', '>', ' ']),
            c if dialect.is_identifier_start(c) || c.is_ascii_alphabetic() => self.word(c),
            c if self.lexis.operators && dialect.is_custom_operator_part(c) => self.operator(c),
            c => self.skip(c.len_utf8(), Before::Sign),
        }
    }

    fn tag(&mut self, kind: TagKind) {
        let tag = tag::read(self.text, self.at, kind);
        let (span, length) = (Span::new(self.at, self.at + 2), tag.span.end - tag.span.start);
        let text = &self.text[span.start..span.end];
        self.found.marks.push(Mark { kind: MarkKind::Tag(tag), text, span });
        match kind {
            TagKind::Expression => self.skip(length, Before::Value),
            TagKind::Statement | TagKind::Comment => self.at += length,
        }
    }

    fn literal(&mut self, kind: LiteralKind, length: usize) {
        let span = Span::new(self.at, self.at + length);
        self.found.literals.push(Literal { kind, span });
        match kind {
            LiteralKind::Text | LiteralKind::Name => self.skip(length, Before::Value),
            LiteralKind::Comment => self.at += length,
        }
    }

    /// A string whose quote stands after `prefix` bytes, three quotes where the dialect has them.
    fn string(&mut self, prefix: usize, backslash: bool) {
        if self.lexis.dialect.supports_triple_quoted_string() {
            self.triple_string(prefix, backslash);
        } else {
            let length = quoted(&self.rest()[prefix..], backslash);
            self.literal(LiteralKind::Text, prefix + length);
        }
    }

    fn triple_string(&mut self, prefix: usize, backslash: bool) {
        let rest = &self.rest()[prefix..];
        let quote = &rest[..1];
        let quotes = rest.bytes().take(3).take_while(|byte| *byte == quote.as_bytes()[0]).count();
        let length = match quotes {
            3 => 3 + until(&rest[3..], &quote.repeat(3), backslash),
            2 => 2,
            _ => quoted(rest, backslash),
        };
        self.literal(LiteralKind::Text, prefix + length);
    }

    /// A name between `quote` and its counterpart.
    fn name(&mut self, quote: char) {
        let rest = self.rest();
        let close = if quote == '[' { ']' } else { quote };
        let length = 1 + until_single(&rest[1..], close, false);
        self.literal(LiteralKind::Name, length);
    }

    /// Whether the dialect reads this bracket as a quote only when a name follows.
    fn bracketed_name(&self) -> bool {
        let dialect = &*self.lexis.dialect;
        dialect.is_nested_delimited_identifier_start('[')
            && dialect
                .peek_nested_delimited_identifier_quotes(self.rest().chars().peekable())
                .is_some()
    }

    fn dashes_comment(&self) -> bool {
        !self.lexis.dialect.requires_single_line_comment_whitespace()
            || self.rest()[2..].starts_with(char::is_whitespace)
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let end = |c: char| c == '\n' || (c == '\r' && self.lexis.return_ends_comments);
        self.literal(LiteralKind::Comment, rest.find(end).map_or(rest.len(), |at| at + 1));
    }

    fn block_comment(&mut self) {
        let rest = self.rest().as_bytes();
        let nests = self.lexis.dialect.supports_nested_comments();
        let (mut open, mut at) = (1_usize, 2);
        while open > 0 && at < rest.len() {
            match rest[at..] {
                [b'/', b'*', ..] if nests => (open, at) = (open + 1, at + 2),
                [b'*', b'/', ..] => (open, at) = (open - 1, at + 2),
                _ => at += 1,
            }
        }
        self.literal(LiteralKind::Comment, at);
    }

    /// A string such as `$tag$ … $tag$`, a parameter such as `$1`, or neither.
    fn dollar(&mut self) {
        let rest = self.rest();
        if self.lexis.dialect.is_identifier_start('$') {
            // A name in this dialect, and nothing that could be bound.
            return match self.parts(&rest[1..]) {
                0 => self.skip(1, Before::Word(&rest[..1])),
                name => self.mark(self.place(ParameterStyle::Dollar), 1 + name),
            };
        }
        let tag = name_length(&rest[1..]);
        if self.lexis.dollar_strings && rest[1 + tag..].starts_with('$') {
            let fence = &rest[..tag + 2];
            if let Some(length) = rest[fence.len()..].find(fence) {
                return self.literal(LiteralKind::Text, 2 * fence.len() + length);
            }
        }
        self.parameter(ParameterStyle::Dollar, 1);
    }

    /// A cast, a separator inside brackets, a path after a value, or a parameter.
    fn colon(&mut self) {
        let rest = self.rest();
        if rest.starts_with("::") || rest.starts_with(":=") {
            return self.skip(2, Before::Sign);
        }
        let separates = match self.before {
            Before::Value => true,
            Before::Word(word) => self.in_brackets() || !begins_value(word),
            Before::Open => self.in_brackets(),
            Before::Dot | Before::Sign => false,
        };
        if separates {
            self.skip(1, Before::Sign);
        } else {
            self.parameter(ParameterStyle::Colon, 1);
        }
    }

    /// Whether the innermost bracket is one in which a colon separates.
    fn in_brackets(&self) -> bool {
        matches!(self.open.last(), Some('[' | '{'))
    }

    /// An operator such as `@>`, `<@` or `@@`, a variable, or a parameter.
    fn at_sign(&mut self) {
        if !self.rest().starts_with("@@") {
            return self.parameter(ParameterStyle::At, 1);
        }
        match parameter_name(&self.rest()[2..]) {
            0 => self.sign_word(2, &[' ']),
            name => self.mark(MarkKind::Variable, 2 + name.max(self.parts(&self.rest()[2..]))),
        }
    }

    /// An operator such as `?|`, `?&` or `@?`, or a parameter.
    fn question(&mut self) {
        let after = &self.rest()[1..];
        let after_value = match self.before {
            Before::Value => true,
            Before::Word(word) => !begins_value(word),
            Before::Open | Before::Dot | Before::Sign => false,
        };
        let operator = if self.lexis.question_operators {
            after_value || after.starts_with(['|', '&', '-', '#'])
        } else {
            after.starts_with('&') || (after.starts_with('|') && !after.starts_with("||"))
        };
        if operator || self.text[..self.at].ends_with('@') {
            // `?--` begins no comment where `?-` is an operator.
            let signs = if self.lexis.question_operators && after.starts_with('-') { 2 } else { 1 };
            return self.skip(signs, Before::Sign);
        }
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        self.mark(self.place(ParameterStyle::Question), 1 + digits);
    }

    /// A parameter when a name or a number follows the sign.
    fn parameter(&mut self, style: ParameterStyle, sign: usize) {
        let rest = &self.rest()[sign..];
        let name = match style {
            ParameterStyle::Colon | ParameterStyle::At => parameter_name(rest),
            ParameterStyle::Dollar | ParameterStyle::Question => name_length(rest),
        };
        match (name, style) {
            (0, ParameterStyle::At) => self.sign_word(sign, &[' ', '\'', '"', '`', '>', '?']),
            (0, _) => self.skip(sign, Before::Sign),
            (name, ParameterStyle::Colon | ParameterStyle::At) => {
                self.mark(self.place(style), sign + name.max(self.parts(rest)));
            }
            (name, ParameterStyle::Dollar | ParameterStyle::Question) => {
                self.mark(self.place(style), sign + name);
            }
        }
    }

    fn place(&self, style: ParameterStyle) -> MarkKind<'t> {
        match self.before {
            Before::Dot => MarkKind::Member(style),
            Before::Word(_) | Before::Value | Before::Open | Before::Sign => {
                MarkKind::Parameter(style)
            }
        }
    }

    fn mark(&mut self, kind: MarkKind<'t>, length: usize) {
        let span = Span::new(self.at, self.at + length);
        let text = &self.text[self.at..self.at + length];
        self.found.marks.push(Mark { kind, text, span });
        self.skip(length, Before::Value);
    }

    /// Whether this dot stands before a name, not before the digits of a number.
    fn dot(&self) -> bool {
        let dialect = &*self.lexis.dialect;
        let after_name = dialect.supports_numeric_prefix()
            && self.text[..self.at].ends_with(|c| dialect.is_identifier_part(c));
        after_name || !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit())
    }

    /// A number, or a name where a dialect lets names begin with digits.
    fn number(&mut self) {
        let dialect = &*self.lexis.dialect;
        let rest = self.rest();
        let underscores = dialect.supports_numeric_literal_underscores();
        let digits = |from: usize, hex: bool| {
            let digit = |c: u8| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
            let bytes = rest.as_bytes();
            let mut at = from;
            while let Some(byte) = bytes.get(at) {
                let separates = underscores
                    && *byte == b'_'
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit);
                if !digit(*byte) && !separates {
                    break;
                }
                at += 1;
            }
            at
        };
        let mut at = digits(0, false);
        if &rest[..at] == "0" && rest[at..].starts_with('x') {
            return self.skip(digits(at + 1, true), Before::Value);
        }
        if rest[at..].starts_with('.') {
            at = digits(at + 1, false);
        }
        let mut exponent = false;
        if rest[at..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[at + 1..].starts_with(['+', '-']));
            let power = at + 1 + sign;
            exponent = rest[power..].starts_with(|c: char| c.is_ascii_digit());
            if exponent {
                let tail = rest[power..].find(|c: char| !c.is_ascii_digit());
                at = tail.map_or(rest.len(), |tail| power + tail);
            }
        }
        if dialect.supports_numeric_prefix() && !exponent {
            at += self.parts(&rest[at..]);
        } else if rest[at..].starts_with('L') {
            at += 1;
        }
        self.skip(at, Before::Value);
    }

    /// A word, or the letters before the quote of a string.
    fn word(&mut self, first: char) {
        let dialect = &*self.lexis.dialect;
        let rest = self.rest();
        let after = &rest[first.len_utf8()..];
        let quote = after.starts_with('\'');
        match first {
            'b' | 'B' if self.lexis.byte_strings && after.starts_with(['\'', '"']) => {
                return self.string(1, false);
            }
            'r' | 'R' if self.lexis.raw_strings && after.starts_with(['\'', '"']) => {
                return self.triple_string(1, false);
            }
            'n' | 'N' if quote => {
                let backslash = dialect.supports_string_literal_backslash_escape();
                let length = 1 + quoted(after, backslash);
                return self.literal(LiteralKind::Text, length);
            }
            'n' | 'N'
                if dialect.supports_quote_delimited_string()
                    && (after.starts_with("q'") || after.starts_with("Q'")) =>
            {
                return self.literal(LiteralKind::Text, 2 + delimited(&after[1..]));
            }
            'q' | 'Q' if quote && dialect.supports_quote_delimited_string() => {
                return self.literal(LiteralKind::Text, 1 + delimited(after));
            }
            'e' | 'E' if quote && dialect.supports_string_escape_constant() => {
                return self.literal(LiteralKind::Text, 1 + quoted(after, true));
            }
            'u' | 'U' if after.starts_with("&'") && dialect.supports_unicode_string_literal() => {
                return self.literal(LiteralKind::Text, 2 + quoted(&after[1..], false));
            }
            'x' | 'X' if quote => return self.literal(LiteralKind::Text, 1 + quoted(after, true)),
            _ => {}
        }
        let length = first.len_utf8() + self.parts(after);
        self.skip(length, Before::Word(&rest[..length]));
    }

    /// A name after signs it may begin with. The tokeniser takes the next character into it, whatever
    /// that is, with a few exceptions.
    fn sign_word(&mut self, signs: usize, exceptions: &[char]) {
        let rest = self.rest();
        let after = &rest[signs..];
        let begins = rest.chars().next().is_some_and(|c| self.lexis.dialect.is_identifier_start(c));
        match after.chars().next() {
            Some(c) if begins && !exceptions.contains(&c) && tag::opening(after).is_none() => {
                let length = signs + c.len_utf8() + self.parts(&after[c.len_utf8()..]);
                self.skip(length, Before::Word(&rest[..length]));
            }
            _ => self.skip(signs, Before::Sign),
        }
    }

    /// How far a name goes on. It never takes the start of a template with it.
    fn parts(&self, rest: &str) -> usize {
        let end = rest.char_indices().find(|(at, c)| {
            !self.lexis.dialect.is_identifier_part(*c)
                || (*c == '{' && tag::opening(&rest[*at..]).is_some())
                || (*c == '$' && rest[*at..].starts_with("${"))
        });
        end.map_or(rest.len(), |(at, _)| at)
    }

    /// An operator of several signs, which swallows the start of a comment.
    fn operator(&mut self, first: char) {
        let rest = self.rest();
        let ends =
            ["<-", "<+"].iter().any(|signs| rest.starts_with(signs)) && !rest.starts_with("<->");
        let joins = matches!(first, '-' | '<' | '>' | '~' | '#' | '&' | '|' | '%') && !ends;
        let part = |c: char| self.lexis.dialect.is_custom_operator_part(c);
        let length = if joins { rest.find(|c| !part(c)).unwrap_or(rest.len()) } else { 1 };
        self.skip(length.max(first.len_utf8()), Before::Sign);
    }
}

/// The length of a string with its quotes, or of the rest when nothing closes it.
fn quoted(rest: &str, backslash: bool) -> usize {
    let quote = rest.chars().next().unwrap_or('\'');
    quote.len_utf8() + until_single(&rest[quote.len_utf8()..], quote, backslash)
}

/// To after the closing quote, which is itself when doubled.
fn until_single(rest: &str, close: char, backslash: bool) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if c == close && chars.next_if(|(_, next)| *next == close).is_none() {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

/// To after the first `close`.
fn until(rest: &str, close: &str, backslash: bool) -> usize {
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if rest[at..].starts_with(close) {
            return at + close.len();
        }
    }
    rest.len()
}

/// The length of `'[ … ]'`, from its first quote.
fn delimited(rest: &str) -> usize {
    let mut chars = rest[1..].chars();
    let Some(open) = chars.next() else { return rest.len() };
    let close = match open {
        '[' => ']',
        '{' => '}',
        '<' => '>',
        '(' => ')',
        other => other,
    };
    let from = 1 + open.len_utf8();
    let end = rest[from..].find(&format!("{close}'"));
    end.map_or(rest.len(), |at| from + at + close.len_utf8() + 1)
}

/// The length of a parameter's name; none when it is the letter before the quote of a string.
fn parameter_name(text: &str) -> usize {
    let length = name_length(text);
    let quoted = ["'", "\"", "&'"].iter().any(|quote| text[length..].starts_with(quote));
    if quoted { 0 } else { length }
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_length(text: &str) -> usize {
    text.find(|c| !is_name_part(c)).unwrap_or(text.len())
}

/// Whether a value may begin after this word, so that it is no name. A name that is spelt like one
/// of these makes a parameter out of what follows it, which is then refused or does not parse.
fn begins_value(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "ALL", "AND", "ANY", "BETWEEN", "BOTH", "BY", "CASE", "DISTINCT", "DIV", "ELSE", "ESCAPE",
        "EXISTS", "FIRST", "FOR", "FROM", "GROUPS", "HAVING", "ILIKE", "IN", "INTERVAL", "IS",
        "LEADING", "LIKE", "LIMIT", "MOD", "NEXT", "NOT", "OFFSET", "ON", "OR", "PLACING",
        "QUALIFY", "RANGE", "REGEXP", "RLIKE", "ROWS", "SELECT", "SOME", "THEN", "TO", "TOP",
        "TRAILING", "VALUES", "WHEN", "WHERE", "XOR", "ZONE",
    ];
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
