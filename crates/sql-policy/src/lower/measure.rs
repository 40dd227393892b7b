//! How large the part of a tree is that the walk has come past.

use crate::room::Size;

/// The size of one part of a tree.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Measured {
    pub(super) size: Size,
    pub(super) expressions: usize,
}

impl Measured {
    /// Grows by a part that stands beside this one.
    pub(super) fn add(&mut self, other: Self) {
        self.size = self.size.or(other.size);
        self.expressions = self.expressions.saturating_add(other.expressions);
    }
}

#[derive(Debug, Default)]
pub(super) struct Measure {
    /// Expressions and queries around the place the walk has come to.
    around: Size,
    reached: Measured,
}

impl Measure {
    /// An expression, and one level of height for as long as the walk is inside.
    pub(super) fn expression(&mut self) {
        self.around.height += 1;
        self.reached.expressions += 1;
        self.reached.size = self.reached.size.or(self.around);
    }

    /// Leaves as many expressions.
    pub(super) fn leave(&mut self, expressions: usize) {
        self.around.height -= expressions;
    }

    pub(super) fn query(&mut self) {
        self.around.queries += 1;
        self.reached.size = self.reached.size.or(self.around);
    }

    pub(super) fn leave_query(&mut self) {
        self.around.queries -= 1;
    }

    /// A part that was copied to where the walk is.
    pub(super) fn copy(&mut self, part: Measured) {
        let height = self.around.height + part.size.height;
        let queries = self.around.queries + part.size.queries;
        self.reached.size = self.reached.size.or(Size { height, queries });
        self.reached.expressions = self.reached.expressions.saturating_add(part.expressions);
    }

    /// Begins to measure a part; what is given goes to [`end`](Self::end).
    pub(super) fn begin(&mut self) -> Measured {
        std::mem::replace(&mut self.reached, Measured { size: self.around, expressions: 0 })
    }

    /// The size of the part that was begun.
    pub(super) fn end(&mut self, before: Measured) -> Measured {
        let part = self.reached;
        self.reached.add(before);
        Measured {
            size: Size {
                height: part.size.height - self.around.height,
                queries: part.size.queries - self.around.queries,
            },
            expressions: part.expressions,
        }
    }
}
