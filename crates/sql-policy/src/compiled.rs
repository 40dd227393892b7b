use std::{fmt, sync::Arc};

use sqlparser::ast::{DataType, Expr, Query, SetExpr, Statement, Values};
use viewlane_core::{Fingerprint, FunctionFacts, RelationName, SourceText, Span};

use crate::{gate::Gated, room::Size};

/// A query that went through every stage of the lane.
///
/// Invariant: only [`Lane`](crate::Lane) makes one, so whoever takes one need not ask again.
/// Cloning is cheap.
#[derive(Clone)]
pub struct CompiledQuery(Arc<Inner>);

struct Inner {
    ast: Query,
    size: Size,
    fingerprint: Fingerprint,
    policy_fingerprint: Fingerprint,
    relations: Vec<RelationUse>,
    functions: Vec<FunctionUse>,
    source: SourceText,
}

impl CompiledQuery {
    pub(crate) fn new(
        fingerprint: Fingerprint,
        policy_fingerprint: Fingerprint,
        gated: Gated,
        source: SourceText,
    ) -> Self {
        let Gated { query, size, relations, functions } = gated;
        Self(Arc::new(Inner {
            ast: *query,
            size,
            fingerprint,
            policy_fingerprint,
            relations,
            functions,
            source,
        }))
    }

    /// The canonical tree, the very one that is executed. To copy it, take
    /// [`statement`](Self::statement): a tree may be higher than a thread's stack can bear.
    pub fn ast(&self) -> &Query {
        &self.0.ast
    }

    /// The canonical tree as a statement, to be handed to the engine.
    pub fn statement(&self) -> Statement {
        self.0.size.copying(|| Statement::Query(Box::new(self.0.ast.clone())))
    }

    /// Identity of the canonical tree: layout, comments and the case of keywords do not matter.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Identity of the policy it was compiled under, with the facts of the functions it uses.
    pub fn policy_fingerprint(&self) -> Fingerprint {
        self.0.policy_fingerprint
    }

    /// The relations it reads, each once, sorted by name. Common table expressions are not among
    /// them.
    pub fn relations(&self) -> &[RelationUse] {
        &self.0.relations
    }

    /// The functions it calls, each once, sorted by name.
    pub fn functions(&self) -> &[FunctionUse] {
        &self.0.functions
    }

    /// The canonical tree as text, for people. Never executed: printing loses parentheses.
    pub fn sql(&self) -> String {
        self.0.ast.to_string()
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &SourceText {
        &self.0.source
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let rows = Values { explicit_row: false, value_keyword: false, rows: Vec::new() };
        let body = Box::new(SetExpr::Values(rows));
        let ast = std::mem::replace(&mut *self.ast.body, *body);
        self.size.dropping(|| drop(ast));
    }
}

impl fmt::Debug for CompiledQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledQuery")
            .field("file", &self.0.source.file())
            .field("fingerprint", &self.0.fingerprint)
            .field("policy", &self.0.policy_fingerprint)
            .finish()
    }
}

/// A relation and the place where it is first read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationUse {
    /// The normalised name.
    pub name: RelationName,
    /// First use in the text.
    pub span: Span,
}

/// A function and the place where it is first called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionUse {
    /// The normalised name, as written; it may be an alias.
    pub name: String,
    /// What is known about it; `None` for forms such as `unnest` that are part of the language.
    pub facts: Option<FunctionFacts>,
    /// First use in the text.
    pub span: Span,
}

/// A view file that went through every stage of the lane.
#[derive(Clone, Debug)]
pub struct CompiledView {
    header: ViewHeader,
    query: CompiledQuery,
}

impl CompiledView {
    pub(crate) fn new(header: ViewHeader, query: CompiledQuery) -> Self {
        Self { header, query }
    }

    /// What stands before the query; empty for a bare query.
    pub fn header(&self) -> &ViewHeader {
        &self.header
    }

    /// The query.
    pub fn query(&self) -> &CompiledQuery {
        &self.query
    }

    /// Header and query.
    pub fn into_parts(self) -> (ViewHeader, CompiledQuery) {
        (self.header, self.query)
    }
}

/// What a view file says before its query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewHeader {
    /// Whether it says MATERIALIZED.
    pub materialized: bool,
    /// The name it gives itself.
    pub name: Option<(RelationName, Span)>,
    /// The columns it declares, in order.
    pub columns: Vec<ColumnDeclaration>,
    /// The columns of its primary key, normalised, in order.
    pub primary_key: Vec<(String, Span)>,
    /// Its options, in order; no key stands twice.
    pub options: Vec<ViewOption>,
}

/// One column a view declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDeclaration {
    /// The normalised name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The type, if it is declared.
    pub data_type: Option<DataType>,
    /// Whether it says NOT NULL.
    pub not_null: bool,
    /// The default, a constant expression.
    pub default: Option<Expr>,
}

/// One `key = value` of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewOption {
    /// The normalised key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: OptionValue,
    /// Where the value stands.
    pub value_span: Span,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionValue {
    /// `'text'`.
    String(String),
    /// A number as written, with its sign.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// One name, or a list in parentheses: names are normalised, strings in a list are verbatim.
    Identifiers(Vec<String>),
}
