use std::{error::Error as StdError, fmt};

use viewlane_core::{Code, Diagnostic, Kinded, SourceText, Span};

/// Why nothing was done: everything that was found wrong, sorted by place.
///
/// Not empty, and nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure from what was found; `Ok` when nothing of it is an error.
    pub(crate) fn unless_clean(mut diagnostics: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Self> {
        diagnostics.sort_by(|a, b| {
            (&a.location, a.code, &a.message).cmp(&(&b.location, b.code, &b.message))
        });
        diagnostics.dedup();
        if diagnostics.iter().any(Diagnostic::is_error) {
            Err(Self { diagnostics })
        } else {
            Ok(diagnostics)
        }
    }

    /// A failure from errors.
    pub(crate) fn of(diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics }
    }

    /// What was found.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether the same request may succeed later: every error is somebody else's commit.
    pub fn is_conflict(&self) -> bool {
        self.diagnostics
            .iter()
            .filter(|found| found.is_error())
            .all(|found| found.code.kind() == viewlane_core::ErrorKind::Conflict)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl StdError for Failure {}

impl Kinded for Failure {
    fn code(&self) -> Code {
        self.diagnostics.first().expect("a failure has at least one finding").code
    }
}

/// A diagnostic for an error with its chain of causes, under the error's own code.
pub(crate) fn diagnose(error: &(impl Kinded + StdError)) -> Diagnostic {
    with_causes(Diagnostic::error(error.code(), error.to_string()), error.source())
}

/// Adds the causes of an error, outermost first, each once.
pub(crate) fn with_causes(
    mut diagnostic: Diagnostic,
    mut source: Option<&(dyn StdError + 'static)>,
) -> Diagnostic {
    while let Some(error) = source {
        let text = error.to_string();
        // Wrapping errors repeat their cause; people read it once.
        let known = diagnostic.causes.last().unwrap_or(&diagnostic.message);
        if !known.contains(&text) {
            diagnostic.causes.push(text);
        }
        source = error.source();
    }
    diagnostic
}

/// A text with its diagnostics' places.
pub(crate) trait Located {
    /// An error under a span of the text.
    fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic;
    /// A warning under a span of the text.
    fn warning(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic;
}

impl Located for SourceText {
    fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).at(self.locate(span))
    }

    fn warning(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, message).at(self.locate(span))
    }
}
