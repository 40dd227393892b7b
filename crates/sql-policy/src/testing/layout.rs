//! One line of canonical text over many: a clause to a line, and lists that are too long one item
//! to a line.
//!
//! Works on tokens, so that it shows what is there whatever the tree looks like: it moves blanks and
//! nothing else. Words in capitals are words of the language, because canonical names without
//! quotes are lower case.

use sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, Tokenizer},
};

/// Lines longer than this are broken where they can be.
pub(super) const WIDTH: usize = 100;
const STEP: usize = 2;

/// The text over lines; as it is, if its tokens are not those of SQL.
pub(super) fn sql(text: &str) -> String {
    let Some(nodes) = nodes(text) else { return text.to_owned() };
    let mut page = Page { text: String::with_capacity(text.len() * 2), column: 0 };
    if query_like(&nodes) {
        page.query(&nodes, 0);
    } else {
        page.item(&nodes, 0);
    }
    page.text
}

/// A token, or all that stands between two that belong together.
struct Node {
    /// Whether a blank stands before it.
    space: bool,
    /// In characters, without that blank.
    width: usize,
    kind: Kind,
}

enum Kind {
    Word { text: String, keyword: bool },
    Group { open: String, children: Vec<Node>, space: bool, close: String },
}

impl Node {
    fn is(&self, words: &[&str]) -> bool {
        match &self.kind {
            Kind::Word { text, keyword: true } => words.contains(&text.as_str()),
            _ => false,
        }
    }

    fn is_comma(&self) -> bool {
        matches!(&self.kind, Kind::Word { text, .. } if text == ",")
    }

    fn group(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Group { open, children, .. } if open == "(" => Some(children),
            _ => None,
        }
    }
}

/// A group that is not closed yet: its opening token and the blank before it.
struct Open {
    text: String,
    space: bool,
    children: Vec<Node>,
}

fn nodes(text: &str) -> Option<Vec<Node>> {
    let tokens = Tokenizer::new(&GenericDialect, text).with_unescape(false).tokenize().ok()?;
    let shown: String = tokens.iter().map(ToString::to_string).collect();
    if shown != text {
        return None;
    }
    let mut stack: Vec<Open> = Vec::new();
    let mut nodes: Vec<Node> = Vec::new();
    let (mut space, mut after_dot) = (false, false);
    for token in tokens {
        if let Token::Whitespace(_) = token {
            space = true;
            continue;
        }
        let text = token.to_string();
        let keyword = match &token {
            Token::Word(word) => {
                word.quote_style.is_none()
                    && !after_dot
                    && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            }
            _ => false,
        };
        after_dot = token == Token::Period;
        let opens = matches!(token, Token::LParen | Token::LBracket | Token::LBrace)
            || keyword && text == "CASE";
        let closes = matches!(token, Token::RParen | Token::RBracket | Token::RBrace)
            || keyword && text == "END";
        if opens {
            let children = std::mem::take(&mut nodes);
            stack.push(Open { text, space, children });
        } else if closes {
            let Open { text: open, space: before, children } = stack.pop()?;
            let inside = std::mem::replace(&mut nodes, children);
            let width = open.len() + flat_width(&inside) + usize::from(space) + text.len();
            let kind = Kind::Group { open, children: inside, space, close: text };
            nodes.push(Node { space: before, width, kind });
        } else {
            let width = text.chars().count();
            nodes.push(Node { space, width, kind: Kind::Word { text, keyword } });
        }
        space = false;
    }
    stack.is_empty().then_some(nodes)
}

fn flat_width(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| usize::from(node.space) + node.width).sum()
}

/// Whether these are the parts of a query.
fn query_like(nodes: &[Node]) -> bool {
    let Some(first) = nodes.first() else { return false };
    match first.group() {
        Some(inner) => {
            let alone = nodes.get(1).is_none_or(|next| {
                next.is(&["UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "OFFSET"])
            });
            alone && query_like(inner)
        }
        None => first.is(&["SELECT", "WITH", "VALUES"]),
    }
}

/// How many of the first nodes name the clause that begins at `at`.
fn clause(nodes: &[Node], at: usize) -> Option<usize> {
    let is = |at: usize, words: &[&str]| nodes.get(at).is_some_and(|node| node.is(words));
    let before = |words: &[&str]| at.checked_sub(1).is_some_and(|before| is(before, words));
    if is(at, &["SELECT"]) {
        let distinct = is(at + 1, &["DISTINCT"]);
        let on = distinct && is(at + 2, &["ON"]);
        return Some(1 + usize::from(distinct) + 2 * usize::from(on));
    }
    if at == 0 && is(at, &["WITH"]) {
        return Some(1 + usize::from(is(1, &["RECURSIVE"])));
    }
    if is(at, &["FROM"]) {
        // `a IS DISTINCT FROM b`
        return (!before(&["DISTINCT"])).then_some(1);
    }
    if is(at, &["WHERE", "HAVING", "QUALIFY", "LIMIT", "OFFSET", "VALUES"]) {
        return Some(1);
    }
    if is(at, &["GROUP", "ORDER"]) && is(at + 1, &["BY"]) {
        return Some(2);
    }
    if is(at, &["UNION", "EXCEPT", "INTERSECT"]) {
        let words = (1..=3).take_while(|next| is(at + next, &["ALL", "DISTINCT", "BY", "NAME"]));
        return Some(1 + words.count());
    }
    None
}

fn joins(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| node.is(&["JOIN"]))
}

/// Where the items of FROM begin: after a comma, and with the words before JOIN.
fn tables(nodes: &[Node]) -> Vec<&[Node]> {
    const KINDS: [&str; 10] =
        ["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "SEMI", "ANTI", "NATURAL"];
    let starts = (1..nodes.len()).filter(|at| {
        nodes[at - 1].is_comma() || nodes[*at].is(&KINDS) && !nodes[at - 1].is(&KINDS)
    });
    parts(nodes, starts.collect())
}

/// Where AND and OR divide a condition: at OR if there is one, as it binds less.
fn conditions(nodes: &[Node]) -> Vec<&[Node]> {
    let either = nodes.iter().any(|node| node.is(&["OR"]));
    let (mut starts, mut between) = (Vec::new(), 0);
    for (at, node) in nodes.iter().enumerate().skip(1) {
        if node.is(&["BETWEEN"]) {
            between += 1;
        } else if node.is(&["AND"]) && between > 0 {
            between -= 1;
        } else if node.is(&[if either { "OR" } else { "AND" }]) {
            starts.push(at);
        }
    }
    parts(nodes, starts)
}

fn items(nodes: &[Node]) -> Vec<&[Node]> {
    parts(nodes, (1..nodes.len()).filter(|at| nodes[at - 1].is_comma()).collect())
}

fn parts(nodes: &[Node], starts: Vec<usize>) -> Vec<&[Node]> {
    let ends = starts.iter().copied().chain([nodes.len()]);
    [0].into_iter().chain(starts.iter().copied()).zip(ends).map(|(a, b)| &nodes[a..b]).collect()
}

struct Page {
    text: String,
    /// Characters of the line so far.
    column: usize,
}

impl Page {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// A blank, unless the line begins here.
    fn space(&mut self, wanted: bool) {
        if wanted && !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
            self.push(" ");
        }
    }

    fn fits(&self, nodes: &[Node]) -> bool {
        self.column + flat_width(nodes) <= WIDTH
    }

    #[recursive::recursive]
    fn flat(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.space(node.space);
            match &node.kind {
                Kind::Word { text, keyword: _ } => self.push(text),
                Kind::Group { open, children, space, close } => {
                    self.push(open);
                    self.flat(children);
                    self.space(*space);
                    self.push(close);
                }
            }
        }
    }

    /// One clause to a line.
    #[recursive::recursive]
    fn query(&mut self, nodes: &[Node], indent: usize) {
        let (mut at, mut first) = (0, true);
        while at < nodes.len() {
            if !std::mem::take(&mut first) {
                self.line(indent);
            }
            let words = clause(nodes, at).unwrap_or(0);
            let set = nodes[at].is(&["UNION", "EXCEPT", "INTERSECT"]);
            let start = (at + words).min(nodes.len());
            let end = (start.max(at + 1)..nodes.len())
                .find(|next| set || clause(nodes, *next).is_some())
                .unwrap_or(nodes.len());
            let end = if set { start } else { end };
            let (head, body) = (&nodes[at..start], &nodes[start..end]);
            self.flat(head);
            match () {
                () if nodes[at].is(&["WITH"]) && joined(body) => self.list(body, indent + STEP),
                () if nodes[at].is(&["FROM"]) && (joins(body) || !self.fits(body)) => {
                    self.tables(body, indent + STEP);
                }
                () if self.fits(body) => self.flat(body),
                () if nodes[at].is(&["SELECT", "WITH", "GROUP", "ORDER", "VALUES"]) => {
                    self.list(body, indent + STEP);
                }
                () => self.item(body, indent),
            }
            at = end;
        }
    }

    /// One item to a line, the first one on a new line.
    fn list(&mut self, nodes: &[Node], indent: usize) {
        for item in items(nodes) {
            self.line(indent);
            self.item(item, indent);
        }
    }

    /// One table to a line, the first one on this line.
    fn tables(&mut self, nodes: &[Node], indent: usize) {
        for (index, table) in tables(nodes).into_iter().enumerate() {
            if index > 0 {
                self.line(indent);
            }
            self.item(table, indent);
        }
    }

    /// An expression or table, on one line if it can be.
    #[recursive::recursive]
    fn item(&mut self, nodes: &[Node], indent: usize) {
        if self.fits(nodes) {
            self.flat(nodes);
            return;
        }
        let conditions = conditions(nodes);
        if let [only] = conditions[..] {
            self.flow(only, indent);
            return;
        }
        for (index, part) in conditions.into_iter().enumerate() {
            if index > 0 {
                self.line(indent + STEP);
            }
            let deeper = if index > 0 { indent + STEP } else { indent };
            if self.fits(part) {
                self.flat(part);
            } else {
                self.flow(part, deeper);
            }
        }
    }

    /// Opens the groups that do not fit.
    fn flow(&mut self, nodes: &[Node], indent: usize) {
        for node in nodes {
            let Kind::Group { open, children, space: _, close } = &node.kind else {
                self.flat(std::slice::from_ref(node));
                continue;
            };
            if self.fits(std::slice::from_ref(node)) || children.is_empty() {
                self.flat(std::slice::from_ref(node));
                continue;
            }
            self.space(node.space);
            self.push(open);
            if open == "CASE" {
                self.case(children, indent + STEP);
            } else if query_like(children) {
                self.line(indent + STEP);
                self.query(children, indent + STEP);
            } else if joins(children) {
                self.line(indent + STEP);
                self.tables(children, indent + STEP);
            } else {
                self.list(children, indent + STEP);
            }
            self.line(indent);
            self.push(close);
        }
    }

    fn case(&mut self, nodes: &[Node], indent: usize) {
        let starts = (0..nodes.len()).filter(|at| nodes[*at].is(&["WHEN", "ELSE"])).collect();
        for (index, part) in parts(nodes, starts).into_iter().enumerate() {
            if index > 0 {
                self.line(indent);
            }
            self.item(part, indent);
        }
    }
}

/// Whether there is more than one item.
fn joined(nodes: &[Node]) -> bool {
    nodes.iter().any(Node::is_comma)
}
