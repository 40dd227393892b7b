//! What a name means at a place: the engine's rules for common table expressions and windows.

use std::collections::BTreeSet;

/// The scopes around the place the walk has come to.
#[derive(Default)]
pub(super) struct Scopes {
    ctes: Vec<Cte>,
    selects: Vec<Select>,
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

struct Select {
    windows: BTreeSet<String>,
    in_projection: bool,
}

/// What a relation name of one part means.
pub(super) enum Meaning {
    Relation,
    Cte,
    /// A common table expression, but the engine would not find it here.
    Lost(&'static str),
}

/// What a window name means.
pub(super) enum Window {
    Defined,
    Unknown,
    OutsideProjection,
    InnerQuery,
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

    /// Whether the engine would refuse a common table expression of this name here.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.ctes.iter().any(|cte| cte.name == name && cte.visible == Visible::Yes)
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

    pub(super) fn enter_select(&mut self, windows: BTreeSet<String>) {
        self.selects.push(Select { windows, in_projection: false });
    }

    pub(super) fn leave_select(&mut self) {
        self.selects.pop();
    }

    /// Says whether the walk is in the SELECT list; gives what was said before.
    pub(super) fn projection(&mut self, inside: bool) -> bool {
        self.selects
            .last_mut()
            .is_some_and(|select| std::mem::replace(&mut select.in_projection, inside))
    }

    /// The engine puts definitions in place of names in the SELECT list only, and there it goes
    /// into subqueries as well.
    pub(super) fn window(&self, name: &str) -> Window {
        let Some((select, outer)) = self.selects.split_last() else {
            return Window::OutsideProjection;
        };
        if !select.in_projection {
            Window::OutsideProjection
        } else if outer.iter().any(|select| select.in_projection) {
            Window::InnerQuery
        } else if select.windows.contains(name) {
            Window::Defined
        } else {
            Window::Unknown
        }
    }
}
