//! Statements that are no queries: which kinds of them a policy lets pass.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::ast::{CreateTable, Expr, ObjectName, Query, Statement, Visitor};

use crate::visit::visit;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatementKind {
    /// It reads: SELECT, VALUES, and EXPLAIN of anything that it does not carry out.
    Query,
    /// It changes rows: INSERT, UPDATE, DELETE, MERGE, TRUNCATE.
    Write,
    /// It defines or drops something: CREATE, ALTER, DROP.
    Ddl,
    /// Anything else: settings, transactions, prepared statements, COPY, tables at external
    /// locations, and all that is not known.
    Session,
}

impl StatementKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Write => "write",
            Self::Ddl => "ddl",
            Self::Session => "session",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Query => "queries",
            Self::Write => "statements that change rows",
            Self::Ddl => "definitions",
            Self::Session => "other statements",
        }
    }

    pub(crate) fn of(statement: &Statement) -> Self {
        match statement {
            Statement::Query(_) => Self::Query,
            // Only ANALYZE runs what it explains.
            Statement::Explain { analyze: true, statement, .. } => Self::of(statement),
            Statement::Explain { analyze: false, .. } => Self::Query,
            Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_)
            | Statement::Truncate(_) => Self::Write,
            Statement::CreateTable(CreateTable { external, location, .. })
                if *external || location.is_some() =>
            {
                Self::Session
            }
            Statement::CreateTable(_)
            | Statement::CreateView(_)
            | Statement::CreateSchema { .. }
            | Statement::CreateDatabase { .. }
            | Statement::CreateFunction(_)
            | Statement::CreateIndex(_)
            | Statement::AlterTable(_)
            | Statement::AlterView { .. }
            | Statement::AlterSchema(_)
            | Statement::Drop { .. }
            | Statement::DropFunction(_) => Self::Ddl,
            _ => Self::Session,
        }
    }
}

/// Sets of kinds that go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Queries only.
    #[default]
    Query,
    /// Queries, and statements that change rows.
    Write,
    /// Queries and definitions.
    Ddl,
    /// Everything.
    Admin,
}

impl Preset {
    pub(crate) fn kinds(self) -> BTreeSet<StatementKind> {
        use StatementKind::{Ddl, Query, Session, Write};
        match self {
            Self::Query => BTreeSet::from([Query]),
            Self::Write => BTreeSet::from([Query, Write]),
            Self::Ddl => BTreeSet::from([Query, Ddl]),
            Self::Admin => BTreeSet::from([Query, Write, Ddl, Session]),
        }
    }
}

/// What a policy lets pass, for a message.
pub(crate) fn allowed(kinds: &BTreeSet<StatementKind>) -> String {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.plural()).collect();
    match &kinds[..] {
        [] => "nothing".to_owned(),
        [one] => format!("{one} only"),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The outermost queries, the relations named beside them and the expressions beside them.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) queries: Vec<Query>,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) relations: Vec<ObjectName>,
    inside: usize,
}

impl Parts {
    pub(crate) fn of(statement: &Statement) -> Self {
        let mut parts = Self::default();
        let _: ControlFlow<()> = visit(statement, &mut parts);
        parts
    }
}

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.inside == 0 {
            self.queries.push(query.clone());
        }
        self.inside += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.inside -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.inside == 0 {
            self.exprs.push(expr.clone());
        }
        self.inside += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.inside -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        if self.inside == 0 {
            self.relations.push(relation.clone());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
