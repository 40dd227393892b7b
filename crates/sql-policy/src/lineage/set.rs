//! Sets of what something depends on, while they are made.

use super::{DirectKind, IndirectKind};

/// A number for a base column, for the rows of a relation, or for the rows of a scope.
pub(super) type Id = u32;

/// How something comes in: one bit for each kind.
pub(super) type Mask = u16;

const IDENTITY: Mask = 1;
const TRANSFORMATION: Mask = 1 << 1;
const AGGREGATION: Mask = 1 << 2;
const DIRECT: Mask = IDENTITY | TRANSFORMATION | AGGREGATION;

/// That rows are there, and no clause to name for it.
const ROWS: Mask = 1 << 15;

const ORDER: Mask = Use::indirect(IndirectKind::Order).0;

/// The way in which an expression is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use(Mask);

impl Use {
    pub(super) const IDENTITY: Self = Self(IDENTITY);
    pub(super) const TRANSFORMATION: Self = Self(TRANSFORMATION);
    pub(super) const ROWS: Self = Self(ROWS);

    pub(super) const fn indirect(kind: IndirectKind) -> Self {
        Self(1 << (3 + kind as u16))
    }

    pub(super) fn is_direct(self) -> bool {
        self.0 & DIRECT != 0
    }

    /// The way in which the parts of an expression are used when more is done to them than taking
    /// one over.
    pub(super) fn transformed(self) -> Self {
        if self.0 == IDENTITY { Self(TRANSFORMATION) } else { self }
    }

    pub(super) fn aggregated(self) -> Self {
        if self.is_direct() { Self(AGGREGATION) } else { self }
    }

    /// The way in which something is used that steers the value. Where the whole expression only
    /// steers, all of it is used as the whole is.
    pub(super) fn steering(self, kind: IndirectKind) -> Self {
        if self.is_direct() { Self::indirect(kind) } else { self }
    }

    /// The same for the rows below an aggregate.
    pub(super) fn rows(self) -> Self {
        if self.is_direct() { Self::ROWS } else { self }
    }

    /// The same for what is inside a subquery. The order of rows stays nothing but an order.
    pub(super) fn inside_subquery(self) -> Self {
        if self.0 == ORDER { self } else { Self::indirect(IndirectKind::Subquery) }
    }
}

/// How what was `inner` to a value comes into whatever uses that value as `around`.
fn through(inner: Mask, around: Mask) -> Mask {
    if inner == 0 {
        return 0;
    }
    let mut mask = around & !DIRECT;
    if around & DIRECT != 0 {
        mask |= inner & !DIRECT;
        if inner & DIRECT != 0 {
            mask |= strongest(inner).max(strongest(around));
        }
    }
    mask
}

/// The bit of the strongest direct kind, or none.
fn strongest(mask: Mask) -> Mask {
    [AGGREGATION, TRANSFORMATION, IDENTITY].into_iter().find(|bit| mask & bit != 0).unwrap_or(0)
}

pub(super) fn direct_kind(mask: Mask) -> Option<DirectKind> {
    match strongest(mask) {
        0 => None,
        IDENTITY => Some(DirectKind::Identity),
        TRANSFORMATION => Some(DirectKind::Transformation),
        _ => Some(DirectKind::Aggregation),
    }
}

pub(super) fn indirect_kinds(mask: Mask) -> impl Iterator<Item = IndirectKind> {
    let kinds = IndirectKind::EVERY.into_iter();
    kinds.filter(move |kind| mask & Use::indirect(*kind).0 != 0)
}

/// Whether it decides which rows there are, rather than their order alone.
pub(super) fn decides_rows(mask: Mask) -> bool {
    mask & !ORDER != 0
}

/// Whether it has a part in the order of rows.
pub(super) fn decides_order(mask: Mask) -> bool {
    mask & ORDER != 0
}

/// A set in the making: items in any order, now and then with repetitions.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    items: Vec<(Id, Mask)>,
    /// How many items there were when they last were put in order.
    settled: usize,
    /// How the order of the input comes in, where the query does not say in which order values
    /// are taken.
    pub(super) open: Mask,
}

impl Set {
    pub(super) fn of(id: Id, used: Use) -> Self {
        Self { items: vec![(id, used.0)], ..Self::default() }
    }

    pub(super) fn insert(&mut self, id: Id, used: Use) {
        self.push(id, used.0);
    }

    fn push(&mut self, id: Id, mask: Mask) {
        if mask == 0 {
            return;
        }
        if let Some(last) = self.items.last_mut()
            && last.0 == id
        {
            last.1 |= mask;
            return;
        }
        self.items.push((id, mask));
        // Repetitions must not add up: an expression may name the same columns many times.
        if self.items.len() >= 2 * self.settled + 256 {
            self.settle();
        }
    }

    /// Says that values are taken in the order of the input, whatever that is.
    pub(super) fn leave_open(&mut self, used: Use) {
        self.open |= used.0;
    }

    /// Adds what another set holds, as it is.
    pub(super) fn append(&mut self, other: &Self) {
        for (id, mask) in &other.items {
            self.push(*id, *mask);
        }
        self.open |= other.open;
    }

    /// Adds what a value depends on to what uses the value.
    pub(super) fn append_through(&mut self, value: &Self, used: Use) {
        for (id, mask) in &value.items {
            self.push(*id, through(*mask, used.0));
        }
        self.open |= through(value.open, used.0);
    }

    /// Adds the rows that a subquery or a scope has, where their order does not matter.
    pub(super) fn append_rows(&mut self, rows: &Self, used: Use) {
        for (id, mask) in &rows.items {
            if decides_rows(*mask) {
                self.push(*id, used.0);
            }
        }
    }

    /// Fills in what decides the order of the input.
    pub(super) fn close(&mut self, order: &Self) {
        let open = std::mem::take(&mut self.open);
        if open != 0 {
            for (id, _) in &order.items {
                self.push(*id, open);
            }
        }
    }

    /// Leaves out what decides nothing but an order.
    pub(super) fn forget_order(&mut self) {
        for (_, mask) in &mut self.items {
            *mask &= !ORDER;
        }
        self.items.retain(|item| item.1 != 0);
    }

    pub(super) fn remove(&mut self, id: Id) {
        self.items.retain(|item| item.0 != id);
    }

    /// Puts the items in order, each once.
    pub(super) fn settle(&mut self) {
        self.items.sort_unstable_by_key(|item| item.0);
        self.items.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 |= next.1;
            }
            same
        });
        self.settled = self.items.len();
    }

    /// The items; in order after [`settle`](Self::settle).
    pub(super) fn items(&self) -> &[(Id, Mask)] {
        &self.items
    }

    /// Puts what the variables stand for in their place. `variables` begins at the first one, and
    /// `values` holds what each stands for, without variables.
    pub(super) fn substitute(&mut self, first: Id, values: &[Self]) {
        let variables = first..first + values.len() as Id;
        if !self.items.iter().any(|item| variables.contains(&item.0)) {
            return;
        }
        for (id, mask) in std::mem::take(&mut self.items) {
            if variables.contains(&id) {
                for (inner, inner_mask) in &values[(id - first) as usize].items {
                    self.push(*inner, through(*inner_mask, mask));
                }
            } else {
                self.push(id, mask);
            }
        }
        self.settle();
    }
}

/// Solves `values` for the variables that stand in them: the variable `first + n` stands for
/// `values[n]`. The least solution; afterwards there are no variables.
pub(super) fn solve(first: Id, values: &mut [Set]) {
    let variables = first..first + values.len() as Id;
    values.iter_mut().for_each(Set::settle);
    let mut changed = true;
    while changed {
        changed = false;
        for index in 0..values.len() {
            let mut grown = values[index].clone();
            for (id, mask) in &values[index].items {
                if variables.contains(id) {
                    for (inner, inner_mask) in &values[(id - first) as usize].items {
                        grown.push(*inner, through(*inner_mask, *mask));
                    }
                }
            }
            grown.settle();
            if grown.items != values[index].items {
                values[index] = grown;
                changed = true;
            }
        }
    }
    for value in values {
        value.items.retain(|item| !variables.contains(&item.0));
    }
}
