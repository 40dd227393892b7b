use std::fmt::Write as _;

use viewlane_core::{Diagnostic, Severity};

/// One diagnostic as people read it: code and message, the line with a caret under the text it is
/// about, the causes, and what to do. Ends with a newline.
pub fn render(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    if let Some(place) = &diagnostic.location {
        let _ = writeln!(out, "  --> {place}");
        // A line without text, as of a file that is no text, has nothing to point at.
        if !place.line_text.trim().is_empty() {
            // A tab is one column of the count but many of the screen: one blank keeps carets true.
            let line = place.line_text.replace('\t', " ");
            let number = place.line.to_string();
            let gutter = " ".repeat(number.len());
            let indent = " ".repeat(place.column - 1);
            let carets = "^".repeat(place.width);
            let _ = write!(out, " {gutter} |\n {number} | {line}\n {gutter} | {indent}{carets}\n");
        }
    }
    for cause in &diagnostic.causes {
        let _ = writeln!(out, "  = because: {}", cause.trim_end().replace('\n', "\n    "));
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  = help: {help}");
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use viewlane_core::{Code, ErrorKind, SourceText, Span};

    use super::*;

    const CODE: Code = Code::new("VL-X0001", ErrorKind::Invalid);

    #[test]
    fn carets_stand_under_wide_and_tabbed_text() {
        let text = SourceText::new("v.sql", "select 1,\n\té + wrong\nfrom t");
        let start = text.text().find("wrong").unwrap();
        let found = Diagnostic::error(CODE, "no column `wrong`")
            .at(text.locate(Span::new(start, start + 5)))
            .because("first\nsecond line")
            .help("remove it");
        insta::assert_snapshot!(render(&found), @r"
        error[VL-X0001]: no column `wrong`
          --> v.sql:2:6
           |
         2 |  é + wrong
           |      ^^^^^
          = because: first
            second line
          = help: remove it
        ");
    }

    proptest! {
        /// Whatever the text and the span, the carets stay within the line they are under.
        #[test]
        fn carets_never_leave_their_line(text in "[a-z é\n\t]{0,30}", start in 0usize..40, len in 0usize..20) {
            let source = SourceText::new("f", text);
            let place = source.locate(Span::new(start, start + len));
            let width = place.line_text.chars().count();
            prop_assert!(place.column - 1 + place.width <= width.max(place.column));
            let shown = render(&Diagnostic::warning(CODE, "m").at(place));
            let blank = source.locate(Span::new(start, start + len)).line_text.trim().is_empty();
            prop_assert_eq!(shown.lines().count(), if blank { 2 } else { 5 });
        }
    }
}
