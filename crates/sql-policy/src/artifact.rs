//! The stored form of a compiled query: everything a later run, or another machine, needs to compare
//! it with another one and to see what a change touches.

use serde::{Deserialize, Serialize};
use viewlane_core::{Fingerprint, SourceText};

use crate::{
    compiled::{CompiledQuery, FunctionUse, RelationUse},
    deviation::Lowering,
    fingerprint,
    lineage::Lineage,
    parameter::Parameter,
    tree::Tree,
};

/// Raised when a field changes its meaning.
const FORMAT: u32 = 1;

/// Whose trees they are: those of another line of the parser may not be readable.
const PARSER: &str = "sqlparser 0.62";

/// A compiled query as data.
///
/// It implements `Serialize` and `Deserialize`; which bytes it is written as is the caller's choice.
/// Reading checks the version and that the tree is the one the fingerprint was taken from. A reader
/// with a limit of its own on nesting, as that of JSON, has to be told to go without.
///
/// An artifact is for comparing and for looking things up. It is no [`CompiledQuery`]: to be run, its
/// tree goes through [`Lane::read_ast`](crate::Lane::read_ast), and so through today's policy.
///
/// ```
/// # use std::collections::BTreeMap;
/// # use viewlane_core::{FunctionFacts, FunctionSource, RelationName, SourceText};
/// # use viewlane_sql_policy::{Artifact, Lane, Policy};
/// # struct NoFunctions;
/// # impl FunctionSource for NoFunctions {
/// #     fn facts(&self, _: &str) -> Option<FunctionFacts> { None }
/// # }
/// # let lane = Lane::new(Policy::builder().build()?);
/// # let t: RelationName = "t".parse()?;
/// # let columns = BTreeMap::from([(t, vec!["a".to_owned(), "b".to_owned()])]);
/// # let compile = |sql: &str| {
/// #     let text = SourceText::new("q.sql", sql);
/// #     lane.resolve(lane.read_query(&text, &NoFunctions)?, &columns, &())
/// # };
/// let old = compile("select a from t")?.artifact();
/// let stored = serde_json::to_string(&old)?;
///
/// let old: Artifact = serde_json::from_str(&stored)?;
/// let new = compile("select x.a from t as x")?.artifact();
/// assert_ne!(old.fingerprint(), new.fingerprint());
/// assert_eq!(old.shape(), new.shape());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Artifact(Stored);

/// What is written, and what is read before anything of it is believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    parser: String,
    file: String,
    text: String,
    ast: Tree,
    fingerprint: Fingerprint,
    shape: Fingerprint,
    policy: Fingerprint,
    decimals: bool,
    outputs: Vec<Option<String>>,
    relations: Vec<RelationUse>,
    functions: Vec<FunctionUse>,
    parameters: Vec<Parameter>,
    lowerings: Vec<Lowering>,
    lineage: Lineage,
    sql: String,
}

impl Artifact {
    pub(crate) fn new(query: &CompiledQuery) -> Self {
        Self(Stored {
            format: FORMAT,
            parser: PARSER.to_owned(),
            file: query.source().file().to_owned(),
            text: query.source().text().to_owned(),
            ast: query.ast().clone(),
            fingerprint: query.fingerprint(),
            shape: query.shape(),
            policy: query.policy_fingerprint(),
            decimals: query.decimals(),
            outputs: query.outputs().to_vec(),
            relations: query.relations().to_vec(),
            functions: query.functions().to_vec(),
            parameters: query.parameters().to_vec(),
            lowerings: query.lowerings().to_vec(),
            lineage: query.lineage().clone(),
            sql: query.sql(),
        })
    }

    /// The canonical tree.
    pub fn ast(&self) -> &Tree {
        &self.0.ast
    }

    /// As [`CompiledQuery::fingerprint`].
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// As [`CompiledQuery::shape`].
    pub fn shape(&self) -> Fingerprint {
        self.0.shape
    }

    /// As [`CompiledQuery::policy_fingerprint`].
    pub fn policy_fingerprint(&self) -> Fingerprint {
        self.0.policy
    }

    /// As [`CompiledQuery::outputs`].
    pub fn outputs(&self) -> &[Option<String>] {
        &self.0.outputs
    }

    /// As [`CompiledQuery::relations`].
    pub fn relations(&self) -> &[RelationUse] {
        &self.0.relations
    }

    /// As [`CompiledQuery::functions`].
    pub fn functions(&self) -> &[FunctionUse] {
        &self.0.functions
    }

    /// As [`CompiledQuery::parameters`].
    pub fn parameters(&self) -> &[Parameter] {
        &self.0.parameters
    }

    /// As [`CompiledQuery::lowerings`].
    pub fn lowerings(&self) -> &[Lowering] {
        &self.0.lowerings
    }

    /// As [`CompiledQuery::lineage`].
    pub fn lineage(&self) -> &Lineage {
        &self.0.lineage
    }

    /// As [`CompiledQuery::sql`].
    pub fn sql(&self) -> &str {
        &self.0.sql
    }

    /// The text it was compiled from.
    pub fn source(&self) -> SourceText {
        SourceText::new(self.0.file.as_str(), self.0.text.as_str())
    }
}

impl TryFrom<Stored> for Artifact {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored { format, parser, ast, fingerprint, .. } = &stored;
        if *format != FORMAT || parser != PARSER {
            return Err(format!(
                "it is of format {format} and {parser}, this build reads format {FORMAT} and \
                 {PARSER}"
            ));
        }
        if fingerprint::of(ast) != *fingerprint {
            return Err("its tree is not the one its fingerprint was taken from".to_owned());
        }
        Ok(Self(stored))
    }
}

#[cfg(test)]
mod tests;
