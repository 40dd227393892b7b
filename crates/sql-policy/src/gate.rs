//! The third stage: what the engine would not carry out is refused.
//!
//! The engine's planner ignores parts of the tree that it does not know, and runs the rest. This
//! walk therefore names every field of every node it passes: a field that a later parser adds does
//! not compile until somebody has decided about it.

mod expr;
mod function;
mod places;
mod query;
mod relation;
mod scope;
mod window;

use std::collections::BTreeMap;

use sqlparser::{
    ast::{Expr, Ident, ObjectName, Query, ValueWithSpan, Visit},
    tokenizer::Span as TokenSpan,
};
use viewlane_core::{Code, Diagnostic, FunctionSource, RelationName, SourceText, Span};

use self::{places::Places, scope::Scopes};
use crate::{
    codes,
    compiled::{ColumnDeclaration, FunctionUse, RelationUse},
    deviation::Lowering,
    error::Rejection,
    guard,
    lower::Lowered,
    parameter::{self, Parameter},
    policy::Policy,
    room::Size,
    text,
};

/// A query that holds nothing but what the engine carries out.
#[derive(Debug)]
pub(crate) struct Gated {
    pub(crate) query: Box<Query>,
    pub(crate) size: Size,
    pub(crate) relations: Vec<RelationUse>,
    pub(crate) functions: Vec<FunctionUse>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) lowerings: Vec<Lowering>,
}

/// Judges a query, and the defaults of the columns declared over it. `parameters` says whether
/// there may be any.
pub(crate) fn gate(
    policy: &Policy,
    functions: &dyn FunctionSource,
    source: &SourceText,
    columns: &[ColumnDeclaration],
    parameters: bool,
    lowered: Lowered,
) -> Result<Gated, Rejection> {
    let Lowered { query, lowerings } = lowered;
    let mut gate = Gate::new(policy, functions, source);
    for default in columns.iter().filter_map(|column| column.default.as_ref()) {
        gate.default(default);
        if parameters {
            gate.hidden_parameters(default);
        }
    }
    gate.query(&query);
    if parameters {
        gate.hidden_parameters(&*query);
    }
    gate.totals();
    let Gate { found, relations, used, counts, parameters, .. } = gate;
    let size = Size { height: counts.highest, queries: counts.deepest + counts.branches };
    if let Err(rejection) = Rejection::unless_empty(found) {
        size.dropping(|| drop(query));
        return Err(rejection);
    }
    Ok(Gated {
        query,
        size,
        relations: relations.into_values().collect(),
        functions: used.into_values().collect(),
        parameters: parameter::sorted(parameters),
        lowerings,
    })
}

/// Judges what stands beside the queries of a statement: what is called, and what it names.
pub(crate) fn beside(
    policy: &Policy,
    functions: &dyn FunctionSource,
    source: &SourceText,
    exprs: &[Expr],
    relations: &[ObjectName],
) -> Vec<Diagnostic> {
    let mut gate = Gate::new(policy, functions, source);
    exprs.iter().for_each(|expr| gate.expr(expr));
    relations.iter().for_each(|relation| gate.relation(relation));
    gate.totals();
    gate.found
}

struct Gate<'a> {
    policy: &'a Policy,
    functions: &'a dyn FunctionSource,
    places: Places<'a>,
    scopes: Scopes,
    counts: Counts,
    /// Whether only constants may stand here, as in a column's default.
    constant: bool,
    /// Whether a window was found that is named too often to be written out.
    windows_too_large: bool,
    found: Vec<Diagnostic>,
    relations: BTreeMap<RelationName, RelationUse>,
    used: BTreeMap<String, FunctionUse>,
    /// By their names without signs.
    parameters: BTreeMap<String, Vec<Span>>,
    /// The placeholders that the walk has come past.
    judged: Vec<ValueWithSpan>,
}

#[derive(Default)]
struct Counts {
    depth: usize,
    deepest: usize,
    /// Expressions around the place the walk has come to.
    height: usize,
    highest: usize,
    expressions: usize,
    branches: usize,
    joins: usize,
    ctes: usize,
}

impl<'a> Gate<'a> {
    fn new(policy: &'a Policy, functions: &'a dyn FunctionSource, source: &'a SourceText) -> Self {
        Self {
            policy,
            functions,
            places: Places::new(policy, source),
            scopes: Scopes::default(),
            counts: Counts::default(),
            constant: false,
            windows_too_large: false,
            found: Vec::new(),
            relations: BTreeMap::new(),
            used: BTreeMap::new(),
            parameters: BTreeMap::new(),
            judged: Vec::new(),
        }
    }

    fn default(&mut self, default: &Expr) {
        self.constant = true;
        self.expr(default);
        self.constant = false;
    }

    /// A parameter where an expression stands.
    fn parameter(&mut self, placeholder: &str, value: &ValueWithSpan) {
        self.judged.push(value.clone());
        let span = self.places.bytes(value.span);
        let name = placeholder.strip_prefix('$').unwrap_or(placeholder);
        if !self.policy.binds_any() {
            let message = guard::parameter(placeholder);
            self.find(codes::PARAMETER, span, message, guard::NO_PARAMETERS);
        } else if self.constant {
            let message = format!("a default cannot read the parameter `{name}`");
            self.find(codes::DEFAULT_EXPRESSION, span, message, "write a constant");
        } else if parameter::is_canonical(placeholder) {
            self.parameters.entry(name.to_owned()).or_default().push(span);
        } else {
            let message = format!("the parameter `{placeholder}` cannot be told from other signs");
            let help = "put the parameter into parentheses, or write it as `$name`";
            self.find(codes::PARAMETER_FORM, span, message, help);
        }
    }

    /// Parameters that stand where the walk finds no expression, as in `DATE $1`.
    fn hidden_parameters<T: Visit>(&mut self, tree: &T) {
        let mut judged = std::mem::take(&mut self.judged);
        let placeholders = parameter::placeholders(tree);
        if placeholders.len() == judged.len() {
            return;
        }
        for hidden in placeholders {
            // Values are equal wherever they stand.
            let same = |seen: &ValueWithSpan| *seen == hidden && seen.span == hidden.span;
            if let Some(seen) = judged.iter().position(same) {
                judged.swap_remove(seen);
                continue;
            }
            let span = self.places.bytes(hidden.span);
            let message = format!("`{}` stands where only a literal may stand", hidden.value);
            let help = "write the literal, or CAST of the parameter to its type";
            self.find(codes::PARAMETER_FORM, span, message, help);
        }
    }

    fn find(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.found.push(text::finding(self.places.source(), code, span, message, help));
    }

    /// A clause that the engine accepts and ignores. `clause` begins with the word that marks it.
    fn dropped(&mut self, clause: &str, help: &str) {
        let span = self.places.clause(clause);
        let message = format!("the engine would silently ignore `{clause}`");
        self.find(codes::DROPPED_CLAUSE, span, message, help);
    }

    fn dropped_if(&mut self, present: bool, clause: &str, help: &str) {
        if present {
            self.dropped(clause, help);
        }
    }

    /// A clause that the engine does not have. `clause` begins with the word that marks it.
    fn unsupported(&mut self, clause: &str, help: &str) {
        let span = self.places.clause(clause);
        let message = format!("the engine does not support `{clause}`");
        self.find(codes::UNSUPPORTED_CLAUSE, span, message, help);
    }

    fn unsupported_if(&mut self, present: bool, clause: &str, help: &str) {
        if present {
            self.unsupported(clause, help);
        }
    }

    fn touch(&mut self, span: TokenSpan) {
        self.places.touch(span);
    }

    fn ident(&mut self, ident: &Ident) {
        self.touch(ident.span);
    }

    fn idents<'i>(&mut self, idents: impl IntoIterator<Item = &'i Ident>) {
        for ident in idents {
            self.ident(ident);
        }
    }

    /// One level deeper for as long as `inside` runs.
    fn deeper(&mut self, inside: impl FnOnce(&mut Self)) {
        self.counts.depth += 1;
        self.counts.deepest = self.counts.deepest.max(self.counts.depth);
        inside(self);
        self.counts.depth -= 1;
    }

    fn limit(&mut self, what: &str, field: &str, count: usize, limit: usize, span: Span) {
        if count > limit {
            let message = format!("the query has {count} {what}, the policy allows {limit}");
            let help = format!("split the query into several views, or raise the limit `{field}`");
            self.find(codes::LIMIT, span, message, &help);
        }
    }

    fn totals(&mut self) {
        let limits = *self.policy.limits();
        let Counts { depth: _, deepest, height: _, highest, expressions, branches, joins, ctes } =
            self.counts;
        let start = Span::new(0, 0);
        self.limit("expressions", "expressions", expressions, limits.expressions, start);
        self.limit("expressions inside each other", "chain", highest, limits.chain, start);
        self.limit("branches of set operations", "branches", branches, limits.branches, start);
        self.limit("joins", "joins", joins, limits.joins, start);
        self.limit("common table expressions", "ctes", ctes, limits.ctes, start);
        if deepest > limits.depth {
            let message = format!("the nesting is deeper than {} levels", limits.depth);
            let help = "take inner parts out into views of their own, or raise the limit `depth`";
            self.find(codes::TOO_DEEP, start, message, help);
        }
    }
}

#[cfg(test)]
mod tests;
