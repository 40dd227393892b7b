//! What stands between `{{` and `}}`, `{%` and `%}`, `{#` and `#}`.
//!
//! Templates choose; SQL computes. A tag may therefore hold names, literals, comparisons and
//! brackets, and nothing that builds a new value out of others: what comes out of a tag is then
//! never longer than what went in, and a tag has exactly one way to end.

use viewlane_core::{Code, Span};

use crate::codes;

/// Words and signs of one tag. Nesting in a tag costs stack.
const WORDS: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagKind {
    /// `{{ … }}`.
    Expression,
    /// `{% … %}`.
    Statement,
    /// `{# … #}`.
    Comment,
}

impl TagKind {
    fn end(self) -> &'static str {
        match self {
            Self::Expression => "}}",
            Self::Statement => "%}",
            Self::Comment => "#}",
        }
    }
}

/// The kind of tag that opens at the start of `rest`.
pub(crate) fn opening(rest: &str) -> Option<TagKind> {
    let mut bytes = rest.bytes();
    match (bytes.next(), bytes.next()) {
        (Some(b'{'), Some(b'{')) => Some(TagKind::Expression),
        (Some(b'{'), Some(b'%')) => Some(TagKind::Statement),
        (Some(b'{'), Some(b'#')) => Some(TagKind::Comment),
        _ => None,
    }
}

/// The first place in `text` where a tag opens.
pub(crate) fn first_opening(text: &str) -> Option<usize> {
    let mut braces = text.match_indices('{').map(|(at, _)| at);
    braces.find(|at| opening(&text[*at..]).is_some())
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag<'t> {
    pub(crate) kind: TagKind,
    /// From the opening to after the closing marker; the opening alone when nothing closes it.
    pub(crate) span: Span,
    pub(crate) words: Vec<(Word<'t>, Span)>,
    /// The first thing in it that templates do not have.
    pub(crate) fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word<'t> {
    Name(&'t str),
    Literal,
    Sign(&'t str),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// Reads the tag of `kind` that opens at `start`.
pub(crate) fn read(text: &str, start: usize, kind: TagKind) -> Tag<'_> {
    let mut at = start + 2;
    // The sign that strips blanks.
    if matches!(text.as_bytes().get(at), Some(b'-' | b'+')) {
        at += 1;
    }
    if kind == TagKind::Comment {
        let end = text[at..].find(kind.end()).map(|length| at + length + kind.end().len());
        return end.map_or_else(
            || unclosed(start, kind),
            |end| Tag { kind, span: Span::new(start, end), words: Vec::new(), fault: None },
        );
    }
    let mut reader = Reader { text, at, open: 0, words: Vec::new(), fault: None };
    let Some(end) = reader.read_to(kind.end()) else { return unclosed(start, kind) };
    let Reader { words, fault, .. } = reader;
    let mut tag = Tag { kind, span: Span::new(start, end), words, fault };
    if tag.fault.is_none() {
        tag.fault = judge(&tag);
    }
    tag
}

fn unclosed(start: usize, kind: TagKind) -> Tag<'static> {
    let span = Span::new(start, start + 2);
    let fault = Fault {
        code: codes::TEMPLATE_SYNTAX,
        span,
        message: format!("no `{}` closes this", kind.end()),
        help: "close it; to write two braces as SQL, put a blank between them",
    };
    Tag { kind, span, words: Vec::new(), fault: Some(fault) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    open: usize,
    words: Vec<(Word<'t>, Span)>,
    fault: Option<Fault>,
}

impl<'t> Reader<'t> {
    /// Reads to after `end`, and gives the place; `None` when the text ends before.
    fn read_to(&mut self, end: &str) -> Option<usize> {
        loop {
            let rest = &self.text[self.at..];
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            self.at = self.text.len() - rest.len();
            let closing = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            for closed in [rest, closing] {
                if closed.starts_with(end) {
                    let after = self.text.len() - closed.len() + end.len();
                    if self.open > 0 {
                        self.find_at(0, "a bracket is still open here", "close the bracket");
                    }
                    return Some(after);
                }
            }
            let next = rest.chars().next()?;
            if self.words.len() == WORDS && self.fault.is_none() {
                self.fault(0, format!("a template may hold {WORDS} words"), "write several");
            }
            self.word(rest, next)?;
        }
    }

    fn word(&mut self, rest: &'t str, next: char) -> Option<()> {
        let two = rest.get(..2).unwrap_or_default();
        match next {
            '\'' | '"' => {
                let length = string_length(rest)?;
                self.push(Word::Literal, length);
            }
            c if c.is_ascii_digit() => {
                let mut before = c;
                let length = rest.find(|c: char| {
                    let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
                    before = c;
                    !(sign || c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
                });
                self.push(Word::Literal, length.unwrap_or(rest.len()));
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let length = length.unwrap_or(rest.len());
                self.push(Word::Name(&rest[..length]), length);
            }
            _ if matches!(two, "==" | "!=" | "<=" | ">=") => self.push(Word::Sign(two), 2),
            '(' | '[' => {
                self.open += 1;
                self.push(Word::Sign(&rest[..1]), 1);
            }
            ')' | ']' => {
                if self.open == 0 {
                    self.find_at(1, "no bracket is open here", "open the bracket");
                }
                self.open = self.open.saturating_sub(1);
                self.push(Word::Sign(&rest[..1]), 1);
            }
            '.' | ',' | '|' | '<' | '>' | '-' => self.push(Word::Sign(&rest[..1]), 1),
            other => {
                let help = "templates only choose: compute in SQL, or give another value";
                self.fault(other.len_utf8(), format!("templates have no `{other}`"), help);
                self.at += other.len_utf8();
            }
        }
        Some(())
    }

    fn push(&mut self, word: Word<'t>, length: usize) {
        self.words.push((word, Span::new(self.at, self.at + length)));
        self.at += length;
    }

    fn fault(&mut self, length: usize, message: String, help: &'static str) {
        let span = Span::new(self.at, self.at + length);
        self.fault.get_or_insert(Fault { code: codes::TEMPLATE_FEATURE, span, message, help });
    }

    fn find_at(&mut self, length: usize, message: &str, help: &'static str) {
        let span = Span::new(self.at, self.at + length);
        let (code, message) = (codes::TEMPLATE_SYNTAX, message.to_owned());
        self.fault.get_or_insert(Fault { code, span, message, help });
    }
}

/// The length of a string with its quotes; `None` when nothing closes it.
fn string_length(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices();
    let (_, quote) = chars.next()?;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The words of the language, which may stand before a bracket.
const KEYWORDS: &[&str] = &["if", "elif", "else", "for", "in", "not", "and", "or"];

/// The first word that names something templates do not have.
fn judge(tag: &Tag<'_>) -> Option<Fault> {
    let fault = |span: Span, message: String, help: &'static str| {
        Some(Fault { code: codes::TEMPLATE_FEATURE, span, message, help })
    };
    let word = |index: usize| tag.words.get(index).map(|(word, _)| *word);
    if tag.kind == TagKind::Statement
        && let Some((Word::Name(name), span)) = tag.words.first()
        && !matches!(*name, "if" | "elif" | "else" | "endif" | "for" | "endfor")
    {
        let help = "the statements are `if`, `elif`, `else` and `for`";
        return fault(*span, format!("templates have no statement `{name}`"), help);
    }
    for (index, (current, span)) in tag.words.iter().enumerate() {
        let Word::Name(name) = current else { continue };
        let before = index.checked_sub(1).and_then(word);
        let tested = match before {
            Some(Word::Name("not")) => index.checked_sub(2).and_then(word),
            other => other,
        };
        if before == Some(Word::Sign("|")) && *name != "ident" {
            let help = "the only filter is `ident`, which makes a name of a text";
            return fault(*span, format!("templates have no filter `{name}`"), help);
        }
        if tested == Some(Word::Name("is")) && !matches!(*name, "none" | "not") {
            let help = "the only test is `is none`";
            return fault(*span, format!("templates have no test `{name}`"), help);
        }
        let member = matches!(before, Some(Word::Sign("." | "|")));
        if word(index + 1) == Some(Word::Sign("(")) && !member && !KEYWORDS.contains(name) {
            let help = "templates only choose: compute in SQL, or give another value";
            return fault(*span, format!("templates have no function `{name}`"), help);
        }
        if *name == "recursive" && !member {
            let help = "give the values as one list";
            return fault(*span, "templates have no recursive loops".to_owned(), help);
        }
    }
    None
}
