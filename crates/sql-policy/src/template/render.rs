//! Rendering, so that neither a value nor a template can change what is code and what is text.
//!
//! Strings, quoted names and comments are taken out of the template before it is rendered, and
//! values do not go into its output: both leave seals behind, which are replaced afterwards. What
//! comes out is then read by the parser's tokeniser, and every piece must be the token it was
//! before.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    sync::Arc,
};

use minijinja::{
    Environment, Error, ErrorKind, Output, State, UndefinedBehavior,
    syntax::SyntaxConfig,
    value::{Object, ObjectRepr, Value, ValueKind},
};
use sqlparser::{dialect::Dialect, tokenizer::Tokenizer};
use viewlane_core::{Code, Diagnostic, SourceText, Span, nearest};

use super::{Rendered, TemplateUse, TemplateValue, TemplateValues, unused};
use crate::{
    codes,
    error::Rejection,
    guard::{
        scan::{Literal, LiteralKind, MarkKind, Scan},
        tag::{Tag, Word},
    },
    parse,
    policy::Policy,
    room,
    text::{Cursor, finding},
};

/// Branches of all `elif`: each costs stack.
const BRANCHES: usize = 200;

/// Renders a text whose tags have no faults.
pub(super) fn render(
    policy: &Policy,
    source: &SourceText,
    scan: &Scan<'_>,
    values: &TemplateValues,
) -> Result<Rendered, Rejection> {
    let tags: Vec<_> = scan
        .marks
        .iter()
        .filter_map(|mark| match &mark.kind {
            MarkKind::Tag(tag) => Some(tag),
            _ => None,
        })
        .collect();
    few_branches(source, &tags)?;
    let sheet = Sheet::new(source, &scan.literals)?;
    let writer = Writer::of(policy);
    let filled = room::rendering(|| sheet.fill(policy, &tags, values, writer))?;
    let text = SourceText::new(format!("{} (rendered)", source.file()), filled.text);
    check(policy, &text, &filled.pieces)?;
    let (named, others) =
        values.0.clone().into_iter().partition(|(name, _)| filled.names.contains(name));
    let others: BTreeMap<_, _> = others;
    Ok(Rendered {
        text,
        source: source.clone(),
        template: Some(TemplateUse::new(source, TemplateValues(named))),
        warnings: others.keys().map(|name| unused(source, name)).collect(),
    })
}

fn few_branches(source: &SourceText, tags: &[&Tag<'_>]) -> Result<(), Rejection> {
    let mut branches = tags.iter().filter_map(|tag| match tag.words.first() {
        Some((Word::Name("elif"), span)) => Some(*span),
        _ => None,
    });
    match branches.nth(BRANCHES) {
        None => Ok(()),
        Some(span) => {
            let message = format!("a template may hold {BRANCHES} branches with `elif`");
            let help = "take the choice out of the template, and give its outcome as a value";
            Err(finding(source, codes::TEMPLATE_FEATURE, span, message, help).into())
        }
    }
}

/// A template without its strings, quoted names and comments.
struct Sheet<'t> {
    source: &'t SourceText,
    text: String,
    /// What stands where a seal is.
    literals: &'t [Literal],
    /// After each seal: the byte in the sheet and the byte in the source.
    after: Vec<(usize, usize)>,
    /// Begins and ends a seal. It occurs nowhere in the source.
    seal: char,
}

/// What came out, and where the pieces are that must be tokens of their own.
struct Filled {
    text: String,
    pieces: Vec<Piece>,
    /// The values that the template names.
    names: BTreeSet<String>,
}

struct Piece {
    span: Span,
    kind: PieceKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PieceKind {
    Literal(LiteralKind),
    Value,
}

impl<'t> Sheet<'t> {
    fn new(source: &'t SourceText, literals: &'t [Literal]) -> Result<Self, Rejection> {
        let text = source.text();
        let mut private = '\u{e000}'..='\u{f8ff}';
        let Some(seal) = private.find(|seal| !text.contains(*seal)) else {
            let message = "the text uses every character that Unicode keeps for private use";
            let help = "leave one of them out";
            let start = Span::new(0, 0);
            return Err(finding(source, codes::TEMPLATE_FEATURE, start, message, help).into());
        };
        let (mut sheet, mut after, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
        for (index, literal) in literals.iter().enumerate() {
            sheet.push_str(&text[at..literal.span.start]);
            sheet.push_str(&format!("{seal}{index}{seal}"));
            at = literal.span.end;
            after.push((sheet.len(), at));
        }
        sheet.push_str(&text[at..]);
        Ok(Self { source, text: sheet, literals, after, seal })
    }

    /// The place in the source of a place outside seals.
    fn place(&self, at: usize) -> usize {
        let behind = self.after.partition_point(|(sheet, _)| *sheet <= at);
        match behind.checked_sub(1).map(|index| self.after[index]) {
            Some((sheet, source)) => source + (at - sheet),
            None => at,
        }
    }

    fn fill(
        &self,
        policy: &Policy,
        tags: &[&Tag<'_>],
        values: &TemplateValues,
        writer: Writer,
    ) -> Result<Filled, Rejection> {
        let limit = policy.limits().bytes;
        let mut environment = Environment::empty();
        environment.set_debug(false);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(policy.limits().steps as u64));
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the usual delimiters differ from each other"));
        environment.add_filter("ident", ident);
        environment.add_test("none", |value: &Value| value.is_none());
        let seal = self.seal;
        environment.set_formatter(move |out: &mut Output, state: &mut State, value: &Value| {
            let emitted = state.get_or_insert_extension_with(Emitted::default);
            let index = emitted.take(writer.written(value, limit)?, limit)?;
            Ok(out.write_fmt(format_args!("{seal}v{index}{seal}"))?)
        });
        let template = environment
            .template_from_str(&self.text)
            .map_err(|error| self.refusal(&error, limit, policy))?;
        let names: BTreeSet<_> = template.undeclared_variables(false).into_iter().collect();
        self.missing(tags, &names, values)?;
        let context: BTreeMap<_, _> = names
            .iter()
            .filter_map(|name| Some((name.clone(), given(values.get(name)?))))
            .collect();
        let mut out = Bounded { bytes: Vec::new(), limit };
        let mut captured = template
            .render_captured_to(Value::from_pairs(context), &mut out)
            .map_err(|error| self.refusal(&error, limit, policy))?;
        let emitted = captured.with_state_mut(|state| {
            std::mem::take(state.get_or_insert_extension_with(Emitted::default))
        });
        let sheet = String::from_utf8(out.bytes).expect("the engine writes only text");
        let (text, pieces) = self.unseal(&sheet, &emitted.texts, limit)?;
        Ok(Filled { text, pieces, names })
    }

    /// Names that no value was given for.
    fn missing(
        &self,
        tags: &[&Tag<'_>],
        names: &BTreeSet<String>,
        values: &TemplateValues,
    ) -> Result<(), Rejection> {
        let missing = names.iter().filter(|name| values.get(name).is_none()).map(|name| {
            let message = format!("the template names a value `{name}` that nobody gave");
            let help = match nearest(name, values.0.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("give a value for `{name}`"),
            };
            let span = first_use(tags, name).unwrap_or(Span::new(0, 0));
            (span, finding(self.source, codes::TEMPLATE_VALUE_MISSING, span, message, help))
        });
        let mut missing: Vec<_> = missing.collect();
        missing.sort_by_key(|(span, _)| *span);
        Rejection::unless_empty(missing.into_iter().map(|(_, found)| found).collect())
    }

    /// Puts literals and values where their seals are.
    fn unseal(
        &self,
        sheet: &str,
        emitted: &[String],
        limit: usize,
    ) -> Result<(String, Vec<Piece>), Rejection> {
        let (mut text, mut pieces) = (String::new(), Vec::new());
        for (index, part) in sheet.split(self.seal).enumerate() {
            let (part, kind) = if index % 2 == 0 {
                (part, None)
            } else if let Some(value) = part.strip_prefix('v') {
                let value = value.parse::<usize>().ok().and_then(|index| emitted.get(index));
                (value.expect("a value left this seal").as_str(), Some(PieceKind::Value))
            } else {
                let literal = part.parse::<usize>().ok().and_then(|index| self.literals.get(index));
                let Literal { kind, span } = literal.expect("a literal left this seal");
                (&self.source.text()[span.start..span.end], Some(PieceKind::Literal(*kind)))
            };
            if text.len() + part.len() > limit {
                return Err(self.too_long(limit));
            }
            if let Some(kind) = kind {
                pieces.push(Piece { span: Span::new(text.len(), text.len() + part.len()), kind });
            }
            text.push_str(part);
        }
        Ok((text, pieces))
    }

    fn too_long(&self, limit: usize) -> Rejection {
        let message = format!("the rendered text has more than the {limit} bytes of the policy");
        let help = "split the view, or raise the limit `bytes`";
        finding(self.source, codes::TOO_LONG, Span::new(0, 0), message, help).into()
    }

    /// What the engine objects to.
    fn refusal(&self, error: &Error, limit: usize, policy: &Policy) -> Rejection {
        let end = self.source.text().len();
        let place = error.range().map_or(Span::new(0, 0), |range| {
            let start = self.place(range.start).min(end);
            Span::new(start, self.place(range.end).min(end))
        });
        let find = |code: Code, message: String, help: &str| -> Rejection {
            finding(self.source, code, place, message, help).into()
        };
        let source =
            std::error::Error::source(error).and_then(|own| own.downcast_ref::<Unwritable>());
        match (source, error.kind()) {
            (Some(Unwritable::Longer), _) | (None, ErrorKind::WriteFailure) => self.too_long(limit),
            (Some(Unwritable::Value { message, help }), _) => {
                find(codes::TEMPLATE_VALUE, message.clone(), help)
            }
            (None, ErrorKind::OutOfFuel) => {
                let steps = policy.limits().steps;
                let message = format!("rendering takes more than the {steps} steps of the policy");
                let help = "give shorter lists, or raise the limit `steps`";
                find(codes::TEMPLATE_STEPS, message, help)
            }
            (None, kind) => {
                let message = error.detail().map_or_else(|| kind.to_string(), str::to_owned);
                let help = "correct the template at the marked place";
                find(codes::TEMPLATE_SYNTAX, message, help)
            }
        }
    }
}

fn first_use(tags: &[&Tag<'_>], name: &str) -> Option<Span> {
    tags.iter().find_map(|tag| {
        let uses = tag.words.iter().enumerate().find(|(index, (word, _))| {
            let before = index.checked_sub(1).map(|before| tag.words[before].0);
            *word == Word::Name(name) && !matches!(before, Some(Word::Sign("." | "|")))
        });
        uses.map(|(_, (_, span))| *span)
    })
}

/// What values were written, in the order of their seals.
#[derive(Default)]
struct Emitted {
    texts: Vec<String>,
    bytes: usize,
}

impl Emitted {
    fn take(&mut self, text: String, limit: usize) -> Result<usize, Error> {
        self.bytes += text.len();
        if self.bytes > limit {
            return Err(longer());
        }
        self.texts.push(text);
        Ok(self.texts.len() - 1)
    }
}

/// Output up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A seal may be longer than what it stands for: at most 13 bytes for one.
        if self.bytes.len() + bytes.len() > self.limit.saturating_mul(16) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why a value was not written.
#[derive(Debug)]
enum Unwritable {
    Value { message: String, help: &'static str },
    Longer,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be written as SQL")
    }
}

impl std::error::Error for Unwritable {}

fn unwritable(message: impl Into<String>, help: &'static str) -> Error {
    let own = Unwritable::Value { message: message.into(), help };
    Error::new(ErrorKind::InvalidOperation, "not written").with_source(own)
}

fn longer() -> Error {
    Error::new(ErrorKind::InvalidOperation, "not written").with_source(Unwritable::Longer)
}

/// A name, as templates see it.
#[derive(Debug)]
struct Name(String);

impl Object for Name {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// The value as the engine knows it.
#[recursive::recursive]
fn given(value: &TemplateValue) -> Value {
    match value {
        TemplateValue::Null => Value::from(()),
        TemplateValue::Boolean(truth) => Value::from(*truth),
        TemplateValue::Integer(number) => Value::from(*number),
        TemplateValue::Float(number) => Value::from(*number),
        TemplateValue::String(text) => Value::from(text.as_str()),
        TemplateValue::Identifier(name) => Value::from_object(Name(name.clone())),
        TemplateValue::List(items) => items.iter().map(given).collect(),
    }
}

/// The filter `ident`: a name of a text, names of a list of texts.
fn ident(value: &Value) -> Result<Value, Error> {
    if let Some(name) = value.as_str() {
        return Ok(Value::from_object(Name(name.to_owned())));
    }
    if value.downcast_object_ref::<Name>().is_some() {
        return Ok(value.clone());
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| match item.as_str() {
                Some(name) => Ok(Value::from_object(Name(name.to_owned()))),
                None if item.downcast_object_ref::<Name>().is_some() => Ok(item),
                None => Err(not_a_name(&item)),
            });
            items.collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        _ => Err(not_a_name(value)),
    }
}

fn not_a_name(value: &Value) -> Error {
    let message = format!("`ident` makes names of texts, and this is a {}", value.kind());
    unwritable(message, "give a text, or a list of texts")
}

/// How a dialect writes values.
#[derive(Clone, Copy)]
struct Writer {
    backslash_escapes: bool,
    name_quote: char,
}

impl Writer {
    fn of(policy: &Policy) -> Self {
        let dialect: Box<dyn Dialect> = policy.parser_dialect();
        let double = dialect.is_delimited_identifier_start('"');
        Self {
            backslash_escapes: dialect.supports_string_literal_backslash_escape(),
            name_quote: if double { '"' } else { '`' },
        }
    }

    fn written(self, value: &Value, limit: usize) -> Result<String, Error> {
        let mut out = String::new();
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => {
                for item in value.try_iter()? {
                    if !out.is_empty() {
                        out.push_str(", ");
                    }
                    self.one(&item, &mut out)?;
                    if out.len() > limit {
                        return Err(longer());
                    }
                }
                if out.is_empty() {
                    let help = "ask for it first, as in `{% if values %} … {% endif %}`";
                    return Err(unwritable("an empty list has no form in SQL", help));
                }
            }
            _ => self.one(value, &mut out)?,
        }
        Ok(out)
    }

    fn one(self, value: &Value, out: &mut String) -> Result<(), Error> {
        if let Some(Name(name)) = value.downcast_object_ref::<Name>() {
            if name.is_empty() {
                return Err(unwritable("a name is empty", "give a name of at least one letter"));
            }
            quote(out, name, self.name_quote, false);
            return Ok(());
        }
        match value.kind() {
            ValueKind::None => out.push_str("NULL"),
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => out.push_str(&number(value)?),
            ValueKind::String if !value.is_safe() => {
                let text = value.as_str().unwrap_or_default();
                quote(out, text, '\'', self.backslash_escapes);
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let help = "write a loop over the outer list";
                return Err(unwritable("a list of lists has no form in SQL", help));
            }
            kind => {
                let help = "give a text, a number, a boolean, a name or a list of them";
                return Err(unwritable(format!("a value of kind {kind} has no form in SQL"), help));
            }
        }
        Ok(())
    }
}

fn quote(out: &mut String, text: &str, quote: char, backslash: bool) {
    out.push(quote);
    for c in text.chars() {
        // A doubled quote may be read as the first of three in a dialect that has both.
        match c {
            '\\' if backslash => out.push('\\'),
            c if c == quote => out.push(if backslash { '\\' } else { quote }),
            _ => {}
        }
        out.push(c);
    }
    out.push(quote);
}

/// Digits that read back as the number. A minus is kept apart from what stands before it.
fn number(value: &Value) -> Result<String, Error> {
    let help = "give a number that SQL can write";
    if value.is_integer() {
        let Some(number) = value.as_i64() else {
            return Err(unwritable("a number does not fit 64 bits", help));
        };
        return Ok(if number < 0 { format!("({number})") } else { number.to_string() });
    }
    let number = f64::try_from(value.clone())?;
    if !number.is_finite() {
        return Err(unwritable(format!("`{number}` is no number that SQL can write"), help));
    }
    // Always with a point or an exponent, so that it is not an integer.
    let shown = format!("{number:?}");
    Ok(if number.is_sign_negative() { format!("({shown})") } else { shown })
}

/// Reads what came out with the parser's tokeniser: every piece has to be what it is alone.
fn check(policy: &Policy, text: &SourceText, pieces: &[Piece]) -> Result<(), Rejection> {
    let dialect = policy.parser_dialect();
    let tokens = parse::tokens(&*dialect, text)?;
    let mut tokens = tokens.iter().peekable();
    let mut cursor = Cursor::new(text.text());
    let mut found = Vec::new();
    for piece in pieces {
        let (start, end) = (cursor.at(piece.span.start), cursor.at(piece.span.end));
        while tokens.next_if(|token| token.span.start < start).is_some() {}
        let first = tokens.peek().map(|token| token.span.start);
        let (mut within, mut last) = (Vec::new(), start);
        while let Some(token) = tokens.next_if(|token| token.span.start < end) {
            within.push(&token.token);
            last = token.span.end;
        }
        let mut alone = Tokenizer::new(&*dialect, &text.text()[piece.span.start..piece.span.end]);
        let alone = alone.tokenize().unwrap_or_default();
        let whole = piece.kind == PieceKind::Value || alone.len() == 1;
        let same = within.len() == alone.len() && within.into_iter().eq(&alone);
        if first != Some(start) || last != end || !same || !whole {
            found.push(runs_together(text, piece));
        }
    }
    Rejection::unless_empty(found)
}

fn runs_together(text: &SourceText, piece: &Piece) -> Diagnostic {
    let what = match piece.kind {
        PieceKind::Literal(LiteralKind::Text) => "this string",
        PieceKind::Literal(LiteralKind::Name) => "this quoted name",
        PieceKind::Literal(LiteralKind::Comment) => "this comment",
        PieceKind::Value => "this value",
    };
    let message = format!("{what} runs together with what stands around it once it is rendered");
    let help = "put blanks between them; to join texts write `||`";
    finding(text, codes::TEMPLATE_VALUE, piece.span, message, help)
}
