//! The closed list of places where the lane's answer is on purpose not that of the bare engine.

use serde::{Deserialize, Serialize};
use viewlane_core::Span;

/// A kind of query that the lane makes run, or run right, where the engine alone does not.
///
/// The list is closed: whoever compares the lane with the engine matches on it, and a difference
/// that none of these explains is a fault.
///
/// ```
/// use viewlane_sql_policy::Deviation;
///
/// assert_eq!(Deviation::GroupByWithRollup.code(), "group_by_with_rollup");
/// assert!(Deviation::GroupByWithRollup.corrects());
/// assert!(Deviation::Minus.rescues() && !Deviation::Minus.corrects());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// `OVER (w ROWS …)`, `WINDOW v AS (w ORDER BY …)`.
    WindowInheritance,
    /// `WINDOW v AS w`.
    WindowAlias,
    /// A named window in ORDER BY, QUALIFY, DISTINCT ON or `* REPLACE`.
    NamedWindowOutsideProjection,
    /// A named window of a subquery in the SELECT list.
    NamedWindowInSubquery,
    /// `FETCH FIRST n ROWS ONLY`.
    FetchFirst,
    /// `SELECT TOP n`.
    Top,
    /// `MINUS`.
    Minus,
    /// `SEMI JOIN` and `ANTI JOIN` without a side.
    BareSemiAnti,
    /// `GROUP BY … WITH ROLLUP`.
    GroupByWithRollup,
    /// `GROUP BY … WITH CUBE`.
    GroupByWithCube,
    /// `FROM t` without SELECT.
    FromWithoutSelect,
    /// `* ILIKE 'pattern'`.
    StarIlike,
    /// `* RENAME (a AS b)`.
    StarRename,
    /// The key of a USING or NATURAL join without its relation.
    BareUsingKey,
    /// `*` over a LEFT JOIN with USING or NATURAL.
    UsingLeftJoin,
    /// The common column of a RIGHT JOIN with USING or NATURAL.
    UsingRightJoin,
    /// The common column of a FULL JOIN with USING or NATURAL.
    UsingFullJoin,
    /// A common table expression that takes the name of one around it.
    CteShadowing,
    /// An output without an alias in a text that the engine refuses.
    UnnamedOutputs,
}

impl Deviation {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::WindowInheritance,
        Self::WindowAlias,
        Self::NamedWindowOutsideProjection,
        Self::NamedWindowInSubquery,
        Self::FetchFirst,
        Self::Top,
        Self::Minus,
        Self::BareSemiAnti,
        Self::GroupByWithRollup,
        Self::GroupByWithCube,
        Self::FromWithoutSelect,
        Self::StarIlike,
        Self::StarRename,
        Self::BareUsingKey,
        Self::UsingLeftJoin,
        Self::UsingRightJoin,
        Self::UsingFullJoin,
        Self::CteShadowing,
        Self::UnnamedOutputs,
    ];

    /// A short name that stays.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WindowInheritance => "window_inheritance",
            Self::WindowAlias => "window_alias",
            Self::NamedWindowOutsideProjection => "named_window_outside_projection",
            Self::NamedWindowInSubquery => "named_window_in_subquery",
            Self::FetchFirst => "fetch_first",
            Self::Top => "top",
            Self::Minus => "minus",
            Self::BareSemiAnti => "bare_semi_anti",
            Self::GroupByWithRollup => "group_by_with_rollup",
            Self::GroupByWithCube => "group_by_with_cube",
            Self::FromWithoutSelect => "from_without_select",
            Self::StarIlike => "star_ilike",
            Self::StarRename => "star_rename",
            Self::BareUsingKey => "bare_using_key",
            Self::UsingLeftJoin => "using_left_join",
            Self::UsingRightJoin => "using_right_join",
            Self::UsingFullJoin => "using_full_join",
            Self::CteShadowing => "cte_shadowing",
            Self::UnnamedOutputs => "unnamed_outputs",
        }
    }

    /// What the engine does, and what the lane does instead.
    pub const fn description(self) -> &'static str {
        match self {
            Self::WindowInheritance => {
                "the engine drops the window that another one builds on; \
                 here it gives its PARTITION BY and ORDER BY"
            }
            Self::WindowAlias => {
                "the engine does not define one window as another; here both are the same"
            }
            Self::NamedWindowOutsideProjection => {
                "the engine knows named windows in the SELECT list only, and elsewhere fails or \
                 takes the call for a plain aggregate; here they are known wherever a window \
                 function may stand"
            }
            Self::NamedWindowInSubquery => {
                "in subqueries of a SELECT list the engine looks for named windows in the outer \
                 query; here each query has its own"
            }
            Self::FetchFirst => "the engine has no FETCH FIRST; here it is LIMIT",
            Self::Top => "the engine has no TOP; here it is LIMIT",
            Self::Minus => "the engine has no MINUS; here it is EXCEPT",
            Self::BareSemiAnti => {
                "the engine has no SEMI or ANTI JOIN without a side; here it is the left one"
            }
            Self::GroupByWithRollup => {
                "the engine drops WITH ROLLUP and gives no subtotals; here it is ROLLUP (…)"
            }
            Self::GroupByWithCube => {
                "the engine drops WITH CUBE and gives no subtotals; here it is CUBE (…)"
            }
            Self::FromWithoutSelect => {
                "the engine gives rows without columns; here all columns are selected"
            }
            Self::StarIlike => {
                "the engine drops the pattern and gives all columns; here it gives those whose \
                 names match"
            }
            Self::StarRename => "the engine has no RENAME after *; here it renames the columns",
            Self::BareUsingKey => {
                "the engine calls the common column of a join ambiguous in WHERE, in ON and where \
                 planning needs its type, and takes a column of that name of a query around; here \
                 it is the one column that the join gives"
            }
            Self::UsingLeftJoin => {
                "the engine may give the right column for `*`, by the names of the relations, \
                 which is NULL where the right side has no row; here it is the left one"
            }
            Self::UsingRightJoin => {
                "the engine gives the left column, which is NULL where the left side has no row; \
                 here the common column is the right one"
            }
            Self::UsingFullJoin => {
                "the engine gives the left column, which is NULL where the left side has no row; \
                 here the common column is the one that is there"
            }
            Self::CteShadowing => {
                "the engine refuses a common table expression with the name of one around it; \
                 here the inner one wins"
            }
            Self::UnnamedOutputs => {
                "the engine refuses the text and so names nothing; here such outputs are called \
                 by the function they call, or by their place"
            }
        }
    }

    /// Whether the engine refuses queries of this kind, all or some.
    pub const fn rescues(self) -> bool {
        match self {
            Self::WindowInheritance
            | Self::WindowAlias
            | Self::NamedWindowOutsideProjection
            | Self::NamedWindowInSubquery
            | Self::FetchFirst
            | Self::Top
            | Self::Minus
            | Self::BareSemiAnti
            | Self::FromWithoutSelect
            | Self::StarIlike
            | Self::StarRename
            | Self::BareUsingKey
            | Self::CteShadowing
            | Self::UnnamedOutputs => true,
            Self::GroupByWithRollup
            | Self::GroupByWithCube
            | Self::UsingLeftJoin
            | Self::UsingRightJoin
            | Self::UsingFullJoin => false,
        }
    }

    /// Whether the engine runs queries of this kind, all or some, and gives another answer.
    pub const fn corrects(self) -> bool {
        match self {
            Self::WindowInheritance
            | Self::NamedWindowOutsideProjection
            | Self::NamedWindowInSubquery
            | Self::GroupByWithRollup
            | Self::GroupByWithCube
            | Self::FromWithoutSelect
            | Self::StarIlike
            | Self::BareUsingKey
            | Self::UsingLeftJoin
            | Self::UsingRightJoin
            | Self::UsingFullJoin => true,
            Self::WindowAlias
            | Self::FetchFirst
            | Self::Top
            | Self::Minus
            | Self::BareSemiAnti
            | Self::StarRename
            | Self::CteShadowing
            | Self::UnnamedOutputs => false,
        }
    }
}

/// One place where the lane wrote a query otherwise, so that its answer is not that of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowering {
    /// The kind.
    pub deviation: Deviation,
    /// The nearest place that the tree keeps; the empty start of the text if there is none.
    pub span: Span,
}

#[cfg(test)]
mod tests;
