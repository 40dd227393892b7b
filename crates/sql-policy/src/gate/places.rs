//! Where a clause stands. The tree keeps places of names and literals only, so the marking word of
//! a clause is looked for in the text, from the place the walk has come to.

use std::cell::OnceCell;

use sqlparser::{
    ast::Ident,
    tokenizer::{Span as TokenSpan, Token, Tokenizer},
};
use viewlane_core::{SourceText, Span};

use crate::{policy::Policy, text::Lines};

pub(super) struct Places<'a> {
    policy: &'a Policy,
    source: &'a SourceText,
    lines: Lines<'a>,
    /// The last token the walk has come past.
    last: TokenSpan,
    /// Every word of the text, and every string, which may be a name; made for the first finding.
    words: OnceCell<Vec<(String, Span)>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(policy: &'a Policy, source: &'a SourceText) -> Self {
        Self {
            policy,
            source,
            lines: Lines::new(source),
            last: TokenSpan::empty(),
            words: OnceCell::new(),
        }
    }

    pub(super) fn source(&self) -> &'a SourceText {
        self.source
    }

    pub(super) fn touch(&mut self, span: TokenSpan) {
        if span.end > self.last.end {
            self.last = span;
        }
    }

    pub(super) fn bytes(&self, span: TokenSpan) -> Span {
        self.lines.bytes(span)
    }

    /// The bytes of the token the walk has come past last.
    pub(super) fn here(&self) -> Span {
        self.bytes(self.last)
    }

    /// The place of the first keyword of `clause` from here on; before here when it is not there.
    /// A clause without a keyword, such as `|>`, is here.
    pub(super) fn clause(&self, clause: &str) -> Span {
        let mut words = clause.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let keyword =
            |word: &&str| !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_lowercase());
        let Some(mark) = words.find(keyword) else { return self.here() };
        let here = self.here();
        let words = self.words.get_or_init(|| self.read());
        let after = words.partition_point(|(_, span)| span.start < here.start);
        let mut hits = words[after..].iter().chain(words[..after].iter().rev());
        hits.find(|(word, _)| word.eq_ignore_ascii_case(mark)).map_or(here, |(_, span)| *span)
    }

    /// The place of a name, which the parser does not keep for names in single quotes.
    pub(super) fn name(&self, name: &Ident) -> Span {
        if name.span.start.line > 0 {
            return self.bytes(name.span);
        }
        let here = self.here();
        let mut words = self.words.get_or_init(|| self.read()).iter();
        let hit = words.find(|(word, span)| span.start >= here.end && *word == name.value);
        hit.map_or(here, |(_, span)| *span)
    }

    fn read(&self) -> Vec<(String, Span)> {
        let dialect = self.policy.parser_dialect();
        let tokens = Tokenizer::new(&*dialect, self.source.text()).tokenize_with_location();
        let words = tokens.unwrap_or_default().into_iter().filter_map(|token| match token.token {
            Token::Word(word) if word.quote_style.is_none() => {
                Some((word.value, self.lines.bytes(token.span)))
            }
            Token::SingleQuotedString(name) => Some((name, self.lines.bytes(token.span))),
            _ => None,
        });
        words.collect()
    }
}
