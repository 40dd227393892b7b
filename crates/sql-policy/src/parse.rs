//! The second stage: one query, or one view with its header.

mod header;

use sqlparser::{
    ast::{Query, Statement},
    dialect::Dialect,
    keywords::Keyword,
    parser::{Parser, ParserError},
    tokenizer::{Location, Token, TokenWithSpan, Tokenizer},
};
use viewlane_core::{Diagnostic, SourceText, Span};

use crate::{
    codes,
    compiled::ViewHeader,
    error::Rejection,
    guard::Guarded,
    parameter,
    policy::Policy,
    room, shape,
    statement::{self, StatementKind},
    text::{Lines, finding},
};

/// What a view file holds.
pub(crate) struct Parsed {
    pub(crate) header: ViewHeader,
    pub(crate) query: Box<Query>,
}

/// Parses a view file.
pub(crate) fn view(policy: &Policy, guarded: &Guarded<'_>) -> Result<Parsed, Rejection> {
    let dialect = policy.parser_dialect();
    let mut reader = Reader::new(policy, &*dialect, guarded)?;
    room::parsing(reader.tokens, reader.depth, || {
        if reader.peek_keyword(Keyword::CREATE) {
            return header::view(&mut reader);
        }
        let query = reader.only_query()?;
        Ok(Parsed { header: ViewHeader::default(), query })
    })
}

/// Parses a text that is one query.
pub(crate) fn query(policy: &Policy, guarded: &Guarded<'_>) -> Result<Box<Query>, Rejection> {
    let dialect = policy.parser_dialect();
    let mut reader = Reader::new(policy, &*dialect, guarded)?;
    room::parsing(reader.tokens, reader.depth, || reader.only_query())
}

/// Parses a text that is one statement of any kind.
pub(crate) fn statement(policy: &Policy, guarded: &Guarded<'_>) -> Result<Statement, Rejection> {
    let dialect = policy.parser_dialect();
    let mut reader = Reader::new(policy, &*dialect, guarded)?;
    room::parsing(reader.tokens, reader.depth, || {
        let (kind, span) = (reader.kind(), reader.here());
        let statement = reader.parser.parse_statement().map_err(|error| reader.refuse(error))?;
        reader.end()?;
        let allowed = policy.statements();
        if allowed.contains(&StatementKind::of(&statement)) {
            return Ok(statement);
        }
        let message = format!("the policy allows {}, not {kind}", statement::allowed(allowed));
        let help = "leave the statement out, or take a preset that allows it";
        shape::measure_statement(&statement).dropping(|| drop(statement));
        Err(finding(reader.source, codes::NOT_A_QUERY, span, message, help).into())
    })
}

/// How deep words may stand in each other that the parser reads twice.
const READINGS: usize = 16;

/// Finds a place that the parser may come to too often. What begins with one of these words and a
/// bracket it reads as what the language says, and, where an error lies within, once more as a call:
/// each level doubles the work.
fn too_often_read(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    let mut open: Vec<usize> = Vec::new();
    let (mut depth, mut weight) = (0, 0);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket => {
                depth += weight;
                open.push(weight);
                if depth > READINGS {
                    return Some(token);
                }
            }
            Token::RParen | Token::RBracket => depth -= open.pop().unwrap_or_default(),
            _ => {}
        }
        weight = match &token.token {
            Token::Word(word) => match word.keyword {
                Keyword::NOT
                | Keyword::CAST
                | Keyword::TRY_CAST
                | Keyword::SAFE_CAST
                | Keyword::CEIL
                | Keyword::FLOOR
                | Keyword::SUBSTRING
                | Keyword::SUBSTR
                | Keyword::OVERLAY
                | Keyword::ARRAY
                | Keyword::CONVERT
                | Keyword::TRY_CONVERT
                | Keyword::CURRENT_DATE
                | Keyword::CURRENT_TIME
                | Keyword::CURRENT_TIMESTAMP
                | Keyword::LOCALTIME
                | Keyword::LOCALTIMESTAMP => 1,
                // Three times.
                Keyword::POSITION => 2,
                _ => 0,
            },
            _ => 0,
        };
    }
    None
}

/// The tokens of a text.
pub(crate) fn tokens(
    dialect: &dyn Dialect,
    source: &SourceText,
) -> Result<Vec<TokenWithSpan>, Rejection> {
    let tokens = Tokenizer::new(dialect, source.text()).tokenize_with_location();
    tokens.map_err(|error| syntax(source, &Lines::new(source), &error.to_string(), None).into())
}

/// The parser together with the text, so that errors can say where.
struct Reader<'a> {
    source: &'a SourceText,
    lines: Lines<'a>,
    depth: usize,
    tokens: usize,
    parser: Parser<'a>,
}

impl<'a> Reader<'a> {
    fn new(
        policy: &Policy,
        dialect: &'a dyn Dialect,
        guarded: &Guarded<'a>,
    ) -> Result<Self, Rejection> {
        let source = guarded.source;
        let depth = policy.limits().depth;
        let lines = Lines::new(source);
        let mut tokens = tokens(dialect, source)?;
        if policy.binds_any() {
            tokens = parameter::place(source, &guarded.parameters, tokens)?;
        }
        if let Some(token) = too_deep(&tokens, depth) {
            return Err(deep(source, depth, lines.bytes(token.span)).into());
        }
        if let Some(token) = too_often_read(&tokens) {
            let found = finding(
                source,
                codes::TOO_DEEP,
                lines.bytes(token.span),
                format!("NOT, CAST and the like stand more than {READINGS} deep in each other"),
                "take inner parts out into common table expressions or views of their own",
            );
            return Err(found.into());
        }
        let count = tokens.len();
        let parser =
            Parser::new(dialect).with_recursion_limit(depth).with_tokens_with_locations(tokens);
        let mut reader = Self { source, lines, depth, tokens: count, parser };
        while reader.parser.consume_token(&Token::SemiColon) {}
        if reader.parser.peek_token_ref().token == Token::EOF {
            let end = source.text().len();
            let found = finding(
                source,
                codes::NO_STATEMENT,
                Span::new(end, end),
                "the text holds no statement",
                "write a query, or remove the file",
            );
            return Err(found.into());
        }
        Ok(reader)
    }

    fn peek_keyword(&self, keyword: Keyword) -> bool {
        matches!(&self.parser.peek_token_ref().token, Token::Word(word) if word.keyword == keyword)
    }

    /// The bytes of the next token.
    fn here(&self) -> Span {
        self.span(self.parser.peek_token_ref())
    }

    fn span(&self, token: &TokenWithSpan) -> Span {
        match token.token {
            Token::EOF => Span::new(self.source.text().len(), self.source.text().len()),
            _ => self.lines.bytes(token.span),
        }
    }

    fn query(&mut self) -> Result<Box<Query>, Rejection> {
        let next = self.parser.peek_token();
        let starts = match &next.token {
            Token::LParen => true,
            Token::Word(word) => match word.keyword {
                Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::FROM => true,
                Keyword::TABLE | Keyword::VALUE => true,
                Keyword::NoKeyword => false,
                _ => return Err(self.not_a_query()),
            },
            _ => false,
        };
        if !starts {
            return Err(self.expected("a query"));
        }
        self.parser.parse_query().map_err(|error| self.refuse(error))
    }

    fn only_query(&mut self) -> Result<Box<Query>, Rejection> {
        let query = self.query()?;
        self.end()?;
        Ok(query)
    }

    /// The statement has to end here.
    fn end(&mut self) -> Result<(), Rejection> {
        let mut closed = false;
        while self.parser.consume_token(&Token::SemiColon) {
            closed = true;
        }
        if self.parser.peek_token_ref().token == Token::EOF {
            return Ok(());
        }
        if !closed {
            return Err(self.expected("the end of the statement"));
        }
        let found = finding(
            self.source,
            codes::SECOND_STATEMENT,
            self.here(),
            "a second statement begins here",
            "put each statement into a file of its own",
        );
        Err(found.into())
    }

    fn not_a_query(&self) -> Rejection {
        let found = finding(
            self.source,
            codes::NOT_A_QUERY,
            self.here(),
            format!("{} is not a query", self.kind()),
            "write a SELECT; data is written by refreshing a view, never by a statement",
        );
        found.into()
    }

    /// The statement by its first words, as people name it.
    fn kind(&self) -> String {
        let mut words = Vec::new();
        for index in 0..6 {
            let Token::Word(word) = &self.parser.peek_nth_token_ref(index).token else { break };
            match word.keyword {
                Keyword::NoKeyword => break,
                Keyword::OR | Keyword::REPLACE | Keyword::TEMPORARY | Keyword::TEMP
                    if index > 0 => {}
                _ => words.push(word.value.to_uppercase()),
            }
            if words.first().is_none_or(|word| word != "CREATE") || words.len() == 2 {
                break;
            }
        }
        format!("`{}`", words.join(" "))
    }

    /// Something else was expected at the next token.
    fn expected(&self, what: &str) -> Rejection {
        let next = self.parser.peek_token_ref();
        let message = format!("expected {what}, found {}", shown(&next.token));
        syntax_at(self.source, self.span(next), message).into()
    }

    /// What the parser objects to.
    fn refuse(&self, error: ParserError) -> Rejection {
        match error {
            ParserError::RecursionLimitExceeded => {
                deep(self.source, self.depth, self.span(self.parser.get_current_token())).into()
            }
            error => {
                syntax(self.source, &self.lines, &error.to_string(), Some(&self.parser)).into()
            }
        }
    }
}

fn deep(source: &SourceText, depth: usize, span: Span) -> Diagnostic {
    finding(
        source,
        codes::TOO_DEEP,
        span,
        format!("the nesting is deeper than {depth} levels"),
        "take inner parts out into common table expressions or views of their own, \
         or raise the limit `depth`",
    )
}

/// The first token that is too deep. The parser counts levels itself, but not those of types and of
/// INTERVAL, where it would run out of stack.
fn too_deep(tokens: &[TokenWithSpan], depth: usize) -> Option<&TokenWithSpan> {
    let (mut open, mut intervals, mut arrays) = (0_usize, 0_usize, 0_usize);
    let mut before = &Token::EOF;
    for token in tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))) {
        let keyword = |token: &Token, keywords: &[Keyword]| matches!(token, Token::Word(word) if keywords.contains(&word.keyword));
        let types = [Keyword::ARRAY, Keyword::STRUCT, Keyword::MAP];
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => open += 1,
            Token::Lt if keyword(before, &types) => open += 1,
            Token::RParen | Token::RBracket | Token::RBrace | Token::Gt => {
                open = open.saturating_sub(1);
            }
            Token::ShiftRight => open = open.saturating_sub(2),
            _ => {}
        }
        intervals = if keyword(&token.token, &[Keyword::INTERVAL]) { intervals + 1 } else { 0 };
        arrays = match (before, &token.token) {
            (Token::LBracket, Token::RBracket) => arrays + 1,
            (_, Token::LBracket) => arrays,
            _ => 0,
        };
        if open.max(intervals).max(arrays) > depth {
            return Some(token);
        }
        before = &token.token;
    }
    None
}

fn shown(token: &Token) -> String {
    match token {
        Token::EOF => "the end of the text".to_owned(),
        token => format!("`{token}`"),
    }
}

/// A syntax error from the message of the parser or of its tokeniser, which ends in the place.
fn syntax(
    source: &SourceText,
    lines: &Lines<'_>,
    message: &str,
    parser: Option<&Parser<'_>>,
) -> Diagnostic {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let (message, start) = match message.rsplit_once(" at Line: ") {
        Some((message, place)) => {
            let offset = place.split_once(", Column: ").and_then(|(line, column)| {
                let (line, column) = (line.trim().parse().ok()?, column.trim().parse().ok()?);
                lines.byte(Location { line, column })
            });
            (message, offset)
        }
        None => (message, None),
    };
    let end = source.text().len();
    let start = start.unwrap_or(end);
    let token = parser.and_then(|parser| token_at(parser, lines, start));
    let message = match message.strip_prefix("Expected: ").and_then(|m| m.rsplit_once(", found: "))
    {
        Some((expected, "EOF")) => format!("expected {expected}, found the end of the text"),
        Some((expected, found)) => format!("expected {expected}, found `{found}`"),
        None => lower_first(message),
    };
    syntax_at(source, token.unwrap_or(Span::new(start, start)), message)
}

fn token_at(parser: &Parser<'_>, lines: &Lines<'_>, start: usize) -> Option<Span> {
    let found = parser.get_current_token();
    [found, parser.peek_token_ref(), parser.get_previous_token()]
        .into_iter()
        .map(|token| lines.bytes(token.span))
        .find(|span| span.start == start)
}

fn syntax_at(source: &SourceText, span: Span, message: String) -> Diagnostic {
    finding(source, codes::SYNTAX, span, message, "correct the syntax at the marked place")
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "the text is not valid".to_owned(),
    }
}

#[cfg(test)]
mod tests;
