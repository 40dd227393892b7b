//! Puts the definitions of named windows in the place of their names.

use sqlparser::ast::{
    Expr, Ident, NamedWindowDefinition, NamedWindowExpr, WindowFrame, WindowSpec, WindowType,
};

use super::{
    Lower, Place,
    measure::Measured,
    windows::{self, Meaning, Windows},
};
use crate::{
    deviation::Deviation,
    room::Size,
    walk::{ChildMut, children_mut},
};

pub(super) struct Inliner<'l, 'a, 'n> {
    lower: &'l mut Lower<'a>,
    named: &'n [NamedWindowDefinition],
    /// The size of each definition.
    sizes: &'n [Measured],
    windows: Windows,
    /// Whether some name could not be replaced.
    incomplete: bool,
}

impl<'l, 'a, 'n> Inliner<'l, 'a, 'n> {
    pub(super) fn new(
        lower: &'l mut Lower<'a>,
        named: &'n [NamedWindowDefinition],
        sizes: &'n [Measured],
    ) -> Self {
        Self { lower, named, sizes, windows: Windows::new(named), incomplete: false }
    }

    /// Whether nothing needs the definitions any longer.
    pub(super) fn complete(&self) -> bool {
        !self.incomplete && self.windows.defined().iter().all(Result::is_ok)
    }

    /// Replaces the names in one expression of the SELECT. Queries inside have names of their own.
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &mut Expr, place: Place) {
        let mut here = expr;
        loop {
            match here {
                Expr::BinaryOp { left, op: _, right } => {
                    self.expr(right, place);
                    here = left;
                }
                node => {
                    children_mut(node, &mut |child| match child {
                        ChildMut::Expr(child) => self.expr(child, place),
                        ChildMut::Query(_) => {}
                    });
                    if let Expr::Function(function) = node
                        && let Some(over) = &mut function.over
                    {
                        self.over(over, place);
                    }
                    break;
                }
            }
        }
    }

    fn over(&mut self, over: &mut WindowType, place: Place) {
        match over {
            WindowType::NamedWindow(name) => {
                let Some(meaning) = self.meaning(name) else { return };
                let Some(room) = self.room(&meaning) else { return };
                if self.lower.in_list > 0 {
                    self.lower.note(Deviation::NamedWindowInSubquery, name.span);
                } else if place == Place::Elsewhere {
                    self.lower.note(Deviation::NamedWindowOutsideProjection, name.span);
                } else if meaning.alias {
                    self.lower.note(Deviation::WindowAlias, name.span);
                }
                if meaning.inherits {
                    self.lower.note(Deviation::WindowInheritance, name.span);
                }
                *over = WindowType::WindowSpec(self.written_out(&meaning, room));
            }
            WindowType::WindowSpec(spec) => {
                let Some(name) = &spec.window_name else { return };
                let Some(meaning) = self.meaning(name) else { return };
                if windows::may_extend(&meaning, spec).is_err() {
                    self.incomplete = true;
                    return;
                }
                let Some(room) = self.room(&meaning) else { return };
                self.lower.note(Deviation::WindowInheritance, name.span);
                let WindowSpec { window_name: _, partition_by, order_by, window_frame: _ } =
                    self.written_out(&meaning, room);
                spec.window_name = None;
                spec.partition_by = partition_by;
                if spec.order_by.is_empty() {
                    spec.order_by = order_by;
                }
            }
        }
    }

    fn meaning(&mut self, name: &Ident) -> Option<Meaning> {
        let meaning = self.windows.get(name).and_then(Result::ok);
        self.incomplete |= meaning.is_none();
        meaning
    }

    /// The room for one more copy; `None` when there have been too many.
    fn room(&mut self, meaning: &Meaning) -> Option<Size> {
        let Meaning { partition_by, order_by, frame, alias: _, inherits: _ } = *meaning;
        let mut parts = vec![partition_by];
        parts.extend(order_by);
        parts.extend(frame);
        parts.sort_unstable();
        parts.dedup();
        let mut whole = Measured::default();
        parts.into_iter().for_each(|part| whole.add(self.sizes[part]));
        let may = self.lower.may_copy(whole);
        self.incomplete |= !may;
        may.then_some(whole.size)
    }

    fn written_out(&self, meaning: &Meaning, room: Size) -> WindowSpec {
        room.copying(|| WindowSpec {
            window_name: None,
            partition_by: self.spec(meaning.partition_by).partition_by.clone(),
            order_by: meaning
                .order_by
                .map(|index| self.spec(index).order_by.clone())
                .unwrap_or_default(),
            window_frame: meaning.frame.and_then(|index| self.frame(index)),
        })
    }

    fn frame(&self, index: usize) -> Option<WindowFrame> {
        self.spec(index).window_frame.clone()
    }

    fn spec(&self, index: usize) -> &'n WindowSpec {
        match &self.named[index].1 {
            NamedWindowExpr::WindowSpec(spec) => spec,
            NamedWindowExpr::NamedWindow(_) => unreachable!("a meaning points at specifications"),
        }
    }
}
