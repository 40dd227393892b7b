//! The names of a form, counted through the statement.

use std::{collections::BTreeMap, ops::ControlFlow};

use sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, Query, Select, TableAlias, TableFactor,
    TableWithJoins, VisitorMut,
};

use super::Renames;

use crate::visit::visit_mut;

/// Gives every table factor and common table expression a name of its own. The tree has its final
/// order by now, so the order of the walk is that of the form.
pub(super) fn number(form: &mut Query) {
    let mut numbering = Numbering {
        aliases: BTreeMap::new(),
        tables: 0,
        ctes: Vec::new(),
        queries: Vec::new(),
        defined: 0,
    };
    let _: ControlFlow<()> = visit_mut(form, &mut numbering);
}

struct Numbering {
    /// A name is taken over by the next factor at the same place of a later query; by then nobody
    /// sees the earlier one.
    aliases: Renames,
    tables: usize,
    /// The common table expressions visible here. No two of them have one name.
    ctes: Vec<(String, String)>,
    /// How many of them were visible outside each query around.
    queries: Vec<usize>,
    defined: usize,
}

impl VisitorMut for Numbering {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.queries.push(self.ctes.len());
        for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            let name = format!("_c{}", self.defined);
            self.defined += 1;
            let old = std::mem::replace(&mut cte.alias.name, Ident::new(&name));
            self.ctes.push((old.value, name));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        let outside = self.queries.pop().expect("pushed before the query was visited");
        self.ctes.truncate(outside);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        select.from.iter_mut().for_each(|table| self.table(table));
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [ObjectNamePart::Identifier(name)] = &mut relation.0[..]
            && let Some((_, new)) = self.ctes.iter().rev().find(|(old, _)| *old == name.value)
        {
            *name = Ident::new(new);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let Some(alias) = parts.first_mut()
            && let Some(new) = self.aliases.get(&alias.value)
        {
            *alias = Ident::new(new);
        }
        ControlFlow::Continue(())
    }
}

impl Numbering {
    #[recursive::recursive]
    fn table(&mut self, table: &mut TableWithJoins) {
        let joined = table.joins.iter_mut().map(|join| &mut join.relation);
        for factor in std::iter::once(&mut table.relation).chain(joined) {
            match factor {
                TableFactor::Table { alias, .. }
                | TableFactor::Derived { alias, .. }
                | TableFactor::Function { alias, .. }
                | TableFactor::UNNEST { alias, .. } => self.alias(alias.as_mut()),
                TableFactor::NestedJoin { table_with_joins, .. } => self.table(table_with_joins),
                _ => {}
            }
        }
    }

    fn alias(&mut self, alias: Option<&mut TableAlias>) {
        if let Some(alias) = alias {
            let name = format!("_t{}", self.tables);
            self.tables += 1;
            let old = std::mem::replace(&mut alias.name, Ident::new(&name));
            self.aliases.insert(old.value, name);
        }
    }
}
