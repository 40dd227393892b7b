//! The first stage: no template, and no parameter that the policy does not bind, outside strings
//! and comments.

pub(crate) mod scan;
pub(crate) mod tag;

use viewlane_core::{Diagnostic, SourceText, Span};

use self::scan::{Lexis, LiteralKind, Mark, MarkKind, Scan};
use crate::{
    codes,
    error::Rejection,
    parameter,
    policy::{ParameterStyle, Parameters, Policy},
    template::{Input, TemplateUse},
    text::finding,
};

pub(crate) const NO_PARAMETERS: &str = "write the value itself: views take no parameters";

/// What is wrong with a parameter, as the guard and the gate say it.
pub(crate) fn parameter(name: &str) -> String {
    format!("`{name}` is a parameter, and there is nobody to give it a value")
}

/// A text without templates, and with the places of all its parameters.
#[derive(Debug)]
pub(crate) struct Guarded<'a> {
    pub(crate) source: &'a SourceText,
    pub(crate) template: Option<&'a TemplateUse>,
    pub(crate) parameters: Vec<Placeholder>,
}

/// A parameter in the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) span: Span,
    /// `$` and the name or number.
    pub(crate) name: String,
}

/// Refuses every template, and every parameter that the policy does not bind.
pub(crate) fn guard<'a>(policy: &Policy, input: Input<'a>) -> Result<Guarded<'a>, Rejection> {
    let (source, template) = match input {
        Input::Text(text) => (text, None),
        Input::Rendered(rendered) => (rendered.text(), rendered.template()),
    };
    within_limit(policy, source)?;
    let scan = scan::scan(source.text(), &Lexis::of(policy));
    let unrendered = matches!(input, Input::Text(_)) && policy.renders();
    let help = if unrendered {
        "render the text first: the policy allows it"
    } else {
        "render the template first: a view is plain SQL"
    };
    let mut found = if unrendered { hidden_templates(source, &scan) } else { Vec::new() };
    let mut parameters = Vec::new();
    let mut counted = Counted::default();
    for mark in &scan.marks {
        match mark.kind {
            MarkKind::Tag(_) | MarkKind::Foreign => found.push(template_marker(source, mark, help)),
            MarkKind::Parameter(style) | MarkKind::Member(style)
                if policy.parameters(style) == Parameters::Bind =>
            {
                match counted.name(mark, style) {
                    Ok(name) => parameters.push(Placeholder { span: mark.span, name }),
                    Err((message, help)) => {
                        let code = codes::PARAMETER_FORM;
                        found.push(finding(source, code, mark.span, message, help));
                    }
                }
            }
            MarkKind::Parameter(_) | MarkKind::Member(_) | MarkKind::Variable => {
                let message = parameter(mark.text);
                found.push(finding(source, codes::PARAMETER, mark.span, message, NO_PARAMETERS));
            }
        }
    }
    found.sort_by_key(|found| found.location.as_ref().map(|place| (place.line, place.column)));
    Rejection::unless_empty(found)?;
    Ok(Guarded { source, template, parameters })
}

/// Refuses a text that is longer than the policy allows.
pub(crate) fn within_limit(policy: &Policy, source: &SourceText) -> Result<(), Rejection> {
    let (length, limit) = (source.text().len(), policy.limits().bytes);
    if length <= limit {
        return Ok(());
    }
    let found = finding(
        source,
        codes::TOO_LONG,
        Span::new(0, 0),
        format!("the text has {length} bytes, the policy allows {limit}"),
        "split the view, or raise the limit `bytes`",
    );
    Err(found.into())
}

pub(crate) fn template_marker(source: &SourceText, mark: &Mark<'_>, help: &str) -> Diagnostic {
    let message = format!("`{}` begins a template, not SQL", mark.text);
    finding(source, codes::TEMPLATE_MARKER, mark.span, message, help)
}

/// Templates inside strings and quoted names, where nothing is rendered.
pub(crate) fn hidden_templates(source: &SourceText, scan: &Scan<'_>) -> Vec<Diagnostic> {
    let hidden = scan.literals.iter().filter_map(|literal| {
        let text = &source.text()[literal.span.start..literal.span.end];
        let at = literal.span.start + tag::first_opening(text)?;
        let mark = &source.text()[at..at + 2];
        let (place, help) = match literal.kind {
            LiteralKind::Text => (
                "a string",
                "write `{{ value }}` without quotes around it: a text comes with its own",
            ),
            LiteralKind::Name => (
                "a quoted name",
                "write `{{ value | ident }}` without quotes around it: a name comes with its own",
            ),
            LiteralKind::Comment => return None,
        };
        let message = format!("`{mark}` stands inside {place}, where nothing is rendered");
        let span = Span::new(at, at + 2);
        Some(finding(source, codes::TEMPLATE_IN_LITERAL, span, message, help))
    });
    hidden.collect()
}

/// Gives parameters their names.
#[derive(Default)]
struct Counted {
    /// How many `?` there were.
    questions: usize,
    /// Whether a parameter had a number of its own.
    numbered: bool,
}

impl Counted {
    /// `$` and the name, or why the parameter cannot be bound and what to do.
    fn name(
        &mut self,
        mark: &Mark<'_>,
        style: ParameterStyle,
    ) -> Result<String, (String, &'static str)> {
        if matches!(mark.kind, MarkKind::Member(_)) {
            let message =
                format!("`{}` stands after a dot, where only a name may stand", mark.text);
            return Err((message, "write the name itself"));
        }
        let mut name = mark.text[1..].to_owned();
        let counts = style == ParameterStyle::Question && name.is_empty();
        if counts {
            self.questions += 1;
            name = self.questions.to_string();
        }
        let name = format!("${name}");
        if !parameter::is_canonical(&name) {
            let message = format!("`{}` is neither a name nor a number from 1 on", mark.text);
            return Err((message, "begin the name with a letter, or the number with 1 to 9"));
        }
        self.numbered |= !counts && name[1..].starts_with(|c: char| c.is_ascii_digit());
        if self.numbered && self.questions > 0 {
            let message = format!(
                "`{}` makes it unclear which number a `?` has: both count parameters",
                mark.text
            );
            return Err((message, "write all of them with `?`, or none"));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests;
