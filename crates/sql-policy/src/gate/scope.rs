//! What a name means at a place: the engine's rules for common table expressions and windows.

use sqlparser::ast::Ident;

use crate::lower::windows::{self, Problem, Windows};

/// The scopes around the place the walk has come to.
#[derive(Default)]
pub(super) struct Scopes {
    ctes: Vec<Cte>,
    /// The windows of each SELECT around that were not written out.
    selects: Vec<Windows>,
    /// How many array literals are around: inside one the engine forgets every outer name.
    arrays: usize,
}

struct Cte {
    name: String,
    visible: Visible,
    arrays: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Visible {
    Yes,
    /// Inside its own definition, outside the recursive term: the planner and the loader of tables
    /// disagree about what the name means.
    NotYet,
}

/// What a relation name of one part means.
pub(super) enum Meaning {
    Relation,
    Cte,
    /// A common table expression, but the engine would not find it here.
    Lost(&'static str),
}

impl Scopes {
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        match self.ctes.iter().rev().find(|cte| cte.name == name) {
            None => Meaning::Relation,
            Some(cte) if cte.visible == Visible::NotYet => {
                Meaning::Lost("inside its own definition, outside the recursive term")
            }
            Some(cte) if cte.arrays < self.arrays => Meaning::Lost("inside an array literal"),
            Some(_) => Meaning::Cte,
        }
    }

    pub(super) fn define(&mut self, name: &str, visible: Visible) {
        self.ctes.push(Cte { name: name.to_owned(), visible, arrays: self.arrays });
    }

    /// Makes the one defined at `depth` visible from here on.
    pub(super) fn reveal(&mut self, depth: usize) {
        if let Some(cte) = depth.checked_sub(1).and_then(|index| self.ctes.get_mut(index)) {
            cte.visible = Visible::Yes;
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.ctes.len()
    }

    pub(super) fn leave(&mut self, depth: usize) {
        self.ctes.truncate(depth);
    }

    pub(super) fn enter_array(&mut self) {
        self.arrays += 1;
    }

    pub(super) fn leave_array(&mut self) {
        self.arrays -= 1;
    }

    pub(super) fn enter_select(&mut self, windows: Windows) {
        self.selects.push(windows);
    }

    pub(super) fn leave_select(&mut self) {
        self.selects.pop();
    }

    /// What a window name stands for in the SELECT around.
    pub(super) fn window(&self, name: &Ident) -> Option<Result<windows::Meaning, Problem>> {
        self.selects.last().and_then(|windows| windows.get(name))
    }
}
