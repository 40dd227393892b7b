//! Windows whose names were not replaced by definitions: each of them is refused.

use sqlparser::ast::{Ident, NamedWindowDefinition, NamedWindowExpr, WindowSpec};

use super::Gate;
use crate::{
    codes,
    lower::windows::{self, Problem, Windows},
};

const DEFINE: &str = "define it with WINDOW, or write OVER (…)";
const IN_FULL: &str = "write the whole definition in parentheses";

impl Gate<'_> {
    /// The definitions of a WINDOW clause. Those without a fault are here because of others.
    pub(super) fn window_definitions(&mut self, named: &[NamedWindowDefinition]) {
        let windows = Windows::new(named);
        for (NamedWindowDefinition(name, definition), meaning) in
            named.iter().zip(windows.defined())
        {
            self.ident(name);
            let base = windows::base(definition).unwrap_or(name);
            self.ident(base);
            if let Err(problem) = *meaning {
                self.window_problem(problem, name, base);
            }
            if let NamedWindowExpr::WindowSpec(spec) = definition {
                self.window_parts(spec);
            }
        }
    }

    /// A name after OVER, or before what `OVER (…)` adds to it.
    pub(super) fn named_window(&mut self, name: &Ident, adds: Option<&WindowSpec>) {
        let fault = match self.scopes.window(name) {
            None => Err(Problem::Unknown),
            // Its definition is refused.
            Some(Err(_)) => return,
            Some(Ok(base)) => adds.map_or(Ok(()), |spec| windows::may_extend(&base, spec)),
        };
        match fault {
            Err(problem) => self.window_problem(problem, name, name),
            Ok(()) => self.window_too_large(name),
        }
    }

    /// `base` is what the window `name` builds on, or the name itself.
    fn window_problem(&mut self, problem: Problem, name: &Ident, base: &Ident) {
        let (place, message, help) = match problem {
            // What it builds on is refused.
            Problem::Base => return,
            Problem::Twice => (
                name,
                format!("the window `{name}` is defined twice"),
                "keep one of the two definitions",
            ),
            Problem::Unknown => (base, format!("there is no window `{base}`"), DEFINE),
            Problem::Cycle => (base, format!("the window `{base}` builds on itself"), IN_FULL),
            Problem::PartitionBy => (
                base,
                format!("a window that builds on `{base}` takes its PARTITION BY and has no other"),
                IN_FULL,
            ),
            Problem::OrderBy => (
                base,
                format!("a window that builds on `{base}` takes its ORDER BY and has no other"),
                IN_FULL,
            ),
            Problem::Frame => (
                base,
                format!("no window can build on `{base}`, which has a frame"),
                "write OVER with the name alone, or the whole definition in parentheses",
            ),
            Problem::Nested => (
                name,
                format!("the definition of the window `{name}` names another one in an expression"),
                "compute the expression in a subquery",
            ),
        };
        let span = self.places.bytes(place.span);
        self.find(codes::WINDOW_NAME, span, message, help);
    }

    /// A window whose name has a meaning was not written out for its size, unless it stands in a
    /// definition, which is refused.
    fn window_too_large(&mut self, name: &Ident) {
        let known = std::mem::replace(&mut self.windows_too_large, true);
        if known || self.found.iter().any(|found| found.code == codes::WINDOW_NAME) {
            return;
        }
        let span = self.places.bytes(name.span);
        let limit = self.policy.limits().expressions;
        self.find(
            codes::LIMIT,
            span,
            format!(
                "the named windows of the query, written out, have more than {limit} expressions"
            ),
            "split the query into several views, or raise the limit `expressions`",
        );
    }
}
