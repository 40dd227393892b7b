//! Optional rewrites of a resolved query, each exact and each a function of its own.
//!
//! They take the qualified normal form: aliases of tables and names of common table expressions
//! are unique in the whole statement, every column names its table, there are no wildcards. What a
//! rewrite cannot do exactly it leaves alone, so the result always means what came in, and a
//! second time changes nothing.
//!
//! Boolean coercion is not among them: without types, `WHERE a` cannot be told from `WHERE a <> 0`.

mod comma;
mod hoist;
mod nested;
mod qualify;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::Arc,
};

use arrow_schema::Schema;
use sqlparser::ast::{Expr, Ident, Query, TableFactor, Visit, Visitor};
use viewlane_core::{FunctionFacts, FunctionSource, RelationName};

use crate::{
    compiled::FunctionUse,
    gate::Gated,
    normalise::{PredicateOptions, normalise},
    policy::Transforms,
    shape, unnest,
    visit::visit,
};

/// Makes the rewrites that a policy asks for, always in the same order.
pub(crate) fn apply(transforms: &Transforms, gated: &mut Gated) {
    let Transforms {
        hoist_ctes,
        eliminate_qualify,
        join_commas,
        normalise_predicates,
        lower_unnest,
    } = transforms;
    if *lower_unnest {
        unnest::lower(&mut gated.query, &Used(&gated.functions));
    }
    if *hoist_ctes {
        hoist::hoist_ctes(&mut gated.query);
    }
    if *eliminate_qualify {
        qualify::eliminate_qualify(&mut gated.query, &Used(&gated.functions));
    }
    if *join_commas {
        comma::join_commas(&mut gated.query);
    }
    if let Some(distance) = normalise_predicates {
        // The lane knows no types, so every comparison may come with a cast that fails.
        let types: BTreeMap<RelationName, Arc<Schema>> = BTreeMap::new();
        let options = PredicateOptions { distance: *distance };
        normalise(&mut gated.query, &types, &options);
    }
    if *transforms != Transforms::default() {
        gated.size = shape::measure(&gated.query);
    }
}

/// What is known about the functions of a query, once it went through the gate.
pub(crate) struct Used<'a>(pub(crate) &'a [FunctionUse]);

impl FunctionSource for Used<'_> {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        self.0.iter().find(|used| used.name == name)?.facts.clone()
    }
}

/// The names inside a part of a statement.
#[derive(Debug, Default)]
struct Names {
    /// Aliases that tables get.
    aliases: BTreeSet<String>,
    /// First parts of columns: aliases from inside or around.
    read: BTreeSet<String>,
    /// Relations of one part: common table expressions.
    ctes: BTreeSet<String>,
    /// Common table expressions that are defined.
    defined: BTreeSet<String>,
}

impl Names {
    fn of(part: &impl Visit) -> Self {
        let mut names = Self::default();
        let _: ControlFlow<()> = visit(part, &mut names);
        names
    }

    /// Whether a column of something around is read.
    fn is_correlated(&self) -> bool {
        !self.read.is_subset(&self.aliases)
    }
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        self.defined.extend(ctes.map(|cte| cte.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let alias = match factor {
            TableFactor::Table { name, alias, args, .. } => {
                if let ([part], None) = (&name.0[..], args)
                    && let Some(ident) = part.as_ident()
                {
                    self.ctes.insert(ident.value.clone());
                }
                alias
            }
            TableFactor::Derived { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::UNNEST { alias, .. } => alias,
            // A join in parentheses has no alias, and the others do not pass the gate.
            _ => return ControlFlow::Continue(()),
        };
        self.aliases.extend(alias.iter().map(|alias| alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [Ident { value, .. }, _, ..] = &parts[..]
        {
            self.read.insert(value.clone());
        }
        ControlFlow::Continue(())
    }
}

/// Gives names that nothing in a statement has.
struct Fresh {
    taken: BTreeSet<String>,
    next: usize,
}

impl Fresh {
    fn new(query: &Query) -> Self {
        let Names { aliases, read, ctes, defined } = Names::of(query);
        let taken = [aliases, read, ctes, defined].into_iter().flatten().collect();
        Self { taken, next: 1 }
    }

    fn name(&mut self) -> Ident {
        loop {
            let name = format!("__vl_{}", self.next);
            self.next += 1;
            if !self.taken.contains(&name) {
                return Ident::new(name);
            }
        }
    }
}

#[cfg(test)]
mod tests;
