//! Values for templates, and texts that were rendered with them.

#[cfg(feature = "templates")]
mod render;

use std::collections::BTreeMap;

use viewlane_core::{Diagnostic, Fingerprint, SourceText};

#[cfg(feature = "templates")]
use crate::guard::tag;
use crate::{
    codes,
    error::Rejection,
    guard::{
        self,
        scan::{self, Lexis, MarkKind, Scan},
    },
    policy::Policy,
};

/// A typed value for a template. Its type decides how SQL writes it; there is no raw text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TemplateValue {
    /// `NULL`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number; a negative one comes in parentheses.
    Integer(i64),
    /// A number; it must be finite.
    Float(f64),
    /// A string literal.
    String(String),
    /// A name in quotes, as it is: case counts.
    Identifier(String),
    /// Its items with commas between; for loops also lists of lists.
    List(Vec<TemplateValue>),
}

impl From<bool> for TemplateValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for TemplateValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for TemplateValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for TemplateValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for TemplateValue {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for TemplateValue {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl<T: Into<TemplateValue>> From<Vec<T>> for TemplateValue {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// Values for templates by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateValues(BTreeMap<String, TemplateValue>);

impl TemplateValues {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives one name its value; the last one counts.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<TemplateValue>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&TemplateValue> {
        self.0.get(name)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TemplateValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: Into<String>, V: Into<TemplateValue>> FromIterator<(N, V)> for TemplateValues {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(values: T) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The template a text was rendered from, and the values it was rendered with.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateUse {
    fingerprint: Fingerprint,
    source: SourceText,
    values: TemplateValues,
}

impl TemplateUse {
    #[cfg(feature = "templates")]
    fn new(source: &SourceText, values: TemplateValues) -> Self {
        let fingerprint = Fingerprint::builder("template").field("text", source.text()).finish();
        Self { fingerprint, source: source.clone(), values }
    }

    /// Identity of the template's text.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The template.
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The values that the template names.
    pub fn values(&self) -> &TemplateValues {
        &self.values
    }
}

/// A text in which no template is left. Only [`Lane::render`](crate::Lane::render) makes one.
///
/// Invariant: every value stands in it as the tokens of its literal and as nothing else, and every
/// string, quoted name and comment of the template stands in it byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    text: SourceText,
    source: SourceText,
    template: Option<TemplateUse>,
    warnings: Vec<Diagnostic>,
}

impl Rendered {
    /// What was rendered. The places of later findings are places in this text; its file is called
    /// `views/a.sql (rendered)` where it differs from `views/a.sql`.
    pub fn text(&self) -> &SourceText {
        &self.text
    }

    /// The text as written.
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The template and its values; `None` for a text that holds no template.
    pub fn template(&self) -> Option<&TemplateUse> {
        self.template.as_ref()
    }

    /// A warning for each value that the text does not name.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    fn plain(source: &SourceText, values: &TemplateValues) -> Self {
        Self {
            text: source.clone(),
            source: source.clone(),
            template: None,
            warnings: values.0.keys().map(|name| unused(source, name)).collect(),
        }
    }
}

/// What the lane compiles: a text as it was written, or one that was rendered.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// As written.
    Text(&'a SourceText),
    /// Rendered.
    Rendered(&'a Rendered),
}

impl<'a> From<&'a SourceText> for Input<'a> {
    fn from(text: &'a SourceText) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Rendered> for Input<'a> {
    fn from(rendered: &'a Rendered) -> Self {
        Self::Rendered(rendered)
    }
}

/// Renders the templates of a text, as far as the policy allows.
pub(crate) fn render(
    policy: &Policy,
    source: &SourceText,
    values: &TemplateValues,
) -> Result<Rendered, Rejection> {
    guard::within_limit(policy, source)?;
    let lexis = Lexis::of(policy);
    let scan = scan::scan(source.text(), &lexis);
    Rejection::unless_empty(objections(policy, source, &scan))?;
    #[cfg(feature = "templates")]
    if scan.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Tag(_))) {
        return render::render(policy, source, &scan, values);
    }
    Ok(Rendered::plain(source, values))
}

/// What keeps a text from being rendered.
fn objections(policy: &Policy, source: &SourceText, scan: &Scan<'_>) -> Vec<Diagnostic> {
    let help = "render the template first: a view is plain SQL";
    let mut found =
        if policy.renders() { guard::hidden_templates(source, scan) } else { Vec::new() };
    for mark in &scan.marks {
        match &mark.kind {
            MarkKind::Foreign => found.push(guard::template_marker(source, mark, help)),
            MarkKind::Tag(_) if !policy.renders() => {
                found.push(guard::template_marker(source, mark, help));
            }
            #[cfg(feature = "templates")]
            MarkKind::Tag(tag::Tag { fault: Some(fault), .. }) => {
                let tag::Fault { code, span, message, help } = fault;
                found.push(crate::text::finding(source, *code, *span, message, *help));
            }
            MarkKind::Tag(_)
            | MarkKind::Parameter(_)
            | MarkKind::Member(_)
            | MarkKind::Variable => {}
        }
    }
    found.sort_by_key(|found| found.location.as_ref().map(|place| (place.line, place.column)));
    found
}

fn unused(source: &SourceText, name: &str) -> Diagnostic {
    let message = format!("`{}` names no value `{name}`", source.file());
    Diagnostic::warning(codes::TEMPLATE_VALUE_UNUSED, message)
        .help("check the spelling, or leave the value out")
}

#[cfg(all(test, feature = "templates"))]
mod tests;
