//! What the windows of one SELECT stand for, as the SQL standard has it.
//!
//! A window that builds on another one takes its PARTITION BY, and its ORDER BY if it has none. It
//! must have no PARTITION BY, no second ORDER BY, and the other one no frame. `OVER w` and
//! `WINDOW v AS w` take the whole of `w`, the frame included. A window may build on one that is
//! defined after it, as in MySQL; the standard wants it before, and says the same for the rest.

use std::collections::BTreeMap;

use sqlparser::ast::{
    Expr, Function, Ident, NamedWindowDefinition, NamedWindowExpr, WindowSpec, WindowType,
};

use crate::{
    text,
    walk::{self, Child},
};

/// The windows of one SELECT.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    by_name: BTreeMap<String, usize>,
    defined: Vec<Result<Meaning, Problem>>,
}

/// Where the parts of a window are written: indices of definitions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub(crate) partition_by: usize,
    pub(crate) order_by: Option<usize>,
    pub(crate) frame: Option<usize>,
    /// Whether the definition is the name of another window.
    pub(crate) alias: bool,
    /// Whether some definition on the way builds on another one.
    pub(crate) inherits: bool,
}

/// Why a window means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A second definition of the name.
    Twice,
    /// It builds on a window that is not defined.
    Unknown,
    /// It builds on itself.
    Cycle,
    /// It builds on a window and has a PARTITION BY.
    PartitionBy,
    /// It has an ORDER BY, and so has what it builds on.
    OrderBy,
    /// What it builds on has a frame.
    Frame,
    /// One of its expressions names a window.
    Nested,
    /// What it builds on means nothing itself.
    Base,
}

impl Windows {
    pub(crate) fn new(named: &[NamedWindowDefinition]) -> Self {
        let mut by_name = BTreeMap::new();
        let mut found: Vec<Option<Result<Meaning, Problem>>> = Vec::with_capacity(named.len());
        for (index, NamedWindowDefinition(name, definition)) in named.iter().enumerate() {
            let first = *by_name.entry(text::normalise(name)).or_insert(index) == index;
            found.push(match definition {
                _ if !first => Some(Err(Problem::Twice)),
                NamedWindowExpr::WindowSpec(spec) if names_windows(spec) => {
                    Some(Err(Problem::Nested))
                }
                NamedWindowExpr::WindowSpec(_) | NamedWindowExpr::NamedWindow(_) => None,
            });
        }
        // From each definition down to one that is known or builds on none, and back up.
        let mut under_way = vec![false; named.len()];
        for start in 0..named.len() {
            let mut path = Vec::new();
            let mut next = Some(start);
            while let Some(index) = next.filter(|index| found[*index].is_none()) {
                if std::mem::replace(&mut under_way[index], true) {
                    break;
                }
                path.push(index);
                next = base(&named[index].1).and_then(|base| at(&by_name, base));
            }
            for index in path.into_iter().rev() {
                found[index] = Some(meaning(&named[index].1, index, &by_name, &found));
            }
        }
        let defined = found.into_iter().map(|found| found.unwrap_or(Err(Problem::Cycle)));
        Self { by_name, defined: defined.collect() }
    }

    /// What a name stands for, if it is defined.
    pub(crate) fn get(&self, name: &Ident) -> Option<Result<Meaning, Problem>> {
        at(&self.by_name, name).map(|index| self.defined[index])
    }

    /// What each definition stands for, in their order.
    pub(crate) fn defined(&self) -> &[Result<Meaning, Problem>] {
        &self.defined
    }
}

/// Whether a window may build on another one.
pub(crate) fn may_extend(base: &Meaning, spec: &WindowSpec) -> Result<(), Problem> {
    if !spec.partition_by.is_empty() {
        Err(Problem::PartitionBy)
    } else if base.order_by.is_some() && !spec.order_by.is_empty() {
        Err(Problem::OrderBy)
    } else if base.frame.is_some() {
        Err(Problem::Frame)
    } else {
        Ok(())
    }
}

/// The window that a definition builds on.
pub(crate) fn base(definition: &NamedWindowExpr) -> Option<&Ident> {
    match definition {
        NamedWindowExpr::NamedWindow(other) => Some(other),
        NamedWindowExpr::WindowSpec(spec) => spec.window_name.as_ref(),
    }
}

fn meaning(
    definition: &NamedWindowExpr,
    index: usize,
    by_name: &BTreeMap<String, usize>,
    found: &[Option<Result<Meaning, Problem>>],
) -> Result<Meaning, Problem> {
    let base = match base(definition) {
        None => None,
        Some(name) => {
            let base = at(by_name, name).ok_or(Problem::Unknown)?;
            // What is not known by now is further up on the same way.
            let base = found[base].ok_or(Problem::Cycle)?;
            Some(base.map_err(|_| Problem::Base)?)
        }
    };
    match (definition, base) {
        (NamedWindowExpr::NamedWindow(_), Some(base)) => Ok(Meaning { alias: true, ..base }),
        (NamedWindowExpr::NamedWindow(_), None) => Err(Problem::Unknown),
        (NamedWindowExpr::WindowSpec(spec), base) => {
            if let Some(base) = &base {
                may_extend(base, spec)?;
            }
            let ordered = (!spec.order_by.is_empty()).then_some(index);
            Ok(Meaning {
                partition_by: base.map_or(index, |base| base.partition_by),
                order_by: ordered.or(base.and_then(|base| base.order_by)),
                frame: spec.window_frame.is_some().then_some(index),
                alias: false,
                inherits: base.is_some(),
            })
        }
    }
}

fn at(by_name: &BTreeMap<String, usize>, name: &Ident) -> Option<usize> {
    by_name.get(&text::normalise(name)).copied()
}

/// Whether an expression of a window names a window, outside of queries.
fn names_windows(spec: &WindowSpec) -> bool {
    let mut found = false;
    walk::window(spec, &mut |child| found |= within(child));
    found
}

fn within(child: Child<'_>) -> bool {
    match child {
        Child::Expr(expr) => names_window(expr),
        Child::Query(_) => false,
    }
}

#[recursive::recursive]
fn names_window(expr: &Expr) -> bool {
    let mut here = expr;
    while let Expr::BinaryOp { left, op: _, right } = here {
        if names_window(right) {
            return true;
        }
        here = left;
    }
    let mut found = match here {
        Expr::Function(Function { over: Some(WindowType::NamedWindow(_)), .. }) => true,
        Expr::Function(Function { over: Some(WindowType::WindowSpec(spec)), .. }) => {
            spec.window_name.is_some()
        }
        _ => false,
    };
    walk::children(here, &mut |child| found = found || within(child));
    found
}
