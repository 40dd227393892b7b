use std::collections::{BTreeMap, BTreeSet};

use sqlparser::dialect::{Dialect, dialect_from_str};
use viewlane_core::{Diagnostic, Fingerprint, FunctionFacts, RelationName, nearest};

use crate::{
    codes,
    error::{Error, Rejection},
    statement::{Preset, StatementKind},
};

/// Revision of the lane: raised when the same text under the same options may come out otherwise.
pub(crate) const REVISION: u32 = 2;

/// The dialects by the names they are known by.
const DIALECTS: &[&str] = &[
    "ansi",
    "bigquery",
    "clickhouse",
    "databricks",
    "duckdb",
    "generic",
    "hive",
    "mssql",
    "mysql",
    "oracle",
    "postgres",
    "redshift",
    "snowflake",
    "spark",
    "sqlite",
    "teradata",
];

/// What a text may say: dialect, functions and limits.
///
/// ```
/// use viewlane_core::Kinded;
/// use viewlane_sql_policy::Policy;
///
/// let policy = Policy::builder().dialect("duckdb").allow_volatile(false).build()?;
/// assert_eq!(policy.dialect(), "duckdb");
///
/// let error = Policy::builder().dialect("duckbd").build().unwrap_err();
/// assert_eq!(error.code().as_str(), "VL-P0601");
/// assert_eq!(error.diagnostics()[0].help.as_deref(), Some("did you mean `duckdb`?"));
/// # Ok::<(), viewlane_sql_policy::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    dialect: &'static str,
    denied: BTreeSet<String>,
    allow_volatile: bool,
    limits: Limits,
    naming: Naming,
    namespace: (String, String),
    transforms: Transforms,
    statements: BTreeSet<StatementKind>,
    session: BTreeMap<String, String>,
    templates: Templates,
    /// The styles that may be bound; the others are refused.
    bound: BTreeSet<ParameterStyle>,
}

impl Policy {
    /// Starts strict: the generic dialect, the default [`Limits`], no templates and no parameters.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder {
            dialect: "generic".to_owned(),
            denied: Vec::new(),
            allow_volatile: true,
            limits: Limits::default(),
            revision: REVISION,
            naming: Naming::Engine,
            namespace: ("datafusion".to_owned(), "public".to_owned()),
            transforms: Transforms::default(),
            preset: Preset::default(),
            session: Vec::new(),
            templates: Templates::default(),
            parameters: Vec::new(),
        }
    }

    /// Canonical name of the dialect.
    pub fn dialect(&self) -> &str {
        self.dialect
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How outputs without an alias are called.
    pub fn naming(&self) -> Naming {
        self.naming
    }

    /// Catalog and schema of a relation that is named without them.
    pub fn namespace(&self) -> (&str, &str) {
        (&self.namespace.0, &self.namespace.1)
    }

    /// The rewrites that are made beyond the normal form.
    pub fn transforms(&self) -> &Transforms {
        &self.transforms
    }

    /// The kinds of statements that [`Lane::check_statement`](crate::Lane::check_statement) lets
    /// pass. A view is a query under every policy.
    pub fn statements(&self) -> &BTreeSet<StatementKind> {
        &self.statements
    }

    /// The policy under which passes what passes under both.
    ///
    /// # Errors
    ///
    /// [`Error::Policy`] where the two do not restrict but mean different things: another dialect,
    /// naming, namespace, set of rewrites, or value of a session option.
    pub fn intersect(&self, other: &Self) -> Result<Self, Error> {
        let mut found = Vec::new();
        let mut differ = |what: &str, differ: bool| {
            if differ {
                let message = format!("the two policies have another {what}");
                let help = "give both the same: neither is the stricter one";
                found.push(Diagnostic::error(codes::POLICIES_DIFFER, message).help(help));
            }
        };
        differ("dialect", self.dialect != other.dialect);
        differ("naming of outputs", self.naming != other.naming);
        differ("namespace", self.namespace != other.namespace);
        differ("set of rewrites", self.transforms != other.transforms);
        for (key, value) in &other.session {
            let conflict = self.session.get(key).is_some_and(|own| own != value);
            differ(&format!("value of the session option `{key}`"), conflict);
        }
        Rejection::unless_empty(found).map_err(Error::Policy)?;
        let session = self.session.iter().chain(&other.session);
        Ok(Self {
            dialect: self.dialect,
            denied: self.denied.union(&other.denied).cloned().collect(),
            allow_volatile: self.allow_volatile && other.allow_volatile,
            limits: self.limits.least(&other.limits),
            naming: self.naming,
            namespace: self.namespace.clone(),
            transforms: self.transforms,
            statements: self.statements.intersection(&other.statements).copied().collect(),
            session: session.map(|(key, value)| (key.clone(), value.clone())).collect(),
            templates: if other.renders() { self.templates } else { other.templates },
            bound: self.bound.intersection(&other.bound).copied().collect(),
        })
    }

    /// What happens to templates.
    pub fn templates(&self) -> Templates {
        self.templates
    }

    /// What happens to parameters of one style.
    pub fn parameters(&self, style: ParameterStyle) -> Parameters {
        if self.bound.contains(&style) { Parameters::Bind } else { Parameters::Refuse }
    }

    /// The rules this policy stands for. A rule that changes what comes out gets a new revision.
    pub fn revision(&self) -> u32 {
        REVISION
    }

    /// Identity of the policy for a query that uses `functions`: revision of the lane, every
    /// option, the session options and the facts of these functions. Their order does not matter.
    pub fn fingerprint(&self, functions: &[FunctionFacts]) -> Fingerprint {
        let Self {
            dialect,
            denied,
            allow_volatile,
            limits,
            naming,
            namespace,
            transforms,
            statements,
            session,
            templates,
            bound,
        } = self;
        let Transforms {
            hoist_ctes,
            eliminate_qualify,
            join_commas,
            normalise_predicates,
            lower_unnest,
        } = transforms;
        let Limits { bytes, depth, expressions, chain, branches, joins, ctes, columns, steps } =
            limits;
        let session = session.iter().flat_map(|(key, value)| [key.as_bytes(), value.as_bytes()]);
        let functions: BTreeSet<_> = functions.iter().collect();
        let facts = functions.iter().flat_map(|facts| {
            [facts.name.as_str(), facts.kind.as_str(), facts.volatility.as_str()]
        });
        let mut builder = Fingerprint::builder("policy")
            .field("revision", REVISION.to_le_bytes())
            .field("dialect", dialect)
            .list("denied", denied)
            .field("allow_volatile", [u8::from(*allow_volatile)])
            .field("naming", naming.as_str())
            .field("catalog", &namespace.0)
            .field("schema", &namespace.1)
            .field("hoist_ctes", [u8::from(*hoist_ctes)])
            .field("eliminate_qualify", [u8::from(*eliminate_qualify)])
            .field("join_commas", [u8::from(*join_commas)])
            .field("normalise_predicates", normalise_predicates.unwrap_or(0).to_le_bytes())
            .field("lower_unnest", [u8::from(*lower_unnest)]);
        for (name, limit) in [
            ("bytes", bytes),
            ("depth", depth),
            ("expressions", expressions),
            ("chain", chain),
            ("branches", branches),
            ("joins", joins),
            ("ctes", ctes),
            ("columns", columns),
            ("steps", steps),
        ] {
            builder.add(name, (*limit as u64).to_le_bytes());
        }
        builder
            .list("statements", statements.iter().map(|kind| kind.as_str()))
            .list("session", session)
            .field("templates", templates.name())
            .list("bound", bound.iter().map(|style| style.name()))
            .list("functions", facts)
            .finish()
    }

    /// A relation under its shortest name, which all ways to write it have in common, and its full
    /// name. `None` for more than three parts, or parts that are no names.
    pub(crate) fn relation(&self, parts: &[String]) -> Option<(RelationName, Vec<String>)> {
        let (catalog, schema) = self.namespace();
        let full = match parts {
            [table] => vec![catalog.to_owned(), schema.to_owned(), table.clone()],
            [schema, table] => vec![catalog.to_owned(), schema.clone(), table.clone()],
            [_, _, _] => parts.to_vec(),
            _ => return None,
        };
        let short = match (full[0] == catalog, full[1] == schema) {
            (false, _) => &full[..],
            (true, false) => &full[1..],
            (true, true) => &full[2..],
        };
        let name = RelationName::from_parts(short.iter().cloned()).ok()?;
        Some((name, full))
    }

    /// Whether the session reads `1.5` as a decimal: then its spelling is part of its type.
    pub(crate) fn reads_decimals(&self) -> bool {
        let option = self.session.get("datafusion.sql_parser.parse_float_as_decimal");
        option.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn parser_dialect(&self) -> Box<dyn Dialect> {
        dialect_from_str(self.dialect).expect("`build` looked the dialect up")
    }

    pub(crate) fn renders(&self) -> bool {
        self.templates != Templates::Refuse
    }

    pub(crate) fn binds_any(&self) -> bool {
        !self.bound.is_empty()
    }

    pub(crate) fn denies(&self, function: &str) -> bool {
        self.denied.contains(function)
    }

    pub(crate) fn allows_volatile(&self) -> bool {
        self.allow_volatile
    }
}

/// How outputs without an alias are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// As the engine calls them, `count(*)` or `t.a + Int64(1)`.
    Engine,
    /// By the function they call, or `_col_1` by their place: for artifacts in which no text of the
    /// engine may show.
    Stable,
}

impl Naming {
    fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Stable => "stable",
        }
    }
}

/// Rewrites beyond the normal form. Each gives the rows, types, names, order and failures of what it
/// is given; what it cannot do exactly it leaves alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transforms {
    /// Common table expressions move to the front of the statement.
    pub hoist_ctes: bool,
    /// QUALIFY becomes a filter over a derived table.
    pub eliminate_qualify: bool,
    /// Commas of FROM become CROSS JOIN, or INNER JOIN with the equalities of WHERE.
    pub join_commas: bool,
    /// NOT moves inwards, and filters become conjunctions as long as no more than this many
    /// predicates come out of one.
    pub normalise_predicates: Option<u16>,
    /// UNNEST in FROM of a column to its left, which the engine cannot run, becomes `unnest` in a
    /// SELECT list.
    pub lower_unnest: bool,
}

/// What happens to templates: `{{ … }}`, `{% … %}` and `{# … #}`.
///
/// `${ … }` and `<% … %>` are refused always: there is nothing here that renders them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Templates {
    /// A text with a template in it is refused.
    #[default]
    Refuse,
    /// A text may be rendered by [`Lane::render`](crate::Lane::render).
    #[cfg(feature = "templates")]
    Render,
}

impl Templates {
    fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            #[cfg(feature = "templates")]
            Self::Render => "render",
        }
    }
}

/// What happens to parameters of one style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parameters {
    /// A text with such a parameter in it is refused.
    #[default]
    Refuse,
    /// They stay in the tree until [`CompiledQuery::bind`](crate::CompiledQuery::bind).
    Bind,
}

/// How a parameter is written. One name is one parameter, whatever sign it is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ParameterStyle {
    /// `:name` and `:1`.
    Colon,
    /// `@name`.
    At,
    /// `$name` and `$1`.
    Dollar,
    /// `?`, counted from the left, and `?1`.
    Question,
}

impl ParameterStyle {
    fn name(self) -> &'static str {
        match self {
            Self::Colon => ":name",
            Self::At => "@name",
            Self::Dollar => "$name",
            Self::Question => "?",
        }
    }

    /// As what else a dialect reads the sign, where the two cannot be told apart.
    fn conflict(self, dialect: &dyn Dialect) -> Option<&'static str> {
        match self {
            Self::At if dialect.supports_geometric_types() => Some("the operator `@`"),
            Self::Dollar if dialect.supports_dollar_as_money_prefix() => Some("an amount of money"),
            Self::Dollar if dialect.is_identifier_start('$') => Some("a name"),
            Self::Colon | Self::At | Self::Dollar | Self::Question => None,
        }
    }
}

/// How much one text may hold. Every limit is at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text. Default: 1 MiB.
    pub bytes: usize,
    /// Nesting of queries, parentheses and calls. A chain such as `a AND b AND c` is one level.
    /// Default: 50.
    pub depth: usize,
    /// Expressions, counted one for each operator, call, name and literal. Default: 200,000.
    pub expressions: usize,
    /// Operators in a row, as in `a AND b AND c`, which make a tree as high. Default: 20,000.
    pub chain: usize,
    /// Branches of set operations. Default: 1,000.
    pub branches: usize,
    /// Joins, counting the commas of FROM. Default: 500.
    pub joins: usize,
    /// Common table expressions. Default: 500.
    pub ctes: usize,
    /// Items of one SELECT list. Default: 10,000.
    pub columns: usize,
    /// Steps of rendering one template; each loop and each value takes a few. Default: 100,000.
    pub steps: usize,
}

impl Limits {
    /// The smaller one of each.
    fn least(&self, other: &Self) -> Self {
        let Self { bytes, depth, expressions, chain, branches, joins, ctes, columns, steps } =
            *self;
        Self {
            bytes: bytes.min(other.bytes),
            depth: depth.min(other.depth),
            expressions: expressions.min(other.expressions),
            chain: chain.min(other.chain),
            branches: branches.min(other.branches),
            joins: joins.min(other.joins),
            ctes: ctes.min(other.ctes),
            columns: columns.min(other.columns),
            steps: steps.min(other.steps),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            depth: 50,
            expressions: 200_000,
            chain: 20_000,
            branches: 1_000,
            joins: 500,
            ctes: 500,
            columns: 10_000,
            steps: 100_000,
        }
    }
}

/// Builds a [`Policy`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PolicyBuilder {
    dialect: String,
    denied: Vec<String>,
    allow_volatile: bool,
    limits: Limits,
    revision: u32,
    naming: Naming,
    namespace: (String, String),
    transforms: Transforms,
    preset: Preset,
    session: Vec<(String, String)>,
    templates: Templates,
    parameters: Vec<(ParameterStyle, Parameters)>,
}

impl PolicyBuilder {
    /// The dialect by name, in any case. Default: `generic`.
    pub fn dialect(mut self, name: &str) -> Self {
        name.clone_into(&mut self.dialect);
        self
    }

    /// Refuses one function, by its normalised name, and all aliases of it. Default: none is refused.
    /// What has a syntax of its own, such as EXTRACT or CAST, is not a function here.
    pub fn deny_function(mut self, name: &str) -> Self {
        self.denied.push(name.to_owned());
        self
    }

    /// Whether volatile functions such as `random()` may be called. Default: yes.
    pub fn allow_volatile(mut self, allow: bool) -> Self {
        self.allow_volatile = allow;
        self
    }

    /// How much one text may hold.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Pins the rules. Default: those of this build, which are the only ones it has: a project that
    /// pins another revision is told so and not compiled by other rules.
    pub fn revision(mut self, revision: u32) -> Self {
        self.revision = revision;
        self
    }

    /// The rewrites that are made beyond the normal form. Default: none.
    pub fn transforms(mut self, transforms: Transforms) -> Self {
        self.transforms = transforms;
        self
    }

    /// How outputs without an alias are called. Default: as the engine calls them.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// Catalog and schema of a relation that is named without them. Default: `datafusion` and
    /// `public`, as the engine has them.
    pub fn namespace(mut self, catalog: &str, schema: &str) -> Self {
        self.namespace = (catalog.to_owned(), schema.to_owned());
        self
    }

    /// An option of the engine's session that changes what a query means. The lane only hashes it.
    pub fn session_option(mut self, key: &str, value: &str) -> Self {
        self.session.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The kinds of statements that may pass. Default: queries only.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    /// What happens to templates. Default: they are refused.
    pub fn templates(mut self, templates: Templates) -> Self {
        self.templates = templates;
        self
    }

    /// What happens to parameters of one style. Default: every style is refused.
    pub fn parameters(mut self, style: ParameterStyle, parameters: Parameters) -> Self {
        self.parameters.push((style, parameters));
        self
    }

    /// Checks the whole.
    ///
    /// # Errors
    ///
    /// [`Error::Policy`] with everything that is wrong: an unknown dialect, a limit of zero, an
    /// empty name, a session option with two values, a style of parameters that is both bound and
    /// refused, or whose sign the dialect reads as something else.
    pub fn build(self) -> Result<Policy, Error> {
        let mut found = Vec::new();
        let dialect = canonical_dialect(&self.dialect).unwrap_or_else(|| {
            found.push(unknown_dialect(&self.dialect));
            "generic"
        });
        if self.denied.iter().any(String::is_empty) {
            found.push(
                Diagnostic::error(codes::EMPTY_NAME, "a denied function has an empty name")
                    .help("name the function as the engine registers it"),
            );
        }
        let Limits { bytes, depth, expressions, chain, branches, joins, ctes, columns, steps } =
            self.limits;
        for (name, limit) in [
            ("bytes", bytes),
            ("depth", depth),
            ("expressions", expressions),
            ("chain", chain),
            ("branches", branches),
            ("joins", joins),
            ("ctes", ctes),
            ("columns", columns),
            ("steps", steps),
        ] {
            if limit == 0 {
                found.push(
                    Diagnostic::error(codes::ZERO_LIMIT, format!("the limit `{name}` is zero"))
                        .help("give at least 1, or leave the limit out to get its default"),
                );
            }
        }
        if self.revision != REVISION {
            let message = format!("this build has no rules of revision {}", self.revision);
            found.push(Diagnostic::error(codes::UNKNOWN_REVISION, message).help(format!(
                "pin revision {REVISION} and review what changes, or take the build that \
                     has the other one"
            )));
        }
        if self.transforms.normalise_predicates == Some(0) {
            found.push(
                Diagnostic::error(codes::ZERO_LIMIT, "the limit `normalise_predicates` is zero")
                    .help("give at least 1, or leave predicates as they are written"),
            );
        }
        if self.namespace.0.is_empty() || self.namespace.1.is_empty() {
            found.push(
                Diagnostic::error(codes::EMPTY_NAME, "the namespace has an empty name")
                    .help("give the catalog and the schema as the engine's session has them"),
            );
        }
        let mut session = BTreeMap::new();
        for (key, value) in self.session {
            if key.is_empty() {
                found.push(
                    Diagnostic::error(codes::EMPTY_NAME, "a session option has an empty key")
                        .help("give the key as the engine's configuration names it"),
                );
            } else if session.get(&key).is_some_and(|other| *other != value) {
                found.push(
                    Diagnostic::error(
                        codes::OPTION_CONFLICT,
                        format!("the session option `{key}` has two values"),
                    )
                    .help("set it once"),
                );
            } else {
                session.insert(key, value);
            }
        }
        let bound = bound_styles(dialect, &self.parameters, &mut found);
        Rejection::unless_empty(found).map_err(Error::Policy)?;
        Ok(Policy {
            dialect,
            denied: self.denied.into_iter().collect(),
            allow_volatile: self.allow_volatile,
            limits: self.limits,
            naming: self.naming,
            namespace: self.namespace,
            transforms: self.transforms,
            statements: self.preset.kinds(),
            session,
            templates: self.templates,
            bound,
        })
    }
}

fn bound_styles(
    dialect: &'static str,
    parameters: &[(ParameterStyle, Parameters)],
    found: &mut Vec<Diagnostic>,
) -> BTreeSet<ParameterStyle> {
    let with = |wanted: Parameters| {
        let hits = parameters.iter().filter(move |(_, rule)| *rule == wanted);
        hits.map(|(style, _)| *style).collect::<BTreeSet<_>>()
    };
    let (bound, refused) = (with(Parameters::Bind), with(Parameters::Refuse));
    let parser_dialect = dialect_from_str(dialect).expect("a dialect of the list");
    for style in &bound {
        let name = style.name();
        if refused.contains(style) {
            let message = format!("parameters like `{name}` are both bound and refused");
            found.push(Diagnostic::error(codes::PARAMETER_CONFLICT, message).help("set it once"));
        }
        if let Some(other) = style.conflict(&*parser_dialect) {
            let message = format!("`{name}` cannot be bound: `{dialect}` reads it as {other}");
            found.push(
                Diagnostic::error(codes::PARAMETER_CONFLICT, message)
                    .help("bind another style, such as `:name`"),
            );
        }
    }
    bound
}

fn canonical_dialect(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let name = match lower.as_str() {
        "postgresql" => "postgres",
        "sparksql" => "spark",
        other => other,
    };
    DIALECTS.iter().find(|known| **known == name).copied()
}

fn unknown_dialect(name: &str) -> Diagnostic {
    let found = Diagnostic::error(codes::UNKNOWN_DIALECT, format!("there is no dialect `{name}`"));
    match nearest(name, DIALECTS.iter().copied()) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("the dialects are {}", DIALECTS.join(", "))),
    }
}

#[cfg(test)]
mod tests;
