//! What a name means at a place: the fields that are in sight, as the engine's schemas hold them.

use std::{collections::BTreeSet, rc::Rc};

use sqlparser::ast::Expr;

use crate::{build, deviation::Deviation};

/// The relation part of a field's name: one to three normalised names, the table last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Qualifier(pub(super) Vec<String>);

impl Qualifier {
    pub(super) fn bare(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Whether two qualifiers agree in the parts that both have, from the table backwards.
    pub(super) fn agrees(&self, written: &[String]) -> bool {
        self.0.iter().rev().zip(written.iter().rev()).all(|(left, right)| left == right)
    }

    /// The engine orders shorter references before longer ones.
    fn order(&self) -> (usize, &[String]) {
        (self.0.len(), &self.0)
    }
}

/// One column in sight.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// What the engine knows it by; `None` for a computed column of a query without a name.
    pub(super) qualifier: Option<Rc<Qualifier>>,
    /// The name it is found by. The engine's name of an unnamed expression may not be known.
    pub(super) name: Name,
    /// The alias of its relation in the normal form.
    pub(super) alias: Rc<str>,
    /// The name of the column in the normal form.
    pub(super) column: Rc<str>,
}

impl Field {
    pub(super) fn expr(&self) -> Expr {
        build::column(&self.alias, &self.column)
    }
}

/// The name of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A name that was written, or that is the engine's beyond doubt.
    Known(Rc<str>),
    /// What the engine calls an unnamed expression.
    Engine,
}

impl Name {
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Known(known) if **known == *name)
    }
}

/// How the sides of a join with USING give one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Inner,
    Left,
    Right,
    Full,
}

/// The one column that USING or NATURAL makes of several.
#[derive(Clone, Debug)]
struct Merged {
    name: String,
    members: Vec<usize>,
    expr: Expr,
    /// Whether all members have the same value in every row.
    equal: bool,
    /// The value is not that of the first member, which the engine would take.
    deviates: Option<Deviation>,
}

/// The fields in sight of one FROM, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) fields: Vec<Field>,
    merged: Vec<Merged>,
    /// For each join with USING, the fields that were compared.
    keys: Vec<Vec<usize>>,
}

/// What a lookup finds.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Nothing,
    One(Box<Hit>),
    Several,
}

/// The one column a name means.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) expr: Expr,
    pub(super) qualifier: Option<Rc<Qualifier>>,
    pub(super) deviates: Option<Deviation>,
    /// Whether it is what USING or NATURAL makes of several columns.
    pub(super) merged: bool,
}

impl Scope {
    pub(super) fn of(fields: Vec<Field>) -> Self {
        Self { fields, merged: Vec::new(), keys: Vec::new() }
    }

    /// Both scopes, side by side.
    pub(super) fn join(mut self, right: Self) -> Self {
        let shift = self.fields.len();
        self.fields.extend(right.fields);
        self.merged.extend(right.merged.into_iter().map(|mut merged| {
            merged.members.iter_mut().for_each(|member| *member += shift);
            merged
        }));
        self.keys.extend(
            right.keys.into_iter().map(|keys| keys.into_iter().map(|key| key + shift).collect()),
        );
        self
    }

    /// Makes one column of the key `name` of two joined scopes, of which the right one begins at
    /// `middle`. Gives the two sides to be compared, or `None` when one side lacks the name.
    pub(super) fn merge(
        &mut self,
        name: &str,
        middle: usize,
        side: Side,
        keys: &mut Vec<usize>,
    ) -> Option<(Expr, Expr)> {
        let (left, left_members) = self.key(name, 0..middle)?;
        let (right, right_members) = self.key(name, middle..self.fields.len())?;
        keys.extend(left_members.first());
        keys.extend(right_members.first());
        let parts = || {
            self.merged.iter().filter(|merged| {
                merged.members.iter().any(|m| left_members.contains(m) || right_members.contains(m))
            })
        };
        let earlier = parts().find_map(|merged| merged.deviates);
        let equal = side == Side::Inner && parts().all(|merged| merged.equal);
        let (expr, deviates) = match side {
            Side::Inner | Side::Left => (left.clone(), earlier),
            Side::Right => (right.clone(), Some(Deviation::UsingRightJoin)),
            Side::Full => (
                build::call("coalesce", vec![build::arg(left.clone()), build::arg(right.clone())]),
                Some(Deviation::UsingFullJoin),
            ),
        };
        let members: Vec<usize> = left_members.into_iter().chain(right_members).collect();
        self.merged.retain(|merged| !merged.members.iter().any(|m| members.contains(m)));
        self.merged.push(Merged { name: name.to_owned(), members, expr, equal, deviates });
        Some((left, right))
    }

    pub(super) fn compared(&mut self, keys: Vec<usize>) {
        self.keys.push(keys);
    }

    fn key(&self, name: &str, range: std::ops::Range<usize>) -> Option<(Expr, Vec<usize>)> {
        let hits: Vec<usize> = range.filter(|index| self.fields[*index].name.is(name)).collect();
        if let [one] = hits[..] {
            return Some((self.fields[one].expr(), hits));
        }
        let merged = self.merged.iter().find(|merged| {
            merged.name == name && hits.iter().all(|hit| merged.members.contains(hit))
        })?;
        (!hits.is_empty()).then(|| (merged.expr.clone(), hits))
    }

    /// The names that both sides of a join have, in the order of the right side.
    pub(super) fn shared(left: &Self, right: &Self) -> Vec<Rc<str>> {
        let names = right.fields.iter().filter_map(|field| match &field.name {
            Name::Known(name) => Some(name),
            Name::Engine => None,
        });
        names.filter(|name| left.fields.iter().any(|field| field.name.is(name))).cloned().collect()
    }

    /// Finds a name without a relation before it.
    pub(super) fn bare(&self, name: &str) -> Found {
        let hits: Vec<usize> =
            (0..self.fields.len()).filter(|index| self.fields[*index].name.is(name)).collect();
        match hits[..] {
            [] => Found::Nothing,
            [one] => self.one(one),
            _ => {
                let unqualified: Vec<usize> = hits
                    .iter()
                    .copied()
                    .filter(|hit| self.fields[*hit].qualifier.is_none())
                    .collect();
                if let [one] = unqualified[..] {
                    return self.one(one);
                }
                let merged = self
                    .merged
                    .iter()
                    .find(|merged| hits.iter().all(|hit| merged.members.contains(hit)));
                match merged {
                    Some(Merged { expr, deviates, members, .. }) => Found::One(Box::new(Hit {
                        expr: expr.clone(),
                        qualifier: self.fields[members[0]].qualifier.clone(),
                        deviates: *deviates,
                        merged: true,
                    })),
                    None => Found::Several,
                }
            }
        }
    }

    fn one(&self, index: usize) -> Found {
        let field = &self.fields[index];
        let qualifier = field.qualifier.clone();
        Found::One(Box::new(Hit { expr: field.expr(), qualifier, deviates: None, merged: false }))
    }

    /// Finds a name with its relation before it.
    pub(super) fn qualified(&self, relation: &[String], name: &str) -> Found {
        let mut hits = (0..self.fields.len()).filter(|index| {
            let field = &self.fields[*index];
            field.name.is(name)
                && field.qualifier.as_ref().is_some_and(|qualifier| qualifier.agrees(relation))
        });
        match (hits.next(), hits.next()) {
            (None, _) => Found::Nothing,
            (Some(one), None) => self.one(one),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// Finds a name of several parts the way the engine does: the longest relation first, what is
    /// left over are fields of a struct. Gives how many parts made the column.
    pub(super) fn compound(&self, parts: &[String]) -> (Found, usize) {
        for used in (1..=parts.len().min(4)).rev() {
            let (relation, name) = (&parts[..used - 1], &parts[used - 1]);
            let found =
                if relation.is_empty() { self.bare(name) } else { self.qualified(relation, name) };
            if !matches!(found, Found::Nothing) {
                return (found, used);
            }
        }
        (Found::Nothing, 0)
    }

    /// What `*` stands for: every field but the keys of USING that another one of their name
    /// stands for.
    pub(super) fn star(&self) -> Vec<Star> {
        let mut skipped = BTreeSet::new();
        for keys in &self.keys {
            let mut keys = keys.clone();
            // The engine keeps the first by the name of its relation, not by its place.
            keys.sort_by_key(|index| {
                let field = &self.fields[*index];
                (field.qualifier.as_deref().map(Qualifier::order), &field.column)
            });
            keys.dedup();
            let mut seen: Vec<&Name> = Vec::new();
            for key in keys {
                let name = &self.fields[key].name;
                if seen.contains(&name) {
                    skipped.insert(key);
                } else {
                    seen.push(name);
                }
            }
        }
        let kept = (0..self.fields.len()).filter(|index| !skipped.contains(index));
        kept.map(|index| self.star_item(index)).collect()
    }

    fn star_item(&self, index: usize) -> Star {
        let field = &self.fields[index];
        let merged = self.merged.iter().find(|merged| merged.members.contains(&index));
        let (expr, deviates) = match merged {
            Some(Merged { expr, deviates: Some(deviation), .. }) => {
                (expr.clone(), Some(*deviation))
            }
            // The engine may keep the right side, which has NULL where a left join found nothing.
            Some(Merged { expr, members, equal: false, .. }) if members[0] != index => {
                (expr.clone(), Some(Deviation::UsingLeftJoin))
            }
            _ => (field.expr(), None),
        };
        Star { expr, name: field.name.clone(), qualifier: field.qualifier.clone(), deviates }
    }
}

/// One column of a star.
#[derive(Clone, Debug)]
pub(super) struct Star {
    pub(super) expr: Expr,
    pub(super) name: Name,
    pub(super) qualifier: Option<Rc<Qualifier>>,
    pub(super) deviates: Option<Deviation>,
}
