use viewlane_core::{ColumnSource, FunctionSource, SourceText};

use crate::{
    canonical::{Canonical, canonicalise},
    compiled::{CompiledQuery, CompiledView, GatedQuery, GatedView, ViewHeader},
    error::Rejection,
    fingerprint,
    gate::{self, Gated},
    guard::{Guarded, guard},
    lower::lower,
    parse::{self, Parsed},
    policy::Policy,
    print, qnf,
    resolve::{OutputNamer, Resolved, resolve},
    shape,
    statement::{Parts, StatementKind},
    template::{self, Input, Rendered, TemplateValues},
    transform,
    tree::Tree,
};

/// The one way from a text to a query that may run.
///
/// It has two halves, because what a query reads must be known before its columns can be: reading
/// (template guard, parser, lowering, gate, canonical spelling) gives a [`GatedQuery`], and
/// [`resolve`](Self::resolve) makes a [`CompiledQuery`] of it. Each stage takes what the stage
/// before gives, so none can be left out.
#[derive(Clone, Debug)]
pub struct Lane {
    policy: Policy,
}

impl Lane {
    /// A lane under a policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Renders the templates of a text. A text without any comes out as it is; one that the policy
    /// does not let render is refused as the guard refuses it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the template, or with its values.
    pub fn render(
        &self,
        text: &SourceText,
        values: &TemplateValues,
    ) -> Result<Rendered, Rejection> {
        template::render(&self.policy, text, values)
    }

    /// Reads a view file: a bare query, or `CREATE [MATERIALIZED] VIEW …` with a query.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn read_view<'a>(
        &self,
        text: impl Into<Input<'a>>,
        functions: &dyn FunctionSource,
    ) -> Result<GatedView, Rejection> {
        let guarded = guard(&self.policy, text.into())?;
        let Parsed { header, query } = parse::view(&self.policy, &guarded)?;
        let lowered = lower(&self.policy, guarded.source, query);
        let parameters = !guarded.parameters.is_empty();
        let (source, columns) = (guarded.source, &header.columns);
        let gated = gate::gate(&self.policy, functions, source, columns, parameters, lowered)?;
        Ok(GatedView::new(header, canonical(gated, &guarded)))
    }

    /// Reads a text that holds one query and nothing else.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn read_query<'a>(
        &self,
        text: impl Into<Input<'a>>,
        functions: &dyn FunctionSource,
    ) -> Result<GatedQuery, Rejection> {
        let guarded = guard(&self.policy, text.into())?;
        let query = parse::query(&self.policy, &guarded)?;
        let lowered = lower(&self.policy, guarded.source, query);
        let (source, parameters) = (guarded.source, !guarded.parameters.is_empty());
        let gated = gate::gate(&self.policy, functions, source, &[], parameters, lowered)?;
        Ok(canonical(gated, &guarded))
    }

    /// Reads a tree that was stored, or unparsed from a plan. It passes the same gate and gets the
    /// same form as if it had been text; `origin` is what messages call it.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn read_ast(
        &self,
        query: impl Into<Tree>,
        origin: &SourceText,
        functions: &dyn FunctionSource,
    ) -> Result<GatedQuery, Rejection> {
        let query = Box::new(query.into().into_query());
        let lowered = lower(&self.policy, origin, query);
        let gated = gate::gate(&self.policy, functions, origin, &[], true, lowered)?;
        Ok(GatedQuery::new(canonicalise(gated).gated, origin.clone(), None))
    }

    /// Judges a text that holds one statement of any kind. What passes is of a kind that the policy
    /// allows, and its queries, calls and names passed the same gate as a view's.
    ///
    /// It is not compiled: nothing in it is bound or brought into a form. Whoever runs it looks at
    /// its plan as well, as [`plan_gate`](crate::plan_gate) does with those of queries.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn check_statement<'a>(
        &self,
        text: impl Into<Input<'a>>,
        functions: &dyn FunctionSource,
    ) -> Result<StatementKind, Rejection> {
        let guarded = guard(&self.policy, text.into())?;
        let statement = parse::statement(&self.policy, &guarded)?;
        let kind = StatementKind::of(&statement);
        let size = shape::measure_statement(&statement);
        let parts = size.copying(|| Parts::of(&statement));
        size.dropping(|| drop(statement));
        let Parts { queries, exprs, relations, .. } = parts;
        let source = guarded.source;
        let mut found = gate::beside(&self.policy, functions, source, &exprs, &relations);
        size.dropping(|| drop(exprs));
        for query in queries {
            let lowered = lower(&self.policy, source, Box::new(query));
            match gate::gate(&self.policy, functions, source, &[], true, lowered) {
                Ok(gated) => drop(GatedQuery::new(gated, source.clone(), None)),
                Err(rejection) => found.extend(rejection.into_diagnostics()),
            }
        }
        Rejection::unless_empty(found)?;
        Ok(kind)
    }

    /// Binds every name of a query and brings it into normal form. `columns` knows every relation
    /// that the query reads, under the name it has in [`GatedQuery::relations`].
    ///
    /// # Errors
    ///
    /// Every name that means nothing, or more than one thing.
    pub fn resolve(
        &self,
        query: GatedQuery,
        columns: &dyn ColumnSource,
        namer: &dyn OutputNamer,
    ) -> Result<CompiledQuery, Rejection> {
        let (gated, source, template) = query.into_parts();
        let resolved = resolve(&self.policy, &source, gated, columns, namer)?;
        let Resolved { mut gated, outputs } = resolved;
        normal(&gated, "resolve");
        transform::apply(self.policy.transforms(), &mut gated);
        normal(&gated, "transform");
        let facts: Vec<_> = gated.functions.iter().filter_map(|used| used.facts.clone()).collect();
        let fingerprint = fingerprint::of(&gated.query);
        let policy = self.policy.fingerprint(&facts);
        Ok(CompiledQuery::new(
            fingerprint,
            policy,
            gated,
            outputs,
            self.policy.reads_decimals(),
            source,
            template,
        ))
    }

    /// Resolves the query of a view.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub fn resolve_view(
        &self,
        view: GatedView,
        columns: &dyn ColumnSource,
        namer: &dyn OutputNamer,
    ) -> Result<CompiledView, Rejection> {
        let (header, query): (ViewHeader, GatedQuery) = view.into_parts();
        Ok(CompiledView::new(header, self.resolve(query, columns, namer)?))
    }
}

/// Every stage leaves the normal form behind. Checked where assertions are.
fn normal(gated: &Gated, stage: &str) {
    if cfg!(debug_assertions)
        && let Err(found) = qnf::check(&gated.query)
    {
        panic!("after `{stage}`: {}\n{}", found.join("; "), print::sql(&gated.query, gated.size));
    }
}

fn canonical(gated: Gated, guarded: &Guarded<'_>) -> GatedQuery {
    let Canonical { gated } = canonicalise(gated);
    GatedQuery::new(gated, guarded.source.clone(), guarded.template.cloned())
}

#[cfg(test)]
mod tests;
