//! `CREATE [MATERIALIZED] VIEW [name] [(columns)] [WITH (options)] AS query`.

use std::collections::BTreeSet;

use sqlparser::{
    ast::{ColumnOption, Ident, ObjectNamePart, Spanned},
    keywords::Keyword,
    tokenizer::Token,
};
use viewlane_core::{Diagnostic, RelationName, Span};

use super::{Parsed, Reader};
use crate::{
    codes,
    compiled::{ColumnDeclaration, OptionValue, ViewHeader, ViewOption},
    error::Rejection,
    text,
    text::finding,
};

const CLAUSES: &str =
    "a view may say MATERIALIZED, a name, columns with PRIMARY KEY, and WITH (key = value)";

/// Parses from CREATE to the end of the text.
pub(super) fn view(reader: &mut Reader<'_>) -> Result<Parsed, Rejection> {
    let mut found = Vec::new();
    let create = reader.parser.peek_token();
    let not_a_view = reader.not_a_query();
    let _ = reader.parser.parse_keyword(Keyword::CREATE);
    let mut materialized = false;
    loop {
        let here = reader.here();
        let parser = &mut reader.parser;
        if parser.parse_keyword(Keyword::VIEW) {
            break;
        } else if parser.parse_keyword(Keyword::MATERIALIZED) {
            materialized = true;
        } else if let Some(clause) = flag(reader) {
            let end = reader.span(reader.parser.get_current_token()).end;
            found.push(refused(reader, Span::new(here.start, end), clause));
        } else {
            return Err(not_a_view);
        }
    }
    let _ = create;
    let here = reader.here();
    if reader.parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]) {
        found.push(refused(reader, here, "IF NOT EXISTS"));
    }
    let mut header = ViewHeader { materialized, ..ViewHeader::default() };
    let bare = matches!(reader.parser.peek_token_ref().token, Token::LParen)
        || reader.peek_keyword(Keyword::AS)
        || reader.peek_keyword(Keyword::WITH);
    if !bare {
        header.name = Some(name(reader)?);
    }
    let here = reader.here();
    if reader.parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]) {
        found.push(refused(reader, here, "IF NOT EXISTS"));
    }
    if reader.parser.consume_token(&Token::LParen) {
        columns(reader, &mut header, &mut found)?;
    }
    if reader.parser.parse_keyword(Keyword::WITH) {
        options(reader, &mut header, &mut found)?;
    }
    if !reader.parser.parse_keyword(Keyword::AS) {
        let next = reader.parser.peek_token();
        let Token::Word(word) = &next.token else { return Err(reader.expected("AS and a query")) };
        if word.keyword == Keyword::NoKeyword {
            return Err(reader.expected("AS and a query"));
        }
        found.push(refused(reader, reader.here(), &word.value.to_uppercase()));
        return Err(Rejection::unless_empty(found).expect_err("one was just pushed"));
    }
    let query = reader.query()?;
    if reader.peek_keyword(Keyword::WITH) {
        found.push(refused(reader, reader.here(), "WITH after the query"));
        return Err(Rejection::unless_empty(found).expect_err("one was just pushed"));
    }
    reader.end()?;
    check_key(reader, &header, &mut found);
    Rejection::unless_empty(found)?;
    Ok(Parsed { header, query })
}

fn refused(reader: &Reader<'_>, span: Span, clause: &str) -> Diagnostic {
    let message = format!("a view has no clause `{clause}` here");
    let help = format!("leave it out: {CLAUSES}");
    finding(reader.source, codes::VIEW_CLAUSE, span, message, help)
}

/// A word between CREATE and VIEW that changes what the statement does.
fn flag(reader: &mut Reader<'_>) -> Option<&'static str> {
    let parser = &mut reader.parser;
    for (words, clause) in [
        (&[Keyword::OR, Keyword::REPLACE][..], "OR REPLACE"),
        (&[Keyword::OR, Keyword::ALTER], "OR ALTER"),
        (&[Keyword::TEMPORARY], "TEMPORARY"),
        (&[Keyword::TEMP], "TEMP"),
        (&[Keyword::SECURE], "SECURE"),
        (&[Keyword::RECURSIVE], "RECURSIVE"),
    ] {
        // Only before VIEW: `CREATE OR REPLACE TABLE` is another statement altogether.
        if parser.parse_keywords(words) {
            return Some(clause);
        }
    }
    None
}

fn name(reader: &mut Reader<'_>) -> Result<(RelationName, Span), Rejection> {
    let parsed = reader.parser.parse_object_name(false).map_err(|error| reader.refuse(error))?;
    let span = reader.lines.bytes(parsed.span());
    let parts = parsed.0.iter().map(|part| match part {
        ObjectNamePart::Identifier(ident) => text::normalise(ident),
        ObjectNamePart::Function(_) => String::new(),
    });
    match RelationName::from_parts(parts) {
        Ok(name) => Ok((name, span)),
        Err(error) => {
            let help = "write one to three names joined by dots";
            let found = finding(
                reader.source,
                codes::RELATION_NAME,
                span,
                format!("`{parsed}` does not name a view: {error}"),
                help,
            );
            Err(found.into())
        }
    }
}

fn identifier(reader: &mut Reader<'_>) -> Result<(Ident, Span), Rejection> {
    let span = reader.here();
    let ident = reader.parser.parse_identifier().map_err(|error| reader.refuse(error))?;
    Ok((ident, span))
}

/// From after the opening parenthesis to after the closing one.
fn columns(
    reader: &mut Reader<'_>,
    header: &mut ViewHeader,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Rejection> {
    loop {
        let here = reader.here();
        if reader.parser.parse_keywords(&[Keyword::PRIMARY, Keyword::KEY]) {
            if !header.primary_key.is_empty() {
                found.push(duplicate(reader, here, "PRIMARY KEY"));
            }
            primary_key(reader, header, found)?;
        } else {
            let column = column(reader, found)?;
            if header.columns.iter().any(|other| other.name == column.name) {
                found.push(duplicate(
                    reader,
                    column.span,
                    &format!("the column `{}`", column.name),
                ));
            }
            header.columns.push(column);
        }
        if !list_goes_on(reader)? {
            return Ok(());
        }
    }
}

fn list_goes_on(reader: &mut Reader<'_>) -> Result<bool, Rejection> {
    if reader.parser.consume_token(&Token::Comma) {
        Ok(true)
    } else if reader.parser.consume_token(&Token::RParen) {
        Ok(false)
    } else {
        Err(reader.expected("`,` or `)`"))
    }
}

fn duplicate(reader: &Reader<'_>, span: Span, what: &str) -> Diagnostic {
    let message = format!("{what} stands twice");
    finding(reader.source, codes::HEADER_DUPLICATE, span, message, "keep one of the two")
}

fn primary_key(
    reader: &mut Reader<'_>,
    header: &mut ViewHeader,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Rejection> {
    if !reader.parser.consume_token(&Token::LParen) {
        return Err(reader.expected("`(` and the columns of the key"));
    }
    loop {
        let (ident, span) = identifier(reader)?;
        let name = text::normalise(&ident);
        if header.primary_key.iter().any(|(other, _)| *other == name) {
            found.push(duplicate(reader, span, &format!("the key column `{name}`")));
        }
        header.primary_key.push((name, span));
        if !list_goes_on(reader)? {
            return Ok(());
        }
    }
}

fn column(
    reader: &mut Reader<'_>,
    found: &mut Vec<Diagnostic>,
) -> Result<ColumnDeclaration, Rejection> {
    let (ident, span) = identifier(reader)?;
    let name = text::normalise(&ident);
    let untyped = match &reader.parser.peek_token_ref().token {
        Token::Comma | Token::RParen => true,
        Token::Word(word) => {
            matches!(word.keyword, Keyword::NOT | Keyword::DEFAULT | Keyword::NULL)
        }
        _ => false,
    };
    let data_type = if untyped {
        None
    } else {
        Some(reader.parser.parse_data_type().map_err(|error| reader.refuse(error))?)
    };
    let mut column = ColumnDeclaration { name, span, data_type, not_null: false, default: None };
    loop {
        let here = reader.here();
        let option =
            reader.parser.parse_optional_column_option().map_err(|error| reader.refuse(error))?;
        match option {
            None => return Ok(column),
            Some(ColumnOption::NotNull) if column.not_null => {
                found.push(duplicate(reader, here, "NOT NULL"));
            }
            Some(ColumnOption::NotNull) => column.not_null = true,
            Some(ColumnOption::Default(_)) if column.default.is_some() => {
                found.push(duplicate(reader, here, "DEFAULT"));
            }
            Some(ColumnOption::Default(default)) => column.default = Some(default),
            Some(other) => {
                let end = reader.span(reader.parser.get_current_token()).end;
                found.push(refused(reader, Span::new(here.start, end), &other.to_string()));
            }
        }
    }
}

/// From after WITH to after the closing parenthesis.
fn options(
    reader: &mut Reader<'_>,
    header: &mut ViewHeader,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Rejection> {
    if !reader.parser.consume_token(&Token::LParen) {
        return Err(reader.expected("`(` and the options of the view"));
    }
    let mut keys = BTreeSet::new();
    loop {
        let (ident, key_span) = identifier(reader)?;
        let key = text::normalise(&ident);
        if !reader.parser.consume_token(&Token::Eq) {
            return Err(reader.expected("`=` and a value"));
        }
        let start = reader.here().start;
        let value = value(reader)?;
        let value_span = Span::new(start, reader.span(reader.parser.get_current_token()).end);
        if !keys.insert(key.clone()) {
            found.push(duplicate(reader, key_span, &format!("the option `{key}`")));
        }
        header.options.push(ViewOption { key, key_span, value, value_span });
        if !list_goes_on(reader)? {
            return Ok(());
        }
    }
}

fn value(reader: &mut Reader<'_>) -> Result<OptionValue, Rejection> {
    let here = reader.here();
    let token = reader.parser.next_token();
    match token.token {
        Token::SingleQuotedString(text) => Ok(OptionValue::String(text)),
        Token::Number(digits, false) => Ok(OptionValue::Number(digits)),
        Token::Minus | Token::Plus => {
            let sign = if token.token == Token::Minus { "-" } else { "" };
            match reader.parser.next_token().token {
                Token::Number(digits, false) => Ok(OptionValue::Number(format!("{sign}{digits}"))),
                _ => Err(no_value(reader, here)),
            }
        }
        Token::Word(word) => match word.keyword {
            Keyword::TRUE => Ok(OptionValue::Boolean(true)),
            Keyword::FALSE => Ok(OptionValue::Boolean(false)),
            Keyword::NULL => Err(no_value(reader, here)),
            _ => Ok(OptionValue::Identifiers(vec![text::normalise(&word.into_ident(token.span))])),
        },
        Token::LParen => {
            let mut items = Vec::new();
            loop {
                let here = reader.here();
                let token = reader.parser.next_token();
                items.push(match token.token {
                    Token::Word(word) => text::normalise(&word.into_ident(token.span)),
                    Token::SingleQuotedString(text) => text,
                    _ => return Err(no_value(reader, here)),
                });
                if !list_goes_on(reader)? {
                    return Ok(OptionValue::Identifiers(items));
                }
            }
        }
        _ => Err(no_value(reader, here)),
    }
}

fn no_value(reader: &Reader<'_>, span: Span) -> Rejection {
    let found = finding(
        reader.source,
        codes::OPTION_VALUE,
        span,
        "this is not the value of an option",
        "write a 'string', a number, true, false, a name or a list of names in parentheses",
    );
    found.into()
}

/// The key has to be among the columns, when there are any.
fn check_key(reader: &Reader<'_>, header: &ViewHeader, found: &mut Vec<Diagnostic>) {
    if header.columns.is_empty() {
        return;
    }
    for (name, span) in &header.primary_key {
        if !header.columns.iter().any(|column| column.name == *name) {
            found.push(finding(
                reader.source,
                codes::KEY_COLUMN,
                *span,
                format!("the key column `{name}` is not among the columns"),
                "name a declared column, or declare this one",
            ));
        }
    }
}
