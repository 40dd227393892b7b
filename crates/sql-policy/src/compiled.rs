use std::{
    collections::BTreeSet,
    fmt,
    ops::ControlFlow,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};
use sqlparser::ast::{
    DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Statement,
    TableFactor, Visitor, VisitorMut,
};
use viewlane_core::{Fingerprint, FunctionFacts, RelationName, SourceText, Span};

use crate::{
    artifact::Artifact,
    deviation::{Deviation, Lowering},
    error::Rejection,
    gate::Gated,
    lineage::{self, Lineage},
    parameter::{self, Parameter, ParameterValues},
    print, shape,
    template::TemplateUse,
    transform::Used,
    tree::Tree,
    visit::{visit, visit_mut},
};

/// A query that was read: guarded, parsed and gated, its names not bound yet.
///
/// Invariant: only [`Lane`](crate::Lane) makes one.
pub struct GatedQuery {
    gated: Option<Gated>,
    source: SourceText,
    template: Option<TemplateUse>,
}

impl GatedQuery {
    pub(crate) fn new(gated: Gated, source: SourceText, template: Option<TemplateUse>) -> Self {
        Self { gated: Some(gated), source, template }
    }

    pub(crate) fn into_parts(mut self) -> (Gated, SourceText, Option<TemplateUse>) {
        let gated = self.gated.take().expect("it is there until it is taken apart");
        (gated, self.source.clone(), self.template.take())
    }

    fn gated(&self) -> &Gated {
        self.gated.as_ref().expect("it is there until it is taken apart")
    }

    /// The relations it reads, each once, sorted by name. Common table expressions are not among
    /// them.
    pub fn relations(&self) -> &[RelationUse] {
        &self.gated().relations
    }

    /// The functions it calls, each once, sorted by name.
    pub fn functions(&self) -> &[FunctionUse] {
        &self.gated().functions
    }

    /// The parameters, as [`CompiledQuery::parameters`].
    pub fn parameters(&self) -> &[Parameter] {
        &self.gated().parameters
    }

    /// The text it was read from.
    pub fn source(&self) -> &SourceText {
        &self.source
    }
}

#[cfg(test)]
impl GatedQuery {
    pub(crate) fn lowerings(&self) -> &[Lowering] {
        &self.gated().lowerings
    }

    pub(crate) fn deviations(&self) -> impl Iterator<Item = Deviation> + use<> {
        let kinds: BTreeSet<_> = self.lowerings().iter().map(|found| found.deviation).collect();
        kinds.into_iter()
    }

    pub(crate) fn ast(&self) -> &sqlparser::ast::Query {
        &self.gated().query
    }

    pub(crate) fn sql(&self) -> String {
        self.gated().query.to_string()
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        crate::fingerprint::of(&self.gated().query)
    }

    pub(crate) fn statement(&self) -> Statement {
        let gated = self.gated();
        gated.size.copying(|| Statement::Query(gated.query.clone()))
    }
}

impl Drop for GatedQuery {
    fn drop(&mut self) {
        if let Some(gated) = self.gated.take() {
            gated.size.dropping(|| drop(gated.query));
        }
    }
}

impl fmt::Debug for GatedQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatedQuery").field("file", &self.source.file()).finish_non_exhaustive()
    }
}

/// A view file that was read.
#[derive(Debug)]
pub struct GatedView {
    header: ViewHeader,
    query: GatedQuery,
}

impl GatedView {
    pub(crate) fn new(header: ViewHeader, query: GatedQuery) -> Self {
        Self { header, query }
    }

    /// What stands before the query; empty for a bare query.
    pub fn header(&self) -> &ViewHeader {
        &self.header
    }

    /// The query.
    pub fn query(&self) -> &GatedQuery {
        &self.query
    }

    /// Header and query.
    pub fn into_parts(self) -> (ViewHeader, GatedQuery) {
        (self.header, self.query)
    }
}

/// A query that went through every stage of the lane.
///
/// Invariant: only [`Lane`](crate::Lane) makes one, so whoever takes one need not ask again.
/// Cloning is cheap.
#[derive(Clone)]
pub struct CompiledQuery(Arc<Inner>);

struct Inner {
    ast: Tree,
    fingerprint: Fingerprint,
    policy_fingerprint: Fingerprint,
    relations: Vec<RelationUse>,
    functions: Vec<FunctionUse>,
    parameters: Vec<Parameter>,
    outputs: Vec<Option<String>>,
    lowerings: Vec<Lowering>,
    /// Whether decimals are told apart by their spelling.
    decimals: bool,
    shape: OnceLock<Fingerprint>,
    lineage: OnceLock<Lineage>,
    source: SourceText,
    template: Option<TemplateUse>,
}

impl CompiledQuery {
    pub(crate) fn new(
        fingerprint: Fingerprint,
        policy_fingerprint: Fingerprint,
        gated: Gated,
        outputs: Vec<Option<String>>,
        decimals: bool,
        source: SourceText,
        template: Option<TemplateUse>,
    ) -> Self {
        let Gated { query, size, relations, functions, parameters, lowerings } = gated;
        Self(Arc::new(Inner {
            ast: Tree::sized(*query, size),
            fingerprint,
            policy_fingerprint,
            relations,
            functions,
            parameters,
            outputs,
            lowerings,
            decimals,
            shape: OnceLock::new(),
            lineage: OnceLock::new(),
            source,
            template,
        }))
    }

    /// The canonical tree: what is fingerprinted, stored and compared.
    pub fn ast(&self) -> &Tree {
        &self.0.ast
    }

    /// The canonical tree as the engine is to plan it.
    ///
    /// It differs from [`ast`](Self::ast) in one thing, which means nothing: aliases that only
    /// repeat the name of their table are left out. For the engine an alias is a node of the plan,
    /// and some of its rewrites lose sight of what lies behind one.
    pub fn statement(&self) -> Statement {
        self.0.ast.copying(|query| {
            let mut query = query.clone();
            // What the engine calls the columns of `unnest` shows how the table is called, and it
            // finds the relation of `count(t.*)` by exactly its name.
            let unnests = self.0.functions.iter().any(|used| used.name.starts_with("unnest"));
            if !unnests && visit(&query, &mut WholeRows).is_continue() {
                let _: ControlFlow<()> = visit_mut(&mut query, &mut Unaliased);
            }
            Statement::Query(Box::new(query))
        })
    }

    /// As [`statement`](Self::statement), with values in the place of its parameters. A query
    /// without parameters takes no values.
    ///
    /// # Errors
    ///
    /// Every parameter without a value, every value that the query has no parameter for, and every
    /// value that cannot be written as a literal of its type.
    pub fn bind(&self, values: &ParameterValues) -> Result<Statement, Rejection> {
        let Inner { ast, parameters, source, .. } = &*self.0;
        let literals = parameter::literals(source, parameters, values)?;
        let mut statement = self.statement();
        ast.size().copying(|| parameter::bind(literals, &mut statement));
        Ok(statement)
    }

    /// The parameters, each once: numbers by their size, then names.
    pub fn parameters(&self) -> &[Parameter] {
        &self.0.parameters
    }

    /// Identity of the canonical tree: layout, comments and the case of keywords do not matter, nor
    /// do the values that parameters will have.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Identity of what it means, as far as that can be told from the text: names inside it, the
    /// order of operands and the spelling of literals do not matter; output names and the names of
    /// relations do. Computed when it is asked for first.
    pub fn shape(&self) -> Fingerprint {
        *self
            .0
            .shape
            .get_or_init(|| shape::of(&self.0.ast, &Used(&self.0.functions), self.0.decimals))
    }

    /// Which columns of base relations its outputs and rows are made from. Computed when it is asked
    /// for first.
    pub fn lineage(&self) -> &Lineage {
        self.0.lineage.get_or_init(|| lineage::of(&self.0.ast, &self.0.functions))
    }

    /// All that is known about it, to be stored.
    pub fn artifact(&self) -> Artifact {
        Artifact::new(self)
    }

    pub(crate) fn decimals(&self) -> bool {
        self.0.decimals
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

    /// The names of its outputs, in order; `None` for an output that only the engine can name.
    pub fn outputs(&self) -> &[Option<String>] {
        &self.0.outputs
    }

    /// Where its result differs from what the engine alone would give, on purpose.
    pub fn deviations(&self) -> impl Iterator<Item = Deviation> + use<> {
        let kinds: BTreeSet<_> = self.0.lowerings.iter().map(|found| found.deviation).collect();
        kinds.into_iter()
    }

    /// Each place where that is so, in the order of the text.
    pub fn lowerings(&self) -> &[Lowering] {
        &self.0.lowerings
    }

    /// The canonical tree as text, for people: read back, it is the same tree. Never executed.
    pub fn sql(&self) -> String {
        print::sql(&self.0.ast, self.0.ast.size())
    }

    /// The text it was compiled from; for a template, what was rendered.
    pub fn source(&self) -> &SourceText {
        &self.0.source
    }

    /// The template that the text was rendered from, and the values it was rendered with.
    pub fn template(&self) -> Option<&TemplateUse> {
        self.0.template.as_ref()
    }
}

/// Stops at a call over all columns of one relation.
struct WholeRows;

impl Visitor for WholeRows {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(call) = expr
            && let FunctionArguments::List(list) = &call.args
            && list.args.iter().any(|arg| {
                matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(_)))
            })
        {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Takes aliases off that repeat the name of their table.
struct Unaliased;

impl VisitorMut for Unaliased {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, args: None, .. } = factor
            && let [_, _, ObjectNamePart::Identifier(table)] = &name.0[..]
            && alias.as_ref().is_some_and(|a| a.columns.is_empty() && a.name == *table)
        {
            *alias = None;
        }
        ControlFlow::Continue(())
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationUse {
    /// The normalised name.
    pub name: RelationName,
    /// First use in the text.
    pub span: Span,
}

/// A function and the place where it is first called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
