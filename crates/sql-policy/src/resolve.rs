//! The fifth stage: every name is bound, and the query takes its normal form.
//!
//! In normal form every relation has its full name and an alias that no other relation of the
//! statement has, every column is `alias.column`, every output has a name, and `*`, USING, NATURAL,
//! ordinals and references to aliases are gone. What a name means is decided by the rules of the
//! engine's planner, which are followed to the letter, its search order included; where the lane
//! means something else on purpose, a [`Deviation`] says so.
//!
//! Binding and rewriting are one walk: a column's binding is its alias from then on, so later
//! stages need no scopes.
//!
//! To the engine two subqueries that are written alike are one expression, which is how GROUP BY
//! and HAVING refer to outputs. So those in the list and the later clauses of one SELECT have the
//! same aliases; they are the only ones that do.

mod expr;
mod from;
mod scope;
mod select;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    rc::Rc,
};

use sqlparser::ast::{
    Cte, Expr, Ident, LimitClause, Offset, OrderBy, OrderByKind, Query, SelectItem, SetExpr,
    SetOperator, SetQuantifier, TableAlias, Values, With,
};
use viewlane_core::{Code, ColumnSource, Diagnostic, SourceText, nearest};

pub(crate) use self::expr::is_unnest;
use self::scope::{Name, Qualifier, Scope};
use crate::{
    build, codes,
    deviation::{Deviation, Lowering},
    error::Rejection,
    gate::Gated,
    policy::{Naming, Policy},
    room::Size,
    shape,
    text::{self, Lines},
    walk::{Child, children},
};

/// Tells what the engine calls the outputs of a query.
///
/// Implemented by the composition root, which plans the query. It is asked only where a query has
/// an output without a name that somebody can see.
///
/// # Contract
///
/// Pure for the life of one compilation. The names are in the order of the outputs. `None` means
/// that the engine cannot plan the query as it stands.
pub trait OutputNamer {
    /// The names of the outputs of `query`.
    fn names(&self, query: &Query) -> Option<Vec<String>>;
}

/// Knows no name: for policies under which the engine's names do not show.
impl OutputNamer for () {
    fn names(&self, _: &Query) -> Option<Vec<String>> {
        None
    }
}

/// A query in normal form.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) gated: Gated,
    /// Names of the outputs, in order; `None` for an output that only the engine can name.
    pub(crate) outputs: Vec<Option<String>>,
}

/// Begins every name the lane makes up for a column.
const RESERVED: &str = "__sp_";

/// Brings a query into normal form.
pub(crate) fn resolve(
    policy: &Policy,
    source: &SourceText,
    mut gated: Gated,
    columns: &dyn ColumnSource,
    namer: &dyn OutputNamer,
) -> Result<Resolved, Rejection> {
    let size = gated.size;
    // The engine names what was written, not what becomes of it.
    let original = match policy.naming() {
        Naming::Engine => Some(size.copying(|| gated.query.clone())),
        Naming::Stable => None,
    };
    let mut resolver = Resolver::new(policy, source, size, columns, namer, original.as_deref());
    let mut outputs = resolver.query(&mut gated.query, Role::Top);
    if resolver.names_wanted
        && let Some(original) = &original
    {
        // Somebody refers to a column by the name the engine gives it: ask for them all.
        let again = size.copying(|| original.clone());
        let first = std::mem::replace(&mut gated.query, again);
        grown(size, &first).dropping(|| drop(first));
        resolver = Resolver::new(policy, source, size, columns, namer, Some(original));
        resolver.ask_all = true;
        outputs = resolver.query(&mut gated.query, Role::Top);
    }
    let Resolver { found, lowerings, .. } = resolver;
    gated.lowerings.extend(lowerings);
    gated.lowerings.sort_by_key(|lowering| (lowering.span.start, lowering.deviation));
    size.dropping(|| drop(original));
    gated.size = grown(size, &gated.query);
    if let Err(rejection) = Rejection::unless_empty(found) {
        gated.size.dropping(|| drop(gated.query));
        return Err(rejection);
    }
    let outputs = outputs.into_iter().map(|output| match output.name {
        Name::Known(name) => Some(name.to_string()),
        Name::Engine => None,
    });
    Ok(Resolved { outputs: outputs.collect(), gated })
}

/// The size of what a query of `size` was resolved to. What an alias stands for may stand inside
/// another expression now, and a join inside a query; the exact size is worth a walk only where it
/// saves room that counts.
fn grown(size: Size, query: &Query) -> Size {
    match size.height {
        0..1_000 => Size { height: 2 * size.height + 8, queries: 2 * size.queries + 2 },
        _ => shape::measure(query),
    }
}

/// Who can see the outputs of a query, and so what they have to be called.
#[derive(Clone, Debug)]
enum Role {
    /// The statement's result: the names are part of it.
    Top,
    /// A derived table or common table expression, read by name. Holds the engine's names of its
    /// outputs where they were asked for.
    Named(Option<Vec<String>>),
    /// A branch of a set operation that is not the first: nobody sees its names.
    Branch,
    /// A branch of a set operation BY NAME.
    ByName(Option<Vec<String>>),
    /// A subquery in an expression: its outputs are known by position.
    Expression,
}

/// One output of a query.
#[derive(Clone, Debug)]
struct Output {
    name: Name,
    /// The relation part of its name, should the query be read without an alias.
    qualifier: Option<Rc<Qualifier>>,
    /// What it is called in the normal form.
    column: Rc<str>,
}

/// A common table expression in sight.
struct Visible {
    name: String,
    unique: String,
    outputs: Vec<Output>,
    /// The definition as it was, for the engine to name outputs of queries that read it.
    original: Option<(bool, Cte)>,
}

/// In which order the meanings of a name without a relation are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// Columns only.
    #[default]
    Input,
    /// Columns, then outputs: GROUP BY, HAVING, QUALIFY.
    InputThenOutput,
    /// Outputs, then columns: ORDER BY.
    OutputThenInput,
}

/// What names without a relation may mean in the clause the walk is in.
#[derive(Debug, Default)]
struct Clause {
    order: Order,
    items: Vec<Item>,
    /// Whether it is WHERE, HAVING, QUALIFY or ON.
    condition: bool,
    /// Whether it is an operand whose type the engine asks for while it plans.
    typed: bool,
}

/// One item of the SELECT list, bound.
#[derive(Debug)]
struct Item {
    expr: Expr,
    name: Name,
    qualifier: Option<Rc<Qualifier>>,
    /// A column that keeps its name: the engine gives it no alias.
    plain: bool,
    /// The name that is written out.
    alias: Option<Ident>,
}

struct Resolver<'a> {
    policy: &'a Policy,
    source: &'a SourceText,
    /// How high the statement was when it came: no expression in it is higher.
    size: Size,
    /// Expressions that were copied to where they are referred to.
    written: usize,
    columns: &'a dyn ColumnSource,
    namer: &'a dyn OutputNamer,
    /// The statement as it was written, where the engine's names show.
    original: Option<&'a Query>,
    /// The engine's names of the statement's outputs, once asked for.
    top_names: Option<Option<Vec<String>>>,
    /// Whether the engine is asked for the outputs of inner queries as well.
    ask_all: bool,
    /// Whether that is needed.
    names_wanted: bool,
    found: Vec<Diagnostic>,
    lowerings: Vec<Lowering>,
    aliases: Taken,
    cte_names: Taken,
    ctes: Vec<Visible>,
    /// The fields in sight, those of the innermost query last.
    frames: Vec<Scope>,
    clause: Clause,
    /// Subqueries of the SELECT that the walk is in, as they were written and as they became;
    /// `None` where it does not matter that they are alike.
    subqueries: Option<BTreeMap<Query, Query>>,
    /// The outmost frame that a name was found in.
    outmost: usize,
    /// Parameters of the lambdas around the place the walk has come to.
    lambdas: Vec<String>,
}

impl<'a> Resolver<'a> {
    fn new(
        policy: &'a Policy,
        source: &'a SourceText,
        size: Size,
        columns: &'a dyn ColumnSource,
        namer: &'a dyn OutputNamer,
        original: Option<&'a Query>,
    ) -> Self {
        Self {
            policy,
            source,
            size,
            written: 0,
            columns,
            namer,
            original,
            top_names: None,
            ask_all: false,
            names_wanted: false,
            found: Vec::new(),
            lowerings: Vec::new(),
            aliases: Taken::default(),
            cte_names: Taken::default(),
            ctes: Vec::new(),
            frames: Vec::new(),
            clause: Clause::default(),
            subqueries: None,
            outmost: usize::MAX,
            lambdas: Vec::new(),
        }
    }

    fn find(&mut self, code: Code, at: Option<&Ident>, message: String, help: String) {
        let lines = Lines::new(self.source);
        let span = lines.bytes(at.map_or(sqlparser::tokenizer::Span::empty(), |at| at.span));
        self.found.push(text::finding(self.source, code, span, message, help));
    }

    /// A copy of what a reference to `item` stands for. A text of a thousand names must not become
    /// a tree of a million expressions, so what is written out counts like what was written.
    fn copy(&mut self, item: usize, at: Option<&Ident>) -> Expr {
        let expr = &self.clause.items[item].expr;
        let limit = self.policy.limits().expressions;
        let within = self.written <= limit;
        self.written += expressions(expr);
        if self.written <= limit {
            return self.size.copying(|| expr.clone());
        }
        if within {
            let message = format!(
                "the names and numbers of outputs stand for more than {limit} expressions, which \
                 is what the policy allows"
            );
            let help = "compute the output in a derived table and refer to its column, or raise the \
                        limit `expressions`";
            self.find(codes::LIMIT, at, message, help.to_owned());
        }
        expr::nothing()
    }

    /// Notes a place where the result is not that of the engine.
    fn deviate(&mut self, deviation: Deviation, at: Option<&Ident>) {
        let lines = Lines::new(self.source);
        let span = lines.bytes(at.map_or(sqlparser::tokenizer::Span::empty(), |at| at.span));
        self.lowerings.push(Lowering { deviation, span });
    }

    fn find_near(&mut self, code: Code, at: &Ident, message: String, names: &BTreeSet<String>) {
        let help = match nearest(&at.value, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "nothing here has columns".to_owned(),
            None => {
                let some: Vec<&str> = names.iter().map(String::as_str).take(12).collect();
                let more = if names.len() > some.len() { ", …" } else { "" };
                format!("the columns are: {}{more}", some.join(", "))
            }
        };
        self.find(code, Some(at), message, help);
    }

    /// A query with scopes of its own.
    #[recursive::recursive]
    fn query(&mut self, query: &mut Query, role: Role) -> Vec<Output> {
        // The gate lets none of the last six be there.
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch: _,
            locks: _,
            for_clause: _,
            settings: _,
            format_clause: _,
            pipe_operators: _,
        } = query;
        let visible = self.ctes.len();
        let clause = std::mem::take(&mut self.clause);
        let subqueries = self.subqueries.take();
        let lambdas = std::mem::take(&mut self.lambdas);
        if let Some(with) = with {
            self.with(with);
        }
        let outputs = match &mut **body {
            SetExpr::Select(select) => self.select(select, order_by.as_mut(), role),
            body => {
                let outputs = self.set_expr(body, role);
                if let Some(order_by) = order_by {
                    self.order_outputs(order_by, &outputs);
                }
                outputs
            }
        };
        if let Some(limit) = limit_clause {
            self.limit(limit);
        }
        self.ctes.truncate(visible);
        self.clause = clause;
        self.subqueries = subqueries;
        self.lambdas = lambdas;
        outputs
    }

    /// A query in an expression. One that was written in the same SELECT before becomes the same.
    fn subquery(&mut self, query: &mut Query) {
        let written = self.subqueries.is_some().then(|| self.size.copying(|| query.clone()));
        self.query(query, Role::Expression);
        let (Some(written), Some(known)) = (written, &mut self.subqueries) else { return };
        let size = grown(self.size, query);
        size.copying(|| match known.entry(written) {
            Entry::Vacant(entry) => {
                entry.insert(query.clone());
            }
            Entry::Occupied(entry) => *query = entry.get().clone(),
        });
    }

    fn with(&mut self, with: &mut With) {
        let With { with_token: _, recursive, cte_tables } = with;
        let recursive = *recursive;
        for cte in cte_tables {
            let original = self.ask_all.then(|| (recursive, cte.clone()));
            let Cte { alias, query, from: _, materialized: _, closing_paren_token: _ } = cte;
            let name = alias.name.value.clone();
            if self.ctes.iter().any(|other| other.name == name) {
                self.deviate(Deviation::CteShadowing, Some(&alias.name));
            }
            let unique = self.cte_names.unique(&name);
            let union =
                matches!(&*query.body, SetExpr::SetOperation { op: SetOperator::Union, .. });
            let outputs = if recursive && union {
                self.recursive(query, &name, &unique, alias)
            } else {
                let names = self.inner_names(query);
                let outputs = self.query(query, Role::Named(names));
                self.listed(outputs, alias)
            };
            alias.name = build::ident(&unique);
            let outputs = outputs.into_iter().map(|output| Output {
                qualifier: Some(Rc::new(Qualifier::bare(&name))),
                ..output
            });
            let outputs = outputs.collect();
            self.ctes.push(Visible { name, unique, outputs, original });
        }
    }

    /// `left UNION right`, where `right` may read the whole by name.
    fn recursive(
        &mut self,
        query: &mut Query,
        name: &str,
        unique: &str,
        alias: &TableAlias,
    ) -> Vec<Output> {
        let names = self.inner_names(query);
        let SetExpr::SetOperation { left, right, .. } = &mut *query.body else {
            unreachable!("the caller has looked")
        };
        let visible = self.ctes.len();
        let outputs = self.set_expr(left, Role::Named(names));
        let outputs = self.listed(outputs, alias);
        let in_sight = outputs
            .iter()
            .cloned()
            .map(|output| Output { qualifier: Some(Rc::new(Qualifier::bare(name))), ..output });
        self.ctes.push(Visible {
            name: name.to_owned(),
            unique: unique.to_owned(),
            outputs: in_sight.collect(),
            original: None,
        });
        self.set_expr(right, Role::Branch);
        self.ctes.truncate(visible);
        outputs
    }

    /// The outputs under the names that the list of an alias gives them.
    fn listed(&mut self, mut outputs: Vec<Output>, alias: &TableAlias) -> Vec<Output> {
        if alias.columns.is_empty() {
            return outputs;
        }
        if alias.columns.len() != outputs.len() {
            let message = format!(
                "`{}` has {} columns, its alias names {}",
                alias.name.value,
                outputs.len(),
                alias.columns.len()
            );
            let help = "name every column, or none".to_owned();
            self.find(codes::COLUMN_LIST, Some(&alias.name), message, help);
        }
        for (output, column) in outputs.iter_mut().zip(&alias.columns) {
            output.column = column.name.value.as_str().into();
            output.name = Name::Known(Rc::clone(&output.column));
        }
        outputs
    }

    #[recursive::recursive]
    fn set_expr(&mut self, body: &mut SetExpr, role: Role) -> Vec<Output> {
        match body {
            SetExpr::Select(select) => self.select(select, None, role),
            SetExpr::Query(query) => self.query(query, role),
            SetExpr::SetOperation { op: _, set_quantifier, left, right } => {
                if by_name(*set_quantifier) {
                    return self.by_name(left, right);
                }
                let outputs = self.set_expr(left, role.clone());
                let right_role = match role {
                    Role::Expression => Role::Expression,
                    _ => Role::Branch,
                };
                let others = self.set_expr(right, right_role);
                if others.len() != outputs.len() && !self.unnested(left) && !self.unnested(right) {
                    let message = format!(
                        "the branches of the set operation have {} and {} columns",
                        outputs.len(),
                        others.len()
                    );
                    let help = "give every branch the same columns".to_owned();
                    self.find(codes::COLUMN_LIST, None, message, help);
                }
                outputs.into_iter().map(|output| Output { qualifier: None, ..output }).collect()
            }
            SetExpr::Values(Values { explicit_row: _, value_keyword: _, rows }) => {
                self.frames.push(Scope::default());
                let mut columns = 0;
                for row in rows {
                    columns = row.content.len();
                    self.exprs(&mut row.content);
                }
                self.frames.pop();
                (1..=columns)
                    .map(|number| {
                        let column: Rc<str> = format!("column{number}").into();
                        Output { name: Name::Known(Rc::clone(&column)), qualifier: None, column }
                    })
                    .collect()
            }
            // The gate and the lowering before it let none of these through.
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => Vec::new(),
        }
    }

    /// Whether the branch selects `unnest(…)`, of which only the engine knows the columns.
    fn unnested(&self, body: &SetExpr) -> bool {
        first_select(body).is_some_and(|select| {
            select.projection.iter().any(|item| match item {
                SelectItem::UnnamedExpr(expr) => expr::is_unnest(expr),
                _ => false,
            })
        })
    }

    /// Set operations BY NAME match the engine's names.
    fn by_name(&mut self, left: &mut SetExpr, right: &mut SetExpr) -> Vec<Output> {
        let left_names = self.branch_names(left);
        let mut outputs = self.set_expr(left, Role::ByName(left_names));
        let right_names = self.branch_names(right);
        for output in self.set_expr(right, Role::ByName(right_names)) {
            if !outputs.iter().any(|other| other.column == output.column) {
                outputs.push(output);
            }
        }
        outputs.into_iter().map(|output| Output { qualifier: None, ..output }).collect()
    }

    fn branch_names(&mut self, body: &SetExpr) -> Option<Vec<String>> {
        if !names_show(body) {
            return None;
        }
        if !self.ask_all {
            self.names_wanted = true;
            return None;
        }
        self.inner_names(&build::query(body.clone()))
    }

    /// The engine's names of an inner query's outputs, where they are asked for.
    fn inner_names(&self, query: &Query) -> Option<Vec<String>> {
        if !self.ask_all || self.policy.naming() == Naming::Stable || !names_show(&query.body) {
            return None;
        }
        let mut alone = query.clone();
        let originals: Vec<&(bool, Cte)> =
            self.ctes.iter().filter_map(|cte| cte.original.as_ref()).collect();
        if !originals.is_empty() {
            let recursive = originals.iter().any(|(recursive, _)| *recursive);
            let mut cte_tables: Vec<Cte> =
                originals.into_iter().map(|(_, cte)| cte.clone()).collect();
            let mut with = alone.with.take().unwrap_or(With {
                with_token: sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
                recursive: false,
                cte_tables: Vec::new(),
            });
            cte_tables.append(&mut with.cte_tables);
            alone.with = Some(With { recursive: recursive || with.recursive, cte_tables, ..with });
        }
        self.namer.names(&alone)
    }

    /// The engine's names of the statement's outputs.
    fn statement_names(&mut self) -> Option<&[String]> {
        let (namer, original) = (self.namer, self.original);
        self.top_names.get_or_insert_with(|| namer.names(original?)).as_deref()
    }

    /// ORDER BY over the outputs of a set operation.
    fn order_outputs(&mut self, order_by: &mut OrderBy, outputs: &[Output]) {
        let OrderBy { kind, interpolate: _ } = order_by;
        let OrderByKind::Expressions(keys) = kind else { return };
        let items = outputs.iter().map(|output| Item {
            expr: Expr::Identifier(build::ident(&output.column)),
            name: output.name.clone(),
            qualifier: None,
            plain: false,
            alias: Some(build::ident(&output.column)),
        });
        self.clause =
            Clause { order: Order::OutputThenInput, items: items.collect(), ..Clause::default() };
        self.frames.push(Scope::default());
        for key in keys {
            self.order_key(&mut key.expr);
        }
        self.frames.pop();
        self.clause = Clause::default();
    }

    fn limit(&mut self, limit: &mut LimitClause) {
        self.frames.push(Scope::default());
        match limit {
            LimitClause::LimitOffset { limit, offset, limit_by: _ } => {
                if let Some(limit) = limit {
                    self.expr(limit);
                }
                if let Some(Offset { value, rows: _ }) = offset {
                    self.expr(value);
                }
            }
            LimitClause::OffsetCommaLimit { offset, limit } => {
                self.expr(offset);
                self.expr(limit);
            }
        }
        self.frames.pop();
    }
}

/// Names that are given away.
#[derive(Debug, Default)]
struct Taken {
    names: BTreeSet<String>,
    /// The number that was last tried for a name.
    last: BTreeMap<String, usize>,
}

impl Taken {
    /// The first free name among `name`, `name_2`, `name_3` and so on.
    fn unique(&mut self, name: &str) -> String {
        if self.names.insert(name.to_owned()) {
            return name.to_owned();
        }
        let last = self.last.entry(name.to_owned()).or_insert(1);
        loop {
            *last += 1;
            let unique = format!("{name}_{last}");
            if self.names.insert(unique.clone()) {
                return unique;
            }
        }
    }
}

/// How many expressions it is made of. What is within a query in it was counted where it stands.
#[recursive::recursive]
fn expressions(expr: &Expr) -> usize {
    let mut count = 1;
    children(expr, &mut |child| match child {
        Child::Expr(inner) => count += expressions(inner),
        Child::Query(_) => count += 1,
    });
    count
}

/// Whether a set operation puts columns of one name together.
pub(crate) fn by_name(quantifier: SetQuantifier) -> bool {
    match quantifier {
        SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => true,
        SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => false,
    }
}

fn first_select(body: &SetExpr) -> Option<&sqlparser::ast::Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// Whether an output may have no name but the engine's.
fn names_show(body: &SetExpr) -> bool {
    first_select(body).is_some_and(|select| {
        select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) => {
                !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
            SelectItem::ExprWithAlias { .. } | SelectItem::ExprWithAliases { .. } => false,
        })
    })
}

#[cfg(test)]
mod tests;
