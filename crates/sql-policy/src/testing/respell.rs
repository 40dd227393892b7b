//! Writes a query in qualified normal form in another way that gives the same result: other names
//! inside, other order where order says nothing, other spellings. Knows nothing of how the lane
//! takes these apart again.

use std::{collections::BTreeMap, ops::ControlFlow};

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DollarQuotedString, Expr, Function, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectName,
    ObjectNamePart, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select, SelectItem,
    SetExpr, SetQuantifier, TableFactor, TableWithJoins, TypedString, UnaryOperator, Value,
    VisitMut, VisitorMut, WindowSpec, WindowType, visit_expressions, visit_relations,
};

use super::generate::{Choices, argument, binary, column_name, number};

/// Another spelling of a query. Aliases and names of common table expressions must be unique in
/// it, and no set operation BY NAME.
pub(crate) fn respell(query: &Query, choices: &mut Choices<'_>) -> Query {
    let mut query = query.clone();
    rename(&mut query, choices);
    let random = query.to_string().contains("random(");
    let mut rewriter = Rewriter { choices, depth: 0, random };
    let _: ControlFlow<()> = query.visit(&mut rewriter);
    query
}

/// Gives every name that is not seen from outside another one.
pub(crate) fn rename(query: &mut Query, choices: &mut Choices<'_>) {
    let mut renamer =
        Renamer { choices, named: 0, aliases: BTreeMap::new(), ctes: BTreeMap::new(), top: true };
    let _: ControlFlow<()> = query.visit(&mut renamer);
    let Renamer { aliases, ctes, .. } = renamer;
    let mut references = References { aliases: &aliases, ctes: &ctes };
    let _: ControlFlow<()> = query.visit(&mut references);
}

struct Renamer<'c, 'b> {
    choices: &'c mut Choices<'b>,
    named: usize,
    aliases: BTreeMap<String, (String, BTreeMap<String, String>)>,
    ctes: BTreeMap<String, (String, Vec<(String, String)>)>,
    top: bool,
}

impl Renamer<'_, '_> {
    fn fresh(&mut self) -> String {
        const STEMS: [&str; 6] = ["zz", "a", "_m", "item", "q_", "_t0_"];
        self.named += 1;
        format!("{}{}", STEMS[self.choices.below(STEMS.len())], self.named)
    }

    /// Renames the outputs of a query below the top; gives the old and the new names.
    fn outputs(&mut self, query: &mut Query) -> Vec<(String, String)> {
        let names = self.body(&mut query.body);
        sort_keys(query, &names);
        names
    }

    fn body(&mut self, body: &mut SetExpr) -> Vec<(String, String)> {
        match body {
            SetExpr::Select(select) => select
                .projection
                .iter_mut()
                .map(|item| match item {
                    SelectItem::ExprWithAlias { expr: _, alias } => {
                        let new = Ident::new(self.fresh());
                        let old = std::mem::replace(alias, new);
                        (old.value, alias.value.clone())
                    }
                    _ => (String::new(), String::new()),
                })
                .collect(),
            SetExpr::Query(query) => self.outputs(query),
            SetExpr::SetOperation { left, right, .. } => {
                let names = self.body(left);
                self.body(right);
                names
            }
            SetExpr::Values(values) => {
                let columns = values.rows.first().map_or(0, |row| row.content.len());
                let names = (1..=columns).map(|column| format!("column{column}"));
                names.map(|name| (name.clone(), name)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Names that an alias or a column list gives to outputs.
    fn listed(
        &mut self,
        list: &mut Vec<sqlparser::ast::TableAliasColumnDef>,
        outputs: Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        let old: Vec<_> = outputs
            .iter()
            .enumerate()
            .map(|(index, (old, _))| {
                list.get(index).map_or_else(|| old.clone(), |column| column.name.value.clone())
            })
            .collect();
        let new: Vec<_> = if self.choices.rarely(3) {
            let new: Vec<_> = outputs.iter().map(|_| self.fresh()).collect();
            *list = new.iter().map(|name| column_name(name)).collect();
            new
        } else {
            list.clear();
            outputs.into_iter().map(|(_, new)| new).collect()
        };
        old.into_iter().zip(new).collect()
    }
}

fn sort_keys(query: &mut Query, names: &[(String, String)]) {
    if let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by {
        for key in keys {
            if let Expr::Identifier(name) = &mut key.expr
                && let Some((_, new)) = names.iter().find(|(old, _)| *old == name.value)
            {
                *name = Ident::new(new);
            }
        }
    }
}

impl VisitorMut for Renamer<'_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if std::mem::take(&mut self.top) {
            // Only the names of the left-most branch are seen.
            let mut body = &mut *query.body;
            while let SetExpr::SetOperation { left, right, .. } = body {
                self.body(right);
                body = left;
            }
        }
        for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            let outputs = self.outputs(&mut cte.query);
            let outputs = self.listed(&mut cte.alias.columns, outputs);
            let name = self.fresh();
            let old = std::mem::replace(&mut cte.alias.name, Ident::new(&name));
            self.ctes.insert(old.value, (name, outputs));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let (alias, outputs) = match factor {
            TableFactor::Table { name, alias, .. } => {
                let outputs = match &name.0[..] {
                    [ObjectNamePart::Identifier(name)] => self.ctes.get(&name.value),
                    _ => None,
                };
                // What the definition was renamed to is now the old name.
                let outputs = outputs.map(|(_, outputs)| outputs.clone());
                (alias, outputs)
            }
            TableFactor::Derived { subquery, alias, .. } => (alias, Some(self.outputs(subquery))),
            TableFactor::UNNEST { alias, .. } | TableFactor::Function { alias, .. } => {
                (alias, None)
            }
            _ => return ControlFlow::Continue(()),
        };
        let Some(alias) = alias else { return ControlFlow::Continue(()) };
        let columns = match outputs {
            Some(outputs) => self.listed(&mut alias.columns, outputs),
            None => alias
                .columns
                .iter_mut()
                .map(|column| {
                    let new = Ident::new(self.fresh());
                    let old = std::mem::replace(&mut column.name, new);
                    (old.value, column.name.value.clone())
                })
                .collect(),
        };
        let name = self.fresh();
        let old = std::mem::replace(&mut alias.name, Ident::new(&name));
        self.aliases.insert(old.value, (name, columns.into_iter().collect()));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Subquery(query)
        | Expr::Exists { subquery: query, .. }
        | Expr::InSubquery { subquery: query, .. } = expr
        {
            if let SetExpr::Select(select) = &mut *query.body {
                for item in &mut select.projection {
                    match item {
                        SelectItem::UnnamedExpr(expr) if self.choices.rarely(3) => {
                            let expr = taken(expr);
                            let alias = Ident::new(self.fresh());
                            *item = SelectItem::ExprWithAlias { expr, alias };
                        }
                        SelectItem::ExprWithAlias { expr, alias: _ }
                            if query.order_by.is_none() && self.choices.rarely(3) =>
                        {
                            *item = SelectItem::UnnamedExpr(taken(expr));
                        }
                        _ => {}
                    }
                }
            }
            self.outputs(query);
        }
        ControlFlow::Continue(())
    }
}

/// The other name of something, and those of its columns.
type Renamed = (String, Vec<(String, String)>);

struct References<'a> {
    aliases: &'a BTreeMap<String, (String, BTreeMap<String, String>)>,
    ctes: &'a BTreeMap<String, Renamed>,
}

impl VisitorMut for References<'_> {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [ObjectNamePart::Identifier(name)] = &mut relation.0[..]
            && let Some((new, _)) = self.ctes.get(&name.value)
        {
            *name = Ident::new(new);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [alias, column, ..] = &mut parts[..]
            && let Some((new, columns)) = self.aliases.get(&alias.value)
        {
            *alias = Ident::new(new);
            if let Some(new) = columns.get(&column.value) {
                *column = Ident::new(new);
            }
        }
        ControlFlow::Continue(())
    }
}

fn taken(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::Value(Value::Null.into()))
}

struct Rewriter<'c, 'b> {
    choices: &'c mut Choices<'b>,
    depth: usize,
    /// Whether a volatile function is called somewhere.
    random: bool,
}

/// Whether there are names in an expression that must not be there twice.
fn names_tables(expr: &Expr) -> bool {
    visit_expressions(expr, |inner| match inner {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

fn calls_random(expr: &Expr) -> bool {
    visit_expressions(expr, |inner| match inner {
        Expr::Function(Function { name, .. }) if name.to_string() == "random" => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

impl Rewriter<'_, '_> {
    /// Whether an expression may not be doubled, or change places with another such. What is read
    /// may be volatile far from here.
    fn volatile(&self, expr: &Expr) -> bool {
        self.random && (calls_random(expr) || names_tables(expr))
    }

    fn chain(&mut self, expr: &mut Expr, op: &BinaryOperator) {
        let mut operands = Vec::new();
        let mut pending = vec![taken(expr)];
        while let Some(next) = pending.pop() {
            match next {
                Expr::BinaryOp { left, op: inner, right } if inner == *op => {
                    pending.extend([*right, *left]);
                }
                next => operands.push(next),
            }
        }
        if operands.iter().filter(|operand| self.volatile(operand)).count() < 2 {
            self.choices.shuffle(&mut operands);
        }
        if self.choices.rarely(4)
            && let Some(again) = self.choices.one(&operands).cloned()
            && !self.volatile(&again)
            && !names_tables(&again)
        {
            operands.push(again);
        }
        if self.choices.rarely(6) {
            // De Morgan.
            let other = match op {
                BinaryOperator::And => BinaryOperator::Or,
                _ => BinaryOperator::And,
            };
            let operands = operands.into_iter().map(not).collect();
            *expr = not(self.tree(operands, &other));
        } else {
            *expr = self.tree(operands, op);
        }
    }

    /// Any grouping.
    fn tree(&mut self, mut operands: Vec<Expr>, op: &BinaryOperator) -> Expr {
        while operands.len() > 1 {
            let at = self.choices.below(operands.len() - 1);
            let right = operands.remove(at + 1);
            let left = taken(&mut operands[at]);
            operands[at] = binary(left, op.clone(), right);
        }
        operands.pop().expect("a chain has operands")
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Number(text, _) if text.contains('.') => match self.choices.below(4) {
                1 => text.push('0'),
                2 => text.insert(0, '0'),
                3 => text.push_str("e0"),
                _ => {}
            },
            Value::Number(text, _) if self.choices.rarely(4) => {
                text.insert_str(0, "00");
            }
            Value::SingleQuotedString(text) => match self.choices.below(5) {
                3 => *value = Value::EscapedStringLiteral(std::mem::take(text)),
                4 => {
                    let value_ = std::mem::take(text);
                    *value =
                        Value::DollarQuotedString(DollarQuotedString { value: value_, tag: None });
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn window(&mut self, spec: &mut WindowSpec) {
        self.choices.shuffle(&mut spec.partition_by);
        if self.choices.rarely(4)
            && let Some(again) = spec.partition_by.first().cloned()
        {
            spec.partition_by.push(again);
        }
        spec.order_by.iter_mut().for_each(|key| self.key(key));
        if let Some(frame) = &mut spec.window_frame
            && self.choices.rarely(3)
            && frame.end_bound == Some(sqlparser::ast::WindowFrameBound::CurrentRow)
        {
            frame.end_bound = None;
        }
    }

    fn key(&mut self, key: &mut OrderByExpr) {
        if key.options.asc.is_none() && self.choices.rarely(3) {
            key.options.asc = Some(true);
        }
    }

    /// Conditions of inner joins move between ON and WHERE; products are written in other ways.
    fn products(&mut self, select: &mut Select) {
        let mut moved = Vec::new();
        for table in &mut select.from {
            let product = table.joins.iter().all(|join| {
                matches!(
                    join.join_operator,
                    JoinOperator::Inner(_) | JoinOperator::Join(_) | JoinOperator::CrossJoin(_)
                )
            });
            for join in &mut table.joins {
                use JoinOperator as J;
                let operator = std::mem::replace(&mut join.join_operator, J::OuterApply);
                join.join_operator = match operator {
                    J::Inner(JoinConstraint::On(condition))
                        if product && !self.volatile(&condition) && self.choices.rarely(3) =>
                    {
                        moved.push(condition);
                        J::CrossJoin(JoinConstraint::None)
                    }
                    J::Inner(constraint) if self.choices.rarely(2) => J::Join(constraint),
                    J::LeftOuter(constraint) if self.choices.rarely(2) => J::Left(constraint),
                    J::RightOuter(constraint) if self.choices.rarely(2) => J::Right(constraint),
                    J::CrossJoin(_) if product && self.choices.rarely(4) => {
                        J::Inner(JoinConstraint::On(Expr::Value(Value::Boolean(true).into())))
                    }
                    other => other,
                };
            }
        }
        if !moved.is_empty() {
            self.choices.shuffle(&mut moved);
            moved.extend(select.selection.take());
            select.selection = Some(self.tree(moved, &BinaryOperator::And));
        }
        // A product of the last two items becomes a cross join, or the other way round.
        if self.choices.rarely(3)
            && let [.., left, right] = &mut select.from[..]
            && left.joins.is_empty()
            && right.joins.is_empty()
        {
            let relation = select.from.pop().expect("there are two").relation;
            let last = select.from.last_mut().expect("there are two");
            let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
            last.joins.push(sqlparser::ast::Join { relation, global: false, join_operator });
        } else if let Some(TableWithJoins { relation: _, joins }) = select.from.last_mut()
            && let [.., last] = &joins[..]
            && joins.iter().all(|join| matches!(join.join_operator, JoinOperator::CrossJoin(_)))
            && !matches!(last.relation, TableFactor::NestedJoin { .. })
            && self.choices.rarely(2)
        {
            let relation = joins.pop().expect("there is one").relation;
            select.from.push(TableWithJoins { relation, joins: Vec::new() });
        }
    }
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}

impl VisitorMut for Rewriter<'_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(with) = &mut query.with {
            // Neighbours change places when the later one does not read the earlier one.
            for at in 1..with.cte_tables.len() {
                let earlier = with.cte_tables[at - 1].alias.name.value.clone();
                let reads = visit_relations(&with.cte_tables[at].query, |relation| {
                    if relation.to_string() == earlier {
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                });
                if reads.is_continue() && self.choices.rarely(2) {
                    with.cte_tables.swap(at - 1, at);
                }
            }
        }
        let mut bodies = vec![&mut *query.body];
        while let Some(body) = bodies.pop() {
            if let SetExpr::SetOperation { left, right, set_quantifier, .. } = body {
                if *set_quantifier == SetQuantifier::None && self.choices.rarely(3) {
                    *set_quantifier = SetQuantifier::Distinct;
                }
                bodies.extend([&mut **left, right]);
            }
        }
        if let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by {
            keys.iter_mut().for_each(|key| self.key(key));
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        if self.depth > 0
            && query.order_by.is_none()
            && query.limit_clause.is_none()
            && let SetExpr::Select(select) = &*query.body
            && let Some(SelectItem::ExprWithAlias { alias, .. }) = select.projection.first()
            && self.choices.rarely(6)
        {
            let key = OrderByExpr {
                expr: Expr::Identifier(alias.clone()),
                options: OrderByOptions { asc: Some(false), nulls_first: None },
                with_fill: None,
            };
            query.order_by =
                Some(OrderBy { kind: OrderByKind::Expressions(vec![key]), interpolate: None });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        self.products(select);
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
            self.choices.shuffle(keys);
            if self.choices.rarely(4)
                && let Some(again) = keys.first().cloned()
            {
                keys.push(again);
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        use BinaryOperator as Op;
        match expr {
            Expr::BinaryOp { op: Op::And, .. } => self.chain(expr, &Op::And),
            Expr::BinaryOp { op: Op::Or, .. } => self.chain(expr, &Op::Or),
            Expr::BinaryOp { left, op, right } => {
                let both = self.volatile(left) && self.volatile(right);
                let mirrored = match op {
                    Op::Eq | Op::NotEq | Op::Plus | Op::Multiply => Some(op.clone()),
                    Op::Lt => Some(Op::Gt),
                    Op::Gt => Some(Op::Lt),
                    Op::LtEq => Some(Op::GtEq),
                    Op::GtEq => Some(Op::LtEq),
                    _ => None,
                };
                if let Some(mirrored) = mirrored
                    && !both
                    && self.choices.rarely(2)
                {
                    std::mem::swap(left, right);
                    *op = mirrored;
                }
                let opposite = match op {
                    Op::Eq => Op::NotEq,
                    Op::NotEq => Op::Eq,
                    Op::Lt => Op::GtEq,
                    Op::GtEq => Op::Lt,
                    Op::Gt => Op::LtEq,
                    Op::LtEq => Op::Gt,
                    _ => return ControlFlow::Continue(()),
                };
                if self.choices.rarely(6) {
                    *op = opposite;
                    *expr = not(taken(expr));
                }
            }
            Expr::IsDistinctFrom(left, right) => {
                if self.choices.rarely(2) {
                    std::mem::swap(left, right);
                }
                if self.choices.rarely(3) {
                    let (left, right) = (Box::new(taken(left)), Box::new(taken(right)));
                    *expr = not(Expr::IsNotDistinctFrom(left, right));
                }
            }
            Expr::IsNull(inner) if self.choices.rarely(4) => {
                *expr = not(Expr::IsNotNull(Box::new(taken(inner))));
            }
            Expr::InList { expr: _, list, negated } => {
                self.choices.shuffle(list);
                if self.choices.rarely(3)
                    && let Some(again) = self.choices.one(list).cloned()
                {
                    list.push(again);
                }
                if self.choices.rarely(4) {
                    *negated = !*negated;
                    *expr = not(taken(expr));
                }
            }
            Expr::Like { negated, .. }
            | Expr::Exists { negated, .. }
            | Expr::InSubquery { negated, .. }
                if self.choices.rarely(4) =>
            {
                *negated = !*negated;
                *expr = not(taken(expr));
            }
            Expr::Between { expr: tested, negated: false, low, high }
                if matches!(**tested, Expr::CompoundIdentifier(_)) && self.choices.rarely(2) =>
            {
                let low = binary((**tested).clone(), Op::GtEq, taken(low));
                let high = binary(taken(tested), Op::LtEq, taken(high));
                *expr = if self.choices.rarely(2) {
                    binary(low, Op::And, high)
                } else {
                    binary(high, Op::And, low)
                };
            }
            Expr::TypedString(TypedString { value, .. }) if self.choices.rarely(3) => {
                *expr = Expr::Cast {
                    kind: CastKind::DoubleColon,
                    expr: Box::new(Expr::Value(value.clone())),
                    data_type: DataType::Date,
                    array: false,
                    format: None,
                };
            }
            Expr::Cast { kind, expr: _, data_type, .. } => {
                if self.choices.rarely(3) {
                    *kind = CastKind::DoubleColon;
                }
                if *data_type == DataType::BigInt(None) && self.choices.rarely(3) {
                    *data_type = DataType::Int8(None);
                }
            }
            Expr::Function(Function {
                name, args: FunctionArguments::List(list), over, ..
            }) => {
                let rows = matches!(
                    &list.args[..],
                    [sqlparser::ast::FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]
                );
                if name.to_string() == "count" && rows && self.choices.rarely(2) {
                    list.args = vec![argument(number("1"))];
                }
                if let Some(WindowType::WindowSpec(spec)) = over {
                    self.window(spec);
                }
            }
            Expr::Value(value) => self.value(&mut value.value),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
