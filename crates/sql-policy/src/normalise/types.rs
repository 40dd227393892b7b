//! The types of columns, as far as they can be told without types of expressions.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use arrow_schema::{DataType, Schema};
use sqlparser::ast::{
    Expr, Ident, ObjectNamePart, Query, SelectItem, SetExpr, TableAlias, TableFactor, Visitor,
};
use viewlane_core::{RelationName, SchemaSource};

use crate::visit::visit;

/// Where the columns of every alias of a statement come from.
#[derive(Debug, Default)]
pub(super) struct Types {
    aliases: BTreeMap<String, Source>,
    /// The outputs of common table expressions.
    ctes: BTreeMap<String, Vec<Output>>,
}

#[derive(Debug)]
enum Source {
    Relation(Vec<(String, DataType)>),
    Cte { name: String, columns: Vec<String> },
    Derived(Vec<Output>),
}

/// One output of a query, and the column it hands on unchanged, if it does.
#[derive(Clone, Debug)]
struct Output {
    name: String,
    column: Option<(String, String)>,
}

impl Types {
    pub(super) fn of(query: &Query, schemas: &dyn SchemaSource) -> Self {
        let mut collector = Collector { types: Self::default(), schemas };
        let _: ControlFlow<()> = visit(query, &mut collector);
        collector.types
    }

    /// The type of a column by its alias.
    pub(super) fn column(&self, alias: &str, column: &str) -> Option<&DataType> {
        let (mut alias, mut column) = (alias, column);
        // Nothing comes from itself; if it did, this would still end.
        for _ in 0..=self.aliases.len() {
            let output = match self.aliases.get(alias)? {
                Source::Relation(columns) => {
                    let found = columns.iter().find(|(name, _)| name == column);
                    return found.map(|(_, data_type)| data_type);
                }
                Source::Derived(outputs) => outputs.iter().find(|output| output.name == column),
                Source::Cte { name, columns } => {
                    let outputs = self.ctes.get(name)?;
                    match columns.iter().position(|renamed| renamed == column) {
                        Some(place) => outputs.get(place),
                        None if columns.is_empty() => {
                            outputs.iter().find(|output| output.name == column)
                        }
                        None => None,
                    }
                }
            };
            (alias, column) = output?.column.as_ref().map(|(a, c)| (a.as_str(), c.as_str()))?;
        }
        None
    }
}

struct Collector<'a> {
    types: Types,
    schemas: &'a dyn SchemaSource,
}

impl Visitor for Collector<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let outputs = outputs(&cte.query, &cte.alias);
            self.types.ctes.insert(cte.alias.name.value.clone(), outputs);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let found = match factor {
            TableFactor::Table { name, alias: Some(alias), args: None, .. } => {
                let parts: Option<Vec<_>> = name.0.iter().map(part).collect();
                match parts.as_deref() {
                    Some([cte]) => Some((
                        alias,
                        Source::Cte { name: cte.to_string(), columns: columns(alias) },
                    )),
                    Some(parts) => self.relation(parts, alias).map(|source| (alias, source)),
                    None => None,
                }
            }
            TableFactor::Derived { alias: Some(alias), subquery, .. } => {
                Some((alias, Source::Derived(outputs(subquery, alias))))
            }
            _ => None,
        };
        if let Some((alias, source)) = found {
            self.types.aliases.insert(alias.name.value.clone(), source);
        }
        ControlFlow::Continue(())
    }
}

impl Collector<'_> {
    fn relation(&self, parts: &[&str], alias: &TableAlias) -> Option<Source> {
        let name = RelationName::from_parts(parts.iter().copied()).ok()?;
        let schema: Arc<Schema> = self.schemas.schema(&name)?;
        let renamed = columns(alias);
        let fields = schema.fields().iter().enumerate().map(|(place, field)| {
            let name = renamed.get(place).unwrap_or(field.name());
            (name.clone(), field.data_type().clone())
        });
        Some(Source::Relation(fields.collect()))
    }
}

fn part(part: &ObjectNamePart) -> Option<&str> {
    part.as_ident().map(|ident| ident.value.as_str())
}

fn columns(alias: &TableAlias) -> Vec<String> {
    alias.columns.iter().map(|column| column.name.value.clone()).collect()
}

/// What a query gives, as its alias names it. A set operation may change types, and gives nothing
/// here.
fn outputs(query: &Query, alias: &TableAlias) -> Vec<Output> {
    let SetExpr::Select(select) = &*query.body else { return Vec::new() };
    let renamed = columns(alias);
    let mut outputs = Vec::with_capacity(select.projection.len());
    for (place, item) in select.projection.iter().enumerate() {
        let (name, expr) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (Some(alias), expr),
            SelectItem::UnnamedExpr(expr) => (name_of(expr), expr),
            // How many columns these give is not known here.
            SelectItem::ExprWithAliases { .. }
            | SelectItem::QualifiedWildcard(..)
            | SelectItem::Wildcard(_) => return Vec::new(),
        };
        let column = match expr {
            Expr::CompoundIdentifier(names) => match &names[..] {
                [alias, column] => Some((alias.value.clone(), column.value.clone())),
                _ => None,
            },
            _ => None,
        };
        let name = renamed.get(place).or(name.map(|name| &name.value)).cloned();
        outputs.push(Output { name: name.unwrap_or_default(), column });
    }
    outputs
}

fn name_of(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::CompoundIdentifier(names) => names.last(),
        _ => None,
    }
}
