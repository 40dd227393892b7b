//! Common table expressions to the top of the statement.

use std::collections::BTreeSet;

use sqlparser::ast::{Cte, Query, With, helpers::attached_token::AttachedToken};

use super::{Names, nested::nested};

/// Moves the common table expressions of nested queries to the WITH of the statement, each after
/// what it reads. What has one name is the same, and the engine plans it anew wherever it is read,
/// so neither meaning nor evaluation changes.
///
/// These stay where they are: one that reads a column of a query around it, one that reads another
/// one that stays, all of a recursive WITH and what is nested in its definitions, and all inside an
/// array literal, where the engine does not know outer names. A statement that is recursive itself
/// is left alone.
pub(crate) fn hoist_ctes(query: &mut Query) {
    if query.with.as_ref().is_some_and(|with| with.recursive) {
        return;
    }
    let mut hoist = Hoist::default();
    let (with_token, ctes) = match query.with.take() {
        Some(With { with_token, recursive: _, cte_tables }) => (with_token, cte_tables),
        None => (AttachedToken::empty(), Vec::new()),
    };
    for mut cte in ctes {
        hoist.query(&mut cte.query);
        hoist.leave(cte);
    }
    hoist.inside(query);
    if !hoist.top.is_empty() {
        query.with = Some(With { with_token, recursive: false, cte_tables: hoist.top });
    }
}

#[derive(Default)]
struct Hoist {
    top: Vec<Cte>,
    /// Their names.
    left: BTreeSet<String>,
    /// Names of those that stayed.
    stayed: BTreeSet<String>,
}

impl Hoist {
    /// Hoists out of a nested query.
    #[recursive::recursive]
    fn query(&mut self, query: &mut Query) {
        if let Some(With { with_token, recursive, cte_tables }) = query.with.take() {
            let mut stay = Vec::new();
            for mut cte in cte_tables {
                if !recursive {
                    self.query(&mut cte.query);
                }
                if recursive || !self.may_leave(&cte) {
                    self.stayed.insert(cte.alias.name.value.clone());
                    stay.push(cte);
                } else {
                    self.leave(cte);
                }
            }
            if !stay.is_empty() {
                query.with = Some(With { with_token, recursive, cte_tables: stay });
            }
        }
        self.inside(query);
    }

    /// Of subqueries that are alike the first brings its own.
    fn leave(&mut self, cte: Cte) {
        if self.left.insert(cte.alias.name.value.clone()) {
            self.top.push(cte);
        }
    }

    fn may_leave(&self, cte: &Cte) -> bool {
        let names = Names::of(&*cte.query);
        !names.is_correlated() && names.ctes.is_disjoint(&self.stayed)
    }

    /// Hoists out of the queries inside one, but not out of its WITH.
    fn inside(&mut self, query: &mut Query) {
        nested(query, &mut |query| self.query(query));
    }
}
