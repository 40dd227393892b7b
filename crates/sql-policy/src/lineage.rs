//! Where the columns and the rows of a query come from.
//!
//! One pass from the inside out over the qualified normal form. Each output gets the base columns
//! that its values are made of, and those that steer its values without becoming part of them.
//! Each scope gets, once, what decides which rows it has: no output repeats that.
//!
//! The contract is soundness. Let the values of some base columns change while every base relation
//! keeps its rows. If the row set depends on none of these columns, the rows of the result before
//! and after can be paired, so that in each pair every output that depends on none of them has the
//! same value. Likewise for rows that come into a base relation or leave it.
//!
//! Left out are errors, and what the query leaves to the engine: ties in an order, the order of
//! floating-point additions, LIMIT and order-sensitive aggregates without ORDER BY. For the last
//! two, the columns by which the query orders anything before are listed all the same.

mod build;
mod set;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlparser::ast::Query;
use viewlane_core::RelationName;

use crate::compiled::FunctionUse;

/// The lineage of a query in qualified normal form. `functions` are those it calls, sorted by
/// name: which of them aggregate decides what its rows depend on.
pub(crate) fn of(query: &Query, functions: &[FunctionUse]) -> Lineage {
    build::of(query, functions)
}

/// What the outputs of a query and its rows are made from, in columns of base relations: through
/// derived tables, common table expressions, set operations and subqueries.
///
/// Names of columns and relations are kept once; everything else refers to them. Two queries that
/// differ in their aliases alone have the same lineage but for the names of scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Lineage {
    relations: Vec<RelationName>,
    columns: Vec<SourceColumn>,
    outputs: Vec<OutputLineage>,
    scopes: Vec<ScopeLineage>,
}

/// A column of a base relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceColumn {
    /// The relation, by its full name.
    pub relation: RelationName,
    /// The normalised name; [`SourceColumn::ALL`] stands for every column of the relation.
    pub column: String,
}

impl SourceColumn {
    /// In place of a name: every column of the relation. Used where the text does not tell which
    /// one it is, as in `FROM t AS x(a, b)`.
    pub const ALL: &'static str = "*";
}

/// One column of a [`Lineage`], to be looked up with [`Lineage::column`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnId(u32);

/// How the value of a column becomes part of an output. Of several ways the last in this order
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectKind {
    /// Taken over as it is, though perhaps not from every row.
    Identity,
    /// One value from values of one row.
    Transformation,
    /// One value from values of many rows.
    Aggregation,
}

/// How a column steers an output or a row set without becoming part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndirectKind {
    /// WHERE, QUALIFY, or the FILTER of an aggregate.
    Filter,
    /// The condition of a join.
    Join,
    /// GROUP BY.
    Group,
    /// HAVING.
    Having,
    /// PARTITION BY, ORDER BY or the frame of a window.
    Window,
    /// ORDER BY. In a scope it decides the order of the rows and not which there are; at an
    /// output it is the order in which an aggregate takes its values.
    Order,
    /// What LIMIT and OFFSET count off: the columns of the order before them.
    Limit,
    /// What DISTINCT compares.
    Distinct,
    /// What UNION, INTERSECT or EXCEPT compares.
    SetOperation,
    /// What CASE decides by.
    Conditional,
    /// Inside a subquery in an expression, other than the value it gives.
    Subquery,
    /// A list or an argument of a table function, which decides how many rows are made of it.
    Unnest,
}

impl IndirectKind {
    const EVERY: [Self; 12] = [
        Self::Filter,
        Self::Join,
        Self::Group,
        Self::Having,
        Self::Window,
        Self::Order,
        Self::Limit,
        Self::Distinct,
        Self::SetOperation,
        Self::Conditional,
        Self::Subquery,
        Self::Unnest,
    ];
}

/// Rows that something depends on: that they are there, not what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSets {
    /// Base relations, as indices into [`Lineage::relations`], ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<u32>,
    /// Scopes, as indices into [`Lineage::scopes`], ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<u32>,
}

impl RowSets {
    fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.scopes.is_empty()
    }
}

/// What one output of a query is made from. Beside this it depends on the rows of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputLineage {
    /// The name of the output.
    pub name: String,
    /// The columns whose values become part of it, each once, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<(ColumnId, DirectKind)>,
    /// The columns that steer this output and not every one, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indirect: Vec<(ColumnId, IndirectKind)>,
    /// The rows that this output is computed over and that are not rows of the query: those under
    /// an aggregate without GROUP BY, or those that EXISTS looks for.
    #[serde(default, skip_serializing_if = "RowSets::is_empty")]
    pub rows: RowSets,
}

/// What decides which rows a scope has, beside what decides it for the scopes it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeLineage {
    /// What the scope is.
    pub kind: ScopeKind,
    /// The name of a common table expression, the alias of a derived table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns that decide which rows there are, and with [`IndirectKind::Order`] those that
    /// decide their order; ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indirect: Vec<(ColumnId, IndirectKind)>,
    /// The rows that these rows are made from.
    #[serde(default, skip_serializing_if = "RowSets::is_empty")]
    pub rows: RowSets,
    /// The rows that decide nothing but the order.
    #[serde(default, skip_serializing_if = "RowSets::is_empty")]
    pub order: RowSets,
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// The query itself.
    Root,
    /// A common table expression.
    Cte,
    /// A derived table.
    Derived,
    /// The rows that aggregates without GROUP BY make one row of. They decide the values of those
    /// aggregates and not the rows of the scope around.
    Input,
}

/// Base columns, and base relations by the rows they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependsOn<'a> {
    /// Columns whose values matter, ascending.
    pub columns: Vec<&'a SourceColumn>,
    /// Relations in which a row more or a row less matters, ascending.
    pub relations: Vec<&'a RelationName>,
}

/// What a change of base relations may do to the result of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// Whether there may be other rows: more, fewer, or others.
    pub rows: bool,
    /// Whether the rows may come in another order.
    pub order: bool,
    /// The outputs that may have other values, ascending; all of them if there may be other rows.
    pub outputs: Vec<usize>,
}

impl Lineage {
    /// Every base relation that the query names, each once, ascending.
    pub fn relations(&self) -> &[RelationName] {
        &self.relations
    }

    /// Every base column that the query names, each once, ascending.
    pub fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// The column behind an id of this lineage.
    pub fn column(&self, id: ColumnId) -> &SourceColumn {
        &self.columns[id.0 as usize]
    }

    /// The outputs, in the order of the query.
    pub fn outputs(&self) -> &[OutputLineage] {
        &self.outputs
    }

    /// The scopes. The query itself is the last; one that reads another comes after it, unless
    /// the two recur.
    pub fn scopes(&self) -> &[ScopeLineage] {
        &self.scopes
    }

    /// The scope of the query itself.
    pub fn root(&self) -> &ScopeLineage {
        self.scopes.last().expect("a lineage has its root scope")
    }

    /// What the values of an output or the rows of the query may depend on. Panics when there is
    /// no such output.
    pub fn output_depends_on(&self, output: usize) -> DependsOn<'_> {
        let output = &self.outputs[output];
        let mut found = Found::new(self);
        found.rows(self.scopes.len() - 1);
        found.columns(output.sources.iter().map(|(id, _)| *id));
        found.columns(output.indirect.iter().map(|(id, _)| *id));
        found.row_sets(&output.rows);
        found.depends_on()
    }

    /// What the rows of the query may depend on, whatever is in them.
    pub fn rows_depend_on(&self) -> DependsOn<'_> {
        let mut found = Found::new(self);
        found.rows(self.scopes.len() - 1);
        found.depends_on()
    }

    /// What the order of the rows may depend on, beside what the rows depend on.
    pub fn order_depends_on(&self) -> DependsOn<'_> {
        let root = self.root();
        let mut found = Found::new(self);
        let keys = root.indirect.iter().filter(|(_, kind)| *kind == IndirectKind::Order);
        found.columns(keys.map(|(id, _)| *id));
        found.row_sets(&root.order);
        found.depends_on()
    }

    /// What may change in the result when columns of base relations have other values
    /// (`changed`), and when base relations have rows more or fewer (`rows_changed`).
    pub fn affected_outputs(
        &self,
        changed: &BTreeSet<SourceColumn>,
        rows_changed: &BTreeSet<RelationName>,
    ) -> Impact {
        let touched: BTreeSet<_> = changed.iter().map(|column| &column.relation).collect();
        let whole = changed.iter().filter(|column| column.column == SourceColumn::ALL);
        let whole: BTreeSet<_> = whole.map(|column| &column.relation).collect();
        let column_hit = |column: &SourceColumn| {
            changed.contains(column)
                || whole.contains(&column.relation)
                || (column.column == SourceColumn::ALL && touched.contains(&column.relation))
        };
        let columns: Vec<bool> = self.columns.iter().map(column_hit).collect();
        let relations: Vec<bool> =
            self.relations.iter().map(|relation| rows_changed.contains(relation)).collect();

        let hit = |id: ColumnId| columns[id.0 as usize];
        let rows_hit = |rows: &RowSets, scopes: &[bool]| {
            rows.relations.iter().any(|index| relations[*index as usize])
                || rows.scopes.iter().any(|index| scopes[*index as usize])
        };
        let mut scopes = vec![false; self.scopes.len()];
        loop {
            let before = scopes.clone();
            for (index, scope) in self.scopes.iter().enumerate() {
                scopes[index] =
                    scopes[index] || scope.deciding().any(hit) || rows_hit(&scope.rows, &scopes);
            }
            if scopes == before {
                break;
            }
        }

        let root = self.root();
        let rows = scopes.last().copied().unwrap_or(false);
        let keys = root.indirect.iter().filter(|(_, kind)| *kind == IndirectKind::Order);
        let order = rows || keys.map(|(id, _)| *id).any(hit) || rows_hit(&root.order, &scopes);
        let output_hit = |output: &OutputLineage| {
            output.sources.iter().any(|(id, _)| hit(*id))
                || output.indirect.iter().any(|(id, _)| hit(*id))
                || rows_hit(&output.rows, &scopes)
        };
        let outputs = self.outputs.iter().enumerate();
        let outputs = outputs.filter(|(_, output)| rows || output_hit(output));
        Impact { rows, order, outputs: outputs.map(|(index, _)| index).collect() }
    }
}

impl ScopeLineage {
    /// The columns that decide which rows there are.
    fn deciding(&self) -> impl Iterator<Item = ColumnId> {
        let deciding = self.indirect.iter().filter(|(_, kind)| *kind != IndirectKind::Order);
        deciding.map(|(id, _)| *id)
    }
}

/// What a walk through the scopes has found so far.
struct Found<'a> {
    lineage: &'a Lineage,
    columns: Vec<bool>,
    relations: Vec<bool>,
    scopes: Vec<bool>,
}

impl<'a> Found<'a> {
    fn new(lineage: &'a Lineage) -> Self {
        Self {
            lineage,
            columns: vec![false; lineage.columns.len()],
            relations: vec![false; lineage.relations.len()],
            scopes: vec![false; lineage.scopes.len()],
        }
    }

    fn columns(&mut self, ids: impl IntoIterator<Item = ColumnId>) {
        for id in ids {
            self.columns[id.0 as usize] = true;
        }
    }

    fn row_sets(&mut self, rows: &RowSets) {
        for index in &rows.relations {
            self.relations[*index as usize] = true;
        }
        for index in &rows.scopes {
            self.rows(*index as usize);
        }
    }

    fn rows(&mut self, scope: usize) {
        let lineage = self.lineage;
        let mut pending = vec![scope];
        while let Some(index) = pending.pop() {
            if std::mem::replace(&mut self.scopes[index], true) {
                continue;
            }
            let scope = &lineage.scopes[index];
            self.columns(scope.deciding());
            for index in &scope.rows.relations {
                self.relations[*index as usize] = true;
            }
            pending.extend(scope.rows.scopes.iter().map(|index| *index as usize));
        }
    }

    fn depends_on(self) -> DependsOn<'a> {
        fn pick<'a, T>(all: &'a [T], found: &[bool]) -> Vec<&'a T> {
            all.iter().zip(found).filter(|(_, found)| **found).map(|(item, _)| item).collect()
        }
        DependsOn {
            columns: pick(&self.lineage.columns, &self.columns),
            relations: pick(&self.lineage.relations, &self.relations),
        }
    }
}

/// A lineage as it is stored, before it is known to refer to nothing that is not there.
#[derive(Deserialize)]
struct Parts {
    relations: Vec<RelationName>,
    columns: Vec<SourceColumn>,
    outputs: Vec<OutputLineage>,
    scopes: Vec<ScopeLineage>,
}

impl TryFrom<Parts> for Lineage {
    type Error = &'static str;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let Parts { relations, columns, outputs, scopes } = parts;
        if scopes.last().is_none_or(|scope| scope.kind != ScopeKind::Root) {
            return Err("a lineage without a root scope");
        }
        if !relations.is_sorted() || !columns.is_sorted() {
            return Err("a lineage out of order");
        }
        let column = |id: ColumnId| (id.0 as usize) < columns.len();
        let rows = |rows: &RowSets| {
            rows.relations.iter().all(|index| (*index as usize) < relations.len())
                && rows.scopes.iter().all(|index| (*index as usize) < scopes.len())
        };
        let whole = outputs.iter().all(|output| {
            output.sources.iter().all(|(id, _)| column(*id))
                && output.indirect.iter().all(|(id, _)| column(*id))
                && rows(&output.rows)
        }) && scopes.iter().all(|scope| {
            scope.indirect.iter().all(|(id, _)| column(*id))
                && rows(&scope.rows)
                && rows(&scope.order)
        });
        if whole {
            Ok(Self { relations, columns, outputs, scopes })
        } else {
            Err("a lineage that refers to something it does not hold")
        }
    }
}

#[cfg(test)]
mod tests;
