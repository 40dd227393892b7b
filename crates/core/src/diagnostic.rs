use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::Code;

/// A range of bytes in a text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from its bounds; an end before the start is moved to the start.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }
}

/// A text together with the name under which people know it.
///
/// Cloning is cheap: the text is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    file: Arc<str>,
    text: Arc<str>,
}

impl SourceText {
    /// A text read from `file`, a path relative to the project.
    pub fn new(file: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), text: text.into() }
    }

    /// The name of the file, relative to the project.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a span is, in the terms people use. Bounds outside the text are clamped.
    ///
    /// ```
    /// use viewlane_core::{SourceText, Span};
    ///
    /// let text = SourceText::new("views/a.sql", "select\n  x from t");
    /// let place = text.locate(Span::new(9, 10));
    /// assert_eq!((place.line, place.column, place.width), (2, 3, 1));
    /// assert_eq!(place.line_text, "  x from t");
    /// ```
    pub fn locate(&self, span: Span) -> Location {
        let clamp = |mut byte: usize| {
            byte = byte.min(self.text.len());
            while !self.text.is_char_boundary(byte) {
                byte -= 1;
            }
            byte
        };
        let (start, end) = (clamp(span.start), clamp(span.end));
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |n| start + n);
        let line_text = self.text[line_start..line_end].trim_end_matches('\r');
        Location {
            file: self.file.to_string(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            width: self.text[start..end.min(line_end).max(start)].chars().count().max(1),
            line_text: line_text.to_owned(),
        }
    }

    /// The byte offset of a line and a column, both counted from one, columns in characters.
    /// `None` outside the text.
    pub fn offset(&self, line: u64, column: u64) -> Option<usize> {
        let (line, column) = (usize::try_from(line).ok()?, usize::try_from(column).ok()?);
        let mut start = 0;
        for _ in 1..line.max(1) {
            start += self.text[start..].find('\n')? + 1;
        }
        let rest = &self.text[start..];
        let within = rest
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([rest.len()])
            .nth(column.checked_sub(1)?)?;
        Some(start + within)
    }
}

/// A place in a file, self-contained, so that it can be shown without the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The file, relative to the project.
    pub file: String,
    /// Line, counted from one.
    pub line: usize,
    /// Column in characters, counted from one.
    pub column: usize,
    /// Width of the marked text in characters, at least one, within its first line.
    pub width: usize,
    /// The text of that line.
    pub line_text: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Whether a diagnostic stops the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The operation does not happen.
    Error,
    /// It happens, and the result says this.
    Warning,
}

/// One finding about an input: a stable code, what and where, and what to do.
///
/// ```
/// use viewlane_core::{Code, Diagnostic, ErrorKind, SourceText, Span};
///
/// const CODE: Code = Code::new("VL-X0001", ErrorKind::Invalid);
/// let text = SourceText::new("a.sql", "selec 1");
/// let found = Diagnostic::error(CODE, "`selec` is not a statement")
///     .at(text.locate(Span::new(0, 5)))
///     .help("write `select`");
/// assert_eq!(found.to_string(), "VL-X0001: `selec` is not a statement (a.sql:1:1)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is the matter, in one lower-case sentence without a final period.
    pub message: String,
    /// Where, when there is a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What to do, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The causes, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
}

impl Diagnostic {
    /// A finding that stops the operation.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            location: None,
            help: None,
            causes: Vec::new(),
        }
    }

    /// A finding that is part of the result.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says why, outermost cause first.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Whether it stops the operation.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.location {
            Some(location) => write!(f, " ({location})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any span of any text can be located, and its place leads back to its start.
        #[test]
        fn location_and_offset_agree(text in "[aé\n]{0,20}", start in 0usize..25, len in 0usize..9) {
            let source = SourceText::new("f", text.clone());
            let place = source.locate(Span::new(start, start + len));
            let back = source.offset(place.line as u64, place.column as u64).unwrap();
            prop_assert!(back <= start);
            if start <= text.len() && text.is_char_boundary(start) {
                prop_assert_eq!(back, start);
            }
        }
    }
}
