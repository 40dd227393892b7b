//! Expressions in form.

use sqlparser::ast::{
    Array, BinaryOperator, CastKind, DataType, DictionaryField, DuplicateTreatment, Expr,
    ExtractSyntax, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, LambdaFunction, LambdaSyntax, ObjectNamePart,
    OneOrManyWithParens, OrderByExpr, TypedString, UnaryOperator, Value, WindowFrame,
    WindowFrameBound, WindowSpec, WindowType,
};
use viewlane_core::{FunctionFacts, FunctionKind, Volatility};

use super::{
    Facts, Former, Operand,
    literal::{self, Kind},
    make_set, sort, take,
};
use crate::walk::{self, Child, ChildMut};

impl Former<'_> {
    /// Brings an expression into form.
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &mut Expr) -> Facts {
        self.unfold(expr);
        match expr {
            Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. } => {
                self.connective(expr)
            }
            Expr::BinaryOp { .. } | Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => {
                self.pair(expr)
            }
            Expr::InList { .. } => self.in_list(expr),
            Expr::Function(function) => self.call(function),
            Expr::Lambda(lambda) => self.lambda(lambda),
            // The planner reads the text of an interval itself.
            Expr::Interval(_) => Facts::LEAF,
            Expr::Identifier(name) => {
                self.bare(name);
                Facts::LEAF
            }
            Expr::CompoundIdentifier(parts) => {
                self.column(parts);
                Facts::LEAF
            }
            Expr::Value(value) => {
                literal::value(&mut value.value, false, self.decimals);
                Facts::LEAF
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner }
                if matches!(**inner, Expr::Value(_)) =>
            {
                if let Expr::Value(value) = &mut **inner {
                    literal::value(&mut value.value, true, self.decimals);
                }
                Facts { size: 2, ..Facts::LEAF }
            }
            _ => self.inside(expr),
        }
    }

    /// Brings what is directly inside into form.
    fn inside(&mut self, expr: &mut Expr) -> Facts {
        let mut facts = Facts::LEAF;
        walk::children_mut(expr, &mut |child| {
            facts.add(match child {
                ChildMut::Expr(expr) => self.expr(expr),
                ChildMut::Query(query) => Facts { size: 1, ..self.subquery(query).facts },
            });
        });
        facts
    }

    /// Replaces what is another spelling, as far as that is seen at the top of an expression.
    #[recursive::recursive]
    fn unfold(&self, expr: &mut Expr) {
        loop {
            match expr {
                Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } => {
                    self.unfold(inner);
                    if !negate(inner) {
                        return;
                    }
                    *expr = take(inner);
                }
                Expr::UnaryOp { op: UnaryOperator::Plus, expr: inner } => {
                    let literal = matches!(
                        **inner,
                        Expr::Value(_) | Expr::Nested(_) | Expr::UnaryOp { .. } | Expr::Interval(_)
                    );
                    if literal {
                        return;
                    }
                    *expr = take(inner);
                }
                Expr::Nested(inner) => {
                    // A literal in parentheses is no ordinal, and no part of a negative number.
                    if matches!(**inner, Expr::Value(_) | Expr::Interval(_)) {
                        return;
                    }
                    *expr = take(inner);
                }
                Expr::Between { .. } => {
                    if !self.unfold_range(expr) {
                        return;
                    }
                }
                Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: _ }) => {
                    let Some(text) = value.value.clone().into_string() else { return };
                    let text = Value::SingleQuotedString(text).with_empty_span();
                    *expr = Expr::Cast {
                        kind: CastKind::Cast,
                        expr: Box::new(Expr::Value(text)),
                        data_type: std::mem::replace(data_type, DataType::Text),
                        array: false,
                        format: None,
                    };
                }
                Expr::Cast { kind, expr: _, data_type, array: _, format: _ } => {
                    *kind = match kind {
                        CastKind::Cast | CastKind::DoubleColon => CastKind::Cast,
                        CastKind::TryCast | CastKind::SafeCast => CastKind::TryCast,
                    };
                    literal::data_type(data_type);
                    return;
                }
                Expr::BinaryOp { left, op: BinaryOperator::Spaceship, right } => {
                    *expr = Expr::IsNotDistinctFrom(Box::new(take(left)), Box::new(take(right)));
                }
                Expr::BinaryOp { left: _, op, right: _ } => {
                    if matches!(op, BinaryOperator::Xor | BinaryOperator::PGBitwiseXor) {
                        *op = BinaryOperator::BitwiseXor;
                    }
                    return;
                }
                Expr::AnyOp { left: _, compare_op: _, right: _, is_some } => {
                    *is_some = false;
                    return;
                }
                Expr::Array(Array { elem: _, named }) => {
                    *named = false;
                    return;
                }
                Expr::Extract { field: _, syntax, expr: _ } => {
                    *syntax = ExtractSyntax::From;
                    return;
                }
                Expr::Substring { special, shorthand, .. } => {
                    (*special, *shorthand) = (false, false);
                    return;
                }
                Expr::Dictionary(fields) => {
                    for DictionaryField { key, value: _ } in fields {
                        key.quote_style = None;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// Makes two comparisons of a range over a column; says whether it did.
    fn unfold_range(&self, expr: &mut Expr) -> bool {
        let Expr::Between { expr: tested, negated, low, high } = expr else { return false };
        let column = matches!(**tested, Expr::CompoundIdentifier(_));
        let (Some(lower), Some(upper)) =
            (literal::kind(low, self.decimals), literal::kind(high, self.decimals))
        else {
            return false;
        };
        if !column || lower != upper || lower == Kind::Null {
            return false;
        }
        let (below, both, above) = if *negated {
            (BinaryOperator::Lt, BinaryOperator::Or, BinaryOperator::Gt)
        } else {
            (BinaryOperator::GtEq, BinaryOperator::And, BinaryOperator::LtEq)
        };
        let (low, high) = (take(low), take(high));
        let low = binary((**tested).clone(), below, low);
        let high = binary(take(tested), above, high);
        *expr = binary(low, both, high);
        true
    }

    /// AND or OR.
    fn connective(&mut self, expr: &mut Expr) -> Facts {
        let whole = take(expr);
        let op = match &whole {
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => BinaryOperator::Or,
            _ => BinaryOperator::And,
        };
        let mut operands = Vec::new();
        self.operands(&op, whole, &mut operands);
        settle(&op, &mut operands, false);
        let (whole, facts) = join(&op, operands);
        *expr = whole;
        facts
    }

    /// Finds the operands of a chain of AND or OR, however it is grouped, and brings them into form.
    pub(super) fn operands(
        &mut self,
        op: &BinaryOperator,
        chain: Expr,
        operands: &mut Vec<Operand>,
    ) {
        let mut pending = vec![chain];
        while let Some(mut expr) = pending.pop() {
            self.unfold(&mut expr);
            match expr {
                Expr::BinaryOp { left, op: inner, right } if inner == *op => {
                    pending.extend([*right, *left]);
                }
                Expr::UnaryOp { op: UnaryOperator::Not, expr: ref mut inner }
                    if matches!(**inner, Expr::UnaryOp { op: UnaryOperator::Not, .. }) =>
                {
                    // Boolean or not: here it is taken for a truth value.
                    if let Expr::UnaryOp { op: _, expr } = &mut **inner {
                        pending.push(take(expr));
                    }
                }
                mut expr => {
                    let facts = self.expr(&mut expr);
                    split(op, expr, facts, operands);
                }
            }
        }
    }

    /// An operator with two operands, which may change places.
    fn pair(&mut self, expr: &mut Expr) -> Facts {
        let (left, right, op) = match expr {
            Expr::BinaryOp { left, op, right } => (left, right, Some(op)),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                (left, right, None)
            }
            _ => return Facts::default(),
        };
        let (left_facts, right_facts) = (self.expr(left), self.expr(right));
        let mut facts = Facts::LEAF;
        facts.add(left_facts);
        facts.add(right_facts);
        let mirrored = match op.as_deref() {
            None => None,
            Some(op) => match mirrored(op) {
                None => return facts,
                mirrored => mirrored,
            },
        };
        if left_facts.volatile && right_facts.volatile {
            return facts;
        }
        let one = Operand::new(take(left), left_facts);
        let two = Operand::new(take(right), right_facts);
        let order = one.order(&two);
        // `a > a` is `a < a`.
        let over =
            op.as_deref().is_some_and(|op| matches!(op, BinaryOperator::Gt | BinaryOperator::GtEq));
        if order.is_gt() || (order.is_eq() && over) {
            (**left, **right) = (two.expr, one.expr);
            if let (Some(op), Some(mirrored)) = (op, mirrored) {
                *op = mirrored;
            }
        } else {
            (**left, **right) = (one.expr, two.expr);
        }
        facts
    }

    fn in_list(&mut self, expr: &mut Expr) -> Facts {
        let Expr::InList { expr, list, negated: _ } = expr else { return Facts::default() };
        let mut facts = Facts::LEAF;
        facts.add(self.expr(expr));
        let mut kinds = list.iter().map(|item| literal::kind(item, self.decimals));
        let first =
            kinds.by_ref().find(|kind| *kind != Some(Kind::Null)).unwrap_or(Some(Kind::Null));
        let alike = first.is_some() && kinds.all(|kind| kind == first || kind == Some(Kind::Null));
        let mut items = self.each(std::mem::take(list));
        if alike {
            make_set(&mut items);
        }
        *list = self.gather(items, &mut facts);
        facts
    }

    /// Brings a list that means a set into form.
    pub(super) fn set(&mut self, list: &mut Vec<Expr>) -> Facts {
        let mut facts = Facts::default();
        let mut items = self.each(std::mem::take(list));
        make_set(&mut items);
        *list = self.gather(items, &mut facts);
        facts
    }

    fn each(&mut self, list: Vec<Expr>) -> Vec<Operand> {
        list.into_iter()
            .map(|mut item| {
                let facts = self.expr(&mut item);
                Operand::new(item, facts)
            })
            .collect()
    }

    fn gather(&self, items: Vec<Operand>, facts: &mut Facts) -> Vec<Expr> {
        items.iter().for_each(|item| facts.add(item.facts));
        items.into_iter().map(|item| item.expr).collect()
    }

    fn call(&mut self, function: &mut Function) -> Facts {
        let known = self.known(function);
        let volatile = match &known {
            Some(facts) => facts.volatility == Volatility::Volatile,
            None => !is_called(function, "make_map"),
        };
        let Function {
            name: _,
            uses_odbc_syntax,
            parameters: _,
            args,
            filter: _,
            null_treatment,
            over,
            within_group,
        } = &mut *function;
        *uses_odbc_syntax = false;
        if let FunctionArguments::None = args
            && known.as_ref().is_some_and(|facts| facts.kind == FunctionKind::Scalar)
        {
            *args = FunctionArguments::List(FunctionArgumentList {
                duplicate_treatment: None,
                args: Vec::new(),
                clauses: Vec::new(),
            });
        }
        if let FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        }) = args
        {
            if *duplicate_treatment == Some(DuplicateTreatment::All) {
                *duplicate_treatment = None;
            }
            for clause in &mut *clauses {
                match clause {
                    FunctionArgumentClause::OrderBy(keys) => keys.iter_mut().for_each(ascending),
                    FunctionArgumentClause::IgnoreOrRespectNulls(treatment) => {
                        null_treatment.get_or_insert(*treatment);
                    }
                    _ => {}
                }
            }
            clauses.retain(|clause| {
                !matches!(clause, FunctionArgumentClause::IgnoreOrRespectNulls(_))
            });
            let counts = known.is_some_and(|facts| {
                facts.name == "count" && facts.kind == FunctionKind::Aggregate
            });
            if counts
                && duplicate_treatment.is_none()
                && clauses.is_empty()
                && null_treatment.is_none()
                && counts_rows(args)
            {
                *args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
            }
        }
        within_group.iter_mut().for_each(ascending);
        let mut facts = Facts { volatile, ..Facts::default() };
        let mut partition = Vec::new();
        if let Some(WindowType::WindowSpec(window)) = over {
            let WindowSpec { window_name: _, partition_by, order_by, window_frame } = window;
            order_by.iter_mut().for_each(ascending);
            if let Some(WindowFrame { units: _, start_bound: _, end_bound }) = window_frame {
                end_bound.get_or_insert(WindowFrameBound::CurrentRow);
            }
            facts.add(self.set(partition_by));
            partition = std::mem::take(partition_by);
        }
        let mut call = Expr::Function(std::mem::replace(function, no_function()));
        facts.add(self.inside(&mut call));
        if let Expr::Function(mut call) = call {
            if let Some(WindowType::WindowSpec(window)) = &mut call.over {
                window.partition_by = partition;
            }
            *function = call;
        }
        facts
    }

    /// The facts of a function, which gets its canonical name.
    fn known(&self, function: &mut Function) -> Option<FunctionFacts> {
        let [ObjectNamePart::Identifier(name)] = &mut function.name.0[..] else { return None };
        let facts = self.functions.facts(&name.value)?;
        if facts.name != name.value && self.functions.facts(&facts.name).as_ref() == Some(&facts) {
            *name = Ident::new(&facts.name);
        }
        Some(facts)
    }

    fn lambda(&mut self, lambda: &mut LambdaFunction) -> Facts {
        let LambdaFunction { params, body, syntax } = lambda;
        *syntax = LambdaSyntax::Arrow;
        let outer = self.lambdas.len();
        let mut named = match std::mem::replace(params, OneOrManyWithParens::Many(Vec::new())) {
            OneOrManyWithParens::One(param) => vec![param],
            OneOrManyWithParens::Many(params) => params,
        };
        for param in &mut named {
            let new = parameter(self.lambdas.len());
            let old = std::mem::replace(&mut param.name, new);
            self.lambdas.push(old.value);
        }
        *params = OneOrManyWithParens::Many(named);
        let mut facts = self.expr(body);
        facts.size += 1;
        self.lambdas.truncate(outer);
        facts
    }

    fn bare(&self, name: &mut Ident) {
        if let Some(index) = self.lambdas.iter().rposition(|param| *param == name.value) {
            *name = parameter(index);
        } else if let Some(new) = self.outputs.as_ref().and_then(|names| names.get(&name.value))
            && *new != name.value
        {
            *name = Ident::new(new);
        }
    }

    fn column(&self, parts: &mut [Ident]) {
        let [alias, rest @ ..] = parts else { return };
        let Some(binding) = self.aliases.get(&alias.value) else {
            if let Some(index) = self.lambdas.iter().rposition(|param| *param == alias.value) {
                *alias = parameter(index);
            }
            return;
        };
        *alias = Ident::new(&binding.alias);
        if let (Some(columns), Some(column)) = (&binding.columns, rest.first_mut())
            && let Some(new) = columns.get(&column.value)
        {
            *column = Ident::new(new);
        }
    }

    /// Keys of a sort, in their order.
    pub(super) fn keys(&mut self, keys: &mut [OrderByExpr]) -> Facts {
        let mut facts = Facts::default();
        for key in keys {
            ascending(key);
            facts.add(self.expr(&mut key.expr));
        }
        facts
    }
}

/// No name needs to be written like this without quotes, so none is mistaken for a parameter.
fn parameter(index: usize) -> Ident {
    Ident::new(format!("${index}"))
}

fn ascending(key: &mut OrderByExpr) {
    if key.options.asc == Some(true) {
        key.options.asc = None;
    }
}

fn is_called(function: &Function, name: &str) -> bool {
    matches!(&function.name.0[..], [ObjectNamePart::Identifier(ident)] if ident.value == name)
}

fn no_function() -> Function {
    Function {
        name: Vec::<Ident>::new().into(),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::None,
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// Whether a count of these arguments counts all rows.
fn counts_rows(args: &[FunctionArg]) -> bool {
    match args {
        [] => true,
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))] => {
            !matches!(value.value, Value::Null | Value::Placeholder(_))
        }
        _ => false,
    }
}

/// Turns an expression into its opposite, one level down; says whether it could.
fn negate(expr: &mut Expr) -> bool {
    use BinaryOperator as Op;
    match expr {
        Expr::Value(value) => match &mut value.value {
            Value::Boolean(value) => *value = !*value,
            _ => return false,
        },
        Expr::BinaryOp { left, op, right } => {
            let opposite = match op {
                Op::And | Op::Or => {
                    (**left, **right) = (not(take(left)), not(take(right)));
                    if *op == Op::And { Op::Or } else { Op::And }
                }
                Op::Eq => Op::NotEq,
                Op::NotEq => Op::Eq,
                Op::Lt => Op::GtEq,
                Op::GtEq => Op::Lt,
                Op::Gt => Op::LtEq,
                Op::LtEq => Op::Gt,
                Op::PGRegexMatch => Op::PGRegexNotMatch,
                Op::PGRegexNotMatch => Op::PGRegexMatch,
                Op::PGRegexIMatch => Op::PGRegexNotIMatch,
                Op::PGRegexNotIMatch => Op::PGRegexIMatch,
                Op::PGLikeMatch => Op::PGNotLikeMatch,
                Op::PGNotLikeMatch => Op::PGLikeMatch,
                Op::PGILikeMatch => Op::PGNotILikeMatch,
                Op::PGNotILikeMatch => Op::PGILikeMatch,
                _ => return false,
            };
            *op = opposite;
        }
        Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } if boolean(inner) => {
            *expr = take(inner);
        }
        Expr::IsNull(inner) => *expr = Expr::IsNotNull(moved(inner)),
        Expr::IsNotNull(inner) => *expr = Expr::IsNull(moved(inner)),
        Expr::IsTrue(inner) => *expr = Expr::IsNotTrue(moved(inner)),
        Expr::IsNotTrue(inner) => *expr = Expr::IsTrue(moved(inner)),
        Expr::IsFalse(inner) => *expr = Expr::IsNotFalse(moved(inner)),
        Expr::IsNotFalse(inner) => *expr = Expr::IsFalse(moved(inner)),
        Expr::IsUnknown(inner) => *expr = Expr::IsNotUnknown(moved(inner)),
        Expr::IsNotUnknown(inner) => *expr = Expr::IsUnknown(moved(inner)),
        Expr::IsDistinctFrom(left, right) => {
            *expr = Expr::IsNotDistinctFrom(moved(left), moved(right));
        }
        Expr::IsNotDistinctFrom(left, right) => {
            *expr = Expr::IsDistinctFrom(moved(left), moved(right));
        }
        Expr::InList { expr: _, list: _, negated }
        | Expr::InSubquery { expr: _, subquery: _, negated }
        | Expr::Between { expr: _, negated, low: _, high: _ }
        | Expr::Like { negated, any: false, expr: _, pattern: _, escape_char: _ }
        | Expr::ILike { negated, any: false, expr: _, pattern: _, escape_char: _ }
        | Expr::Exists { subquery: _, negated } => *negated = !*negated,
        _ => return false,
    }
    true
}

fn moved(expr: &mut Expr) -> Box<Expr> {
    Box::new(take(expr))
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// Whether an expression is of boolean type, whatever its operands are.
fn boolean(expr: &Expr) -> bool {
    use BinaryOperator as Op;
    match expr {
        Expr::BinaryOp { left: _, op, right: _ } => matches!(
            op,
            Op::And
                | Op::Or
                | Op::Eq
                | Op::NotEq
                | Op::Lt
                | Op::LtEq
                | Op::Gt
                | Op::GtEq
                | Op::PGRegexMatch
                | Op::PGRegexNotMatch
                | Op::PGRegexIMatch
                | Op::PGRegexNotIMatch
        ),
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::Exists { .. }
        | Expr::UnaryOp { op: UnaryOperator::Not, .. } => true,
        Expr::Value(value) => matches!(value.value, Value::Boolean(_)),
        _ => false,
    }
}

/// The operator for exchanged operands, if there is one.
fn mirrored(op: &BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator as Op;
    Some(match op {
        Op::Eq => Op::Eq,
        Op::NotEq => Op::NotEq,
        Op::Plus => Op::Plus,
        Op::Multiply => Op::Multiply,
        Op::BitwiseAnd => Op::BitwiseAnd,
        Op::BitwiseOr => Op::BitwiseOr,
        Op::BitwiseXor => Op::BitwiseXor,
        Op::Lt => Op::Gt,
        Op::Gt => Op::Lt,
        Op::LtEq => Op::GtEq,
        Op::GtEq => Op::LtEq,
        _ => return None,
    })
}

/// Sorts the operands of AND or OR and drops what adds nothing. `truth` says that only whether
/// the whole is true matters, so that a single operand may be left whatever its type is.
pub(super) fn settle(op: &BinaryOperator, operands: &mut Vec<Operand>, truth: bool) {
    let neutral = *op == BinaryOperator::And;
    let is_neutral = |operand: &Operand| matches!(&operand.expr, Expr::Value(value) if value.value == Value::Boolean(neutral));
    sort(operands);
    let mut kept: Vec<Operand> = Vec::with_capacity(operands.len());
    let mut spare = false;
    for operand in operands.drain(..) {
        if kept.last().is_some_and(|last| last.repeats(&operand)) || is_neutral(&operand) {
            spare = true;
        } else {
            kept.push(operand);
        }
    }
    let stands_alone = match &kept[..] {
        [] => false,
        [only] => truth || boolean(&only.expr),
        _ => true,
    };
    if spare && !stands_alone {
        // One spelling for all of them: what is left, and the literal that adds nothing.
        let value = Value::Boolean(neutral).with_empty_span();
        kept.push(Operand::new(Expr::Value(value), Facts::LEAF));
    }
    *operands = kept;
}

/// Takes a chain in form apart. An operand becomes a chain of the operator around it when its
/// own duplicates went, and then nothing in it varies.
fn split(op: &BinaryOperator, expr: Expr, facts: Facts, operands: &mut Vec<Operand>) {
    if !matches!(&expr, Expr::BinaryOp { left: _, op: inner, right: _ } if inner == op) {
        operands.push(Operand::new(expr, facts));
        return;
    }
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match expr {
            Expr::BinaryOp { left, op: inner, right } if inner == *op => {
                pending.extend([*right, *left]);
            }
            expr => {
                let facts = Facts { size: size(&expr), ..facts };
                operands.push(Operand::new(expr, facts));
            }
        }
    }
}

/// The size as [`Facts`] count it.
#[recursive::recursive]
fn size(expr: &Expr) -> usize {
    let mut total = 1;
    if !matches!(expr, Expr::Interval(_)) {
        walk::children(expr, &mut |child| match child {
            Child::Expr(expr) => total += size(expr),
            Child::Query(_) => total += 1,
        });
    }
    total
}

/// Joins operands into a tree that is as low as can be.
pub(super) fn join(op: &BinaryOperator, operands: Vec<Operand>) -> (Expr, Facts) {
    let mut facts = Facts { size: operands.len().saturating_sub(1), ..Facts::default() };
    operands.iter().for_each(|operand| facts.add(operand.facts));
    let count = operands.len();
    let mut exprs = operands.into_iter().map(|operand| operand.expr);
    (balanced(op, &mut exprs, count), facts)
}

fn balanced(op: &BinaryOperator, exprs: &mut impl Iterator<Item = Expr>, count: usize) -> Expr {
    if count == 1 {
        return exprs.next().expect("as many as were counted");
    }
    let left = balanced(op, exprs, count.div_ceil(2));
    let right = balanced(op, exprs, count / 2);
    binary(left, op.clone(), right)
}
