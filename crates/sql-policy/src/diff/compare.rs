//! Walks two trees of scopes in step and says how the new relation differs from the old one.
//!
//! Pairing decides only how well a change is described. What counts as unchanged is decided by
//! encodings alone: a piece is unchanged when it says the same of sources and columns that are.

mod from;
mod select;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use sqlparser::{
    ast::{
        Expr, OrderBy, OrderByKind, Query, SetOperator, SetQuantifier, Value, ValueWithSpan, Values,
    },
    tokenizer::Span,
};

use super::{
    ReasonCode,
    align::{Known, Pair, align},
    encode::{Names, Room, number, text},
    holds::Functions,
    places,
    tree::{Common, Kind, Tree, rest},
};
use crate::resolve::by_name;

/// How a relation differs from the one it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// Whether the rows may be others, or there may be more or fewer of them.
    pub(super) rows: bool,
    /// Whether the same rows may come in another order, where nothing fixes it.
    pub(super) moved: bool,
    /// Whether the order that the query asks for is another one.
    pub(super) sorted: bool,
    /// Whether there is something in it of which nothing is known.
    pub(super) unknown: bool,
    /// The outputs of the new relation.
    pub(super) outputs: Vec<Output>,
    /// The outputs of the old relation that have no counterpart.
    pub(super) removed: Vec<usize>,
}

/// An output of the new relation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// Its counterpart in the old relation.
    pub(super) old: Option<usize>,
    /// Whether it has, in each row, the value that the counterpart has.
    pub(super) same: bool,
}

/// Which old output each new one is to be compared with, where positions decide.
type Wanted<'w> = Option<&'w [Option<usize>]>;

impl Change {
    /// No change at all.
    fn none(width: usize, wanted: Wanted<'_>) -> Self {
        let outputs = (0..width).map(|place| match wanted {
            None => Output { old: Some(place), same: true },
            Some(wanted) => {
                let old = wanted.get(place).copied().flatten();
                Output { old, same: old == Some(place) }
            }
        });
        Self { outputs: outputs.collect(), ..Self::default() }
    }

    fn missing(&mut self, old_width: usize) {
        let mut found = vec![false; old_width];
        for old in self.outputs.iter().filter_map(|output| output.old) {
            if let Some(found) = found.get_mut(old) {
                *found = true;
            }
        }
        self.removed = (0..old_width).filter(|place| !found[*place]).collect();
    }

    /// Whether every output has the counterpart and the values it had, and none is missing.
    fn keeps_outputs(&self) -> bool {
        self.removed.is_empty() && self.outputs.iter().all(|output| output.same)
    }
}

/// A reason, still in the terms of the parser.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) code: ReasonCode,
    pub(super) message: String,
    pub(super) old: Span,
    pub(super) new: Span,
}

/// What came of a comparison.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) change: Change,
    pub(super) found: Vec<Found>,
    /// Nodes that were passed, in both queries together.
    pub(super) visited: usize,
}

/// Compares the queries of two trees.
pub(super) fn compare(
    old: &Tree<'_>,
    new: &Tree<'_>,
    old_functions: &Functions<'_>,
    new_functions: &Functions<'_>,
) -> Outcome {
    let budget = 8 * (old.visited + new.visited) + 10_000;
    let mut comparison = Comparison {
        old: Half::new(old, old_functions, b'o'),
        new: Half::new(new, new_functions, b'n'),
        related: BTreeMap::new(),
        tokens: 0,
        within: Vec::new(),
        found: Vec::new(),
        budget,
    };
    let change = if old.clashes || new.clashes {
        let message = "an alias or a common table expression has the name of another";
        comparison.find(ReasonCode::NotCompared, message, (Span::empty(), Span::empty()));
        Change { unknown: true, ..comparison.replaced(old.root, new.root, None) }
    } else {
        comparison.commons();
        comparison.node(old.root, new.root, None, None)
    };
    let Comparison { old: one, new: other, found, .. } = comparison;
    let visited = old.visited + new.visited + one.room.visited + other.room.visited;
    Outcome { change, found, visited }
}

struct Comparison<'c, 'a> {
    old: Half<'c, 'a>,
    new: Half<'c, 'a>,
    /// What came of comparing two scopes, so that it is done once.
    related: BTreeMap<(usize, usize), Rc<Related>>,
    tokens: u64,
    /// The names of the scopes around the place.
    within: Vec<String>,
    found: Vec<Found>,
    /// Nodes that may be passed before the rest counts as changed.
    budget: usize,
}

/// One of the two queries.
struct Half<'c, 'a> {
    tree: &'c Tree<'a>,
    functions: &'c Functions<'c>,
    room: Room,
    standing: Standing<'c, 'a>,
}

/// What names stand for in one of the two queries.
struct Standing<'c, 'a> {
    side: u8,
    tree: &'c Tree<'a>,
    sources: BTreeMap<&'a str, Source>,
    /// Common table expressions that changed, but not in their rows.
    commons: BTreeMap<&'a str, Source>,
    outputs: Option<BTreeMap<String, Code>>,
    /// Changed columns that were met since this was emptied.
    touched: Vec<String>,
}

/// A FROM item. One that has a counterpart has the same number as that.
#[derive(Clone)]
struct Source {
    token: u64,
    columns: Columns,
}

#[derive(Clone)]
enum Columns {
    /// A column is what its name says.
    Named,
    /// A column is what the list says, and one that is not on it has no counterpart.
    Listed(Rc<BTreeMap<String, Code>>),
}

/// What a column is.
#[derive(Clone, Copy, Debug)]
enum Code {
    /// The column at this place of the old relation, and it is unchanged.
    Same(u64),
    /// The column at this place of the relation on this side.
    Own(u64),
}

/// What came of comparing two scopes, and what their columns are.
struct Related {
    change: Change,
    old: Seen,
    new: Seen,
}

/// The columns of a scope, by place and by the scope's own names.
struct Seen {
    places: Vec<Code>,
    names: Rc<BTreeMap<String, Code>>,
}

impl Seen {
    /// The columns under other names, if there are others.
    fn under(&self, names: &[&str]) -> Columns {
        Columns::Listed(if names.is_empty() {
            Rc::clone(&self.names)
        } else {
            let named = names.iter().zip(&self.places);
            Rc::new(named.map(|(name, code)| ((*name).to_owned(), *code)).collect())
        })
    }
}

impl<'c, 'a> Half<'c, 'a> {
    fn new(tree: &'c Tree<'a>, functions: &'c Functions<'c>, side: u8) -> Self {
        let standing = Standing {
            side,
            tree,
            sources: BTreeMap::new(),
            commons: BTreeMap::new(),
            outputs: None,
            touched: Vec::new(),
        };
        Self { tree, functions, room: Room::default(), standing }
    }

    fn piece<T: serde::Serialize + ?Sized>(&mut self, piece: &T) -> Vec<u8> {
        self.room.piece(&mut self.standing, piece)
    }

    /// A piece, and the changed columns it reads.
    fn touching<T: serde::Serialize + ?Sized>(&mut self, piece: &T) -> (Vec<u8>, Vec<String>) {
        self.standing.touched.clear();
        let bytes = self.piece(piece);
        (bytes, std::mem::take(&mut self.standing.touched))
    }
}

impl Standing<'_, '_> {
    fn code(&mut self, code: Option<Code>, column: &str, bytes: &mut Vec<u8>) {
        match code {
            Some(Code::Same(place)) => {
                bytes.push(b'=');
                number(bytes, place);
                return;
            }
            Some(Code::Own(place)) => {
                bytes.extend([b'!', self.side]);
                number(bytes, place);
            }
            None => {
                bytes.extend([b'?', self.side]);
                text(bytes, column);
            }
        }
        if !self.touched.iter().any(|touched| touched == column) {
            self.touched.push(column.to_owned());
        }
    }

    fn column(&mut self, columns: &Columns, column: &str, bytes: &mut Vec<u8>) {
        match columns {
            Columns::Named => {
                bytes.push(b'.');
                text(bytes, column);
            }
            Columns::Listed(list) => {
                let code = list.get(column).copied();
                self.code(code, column, bytes);
            }
        }
    }
}

impl Names for Standing<'_, '_> {
    fn source(&mut self, alias: &str, column: Option<&str>, bytes: &mut Vec<u8>) -> bool {
        let Some(Source { token, columns }) = self.sources.get(alias).cloned() else {
            // A FROM item that was not compared is like none of the other side.
            if self.tree.declares(alias) {
                bytes.extend([b'?', self.side]);
                text(bytes, alias);
                text(bytes, column.unwrap_or_default());
                return true;
            }
            return false;
        };
        bytes.push(b's');
        number(bytes, token);
        if let Some(column) = column {
            self.column(&columns, column, bytes);
        }
        true
    }

    fn common(&mut self, name: &str, bytes: &mut Vec<u8>) -> bool {
        if let Some(Source { token, columns: _ }) = self.commons.get(name) {
            bytes.push(b'P');
            number(bytes, *token);
            return true;
        }
        let tree = self.tree;
        let Some(common) = tree.common(name) else { return false };
        bytes.push(b'D');
        bytes.extend_from_slice(common.digest.as_bytes());
        number(bytes, common.free.len() as u64);
        for alias in &common.free {
            self.source(alias, None, bytes);
        }
        true
    }

    fn whole(&mut self, name: &str, bytes: &mut Vec<u8>) {
        if let Some(common) = self.tree.common(name) {
            bytes.push(b'W');
            bytes.extend_from_slice(common.digest.as_bytes());
        }
    }

    fn own(&mut self, _: &str, _: &str) {}

    fn clash(&mut self) {}

    fn own_column(&mut self, alias: &str, column: &str, bytes: &mut Vec<u8>) {
        let common = self.tree.own.get(alias).and_then(|name| self.commons.get(name.as_str()));
        let columns = common.map_or(Columns::Named, |common| common.columns.clone());
        self.column(&columns, column, bytes);
    }

    fn output(&mut self, name: &str, bytes: &mut Vec<u8>) -> bool {
        let Some(code) = self.outputs.as_ref().and_then(|outputs| outputs.get(name)).copied()
        else {
            return false;
        };
        bytes.push(b'O');
        self.code(Some(code), name, bytes);
        true
    }
}

impl<'c, 'a> Comparison<'c, 'a> {
    fn find(&mut self, code: ReasonCode, message: impl Into<String>, (old, new): (Span, Span)) {
        let message = match self.within.last() {
            Some(scope) => format!("in {scope}: {}", message.into()),
            None => message.into(),
        };
        self.found.push(Found { code, message, old, new });
    }

    fn within<R>(&mut self, scope: Option<String>, inside: impl FnOnce(&mut Self) -> R) -> R {
        let entered = scope.is_some();
        self.within.extend(scope);
        let result = inside(self);
        if entered {
            self.within.pop();
        }
        result
    }

    fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    /// Compares the common table expressions that go by one name, for the queries inside
    /// expressions that read them.
    fn commons(&mut self) {
        let (old, new) = (self.old.tree, self.new.tree);
        let changed = |these: &'c Tree<'a>, others: &Tree<'_>| -> Vec<&'c Common<'a>> {
            let known: BTreeSet<_> = others.commons.iter().map(|common| common.digest).collect();
            let changed = these.commons.iter().filter(|common| {
                !known.contains(&common.digest) && common.free.is_empty() && !common.recursive
            });
            changed.collect()
        };
        let (olds, news) = (changed(old, new), changed(new, old));
        let alone = olds.len() == 1 && news.len() == 1;
        for after in news {
            let named = olds.iter().find(|before| alone || before.name == after.name);
            let Some(before) = named else { continue };
            let scope = Some(format!("`{}`", after.name));
            let related = self.related(before.node, after.node, false, scope);
            let Change { rows, moved, unknown, .. } = related.change;
            if rows || moved || unknown {
                continue;
            }
            let token = self.token();
            let columns = related.old.under(&before.columns);
            self.old.standing.commons.insert(before.name, Source { token, columns });
            let columns = related.new.under(&after.columns);
            self.new.standing.commons.insert(after.name, Source { token, columns });
        }
    }

    /// Compares two scopes that stand as relations of their own, once.
    fn related(
        &mut self,
        old: usize,
        new: usize,
        recursive: bool,
        scope: Option<String>,
    ) -> Rc<Related> {
        if let Some(related) = self.related.get(&(old, new)) {
            return Rc::clone(related);
        }
        let spent = self.old.room.visited + self.new.room.visited > self.budget;
        let change = self.within(scope, |comparison| {
            if recursive {
                let (before, after) = comparison.places(old, new);
                let message = "the recursive definition is another one";
                comparison.find(ReasonCode::RecursionChanged, message, (before, after));
                comparison.replaced(old, new, None)
            } else if spent {
                let (before, after) = comparison.places(old, new);
                let message = "too many ways to compare the two queries";
                comparison.find(ReasonCode::NotCompared, message, (before, after));
                Change { unknown: true, ..comparison.replaced(old, new, None) }
            } else {
                comparison.node(old, new, None, None)
            }
        });
        let (before, after) = (&self.old.tree.nodes[old], &self.new.tree.nodes[new]);
        let places = output_codes(&change, before.names.len());
        let names = codes(&change, &before.names, &after.names);
        let related = Rc::new(Related {
            change,
            old: Seen { places: places.0, names: Rc::new(names.0) },
            new: Seen { places: places.1, names: Rc::new(names.1) },
        });
        self.related.insert((old, new), Rc::clone(&related));
        related
    }

    /// Compares two scopes. `around` are the queries whose body they are.
    #[recursive::recursive]
    fn node(
        &mut self,
        old: usize,
        new: usize,
        wanted: Wanted<'_>,
        around: Option<(Option<&'a Query>, Option<&'a Query>)>,
    ) -> Change {
        let (old_tree, new_tree) = (self.old.tree, self.new.tree);
        let (before, after) = (&old_tree.nodes[old], &new_tree.nodes[new]);
        let closed = before.free.is_empty() && after.free.is_empty();
        if before.digest == after.digest && closed && !self.grouped_by_order(around) {
            if around.is_some() {
                self.bind_alike(old, new);
            }
            let mut change = Change::none(after.names.len(), wanted);
            change.missing(before.names.len());
            return change;
        }
        match (&before.kind, &after.kind) {
            (Kind::Query { .. }, _) | (_, Kind::Query { .. }) => self.query(old, new, wanted),
            (Kind::Select { .. }, Kind::Select { .. }) => self.select(old, new, wanted, around),
            (
                Kind::Set { op, quantifier, body, arms },
                Kind::Set {
                    op: new_op,
                    quantifier: new_quantifier,
                    body: new_body,
                    arms: new_arms,
                },
            ) => {
                if (op, quantifier) == (new_op, new_quantifier) {
                    self.set(old, new, (*op, *quantifier), (arms, new_arms), wanted)
                } else {
                    let places = (places::body(body), places::body(new_body));
                    let message = format!(
                        "{} instead of {}",
                        operation(*new_op, *new_quantifier),
                        operation(*op, *quantifier)
                    );
                    self.find(ReasonCode::SetOperationChanged, message, places);
                    self.replaced(old, new, wanted)
                }
            }
            (
                Kind::Values { values, body },
                Kind::Values { values: new_values, body: new_body },
            ) => {
                let places = (places::body(body), places::body(new_body));
                self.values((values, new_values), places, (old, new), wanted)
            }
            (Kind::Other, _) | (_, Kind::Other) => {
                let message = "a kind of query that is not known";
                self.find(ReasonCode::NotCompared, message, (Span::empty(), Span::empty()));
                Change { unknown: true, ..self.replaced(old, new, wanted) }
            }
            (Kind::Select { .. } | Kind::Set { .. } | Kind::Values { .. }, _) => {
                let (before, after) = self.places(old, new);
                let message = "a query of another kind: SELECT, VALUES or a set operation";
                self.find(ReasonCode::BodyReplaced, message, (before, after));
                self.replaced(old, new, wanted)
            }
        }
    }

    /// Outputs that go by one name are one output, but that is all that can be said.
    fn replaced(&mut self, old: usize, new: usize, wanted: Wanted<'_>) -> Change {
        let (before, after) = (&self.old.tree.nodes[old], &self.new.tree.nodes[new]);
        let names: BTreeMap<_, _> =
            before.names.iter().enumerate().rev().map(|(place, name)| (name, place)).collect();
        let outputs = after.names.iter().enumerate().map(|(place, name)| {
            let old = match wanted {
                Some(wanted) => wanted.get(place).copied().flatten(),
                None => name.as_ref().and_then(|_| names.get(name).copied()),
            };
            Output { old, same: false }
        });
        let outputs = outputs.collect();
        let mut change = Change { rows: true, moved: true, outputs, ..Change::default() };
        change.missing(before.names.len());
        change
    }

    fn places(&self, old: usize, new: usize) -> (Span, Span) {
        let place = |kind: &Kind<'_>| match kind {
            Kind::Query { query, .. } => places::query(query),
            Kind::Select { select, .. } => places::select(select),
            Kind::Set { body, .. } | Kind::Values { body, .. } => places::body(body),
            Kind::Other => Span::empty(),
        };
        (place(&self.old.tree.nodes[old].kind), place(&self.new.tree.nodes[new].kind))
    }

    /// A query with an order or a limit, against one that may have neither.
    fn query(&mut self, old: usize, new: usize, wanted: Wanted<'_>) -> Change {
        let (old_tree, new_tree) = (self.old.tree, self.new.tree);
        let (old_body, before) = peel(old_tree, old);
        let (new_body, after) = peel(new_tree, new);
        let mut change = self.node(old_body, new_body, wanted, Some((before, after)));

        let names = (&old_tree.nodes[old_body].names, &new_tree.nodes[new_body].names);
        let (old_outputs, new_outputs) = codes(&change, names.0, names.1);
        let places = output_codes(&change, names.0.len());
        self.old.standing.outputs = Some(old_outputs);
        self.new.standing.outputs = Some(new_outputs);
        let (old_keys, _) = self.old.keys(before, &places.0);
        let (new_keys, touched) = self.new.keys(after, &places.1);
        self.old.standing.outputs = None;
        self.new.standing.outputs = None;

        let order_places = || (order_place(before), order_place(after));
        let limit_places = || (limit_place(before), limit_place(after));
        let limit = |query: Option<&'a Query>| query.and_then(|query| query.limit_clause.as_ref());
        let (old_limit, new_limit) = (limit(before), limit(after));
        let limited = old_limit.is_some() || new_limit.is_some();
        let picks = self.picks(old_body, new_body);
        if self.old.piece(&old_limit) != self.new.piece(&new_limit) {
            let message = match (old_limit.is_some(), new_limit.is_some()) {
                (false, _) => "a limit is set",
                (_, false) => "the limit is gone",
                _ => "the limit is another one",
            };
            self.find(ReasonCode::LimitChanged, message, limit_places());
            change.rows = true;
        }
        if old_keys != new_keys {
            let top = old == old_tree.root && new == new_tree.root;
            let what = if touched.is_empty() {
                "the order is another one".to_owned()
            } else {
                format!("the order is by {}, which changed", listed(&touched))
            };
            if limited || picks {
                let picker = if limited { "the limit" } else { "DISTINCT ON" };
                let message = format!("{what}, and {picker} takes rows by it");
                self.find(ReasonCode::OrderPicksRows, message, order_places());
                change.rows = true;
            } else if self.old.expands(before) || self.new.expands(after) {
                let message = format!("{what}, and makes several rows of one");
                self.find(ReasonCode::ExpansionChanged, message, order_places());
                change.rows = true;
            } else if top {
                self.find(ReasonCode::OrderChanged, what, order_places());
                change.sorted = true;
            } else {
                let message = format!("{what}, which a relation does not keep");
                self.find(ReasonCode::InnerOrderChanged, message, order_places());
            }
            change.moved = true;
        }
        if limited && change.moved && !change.rows {
            let message = "the rows may come in another order, and the limit takes the first";
            self.find(ReasonCode::PickedRows, message, limit_places());
            change.rows = true;
        }
        let said = |query: Option<&Query>| query.is_some_and(|query| rest(query).is_some());
        if said(before) || said(after) {
            let message = "a clause that is not known";
            self.find(ReasonCode::NotCompared, message, limit_places());
            change.unknown = true;
        }
        change
    }

    /// The arms of one set operation.
    fn set(
        &mut self,
        old: usize,
        new: usize,
        (op, quantifier): (SetOperator, SetQuantifier),
        (old_arms, new_arms): (&'c [usize], &'c [usize]),
        wanted: Wanted<'_>,
    ) -> Change {
        let name = operation(op, quantifier);
        if by_name(quantifier) {
            let places = self.places(old, new);
            let message = format!("a branch of {name} changed");
            self.find(ReasonCode::BranchesByName, message, places);
            return self.replaced(old, new, wanted);
        }
        if old_arms.len() != new_arms.len() {
            let (old_tree, new_tree) = (self.old.tree, self.new.tree);
            let old_keys: Vec<_> =
                old_arms.iter().map(|arm| *old_tree.nodes[*arm].digest.as_bytes()).collect();
            let new_keys: Vec<_> =
                new_arms.iter().map(|arm| *new_tree.nodes[*arm].digest.as_bytes()).collect();
            let known = |key| Known { key, label: None };
            let old_known: Vec<_> = old_keys.iter().map(|key| known(&key[..])).collect();
            let new_known: Vec<_> = new_keys.iter().map(|key| known(&key[..])).collect();
            for pair in align(&old_known, &new_known, false) {
                match pair {
                    Pair::Both(..) => {}
                    Pair::Old(arm) => {
                        let place = self.places(old_arms[arm], new).0;
                        let message = format!("branch {} of {name} is gone", arm + 1);
                        let places = (place, Span::empty());
                        self.find(ReasonCode::BranchRemoved, message, places);
                    }
                    Pair::New(arm) => {
                        let place = self.places(old, new_arms[arm]).1;
                        let message = format!("branch {} of {name} is new", arm + 1);
                        let places = (Span::empty(), place);
                        self.find(ReasonCode::BranchAdded, message, places);
                    }
                }
            }
            return self.replaced(old, new, wanted);
        }
        if wanted.is_none() && self.rearranged(op, old_arms, new_arms) {
            let places = self.places(old, new);
            let message = format!("the branches of {name} are in another order");
            self.find(ReasonCode::BranchesReordered, message, places);
            let width = self.new.tree.nodes[new].names.len();
            return Change { moved: true, ..Change::none(width, None) };
        }
        let mut change = Change::default();
        for (place, (old_arm, new_arm)) in old_arms.iter().zip(new_arms).enumerate() {
            let scope = Some(format!("branch {} of {name}", place + 1));
            let mapping: Vec<_> = change.outputs.iter().map(|output| output.old).collect();
            let arm = self.within(scope, |comparison| {
                let wanted = if place == 0 { wanted } else { Some(&mapping[..]) };
                comparison.node(*old_arm, *new_arm, wanted, None)
            });
            change.rows |= arm.rows;
            change.moved |= arm.moved;
            change.unknown |= arm.unknown;
            if place == 0 {
                change.outputs = arm.outputs;
            } else {
                for (output, also) in change.outputs.iter_mut().zip(&arm.outputs) {
                    output.same &= also.same;
                }
            }
        }
        change.missing(self.old.tree.nodes[old].names.len());
        let all = op == SetOperator::Union && quantifier == SetQuantifier::All;
        if !all && !change.rows && !change.keeps_outputs() {
            let places = self.places(old, new);
            let message =
                format!("{name} tells rows apart by all columns, and not all are the same");
            self.find(ReasonCode::DistinctColumns, message, places);
            change.rows = true;
        }
        change
    }

    /// Whether the arms of two set operations are the same, only in another order, and an order
    /// that changes nothing.
    fn rearranged(&self, op: SetOperator, old_arms: &[usize], new_arms: &[usize]) -> bool {
        let (old, new) = (self.old.tree, self.new.tree);
        let digests = |tree: &Tree<'_>, arms: &[usize]| -> Option<Vec<_>> {
            let closed = arms.iter().all(|arm| tree.nodes[*arm].free.is_empty());
            closed.then(|| arms.iter().map(|arm| tree.nodes[*arm].digest).collect())
        };
        let (Some(mut before), Some(mut after)) = (digests(old, old_arms), digests(new, new_arms))
        else {
            return false;
        };
        let fixed = match op {
            SetOperator::Union | SetOperator::Intersect => 0,
            SetOperator::Except | SetOperator::Minus => 1,
        };
        if before[..fixed] != after[..fixed] {
            return false;
        }
        before[fixed..].sort_unstable();
        after[fixed..].sort_unstable();
        let names = |tree: &'c Tree<'a>, arms: &[usize]| &tree.nodes[arms[0]].names;
        before == after && names(old, old_arms) == names(new, new_arms)
    }

    /// Rows that are written out. Of as many rows as before, each column is compared alone.
    fn values(
        &mut self,
        (before, after): (&'a Values, &'a Values),
        places: (Span, Span),
        (old, new): (usize, usize),
        wanted: Wanted<'_>,
    ) -> Change {
        if before.rows.len() != after.rows.len() {
            let message = format!("{} rows instead of {}", after.rows.len(), before.rows.len());
            self.find(ReasonCode::ValuesChanged, message, places);
            return self.replaced(old, new, wanted);
        }
        let old_width = self.old.tree.nodes[old].names.len();
        let new_width = self.new.tree.nodes[new].names.len();
        let old_columns = self.old.cells(before, old_width);
        let new_columns = self.new.cells(after, new_width);
        let outputs = new_columns.iter().enumerate().map(|(place, column)| {
            let old = match wanted {
                Some(wanted) => wanted.get(place).copied().flatten(),
                None => (place < old_width).then_some(place),
            };
            Output { old, same: old.is_some_and(|old| old_columns.get(old) == Some(column)) }
        });
        let mut change = Change { outputs: outputs.collect(), ..Change::default() };
        change.missing(old_width);
        if !change.keeps_outputs() {
            let message = "the values of some columns are others";
            self.find(ReasonCode::ValuesChanged, message, places);
        }
        change
    }
}

impl<'a> Half<'_, 'a> {
    /// The cells of each column, all rows together.
    fn cells(&mut self, values: &'a Values, width: usize) -> Vec<Vec<u8>> {
        let mut columns: Vec<Vec<u8>> = vec![Vec::new(); width];
        for row in &values.rows {
            for (column, cell) in columns.iter_mut().zip(&row.content) {
                column.extend(self.piece(cell));
            }
        }
        columns
    }

    /// The keys a query orders by, and the changed columns among them.
    fn keys(&mut self, query: Option<&'a Query>, outputs: &[Code]) -> (Vec<Vec<u8>>, Vec<String>) {
        self.standing.touched.clear();
        let Some(OrderBy { kind, interpolate }) = query.and_then(|query| query.order_by.as_ref())
        else {
            return (Vec::new(), Vec::new());
        };
        let mut keys = Vec::new();
        match kind {
            OrderByKind::Expressions(exprs) => {
                for key in exprs {
                    let mut piece = self.piece(key);
                    if let Some(place) = ordinal(&key.expr) {
                        let code = outputs.get(place).copied();
                        self.standing.code(code, &format!("{}", place + 1), &mut piece);
                    }
                    keys.push(piece);
                }
            }
            OrderByKind::All(options) => {
                let mut piece = self.piece(options);
                for (place, code) in outputs.iter().enumerate() {
                    self.standing.code(Some(*code), &format!("{}", place + 1), &mut piece);
                }
                keys.push(piece);
            }
        }
        if interpolate.is_some() {
            keys.push(self.piece(interpolate));
        }
        (keys, std::mem::take(&mut self.standing.touched))
    }
}

/// The place of an output that an integer stands for, counted from nought.
fn ordinal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Nested(inner) => ordinal(inner),
        Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => {
            digits.parse::<usize>().ok()?.checked_sub(1)
        }
        _ => None,
    }
}

/// What the outputs on both sides are.
fn output_codes(change: &Change, old_width: usize) -> (Vec<Code>, Vec<Code>) {
    let mut old: Vec<_> = (0..old_width).map(|place| Code::Own(place as u64)).collect();
    let new = change.outputs.iter().enumerate().map(|(place, output)| match output {
        Output { old: Some(before), same: true } => {
            let code = Code::Same(*before as u64);
            if let Some(old) = old.get_mut(*before) {
                *old = code;
            }
            code
        }
        Output { .. } => Code::Own(place as u64),
    });
    let new = new.collect();
    (old, new)
}

/// What the outputs on both sides are, by name. A name that is there twice is its first output.
fn codes(
    change: &Change,
    old_names: &[Option<Cow<'_, str>>],
    new_names: &[Option<Cow<'_, str>>],
) -> (BTreeMap<String, Code>, BTreeMap<String, Code>) {
    let (old, new) = output_codes(change, old_names.len());
    let by_name = |names: &[Option<Cow<'_, str>>], codes: Vec<Code>| {
        let mut by_name = BTreeMap::new();
        for (name, code) in names.iter().zip(codes) {
            if let Some(name) = name {
                by_name.entry(name.to_string()).or_insert(code);
            }
        }
        by_name
    };
    (by_name(old_names, old), by_name(new_names, new))
}

/// The body of a query, and the query if there is one around the body.
fn peel<'a>(tree: &Tree<'a>, node: usize) -> (usize, Option<&'a Query>) {
    match &tree.nodes[node].kind {
        Kind::Query { query, body } => (*body, Some(query)),
        _ => (node, None),
    }
}

fn order_place(query: Option<&Query>) -> Span {
    query.and_then(|query| query.order_by.as_ref()).map_or(Span::empty(), places::order)
}

fn limit_place(query: Option<&Query>) -> Span {
    query.and_then(|query| query.limit_clause.as_ref()).map_or(Span::empty(), places::limit)
}

/// The one that is a place, the first one before the other.
fn first(one: Span, other: Span) -> Span {
    if places::known(one) { one } else { other }
}

fn operation(op: SetOperator, quantifier: SetQuantifier) -> String {
    match quantifier {
        SetQuantifier::None | SetQuantifier::Distinct => op.to_string(),
        quantifier => format!("{op} {quantifier}"),
    }
}

/// Names for a message.
fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
