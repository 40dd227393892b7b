use sqlparser::ast::Query;
use viewlane_core::{FunctionSource, SourceText};

use crate::{
    canonical::{Canonical, canonicalise},
    compiled::{CompiledQuery, CompiledView},
    error::Rejection,
    fingerprint,
    gate::{self, Gated},
    guard::guard,
    parse::{self, Parsed},
    policy::Policy,
};

/// The one way from a text to a query that may run.
///
/// Each stage takes what the stage before gives, so none can be left out: template guard, parser,
/// gate, canonical form, fingerprint.
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

    /// Compiles a view file: a bare query, or `CREATE [MATERIALIZED] VIEW …` with a query.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn compile_view(
        &self,
        text: &SourceText,
        functions: &dyn FunctionSource,
    ) -> Result<CompiledView, Rejection> {
        let guarded = guard(&self.policy, text)?;
        let Parsed { header, query } = parse::view(&self.policy, &guarded)?;
        let gated = gate::gate(&self.policy, functions, text, &header.columns, query)?;
        Ok(CompiledView::new(header, self.finish(gated, text)))
    }

    /// Compiles a text that holds one query and nothing else.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn compile_query(
        &self,
        text: &SourceText,
        functions: &dyn FunctionSource,
    ) -> Result<CompiledQuery, Rejection> {
        let guarded = guard(&self.policy, text)?;
        let query = parse::query(&self.policy, &guarded)?;
        let gated = gate::gate(&self.policy, functions, text, &[], query)?;
        Ok(self.finish(gated, text))
    }

    /// Compiles a tree that was stored, or unparsed from a plan. It passes the same gate and gets
    /// the same canonical form as if it had been text; `origin` is what messages call it.
    ///
    /// # Errors
    ///
    /// Everything the first stage that objects has found.
    pub fn compile_ast(
        &self,
        query: Query,
        origin: &SourceText,
        functions: &dyn FunctionSource,
    ) -> Result<CompiledQuery, Rejection> {
        let gated = gate::gate(&self.policy, functions, origin, &[], Box::new(query))?;
        Ok(self.finish(gated, origin))
    }

    fn finish(&self, gated: Gated, source: &SourceText) -> CompiledQuery {
        let Canonical { gated } = canonicalise(gated);
        let facts: Vec<_> = gated.functions.iter().filter_map(|used| used.facts.clone()).collect();
        let fingerprint = fingerprint::of(&gated.query);
        CompiledQuery::new(fingerprint, self.policy.fingerprint(&facts), gated, source.clone())
    }
}

#[cfg(test)]
mod tests;
