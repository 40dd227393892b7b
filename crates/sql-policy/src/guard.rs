//! The first stage: no template and no parameter outside strings and comments.
//!
//! The lexer knows just enough of SQL to tell code from text. Where it errs the parser and the gate
//! stand behind it: a placeholder never passes the gate.

use sqlparser::dialect::Dialect;
use viewlane_core::{Diagnostic, SourceText, Span};

use crate::{codes, error::Rejection, policy::Policy, text::finding};

pub(crate) const NO_PARAMETERS: &str = "write the value itself: views take no parameters";

/// What is wrong with a parameter, as the guard and the gate say it.
pub(crate) fn parameter(name: &str) -> String {
    format!("`{name}` is a parameter, and there is nobody to give it a value")
}

/// A text without templates and parameters.
#[derive(Debug)]
pub(crate) struct Guarded<'a> {
    pub(crate) source: &'a SourceText,
}

/// Refuses every template marker and every parameter of a text.
pub(crate) fn guard<'a>(policy: &Policy, source: &'a SourceText) -> Result<Guarded<'a>, Rejection> {
    let text = source.text();
    let limit = policy.limits().bytes;
    if text.len() > limit {
        let found = finding(
            source,
            codes::TOO_LONG,
            Span::new(0, 0),
            format!("the text has {} bytes, the policy allows {limit}", text.len()),
            "split the view, or raise the limit `bytes`",
        );
        return Err(found.into());
    }
    let found = scan(text, Lexis::of(policy)).into_iter().map(|mark| mark.diagnostic(source));
    Rejection::unless_empty(found.collect())?;
    Ok(Guarded { source })
}

/// What of a dialect changes where strings and comments end.
#[derive(Clone, Copy)]
struct Lexis {
    backslash_escapes: bool,
    nested_comments: bool,
    hash_comments: bool,
    dollar_strings: bool,
    /// `[name]` quotes a name.
    bracket_names: bool,
}

impl Lexis {
    fn of(policy: &Policy) -> Self {
        let dialect: Box<dyn Dialect> = policy.parser_dialect();
        let name = policy.dialect();
        Self {
            backslash_escapes: dialect.supports_string_literal_backslash_escape(),
            nested_comments: dialect.supports_nested_comments(),
            hash_comments: matches!(name, "snowflake" | "bigquery" | "mysql" | "hive"),
            dollar_strings: !dialect.supports_dollar_placeholder(),
            bracket_names: matches!(name, "mssql"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Template,
    Parameter,
}

/// Something that must not be there.
#[derive(Debug, PartialEq, Eq)]
struct Mark<'t> {
    kind: Kind,
    text: &'t str,
    span: Span,
}

impl Mark<'_> {
    fn diagnostic(&self, source: &SourceText) -> Diagnostic {
        match self.kind {
            Kind::Template => finding(
                source,
                codes::TEMPLATE_MARKER,
                self.span,
                format!("`{}` begins a template, not SQL", self.text),
                "render the template first: a view is plain SQL",
            ),
            Kind::Parameter => {
                finding(source, codes::PARAMETER, self.span, parameter(self.text), NO_PARAMETERS)
            }
        }
    }
}

fn scan(text: &str, lexis: Lexis) -> Vec<Mark<'_>> {
    let mut scanner = Scanner { text, lexis, at: 0, brackets: 0, found: Vec::new() };
    while let Some(next) = scanner.peek(0) {
        scanner.step(next);
    }
    scanner.found
}

struct Scanner<'t> {
    text: &'t str,
    lexis: Lexis,
    at: usize,
    /// Open `[` and `{`, inside which a colon separates.
    brackets: usize,
    found: Vec<Mark<'t>>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn step(&mut self, next: char) {
        let rest = self.rest();
        match next {
            '\'' => self.string('\'', self.lexis.backslash_escapes),
            '"' => self.string('"', self.lexis.backslash_escapes && self.double_quotes_text()),
            '`' => self.string('`', false),
            '[' if self.lexis.bracket_names => self.string(']', false),
            'e' | 'E' if rest[1..].starts_with('\'') => {
                self.skip(1);
                self.string('\'', true);
            }
            '-' if rest.starts_with("--") => self.line_comment(),
            '#' if self.lexis.hash_comments => self.line_comment(),
            '/' if rest.starts_with("/*") => self.block_comment(),
            '{' if ["{{", "{%", "{#"].iter().any(|mark| rest.starts_with(mark)) => {
                self.mark(Kind::Template, 2);
            }
            '<' if rest.starts_with("<%") => self.mark(Kind::Template, 2),
            '$' if rest.starts_with("${") => self.mark(Kind::Template, 2),
            '$' => self.dollar(),
            ':' => self.colon(),
            '@' => self.at_sign(),
            '?' => self.question(),
            '[' | '{' => {
                self.brackets += 1;
                self.skip(1);
            }
            ']' | '}' => {
                self.brackets = self.brackets.saturating_sub(1);
                self.skip(1);
            }
            c if is_name_start(c) || c.is_ascii_digit() => {
                // A name takes its `$`, `@` and `#` with it, but never the start of a template.
                let end = rest.char_indices().find(|(index, c)| {
                    let goes_on = is_name_part(*c) || matches!(c, '$' | '@' | '#');
                    !goes_on || rest[*index..].starts_with("${")
                });
                self.skip(end.map_or(rest.len(), |(index, _)| index));
            }
            c => self.skip(c.len_utf8()),
        }
    }

    /// In these dialects a double quote opens a text, not a name.
    fn double_quotes_text(&self) -> bool {
        self.lexis.hash_comments
    }

    /// From an opening quote to after the closing one, or to the end of the text.
    fn string(&mut self, close: char, backslash: bool) {
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((index, c)) = chars.next() {
            if c == '\\' && backslash {
                chars.next();
            } else if c == close && chars.next_if(|(_, next)| *next == close).is_none() {
                self.skip(index + c.len_utf8());
                return;
            }
        }
        self.at = self.text.len();
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        self.skip(rest.find('\n').unwrap_or(rest.len()));
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        let mut open = 0_usize;
        let mut at = 0;
        while at < rest.len() {
            let here = &rest[at..];
            if here.starts_with("/*") && (open == 0 || self.lexis.nested_comments) {
                open += 1;
                at += 2;
            } else if here.starts_with("*/") {
                open -= 1;
                at += 2;
                if open == 0 {
                    break;
                }
            } else {
                at += here.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.skip(at);
    }

    /// A string such as `$tag$ … $tag$`, a parameter such as `$1`, or neither.
    fn dollar(&mut self) {
        let rest = self.rest();
        let tag = name_length(&rest[1..]);
        if self.lexis.dollar_strings && rest[1 + tag..].starts_with('$') {
            let fence = &rest[..tag + 2];
            if let Some(length) = rest[fence.len()..].find(fence) {
                self.skip(2 * fence.len() + length);
                return;
            }
        }
        self.mark_if_named(Kind::Parameter, 1);
    }

    /// A cast, a separator inside brackets, a path after a name, or a parameter.
    fn colon(&mut self) {
        let rest = self.rest();
        if rest.starts_with("::") || rest.starts_with(":=") {
            self.skip(2);
            return;
        }
        let after_value =
            self.before().is_some_and(|c| is_name_part(c) || matches!(c, '"' | '\'' | ')' | ']'));
        if self.brackets > 0 || after_value {
            self.skip(1);
        } else {
            self.mark_if_named(Kind::Parameter, 1);
        }
    }

    /// An operator such as `@>`, `<@` or `@@`, or a variable.
    fn at_sign(&mut self) {
        if self.before() == Some('<') {
            self.skip(1);
            return;
        }
        let signs = if self.rest().starts_with("@@") { 2 } else { 1 };
        self.mark_if_named(Kind::Parameter, signs);
    }

    /// An operator such as `?|`, `?&` or `@?`, or a parameter.
    fn question(&mut self) {
        let operator = self.before() == Some('@') || matches!(self.peek(1), Some('|' | '&'));
        if operator {
            self.skip(1);
        } else {
            let digits = self.rest()[1..].bytes().take_while(u8::is_ascii_digit).count();
            self.mark(Kind::Parameter, 1 + digits);
        }
    }

    /// A parameter when a name or a number follows the sign.
    fn mark_if_named(&mut self, kind: Kind, sign: usize) {
        match name_length(&self.rest()[sign..]) {
            0 => self.skip(sign),
            name => self.mark(kind, sign + name),
        }
    }

    fn mark(&mut self, kind: Kind, length: usize) {
        let span = Span::new(self.at, self.at + length);
        self.found.push(Mark { kind, text: &self.text[self.at..self.at + length], span });
        self.skip(length);
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_length(text: &str) -> usize {
    text.find(|c| !is_name_part(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
