//! From the parser's places to ours, and from its names to normalised ones.

use sqlparser::{
    ast::Ident,
    tokenizer::{Location, Span as TokenSpan},
};
use viewlane_core::{Code, Diagnostic, SourceText, Span};

/// Where each line of a text begins, so that a place is found without reading the text again: a
/// generated query may be one line with tens of thousands of names.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    /// The first byte of each line, and whether each of its characters is one byte.
    starts: Vec<(usize, bool)>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(source: &'a SourceText) -> Self {
        let text = source.text();
        let mut start = 0;
        let starts = text.split_inclusive('\n').map(|line| {
            let this = (start, line.is_ascii());
            start += line.len();
            this
        });
        let mut starts: Vec<_> = starts.collect();
        starts.push((text.len(), true));
        Self { text, starts }
    }

    /// The bytes of a place the parser names. A place it does not know is the start of the text.
    pub(crate) fn bytes(&self, span: TokenSpan) -> Span {
        let start = self.byte(span.start).unwrap_or(0);
        let end = self.byte(span.end).unwrap_or(start);
        Span::new(start, end)
    }

    /// The byte of a line and a column, both counted from one, columns in characters.
    pub(crate) fn byte(&self, place: Location) -> Option<usize> {
        let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let (start, ascii) = *self.starts.get(line)?;
        let rest = &self.text[start..];
        let within = if ascii {
            column
        } else {
            let mut ends = rest.char_indices().map(|(byte, _)| byte).chain([rest.len()]);
            ends.nth(column)?
        };
        (within <= rest.len()).then_some(start + within)
    }
}

/// Turns bytes into lines and columns as the tokeniser counts them, going forward only.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    byte: usize,
    place: Location,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, byte: 0, place: Location { line: 1, column: 1 } }
    }

    /// The place of a byte that is not before the last one asked for.
    pub(crate) fn at(&mut self, byte: usize) -> Location {
        for c in self.text[self.byte..byte.max(self.byte)].chars() {
            match c {
                '\n' => self.place = Location { line: self.place.line + 1, column: 1 },
                _ => self.place.column += 1,
            }
        }
        self.byte = byte.max(self.byte);
        self.place
    }
}

/// A finding at a place.
pub(crate) fn finding(
    source: &SourceText,
    code: Code,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic::error(code, message).at(source.locate(span)).help(help)
}

/// The name as the engine matches it: ASCII lower case unless it was quoted.
pub(crate) fn normalise(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    }
}
