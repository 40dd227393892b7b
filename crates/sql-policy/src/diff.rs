//! What the change of a query means for those who read its result.
//!
//! Two [`Artifact`]s are enough: a diff needs neither data nor schemas, and gives the same for two
//! that were stored by different runs on different machines.
//!
//! # What a category claims
//!
//! | category | claim about the new relation |
//! | --- | --- |
//! | `Identical` | the very same query |
//! | `Cosmetic` | the same columns in the same order, the same rows |
//! | `Additive` | the columns of the old one in their order, with the same rows in them, and new columns among them |
//! | `OrderOnly` | as `Additive`, but a query that says how to order its rows says it otherwise |
//! | `ColumnBreaking` | the same rows in all columns of the old one but those listed |
//! | `RowSetBreaking` | nothing about rows |
//! | `SchemaBreaking` | nothing about positions and types of columns |
//! | `Unknown` | nothing |
//!
//! Rows are counted, as in a bag. Whatever is not understood counts as changed, so a category may
//! be too severe and is never too mild, up to four limits:
//!
//! * Values only: a new column that fails for some row, such as `1 / 0`, makes the query fail.
//! * Sums and averages of floating point numbers count as independent of the order of rows, which
//!   they are up to rounding.
//! * A query whose result is not determined, such as a limit without a total order, counts as
//!   giving the same as long as its plan gives rows in the same order; columns that the engine
//!   computes from each row on the side do not change that order, all other changes do.
//! * What functions are is taken from the two queries. Whether both were compiled under one policy
//!   is for the caller to compare.
//!
//! # Positions
//!
//! A new column between old ones is additive: readers go by names once their stars are expanded,
//! and one that goes by positions, as UNION does, would not survive a column at the end either.
//! The reason tells the two apart. Old columns in another order are `SchemaBreaking`.

mod align;
mod compare;
mod encode;
mod holds;
mod impact;
mod places;
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use sqlparser::ast::Query;
use viewlane_core::{Fingerprint, SourceText, Span, Volatility};

pub use self::impact::{Affected, Reach, impact};
use self::{
    compare::{Change, Found, Outcome, compare},
    holds::Functions,
    tree::Tree,
};
use crate::{artifact::Artifact, compiled::FunctionUse, text::Lines};

/// One of the two queries that are compared.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// The query in qualified normal form, with the places of the text.
    pub(crate) query: &'a Query,
    /// Identity of the query.
    pub(crate) fingerprint: Fingerprint,
    /// Identity of what it means, as far as the text tells.
    pub(crate) shape: Fingerprint,
    /// The functions it calls.
    pub(crate) functions: &'a [FunctionUse],
    /// The text that the places are in.
    pub(crate) source: &'a SourceText,
    /// The types of its outputs, where they are known.
    pub(crate) types: Option<&'a [String]>,
}

/// What the change of a query means for those who read its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The most severe of what changed.
    pub category: Category,
    /// Whether the rows may be others, or there may be more or fewer of them.
    pub rows: bool,
    /// Whether the query orders its rows otherwise.
    pub order: bool,
    /// What became of columns, in the order of the new query, those that are gone at the end.
    pub columns: Vec<ColumnChange>,
    /// What was found, in the order in which it was met: inner queries before outer ones.
    pub reasons: Vec<Reason>,
}

/// What a change does to those who read the result, from nothing to anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Category {
    /// The same query.
    Identical,
    /// Another text for the same result.
    Cosmetic,
    /// More columns; those that were there, and the rows, are as they were.
    Additive {
        /// The new columns.
        columns: Vec<String>,
    },
    /// The rows come in another order.
    OrderOnly,
    /// Some columns have other values, another name, or are gone.
    ColumnBreaking {
        /// These columns, by the names they had.
        columns: Vec<String>,
    },
    /// The rows are others, or there are more or fewer of them.
    RowSetBreaking,
    /// Columns have other types, or stand in another order.
    SchemaBreaking {
        /// These columns, by the names they have.
        columns: Vec<String>,
    },
    /// There is something in the change of which nothing is known.
    Unknown,
}

impl Category {
    /// How severe it is, from nought for [`Identical`](Self::Identical) upwards.
    pub fn severity(&self) -> u8 {
        match self {
            Self::Identical => 0,
            Self::Cosmetic => 1,
            Self::Additive { .. } => 2,
            Self::OrderOnly => 3,
            Self::ColumnBreaking { .. } => 4,
            Self::RowSetBreaking => 5,
            Self::SchemaBreaking { .. } => 6,
            Self::Unknown => 7,
        }
    }

    /// Whether what a reader reads today may be another thing.
    pub fn is_breaking(&self) -> bool {
        match self {
            Self::Identical | Self::Cosmetic | Self::Additive { .. } => false,
            Self::OrderOnly
            | Self::ColumnBreaking { .. }
            | Self::RowSetBreaking
            | Self::SchemaBreaking { .. }
            | Self::Unknown => true,
        }
    }

    /// What SQLMesh would call it: `metadata`, `non_breaking` or `breaking`; `None` for no change.
    pub fn sqlmesh(&self) -> Option<&'static str> {
        match self {
            Self::Identical => None,
            Self::Cosmetic => Some("metadata"),
            Self::Additive { .. } => Some("non_breaking"),
            Self::OrderOnly
            | Self::ColumnBreaking { .. }
            | Self::RowSetBreaking
            | Self::SchemaBreaking { .. }
            | Self::Unknown => Some("breaking"),
        }
    }

    /// Its name, as it is stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Cosmetic => "cosmetic",
            Self::Additive { .. } => "additive",
            Self::OrderOnly => "order_only",
            Self::ColumnBreaking { .. } => "column_breaking",
            Self::RowSetBreaking => "row_set_breaking",
            Self::SchemaBreaking { .. } => "schema_breaking",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of one column of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnChange {
    /// It is new.
    Added {
        /// Its name.
        name: String,
    },
    /// It is gone.
    Removed {
        /// The name it had.
        name: String,
    },
    /// It has another name. Its values are the same unless it is redefined as well.
    Renamed {
        /// The name it had.
        from: String,
        /// The name it has.
        to: String,
    },
    /// It may have other values.
    Redefined {
        /// The name it has.
        name: String,
    },
    /// It has another type.
    Retyped {
        /// The name it has.
        name: String,
        /// The type it had.
        from: String,
        /// The type it has.
        to: String,
    },
    /// It stands in another place among those that were there.
    Moved {
        /// The name it has.
        name: String,
    },
}

/// One thing that was found, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is.
    pub code: ReasonCode,
    /// What it is, for people.
    pub message: String,
    /// Where in the old text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Span>,
    /// Where in the new text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Span>,
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal,)*) => {
        /// What was found. The names under which codes are stored do not change.
        ///
        /// A code says what is different at its place. What that does to the result is in the
        /// category: a filter of an inner query that nobody reads does nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ReasonCode {
            $($(#[$doc])* #[serde(rename = $name)] $code,)*
        }

        impl ReasonCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// Its name, as it is stored.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }
        }
    };
}

reason_codes! {
    /// The two queries have one form.
    SameForm = "same_form",
    /// The same in other words.
    Respelled = "respelled",
    /// What changed does not reach the result.
    NotReached = "not_reached",
    /// A column behind all others.
    ColumnAppended = "column_appended",
    /// A column before others.
    ColumnInserted = "column_inserted",
    /// A column that is gone.
    ColumnRemoved = "column_removed",
    /// A column with another name.
    ColumnRenamed = "column_renamed",
    /// A column with another expression.
    ColumnRedefined = "column_redefined",
    /// A column whose expression reads a column that changed.
    ColumnInput = "column_input",
    /// A column that depends on the order in which rows come.
    ColumnOrder = "column_order",
    /// A column with another type.
    ColumnRetyped = "column_retyped",
    /// Columns in another order.
    ColumnsReordered = "columns_reordered",
    /// WHERE.
    FilterChanged = "filter_changed",
    /// HAVING.
    HavingChanged = "having_changed",
    /// QUALIFY.
    QualifyChanged = "qualify_changed",
    /// A condition that reads a column that changed.
    ConditionInput = "condition_input",
    /// GROUP BY.
    GroupingChanged = "grouping_changed",
    /// One row of all rows, or no longer.
    AggregationChanged = "aggregation_changed",
    /// DISTINCT.
    DistinctChanged = "distinct_changed",
    /// Other columns under a clause that tells rows apart by all columns.
    DistinctColumns = "distinct_columns",
    /// A call that makes several rows of one.
    ExpansionChanged = "expansion_changed",
    /// Another relation is read.
    SourceAdded = "source_added",
    /// A relation is no longer read.
    SourceRemoved = "source_removed",
    /// A relation instead of another.
    SourceReplaced = "source_replaced",
    /// A relation with exactly one row, joined or no longer.
    SingleRowSource = "single_row_source",
    /// FROM in another order.
    SourcesReordered = "sources_reordered",
    /// A join of another kind.
    JoinKindChanged = "join_kind_changed",
    /// A join under another condition.
    JoinConditionChanged = "join_condition_changed",
    /// Another set operation.
    SetOperationChanged = "set_operation_changed",
    /// A branch more.
    BranchAdded = "branch_added",
    /// A branch less.
    BranchRemoved = "branch_removed",
    /// Branches in another order.
    BranchesReordered = "branches_reordered",
    /// A branch of a set operation that matches columns by name.
    BranchesByName = "branches_by_name",
    /// VALUES.
    ValuesChanged = "values_changed",
    /// LIMIT or OFFSET.
    LimitChanged = "limit_changed",
    /// Another order where a limit or DISTINCT ON takes rows by it.
    OrderPicksRows = "order_picks_rows",
    /// Rows that are taken by an order that leaves ties.
    PickedRows = "picked_rows",
    /// ORDER BY of the result.
    OrderChanged = "order_changed",
    /// ORDER BY of an inner query.
    InnerOrderChanged = "inner_order_changed",
    /// A recursive common table expression.
    RecursionChanged = "recursion_changed",
    /// A SELECT, VALUES or set operation instead of another of them.
    BodyReplaced = "body_replaced",
    /// A volatile call in a query that changed.
    VolatileCall = "volatile_call",
    /// A function that is not what it was.
    FunctionChanged = "function_changed",
    /// Something that could not be compared.
    NotCompared = "not_compared",
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Artifact {
    /// What it means for readers when `new` takes the place of this query.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use viewlane_core::{FunctionFacts, FunctionSource, RelationName, SourceText};
    /// # use viewlane_sql_policy::{Category, Lane, Policy};
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
    /// let old = compile("select a from t where b > 1")?.artifact();
    ///
    /// let new = compile("select a, b from t where 1 < b")?.artifact();
    /// assert_eq!(old.diff(&new).category, Category::Additive { columns: vec!["b".to_owned()] });
    ///
    /// let new = compile("select a from t where b > 2")?.artifact();
    /// assert_eq!(old.diff(&new).category, Category::RowSetBreaking);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diff(&self, new: &Self) -> Diff {
        self.compare(new, None, None)
    }

    /// As [`diff`](Self::diff), knowing the types of the outputs as the engine calls them, in order:
    /// a column of another type is breaking although its expression is the same.
    pub fn diff_typed(&self, new: &Self, types: &[String], new_types: &[String]) -> Diff {
        self.compare(new, Some(types), Some(new_types))
    }

    fn compare(&self, new: &Self, types: Option<&[String]>, new_types: Option<&[String]>) -> Diff {
        let (old_source, new_source) = (self.source(), new.source());
        let (old, new) = (self.side(&old_source, types), new.side(&new_source, new_types));
        diff(&old, &new)
    }

    fn side<'a>(&'a self, source: &'a SourceText, types: Option<&'a [String]>) -> Side<'a> {
        Side {
            query: self.ast(),
            fingerprint: self.fingerprint(),
            shape: self.shape(),
            functions: self.functions(),
            source,
            types,
        }
    }
}

/// Says what a change means.
pub(crate) fn diff(old: &Side<'_>, new: &Side<'_>) -> Diff {
    counted(old, new).0
}

/// The diff, and how many nodes of the two queries were passed for it.
fn counted(old: &Side<'_>, new: &Side<'_>) -> (Diff, usize) {
    let mut report = Report::default();
    let other_functions = report.functions(old.functions, new.functions);
    let (category, visited) = if old.fingerprint == new.fingerprint || old.shape == new.shape {
        (report.one_form(old, new), 0)
    } else {
        report.two_forms(old, new)
    };
    let category = if other_functions { Category::Unknown } else { category };
    let unknown = category == Category::Unknown;
    let Report { rows, order, columns, reasons } = report;
    let (rows, order) = (rows || unknown, order || unknown);
    (Diff { category, rows, order, columns, reasons }, visited)
}

#[derive(Default)]
struct Report {
    rows: bool,
    order: bool,
    columns: Vec<ColumnChange>,
    reasons: Vec<Reason>,
}

impl Report {
    fn say(&mut self, code: ReasonCode, message: impl Into<String>) {
        self.reasons.push(Reason { code, message: message.into(), old: None, new: None });
    }

    /// Two queries that differ in nothing but words.
    fn one_form(&mut self, old: &Side<'_>, new: &Side<'_>) -> Category {
        let category = if old.fingerprint == new.fingerprint {
            Category::Identical
        } else {
            self.say(ReasonCode::SameForm, "the two queries say the same in other words");
            Category::Cosmetic
        };
        if old.types.is_none() || old.types == new.types {
            return category;
        }
        let tree = Tree::new(new.query);
        let names = titles(&tree);
        let places: Vec<_> = (0..names.len()).map(|place| (place, place)).collect();
        let retyped = self.types(old, new, &names, &places);
        if retyped.is_empty() { category } else { Category::SchemaBreaking { columns: retyped } }
    }

    fn two_forms(&mut self, old: &Side<'_>, new: &Side<'_>) -> (Category, usize) {
        let (old_tree, new_tree) = (Tree::new(old.query), Tree::new(new.query));
        let functions = (Functions::new(old.functions), Functions::new(new.functions));
        let Outcome { change, found, visited } =
            compare(&old_tree, &new_tree, &functions.0, &functions.1);
        self.found(found, (old.source, new.source));
        let (before, after) = (titles(&old_tree), titles(&new_tree));
        let Columns { added, broken, mut misplaced, kept } = self.outputs(&change, &before, &after);
        for name in self.types(old, new, &after, &kept) {
            if !misplaced.contains(&name) {
                misplaced.push(name);
            }
        }
        (self.rows, self.order) = (change.rows, change.sorted);
        let one_scope =
            old_tree.nodes[old_tree.root].digest == new_tree.nodes[new_tree.root].digest;
        let category = if change.unknown {
            Category::Unknown
        } else if !misplaced.is_empty() {
            Category::SchemaBreaking { columns: misplaced }
        } else if change.rows {
            Category::RowSetBreaking
        } else if !broken.is_empty() {
            Category::ColumnBreaking { columns: broken }
        } else if change.sorted {
            Category::OrderOnly
        } else if !added.is_empty() {
            Category::Additive { columns: added }
        } else if old.functions.iter().chain(new.functions).any(is_volatile) {
            let message = "nothing of the change was seen to reach the result, \
                           but there is a volatile call";
            self.say(ReasonCode::VolatileCall, message);
            Category::Unknown
        } else if one_scope || !self.reasons.is_empty() {
            self.say(ReasonCode::NotReached, "nothing of the change reaches the result");
            Category::Cosmetic
        } else {
            self.say(ReasonCode::NotCompared, "the queries differ, and it was not seen in what");
            Category::Unknown
        };
        (category, visited)
    }

    fn found(&mut self, found: Vec<Found>, (old, new): (&SourceText, &SourceText)) {
        if found.is_empty() {
            return;
        }
        let (old, new) = (Lines::new(old), Lines::new(new));
        let place = |lines: &Lines<'_>, span| places::known(span).then(|| lines.bytes(span));
        self.reasons.extend(found.into_iter().map(|found| Reason {
            code: found.code,
            message: found.message,
            old: place(&old, found.old),
            new: place(&new, found.new),
        }));
    }

    /// Notes what became of each output.
    fn outputs(&mut self, change: &Change, before: &[String], after: &[String]) -> Columns {
        let mut columns = Columns::default();
        let mut furthest = None;
        for (place, (output, name)) in change.outputs.iter().zip(after).enumerate() {
            let Some(old_place) = output.old else {
                columns.added.push(name.clone());
                self.columns.push(ColumnChange::Added { name: name.clone() });
                continue;
            };
            columns.kept.push((old_place, place));
            let from = &before[old_place];
            if from != name {
                let renamed = ColumnChange::Renamed { from: from.clone(), to: name.clone() };
                self.columns.push(renamed);
            }
            if !output.same {
                self.columns.push(ColumnChange::Redefined { name: name.clone() });
            }
            if from != name || !output.same {
                columns.broken.push(from.clone());
            }
            if furthest.is_some_and(|furthest| furthest > old_place) {
                columns.misplaced.push(name.clone());
                self.columns.push(ColumnChange::Moved { name: name.clone() });
            }
            furthest = furthest.max(Some(old_place));
        }
        for place in &change.removed {
            let name = &before[*place];
            columns.broken.push(name.clone());
            self.columns.push(ColumnChange::Removed { name: name.clone() });
        }
        // Outputs of the whole query may share a name.
        let mut seen = BTreeSet::new();
        columns.broken.retain(|name| seen.insert(name.clone()));
        columns
    }

    /// Notes outputs whose type is another one, where both sides know their types.
    fn types(
        &mut self,
        old: &Side<'_>,
        new: &Side<'_>,
        names: &[String],
        kept: &[(usize, usize)],
    ) -> Vec<String> {
        let (Some(before), Some(after)) = (old.types, new.types) else { return Vec::new() };
        let mut retyped = Vec::new();
        for (old_place, place) in kept {
            let (Some(from), Some(to)) = (before.get(*old_place), after.get(*place)) else {
                continue;
            };
            if from == to {
                continue;
            }
            let name = names[*place].clone();
            let message = format!("column `{name}` has the type {to} instead of {from}");
            self.say(ReasonCode::ColumnRetyped, message);
            let (from, to) = (from.clone(), to.clone());
            self.columns.push(ColumnChange::Retyped { name: name.clone(), from, to });
            retyped.push(name);
        }
        retyped
    }

    /// Whether a function that both sides call is not the same function.
    fn functions(&mut self, old: &[FunctionUse], new: &[FunctionUse]) -> bool {
        let facts: BTreeMap<_, _> =
            old.iter().map(|used| (used.name.as_str(), &used.facts)).collect();
        let mut other = false;
        for FunctionUse { name, facts: after, span: _ } in new {
            if facts.get(name.as_str()).is_some_and(|before| *before != after) {
                let message = format!("the function `{name}` is not what it was");
                self.say(ReasonCode::FunctionChanged, message);
                other = true;
            }
        }
        other
    }
}

/// The columns of the result, by what became of them.
#[derive(Default)]
struct Columns {
    added: Vec<String>,
    /// By the names they had.
    broken: Vec<String>,
    /// Those that stand behind one that was behind them.
    misplaced: Vec<String>,
    /// Places, old and new.
    kept: Vec<(usize, usize)>,
}

/// The names of the outputs of a query, as people know them.
fn titles(tree: &Tree<'_>) -> Vec<String> {
    let names = tree.nodes[tree.root].names.iter().enumerate();
    let title = |(place, name): (usize, &Option<std::borrow::Cow<'_, str>>)| match name {
        Some(name) => name.to_string(),
        None => format!("number {}", place + 1),
    };
    names.map(title).collect()
}

fn is_volatile(used: &FunctionUse) -> bool {
    match &used.facts {
        Some(facts) => facts.volatility == Volatility::Volatile,
        // A form of the language that the planner knows itself.
        None => !matches!(used.name.as_str(), "make_map" | "unnest" | "unnest_outer"),
    }
}

#[cfg(test)]
mod tests;
