//! Expressions: names are bound, parentheses that only the text needs go.

use std::{collections::BTreeSet, rc::Rc};

use sqlparser::ast::{
    AccessExpr, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, LambdaFunction, ObjectNamePart, UnaryOperator, Value, ValueWithSpan,
};

use super::{
    Clause, Name, Order, Resolver,
    scope::{Found, Hit, Qualifier},
};
use crate::{
    build, codes,
    deviation::Deviation,
    walk::{ChildMut, children_mut},
};

impl Resolver<'_> {
    pub(super) fn exprs(&mut self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &mut Expr) {
        bare(expr);
        let typed = self.clause.typed;
        self.clause.typed |= asks_type(expr);
        match expr {
            Expr::Identifier(ident) => {
                if let Some((found, _, _)) = self.identifier(ident) {
                    *expr = found;
                }
            }
            Expr::CompoundIdentifier(idents) => {
                if let Some((found, _, _)) = self.compound(idents) {
                    *expr = found;
                }
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                if let Expr::Identifier(first) = &**root {
                    let dots = access_chain.iter().map_while(|access| match access {
                        AccessExpr::Dot(Expr::Identifier(ident)) => Some(ident.clone()),
                        _ => None,
                    });
                    let idents: Vec<Ident> = std::iter::once(first.clone()).chain(dots).collect();
                    access_chain.drain(..idents.len() - 1);
                    **root = match idents.len() {
                        1 => Expr::Identifier(first.clone()),
                        _ => Expr::CompoundIdentifier(idents),
                    };
                }
                self.children(expr);
            }
            // The engine takes literals only, and looks at how they are written.
            Expr::Interval(_) => {}
            // What `bare` has left in parentheses is a literal.
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: operand }
                if matches!(**operand, Expr::Nested(_)) => {}
            // `ANY ((SELECT …))` is the array that a scalar subquery gives, `ANY (SELECT …)` is
            // the rows.
            Expr::AnyOp { left, compare_op: _, right, is_some: _ }
            | Expr::AllOp { left, compare_op: _, right } => {
                self.expr(left);
                match &mut **right {
                    Expr::Nested(inner) if matches!(**inner, Expr::Subquery(_)) => {
                        self.children(inner);
                    }
                    right => self.expr(right),
                }
            }
            Expr::Lambda(LambdaFunction { params, body, syntax: _ }) => {
                let outer = self.lambdas.len();
                self.lambdas.extend(params.iter().map(|param| param.name.value.clone()));
                self.expr(body);
                self.lambdas.truncate(outer);
            }
            Expr::Function(call) => {
                self.whole_rows(call);
                self.children(expr);
            }
            _ => self.children(expr),
        }
        self.clause.typed = typed;
    }

    /// `count(t.*)`: the relation gets the alias it has in normal form.
    fn whole_rows(&mut self, call: &mut Function) {
        let FunctionArguments::List(list) = &mut call.args else { return };
        for arg in &mut list.args {
            let FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(name)) = arg else {
                continue;
            };
            let idents: Vec<Ident> =
                name.0.iter().filter_map(ObjectNamePart::as_ident).cloned().collect();
            let parts: Vec<String> = idents.iter().map(|ident| ident.value.clone()).collect();
            let fields = self.frames.iter().rev().flat_map(|frame| &frame.fields);
            let aliases: BTreeSet<Rc<str>> = fields
                .filter(|field| field.qualifier.as_ref().is_some_and(|q| q.agrees(&parts)))
                .map(|field| Rc::clone(&field.alias))
                .collect();
            let mut aliases = aliases.into_iter();
            match (aliases.next(), aliases.next()) {
                (Some(alias), None) => *name = build::object_name([&*alias]),
                _ => {
                    let message = format!("`{name}` is not one relation of this query");
                    let help = "name a relation of FROM, or write `count(*)`".to_owned();
                    self.find(codes::WILDCARD, idents.last(), message, help);
                }
            }
        }
    }

    fn children(&mut self, expr: &mut Expr) {
        children_mut(expr, &mut |child| match child {
            ChildMut::Expr(expr) => self.expr(expr),
            ChildMut::Query(query) => self.subquery(query),
        });
    }

    /// What a name alone means: its expression, and its own name and relation if it is a column of
    /// this query. `None` leaves it as it is.
    pub(super) fn identifier(
        &mut self,
        ident: &Ident,
    ) -> Option<(Expr, Option<Name>, Option<Rc<Qualifier>>)> {
        let name = &ident.value;
        if self.lambdas.contains(name) {
            return None;
        }
        if self.clause.order == Order::OutputThenInput
            && let Some(found) = self.output(ident)
        {
            return found.map(|expr| (expr, None, None));
        }
        for depth in (0..self.frames.len()).rev() {
            let local = depth + 1 == self.frames.len();
            match self.frames[depth].bare(name) {
                Found::One(hit) => {
                    let Hit { expr, qualifier, deviates, merged } = *hit;
                    if merged
                        && local
                        && self.clause.condition
                        && self.clause.order == Order::InputThenOutput
                        && let Some(item) = self.item(name).filter(|item| !self.plain(*item))
                    {
                        return Some((self.copy(item, Some(ident)), None, None));
                    }
                    self.outmost = self.outmost.min(depth);
                    if let Some(deviation) = deviates {
                        self.deviate(deviation, Some(ident));
                    }
                    if merged && self.is_misread(name, depth) {
                        self.deviate(Deviation::BareUsingKey, Some(ident));
                    }
                    let named = local.then(|| Name::Known(name.as_str().into()));
                    return Some((placed(expr, ident), named, qualifier.filter(|_| local)));
                }
                Found::Several => {
                    if let Some(item) = self.output_instead(ident, depth) {
                        return Some((self.copy(item, Some(ident)), None, None));
                    }
                    self.ambiguous(ident, depth);
                    return None;
                }
                Found::Nothing => {}
            }
            if local
                && self.clause.order == Order::InputThenOutput
                && let Some(item) = self.item(name)
            {
                return Some((self.copy(item, Some(ident)), None, None));
            }
        }
        self.unknown(ident, None);
        None
    }

    /// Whether the engine does not see that a name is the key of a join, for want of a place where
    /// it looks up such keys.
    fn is_misread(&self, name: &str, depth: usize) -> bool {
        let Clause { order, items: _, condition, typed } = &self.clause;
        *typed || *condition && *order == Order::Input || self.is_around(name, depth)
    }

    /// Whether a query around has a column of a name, which the engine takes before it looks among
    /// outputs and keys.
    fn is_around(&self, name: &str, depth: usize) -> bool {
        let around = self.frames[..depth].iter();
        around.rev().any(|frame| matches!(frame.bare(name), Found::One(hit) if !hit.merged))
    }

    /// The first output of a name.
    fn item(&self, name: &str) -> Option<usize> {
        self.clause.items.iter().position(|item| item.name.is(name))
    }

    fn plain(&self, item: usize) -> bool {
        self.clause.items[item].plain
    }

    /// The output that a name of several columns means: in a condition one that is computed, and
    /// everywhere a column that is the only output of its name.
    fn output_instead(&self, ident: &Ident, depth: usize) -> Option<usize> {
        let Clause { order, items, condition, typed: _ } = &self.clause;
        let local = depth + 1 == self.frames.len();
        if !local || *order != Order::InputThenOutput || self.is_around(&ident.value, depth) {
            return None;
        }
        let named = || (0..items.len()).filter(|item| items[*item].name.is(&ident.value));
        match named().find(|item| !items[*item].plain) {
            Some(computed) => condition.then_some(computed),
            None => named().next().filter(|_| named().count() == 1),
        }
    }

    /// The output a name means: an outer `Some` if there is one of this name.
    fn output(&mut self, ident: &Ident) -> Option<Option<Expr>> {
        let items = &self.clause.items;
        let named: Vec<usize> =
            (0..items.len()).filter(|item| items[*item].name.is(&ident.value)).collect();
        let computed: Vec<usize> =
            named.iter().copied().filter(|item| !items[*item].plain).collect();
        let item = match (&named[..], &computed[..]) {
            ([], _) => return None,
            ([one], _) | (_, [one]) => *one,
            _ => {
                let message = format!("more than one output is called `{}`", ident.value);
                let help = "give the outputs different aliases".to_owned();
                self.find(codes::AMBIGUOUS_COLUMN, Some(ident), message, help);
                return Some(None);
            }
        };
        let expr = match items[item].plain {
            true => self.copy(item, Some(ident)),
            false => Expr::Identifier(Ident { span: ident.span, ..build::ident(&ident.value) }),
        };
        Some(Some(expr))
    }

    /// What several names joined by dots mean, as [`identifier`](Self::identifier).
    pub(super) fn compound(
        &mut self,
        idents: &[Ident],
    ) -> Option<(Expr, Option<Name>, Option<Rc<Qualifier>>)> {
        let parts: Vec<String> = idents.iter().map(|ident| ident.value.clone()).collect();
        for depth in (0..self.frames.len()).rev() {
            let local = depth + 1 == self.frames.len();
            let (found, used) = self.frames[depth].compound(&parts);
            match found {
                Found::Nothing => continue,
                Found::Several => {
                    self.ambiguous(&idents[used - 1], depth);
                    return None;
                }
                Found::One(hit) => {
                    let Hit { expr, qualifier, deviates, merged: _ } = *hit;
                    self.outmost = self.outmost.min(depth);
                    let at = &idents[used - 1];
                    if let Some(deviation) = deviates {
                        self.deviate(deviation, Some(at));
                    }
                    let fields = &idents[used..];
                    let expr = placed(expr, at);
                    if fields.is_empty() {
                        let named = local.then(|| Name::Known(at.value.as_str().into()));
                        return Some((expr, named, qualifier.filter(|_| local)));
                    }
                    let Expr::CompoundIdentifier(mut column) = expr else {
                        let message = format!("`{}` joins two columns into one", at.value);
                        let help = "write the relation before it".to_owned();
                        self.find(codes::AMBIGUOUS_COLUMN, Some(at), message, help);
                        return None;
                    };
                    column.extend(fields.iter().cloned());
                    return Some((Expr::CompoundIdentifier(column), None, None));
                }
            }
        }
        let (last, relation) = idents.split_last()?;
        self.unknown(last, Some(relation));
        None
    }

    fn ambiguous(&mut self, ident: &Ident, depth: usize) {
        let fields = self.frames[depth].fields.iter();
        let hits = fields.filter(|field| field.name.is(&ident.value));
        let some: BTreeSet<String> =
            hits.map(|field| format!("`{}.{}`", field.alias, ident.value)).collect();
        let some: Vec<String> = some.into_iter().collect();
        let message = format!("column `{}` exists in more than one relation", ident.value);
        let help = format!("write the relation in front of it, as in {}", some.join(" or "));
        self.find(codes::AMBIGUOUS_COLUMN, Some(ident), message, help);
    }

    fn unknown(&mut self, ident: &Ident, relation: Option<&[Ident]>) {
        let fields = || self.frames.iter().flat_map(|frame| &frame.fields);
        let engine = fields().any(|field| field.name == Name::Engine)
            || self.clause.items.iter().any(|item| item.name == Name::Engine);
        self.names_wanted |= engine && !self.ask_all;
        let within = relation.and_then(<[Ident]>::last);
        let here: BTreeSet<String> = fields()
            .filter(|field| within.is_none_or(|within| *field.alias == *within.value))
            .filter_map(|field| match &field.name {
                Name::Known(name) => Some(name.to_string()),
                Name::Engine => None,
            })
            .collect();
        match within {
            Some(within) if here.is_empty() => {
                let relations: BTreeSet<String> =
                    fields().map(|field| field.alias.to_string()).collect();
                let message = format!("there is no relation `{}` here", within.value);
                self.find_near(codes::UNKNOWN_COLUMN, within, message, &relations);
            }
            within => {
                let within = within.map(|within| format!(" in `{}`", within.value));
                let within = within.unwrap_or_default();
                let message = format!("there is no column `{}`{within}", ident.value);
                self.find_near(codes::UNKNOWN_COLUMN, ident, message, &here);
            }
        }
    }
}

/// The column with the place where it was written.
fn placed(mut expr: Expr, at: &Ident) -> Expr {
    if let Expr::CompoundIdentifier(parts) = &mut expr {
        parts.iter_mut().for_each(|part| part.span = at.span);
    }
    expr
}

/// Whether the engine needs the types of the operands to plan it.
fn asks_type(expr: &Expr) -> bool {
    match expr {
        Expr::UnaryOp { .. } => true,
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, data_type, .. } => {
            matches!(data_type, DataType::Timestamp(None | Some(9), _))
        }
        Expr::Function(call) => match &call.args {
            FunctionArguments::List(list) => {
                let lambda = |arg: &FunctionArg| {
                    matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Lambda(_))))
                };
                is_unnest(expr) || list.args.iter().any(lambda)
            }
            FunctionArguments::None | FunctionArguments::Subquery(_) => false,
        },
        _ => false,
    }
}

/// Takes parentheses off, but where the engine looks at what stands in them.
pub(super) fn bare(expr: &mut Expr) {
    while let Expr::Nested(inner) = expr {
        *expr = std::mem::replace(inner, nothing());
    }
    if let Expr::UnaryOp { op: UnaryOperator::Minus, expr: operand } = expr
        && let Expr::Nested(_) = **operand
    {
        bare(operand);
        // `-(1)` is a negated one, `-1` is a number.
        if matches!(**operand, Expr::Value(_) | Expr::Interval(_)) {
            let literal = std::mem::replace(&mut **operand, nothing());
            **operand = Expr::Nested(Box::new(literal));
        }
    }
}

pub(super) fn nothing() -> Expr {
    Expr::Value(ValueWithSpan { value: Value::Null, span: sqlparser::tokenizer::Span::empty() })
}

/// Whether it is a call of `unnest`, of which a struct makes several columns.
pub(crate) fn is_unnest(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_unnest(inner),
        Expr::Function(call) => match &call.name.0[..] {
            [ObjectNamePart::Identifier(name)] => {
                matches!(name.value.as_str(), "unnest" | "unnest_outer")
            }
            _ => false,
        },
        _ => false,
    }
}
