//! The scopes of a query, each with a digest of all that it is.
//!
//! A scope's digest covers the digests of the scopes it reads, so that two scopes with one digest
//! give the same rows, however far down the scopes reach; and whether a part was written as a
//! common table expression or as a derived table is not in it. Queries inside expressions are no
//! scopes of their own: they are part of the expression.

use std::{borrow::Cow, collections::BTreeMap};

use sqlparser::ast::{
    Cte, Expr, Join, JoinConstraint, JoinOperator, ObjectNamePart, Query, Select, SelectItem,
    SetExpr, SetOperator, SetQuantifier, TableAlias, TableFactor, TableWithJoins, Value,
    ValueWithSpan, Values, With,
};
use viewlane_core::Fingerprint;

use super::encode::{Names, Room, number, text};
use crate::resolve::by_name;

/// The scopes of one query.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Each after those it reads.
    pub(super) commons: Vec<Common<'a>>,
    by_name: BTreeMap<&'a str, usize>,
    /// Aliases inside expressions that read a common table expression.
    pub(super) own: BTreeMap<String, String>,
    /// Aliases of FROM items of scopes.
    declared: BTreeMap<&'a str, (usize, u64)>,
    pub(super) root: usize,
    /// Whether a name means two things, so that nothing can be said.
    pub(super) clashes: bool,
    /// Nodes of the query that were passed.
    pub(super) visited: usize,
}

impl<'a> Tree<'a> {
    /// Takes a query apart.
    pub(super) fn new(query: &'a Query) -> Self {
        let mut builder = Builder {
            nodes: Vec::new(),
            room: Room::default(),
            around: Around {
                declared: BTreeMap::new(),
                frames: Vec::new(),
                opened: 0,
                commons: Vec::new(),
                by_name: BTreeMap::new(),
                defining: Vec::new(),
                own: BTreeMap::new(),
                clashes: false,
            },
        };
        let root = builder.query(query);
        let Builder { nodes, room, around } = builder;
        let Around { declared, commons, by_name, own, clashes, .. } = around;
        Self { nodes, commons, by_name, own, declared, root, clashes, visited: room.visited }
    }

    /// Whether an alias is that of a FROM item of a scope.
    pub(super) fn declares(&self, alias: &str) -> bool {
        self.declared.contains_key(alias)
    }

    pub(super) fn common(&self, name: &str) -> Option<&Common<'a>> {
        self.by_name.get(name).map(|common| &self.commons[*common])
    }
}

/// One scope.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) digest: Fingerprint,
    /// Aliases of FROM items around the scope that it reads.
    pub(super) free: Vec<&'a str>,
    /// The names of its outputs.
    pub(super) names: Vec<Option<Cow<'a, str>>>,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// A query with an order or a limit around its body.
    Query {
        query: &'a Query,
        body: usize,
    },
    Select {
        select: &'a Select,
        from: Vec<Step<'a>>,
    },
    /// A chain of one set operation.
    Set {
        op: SetOperator,
        quantifier: SetQuantifier,
        body: &'a SetExpr,
        arms: Vec<usize>,
    },
    Values {
        values: &'a Values,
        body: &'a SetExpr,
    },
    /// What a gated query does not have.
    Other,
}

/// One item of FROM and how it is joined to those before it.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) join: JoinKind,
    pub(super) on: Option<&'a Expr>,
    pub(super) item: Item<'a>,
    /// Equal for items that are the same but for alias and FROM items around them.
    pub(super) key: Vec<u8>,
    pub(super) factor: &'a TableFactor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinKind {
    First,
    Comma,
    Cross,
    Inner,
    Left,
    Right,
    Full,
    LeftSemi,
    RightSemi,
    LeftAnti,
    RightAnti,
    /// What a gated query does not have. Not even equal to itself for those who compare.
    Other,
}

#[derive(Debug)]
pub(super) enum Item<'a> {
    /// A relation of the catalogue.
    Table(Alias<'a>),
    /// A common table expression or a derived table. `common` is the place of the former.
    Query { node: usize, common: Option<usize>, alias: Alias<'a> },
    /// A table function.
    Call(Alias<'a>),
    /// What a recursive common table expression reads of itself.
    Itself(Alias<'a>),
    /// A join in parentheses.
    Nested(Vec<Step<'a>>),
}

/// The alias of a FROM item and the names it gives to columns.
#[derive(Clone, Debug)]
pub(super) struct Alias<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) columns: Vec<&'a str>,
}

/// A common table expression.
#[derive(Debug)]
pub(super) struct Common<'a> {
    pub(super) name: &'a str,
    /// The names it gives to columns.
    pub(super) columns: Vec<&'a str>,
    pub(super) node: usize,
    pub(super) digest: Fingerprint,
    pub(super) free: Vec<&'a str>,
    /// Whether it reads itself.
    pub(super) recursive: bool,
}

struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    room: Room,
    around: Around<'a>,
}

/// What can be named at a place.
struct Around<'a> {
    /// Aliases of FROM items: the frame that declares each, and its number there.
    declared: BTreeMap<&'a str, (usize, u64)>,
    frames: Vec<Frame<'a>>,
    opened: usize,
    commons: Vec<Common<'a>>,
    by_name: BTreeMap<&'a str, usize>,
    /// Recursive common table expressions around the place, and whether they were read.
    defining: Vec<(&'a str, bool)>,
    own: BTreeMap<String, String>,
    clashes: bool,
}

/// The FROM items that one SELECT sees: its own by number, those around it in the order of use.
struct Frame<'a> {
    serial: usize,
    declared: u64,
    free: Vec<&'a str>,
    places: BTreeMap<&'a str, u64>,
}

impl<'a> Around<'a> {
    fn open(&mut self) {
        let frame =
            Frame { serial: self.opened, declared: 0, free: Vec::new(), places: BTreeMap::new() };
        self.frames.push(frame);
        self.opened += 1;
    }

    fn frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("a scope is entered through a frame")
    }

    fn declare(&mut self, alias: &'a str) {
        let frame = self.frame();
        let place = (frame.serial, frame.declared);
        frame.declared += 1;
        self.clashes |= self.declared.insert(alias, place).is_some();
    }

    /// Writes a scope by its digest and what it reads of the FROM items around it.
    fn scope(&mut self, digest: Fingerprint, free: &[&'a str], bytes: &mut Vec<u8>) {
        bytes.push(b'D');
        bytes.extend_from_slice(digest.as_bytes());
        number(bytes, free.len() as u64);
        for alias in free {
            self.source(alias, None, bytes);
        }
    }
}

impl Names for Around<'_> {
    fn source(&mut self, alias: &str, column: Option<&str>, bytes: &mut Vec<u8>) -> bool {
        let Some((alias, (serial, place))) =
            self.declared.get_key_value(alias).map(|(alias, place)| (*alias, *place))
        else {
            return false;
        };
        let frame = self.frame();
        if frame.serial == serial {
            bytes.push(b's');
            number(bytes, place);
        } else {
            let next = frame.free.len() as u64;
            let place = *frame.places.entry(alias).or_insert(next);
            if place == next {
                frame.free.push(alias);
            }
            bytes.push(b'f');
            number(bytes, place);
        }
        if let Some(column) = column {
            text(bytes, column);
        }
        true
    }

    fn common(&mut self, name: &str, bytes: &mut Vec<u8>) -> bool {
        if let Some(place) = self.defining.iter().rposition(|(defined, _)| *defined == name) {
            self.defining[place].1 = true;
            bytes.push(b'R');
            number(bytes, place as u64);
            return true;
        }
        let Some(common) = self.by_name.get(name) else { return false };
        let common = &self.commons[*common];
        let (digest, free) = (common.digest, common.free.clone());
        self.scope(digest, &free, bytes);
        true
    }

    /// The digest stands for the whole already.
    fn whole(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn own(&mut self, alias: &str, common: &str) {
        self.own.insert(alias.to_owned(), common.to_owned());
    }

    fn clash(&mut self) {
        self.clashes = true;
    }

    fn own_column(&mut self, _: &str, column: &str, bytes: &mut Vec<u8>) {
        text(bytes, column);
    }

    fn output(&mut self, _: &str, _: &mut Vec<u8>) -> bool {
        false
    }
}

impl<'a> Builder<'a> {
    #[recursive::recursive]
    fn query(&mut self, query: &'a Query) -> usize {
        self.around.open();
        let node = self.query_here(query);
        self.around.frames.pop();
        node
    }

    fn query_here(&mut self, query: &'a Query) -> usize {
        if let Some(with) = &query.with {
            self.with(with);
        }
        let body = self.body(&query.body);
        if query.order_by.is_none() && query.limit_clause.is_none() && rest(query).is_none() {
            return body;
        }
        let mut bytes = opened(b'Q');
        self.child(body, &mut bytes);
        self.room.append(&mut self.around, &query.order_by, &mut bytes);
        self.room.append(&mut self.around, &query.limit_clause, &mut bytes);
        self.room.append(&mut self.around, &rest(query), &mut bytes);
        let names = self.nodes[body].names.clone();
        self.node(Kind::Query { query, body }, &bytes, names)
    }

    fn with(&mut self, with: &'a With) {
        let With { with_token: _, recursive, cte_tables } = with;
        for cte in cte_tables {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            let name = alias.name.value.as_str();
            if *recursive {
                self.around.defining.push((name, false));
            }
            let node = self.query(query);
            let read = *recursive && self.around.defining.pop().is_some_and(|(_, read)| read);
            let columns = columns(alias);
            let mut digest = self.nodes[node].digest;
            // Else it is what a derived table with the same query is.
            if read || !columns.is_empty() || from.is_some() || materialized.is_some() {
                let mut bytes = vec![b'W', u8::from(read)];
                bytes.extend_from_slice(digest.as_bytes());
                number(&mut bytes, columns.len() as u64);
                columns.iter().for_each(|column| text(&mut bytes, column));
                self.room.append(&mut self.around, &(from, materialized), &mut bytes);
                digest = self::digest(&bytes);
            }
            let free = self.nodes[node].free.clone();
            let known = self.around.by_name.insert(name, self.around.commons.len());
            self.around.clashes |= known.is_some();
            let common = Common { name, columns, node, digest, free, recursive: read };
            self.around.commons.push(common);
        }
    }

    fn body(&mut self, body: &'a SetExpr) -> usize {
        let body = bare(body);
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { left: _, op, set_quantifier, right: _ } => {
                let quantifier = distinct_if_none(*set_quantifier);
                let (op, arms) = (*op, chain(body));
                let arms: Vec<usize> = arms
                    .into_iter()
                    .map(|arm| {
                        self.around.open();
                        let node = self.arm(arm);
                        self.around.frames.pop();
                        node
                    })
                    .collect();
                let mut bytes = opened(b'U');
                self.room.append(&mut self.around, &(op, quantifier), &mut bytes);
                arms.iter().for_each(|arm| self.child(*arm, &mut bytes));
                let mut names = self.nodes[arms[0]].names.clone();
                if by_name(quantifier) {
                    for name in arms[1..].iter().flat_map(|arm| &self.nodes[*arm].names) {
                        if !names.contains(name) {
                            names.push(name.clone());
                        }
                    }
                }
                self.node(Kind::Set { op, quantifier, body, arms }, &bytes, names)
            }
            SetExpr::Values(values) => {
                let mut bytes = vec![b'V'];
                self.room.append(&mut self.around, &values.rows, &mut bytes);
                let width = values.rows.first().map_or(0, |row| row.content.len());
                let names: Vec<_> =
                    (1..=width).map(|place| Some(format!("column{place}").into())).collect();
                self.node(Kind::Values { values, body }, &bytes, names)
            }
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => {
                let mut bytes = vec![b'?'];
                self.room.append(&mut self.around, body, &mut bytes);
                self.node(Kind::Other, &bytes, Vec::new())
            }
        }
    }

    #[recursive::recursive]
    fn arm(&mut self, arm: &'a SetExpr) -> usize {
        self.body(arm)
    }

    fn select(&mut self, select: &'a Select) -> usize {
        let from = self.from(&select.from);
        let mut bytes = opened(b'S');
        self.steps(&from, &mut bytes);
        self.conjuncts(select.selection.as_ref(), &mut bytes);
        self.room.append(&mut self.around, &select.group_by, &mut bytes);
        self.conjuncts(select.having.as_ref(), &mut bytes);
        self.conjuncts(select.qualify.as_ref(), &mut bytes);
        self.room.append(&mut self.around, &select.distinct, &mut bytes);
        self.room.append(&mut self.around, &odd(select), &mut bytes);
        let names: Vec<_> = select.projection.iter().map(name).collect();
        number(&mut bytes, names.len() as u64);
        for item in &select.projection {
            match name(item) {
                Some(name) => text(&mut bytes, &name),
                None => bytes.push(b'-'),
            }
            match item {
                SelectItem::ExprWithAlias { expr, alias: _ } | SelectItem::UnnamedExpr(expr) => {
                    self.room.append(&mut self.around, expr, &mut bytes);
                }
                // No expression.
                item => {
                    bytes.push(b'*');
                    self.room.append(&mut self.around, item, &mut bytes);
                }
            }
        }
        self.node(Kind::Select { select, from }, &bytes, names)
    }

    fn from(&mut self, from: &'a [TableWithJoins]) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        for (place, table) in from.iter().enumerate() {
            let first = if place == 0 { JoinKind::First } else { JoinKind::Comma };
            self.table(table, first, &mut steps);
        }
        steps
    }

    fn table(&mut self, table: &'a TableWithJoins, first: JoinKind, steps: &mut Vec<Step<'a>>) {
        let TableWithJoins { relation, joins } = table;
        steps.push(self.step(relation, first, None));
        for join in joins {
            let Join { relation, global, join_operator } = join;
            let (kind, on) = kind(join_operator);
            let kind = if *global { JoinKind::Other } else { kind };
            steps.push(self.step(relation, kind, on));
        }
    }

    #[recursive::recursive]
    fn step(&mut self, factor: &'a TableFactor, join: JoinKind, on: Option<&'a Expr>) -> Step<'a> {
        let mut key = Vec::new();
        let item = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let common = match &name.0[..] {
                    [ObjectNamePart::Identifier(name)] => Some(name.value.as_str()),
                    _ => None,
                };
                let alias = self.declare(alias.as_ref());
                let defined = common.and_then(|name| self.around.by_name.get(name).copied());
                let itself = common
                    .filter(|name| self.around.defining.iter().any(|(other, _)| other == name));
                match (itself, defined) {
                    (Some(name), _) => {
                        self.around.common(name, &mut key);
                        Item::Itself(alias)
                    }
                    (None, Some(common)) => {
                        let Common { node, digest, ref free, .. } = self.around.commons[common];
                        let free = free.clone();
                        self.around.scope(digest, &free, &mut key);
                        Item::Query { node, common: Some(common), alias }
                    }
                    (None, None) => {
                        key.push(b'T');
                        leaf(factor, &mut self.room, &mut self.around, &mut key);
                        Item::Table(alias)
                    }
                }
            }
            TableFactor::Derived { lateral: _, subquery, alias, sample } => {
                let node = self.query(subquery);
                self.child(node, &mut key);
                if sample.is_some() {
                    self.room.append(&mut self.around, sample, &mut key);
                }
                Item::Query { node, common: None, alias: self.declare(alias.as_ref()) }
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                key.push(b'N');
                let mut steps = Vec::new();
                self.table(table_with_joins, JoinKind::First, &mut steps);
                self.steps(&steps, &mut key);
                Item::Nested(steps)
            }
            factor => {
                let alias = self.declare(alias_of(factor));
                key.push(b'F');
                leaf(factor, &mut self.room, &mut self.around, &mut key);
                Item::Call(alias)
            }
        };
        Step { join, on, item, key, factor }
    }

    fn declare(&mut self, alias: Option<&'a TableAlias>) -> Alias<'a> {
        let name = alias.map(|alias| alias.name.value.as_str());
        if let Some(name) = name {
            self.around.declare(name);
        }
        Alias { name, columns: alias.map(columns).unwrap_or_default() }
    }

    fn steps(&mut self, steps: &[Step<'a>], bytes: &mut Vec<u8>) {
        number(bytes, steps.len() as u64);
        for step in steps {
            bytes.push(step.join as u8);
            bytes.extend_from_slice(&step.key);
            match &step.item {
                Item::Table(alias)
                | Item::Query { alias, .. }
                | Item::Call(alias)
                | Item::Itself(alias) => {
                    number(bytes, alias.columns.len() as u64);
                    alias.columns.iter().for_each(|column| text(bytes, column));
                }
                Item::Nested(_) => {}
            }
            self.conjuncts(step.on, bytes);
        }
    }

    fn conjuncts(&mut self, condition: Option<&'a Expr>, bytes: &mut Vec<u8>) {
        let mut pieces: Vec<Vec<u8>> = conjuncts(condition)
            .into_iter()
            .map(|conjunct| self.room.piece(&mut self.around, conjunct))
            .collect();
        pieces.sort_unstable();
        number(bytes, pieces.len() as u64);
        pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
    }

    fn child(&mut self, node: usize, bytes: &mut Vec<u8>) {
        let Node { digest, free, .. } = &self.nodes[node];
        self.around.scope(*digest, &free.clone(), bytes);
    }

    fn node(&mut self, kind: Kind<'a>, bytes: &[u8], names: Vec<Option<Cow<'a, str>>>) -> usize {
        let free = self.around.frame().free.clone();
        self.nodes.push(Node { kind, digest: digest(bytes), free, names });
        self.nodes.len() - 1
    }
}

/// The bytes of a scope of a kind. Most scopes have room in what they start with.
fn opened(kind: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2048);
    bytes.push(kind);
    bytes
}

fn digest(bytes: &[u8]) -> Fingerprint {
    Fingerprint::builder("scope").field("scope", bytes).finish()
}

/// The parts of a condition that must all hold. One that always does is left out.
pub(super) fn conjuncts(condition: Option<&Expr>) -> Vec<&Expr> {
    use sqlparser::ast::BinaryOperator::And;
    let mut parts = Vec::new();
    let mut left: Vec<&Expr> = condition.into_iter().collect();
    while let Some(expr) = left.pop() {
        match expr {
            Expr::BinaryOp { left: one, op: And, right: other } => left.extend([&**other, one]),
            Expr::Nested(inner) => left.push(inner),
            Expr::Value(ValueWithSpan { value: Value::Boolean(true), .. }) => {}
            expr => parts.push(expr),
        }
    }
    parts
}

/// Appends a FROM item that is no query, without its alias.
pub(super) fn leaf(
    factor: &TableFactor,
    room: &mut Room,
    names: &mut dyn Names,
    bytes: &mut Vec<u8>,
) {
    match factor {
        TableFactor::Table {
            name,
            alias: _,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } => {
            let odd = (with_hints, version, with_ordinality, partitions, json_path, sample);
            room.append(names, &(name, args, odd, index_hints), bytes)
        }
        TableFactor::TableFunction { expr, alias: _ } => {
            room.append(names, &("table", expr), bytes)
        }
        TableFactor::Function { lateral, name, args, with_ordinality, alias: _ } => {
            room.append(names, &("call", lateral, name, args, with_ordinality), bytes)
        }
        TableFactor::UNNEST {
            alias: _,
            array_exprs,
            with_offset,
            with_offset_alias,
            with_ordinality,
        } => {
            let odd = (with_offset, with_offset_alias, with_ordinality);
            room.append(names, &("unnest", array_exprs, odd), bytes)
        }
        factor => room.append(names, factor, bytes),
    }
}

fn alias_of(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::OpenJsonTable { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. }
        | TableFactor::MatchRecognize { alias, .. }
        | TableFactor::XmlTable { alias, .. }
        | TableFactor::SemanticView { alias, .. } => alias.as_ref(),
    }
}

fn columns(alias: &TableAlias) -> Vec<&str> {
    alias.columns.iter().map(|column| column.name.value.as_str()).collect()
}

fn kind(operator: &JoinOperator) -> (JoinKind, Option<&Expr>) {
    let (kind, constraint) = match operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            (JoinKind::Inner, constraint)
        }
        JoinOperator::CrossJoin(constraint) => (JoinKind::Cross, constraint),
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinKind::Left, constraint)
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinKind::Right, constraint)
        }
        JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint),
        JoinOperator::LeftSemi(constraint) => (JoinKind::LeftSemi, constraint),
        JoinOperator::RightSemi(constraint) => (JoinKind::RightSemi, constraint),
        JoinOperator::LeftAnti(constraint) => (JoinKind::LeftAnti, constraint),
        JoinOperator::RightAnti(constraint) => (JoinKind::RightAnti, constraint),
        JoinOperator::Semi(_)
        | JoinOperator::Anti(_)
        | JoinOperator::StraightJoin(_)
        | JoinOperator::CrossApply
        | JoinOperator::OuterApply
        | JoinOperator::AsOf { .. }
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => return (JoinKind::Other, None),
    };
    match constraint {
        JoinConstraint::None => (kind, None),
        JoinConstraint::On(on) => (kind, Some(on)),
        JoinConstraint::Using(_) | JoinConstraint::Natural => (JoinKind::Other, None),
    }
}

/// The name of an output. A column without an alias goes by its own name.
fn name(item: &SelectItem) -> Option<Cow<'_, str>> {
    match item {
        SelectItem::ExprWithAlias { expr: _, alias } => Some(alias.value.as_str().into()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(idents)) => {
            idents.last().map(|ident| ident.value.as_str().into())
        }
        _ => None,
    }
}

/// A body without parentheses that say nothing.
fn bare(mut body: &SetExpr) -> &SetExpr {
    while let SetExpr::Query(query) = body {
        let says = query.with.is_some()
            || query.order_by.is_some()
            || query.limit_clause.is_some()
            || rest(query).is_some();
        if says {
            break;
        }
        body = &query.body;
    }
    body
}

/// The operands of a chain of one set operation that leans to the left.
pub(super) fn chain(body: &SetExpr) -> Vec<&SetExpr> {
    let mut arms = Vec::new();
    let mut left = body;
    let mut of = None;
    while let SetExpr::SetOperation { left: next, op, set_quantifier, right } = left {
        let this = (*op, distinct_if_none(*set_quantifier));
        if *of.get_or_insert(this) != this {
            break;
        }
        arms.push(&**right);
        left = bare(next);
    }
    arms.push(left);
    arms.reverse();
    arms
}

fn distinct_if_none(quantifier: SetQuantifier) -> SetQuantifier {
    match quantifier {
        SetQuantifier::None => SetQuantifier::Distinct,
        said => said,
    }
}

/// What a gated query does not say after its limit.
pub(super) fn rest(query: &Query) -> Option<impl serde::Serialize + '_> {
    let Query {
        with: _,
        body: _,
        order_by: _,
        limit_clause: _,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    let says = fetch.is_some()
        || !locks.is_empty()
        || for_clause.is_some()
        || settings.is_some()
        || format_clause.is_some()
        || !pipe_operators.is_empty();
    says.then_some((fetch, locks, for_clause, settings, format_clause, pipe_operators))
}

/// What a gated SELECT does not say, and what says nothing.
pub(super) fn odd(select: &Select) -> Option<impl serde::Serialize + '_> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        // Only says where TOP stands.
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window,
        qualify: _,
        // Only says where WINDOW stands.
        window_before_qualify: _,
        value_table_mode,
        // Only says where FROM stands.
        flavor: _,
    } = select;
    let says = !optimizer_hints.is_empty()
        || select_modifiers.is_some()
        || top.is_some()
        || exclude.is_some()
        || into.is_some()
        || !lateral_views.is_empty()
        || prewhere.is_some()
        || !connect_by.is_empty()
        || !cluster_by.is_empty()
        || !distribute_by.is_empty()
        || !sort_by.is_empty()
        || !named_window.is_empty()
        || value_table_mode.is_some();
    let words = (optimizer_hints, select_modifiers, top, exclude, into, value_table_mode);
    let clauses = (lateral_views, prewhere, connect_by, cluster_by, distribute_by, sort_by);
    says.then_some((words, clauses, named_window))
}
