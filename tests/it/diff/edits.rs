//! Edits of a query, by kind. Each is made in the tree of the text, somewhere in it, and says whether
//! there was a place for it.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{
        BinaryOperator, Cte, Distinct, Expr, FunctionArguments, GroupByExpr, Ident, Join,
        JoinConstraint, JoinOperator, LimitClause, ObjectName, ObjectNamePart, OrderBy,
        OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement,
        TableAlias, TableFactor, Value, Visit, VisitMut, Visitor, VisitorMut, WindowType,
    },
    dialect::GenericDialect,
    parser::Parser,
};

/// Choices that are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of `n`.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % n.max(1) as u64) as usize
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.pick(of.len())].clone()) }
    }
}

/// An edit. What has no place in the query leaves it as it is.
pub(crate) type Edit = fn(&mut Query, &mut Dice) -> bool;

/// All kinds.
pub(crate) const KINDS: [(&str, Edit); 51] = [
    ("print_only", |_, _| true),
    ("append_output", |query, dice| in_select(query, dice, append_output)),
    ("insert_output", |query, dice| in_select(query, dice, insert_output)),
    ("append_top_output", |query, dice| top(query, dice, append_output)),
    ("insert_top_output", |query, dice| top(query, dice, insert_output)),
    ("remove_output", |query, dice| in_select(query, dice, remove_output)),
    ("rename_output", |query, dice| in_select(query, dice, rename_output)),
    ("redefine_output", |query, dice| in_select(query, dice, redefine_output)),
    ("redefine_top_output", |query, dice| top(query, dice, redefine_output)),
    ("reorder_outputs", |query, dice| in_select(query, dice, reorder_outputs)),
    ("remove_inner_output", |query, dice| inner(query, dice, remove_output)),
    ("append_inner_output", |query, dice| inner(query, dice, append_output)),
    ("redefine_inner_output", |query, dice| inner(query, dice, redefine_output)),
    ("add_conjunct", |query, dice| in_select(query, dice, add_conjunct)),
    ("remove_conjunct", |query, dice| in_select(query, dice, remove_conjunct)),
    ("negate_conjunct", |query, dice| in_select(query, dice, negate_conjunct)),
    ("swap_conjuncts", swap_operands),
    ("turn_comparison", turn_comparison),
    ("other_comparison", other_comparison),
    ("negated_comparison", negated_comparison),
    ("between_as_comparisons", between_as_comparisons),
    ("shuffle_list", shuffle_list),
    ("change_number", change_number),
    ("change_text", change_text),
    ("toggle_distinct", |query, dice| in_select(query, dice, toggle_distinct)),
    ("add_key", |query, dice| in_select(query, dice, add_key)),
    ("drop_key", |query, dice| in_select(query, dice, drop_key)),
    ("swap_keys", |query, dice| in_select(query, dice, swap_keys)),
    ("add_aggregate", |query, dice| in_select(query, dice, add_aggregate)),
    ("other_aggregate", other_aggregate),
    ("count_of_one", count_of_one),
    ("change_limit", change_limit),
    ("change_offset", change_offset),
    ("turn_order", turn_order),
    ("drop_order_key", drop_order_key),
    ("swap_order_keys", swap_order_keys),
    ("add_order", add_order),
    ("inner_to_left", |query, dice| in_select(query, dice, inner_to_left)),
    ("swap_join_sides", |query, dice| in_select(query, dice, swap_join_sides)),
    ("comma_to_cross_join", |query, dice| in_select(query, dice, comma_to_cross_join)),
    ("add_scalar_subquery", |query, dice| in_select(query, dice, add_scalar_subquery)),
    ("add_single_row", |query, dice| in_select(query, dice, add_single_row)),
    ("add_window", |query, dice| in_select(query, dice, add_window)),
    ("wrap", wrap),
    ("rename_alias", rename_alias),
    ("cte_to_derived", cte_to_derived),
    ("derived_to_cte", derived_to_cte),
    ("add_unread_cte", add_unread_cte),
    ("add_branch", add_branch),
    ("remove_branch", remove_branch),
    ("parenthesise", parenthesise),
];

/// Reads the text of a query.
pub(crate) fn parse(sql: &str) -> Option<Query> {
    let mut statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    match statements.pop() {
        Some(Statement::Query(query)) if statements.is_empty() => Some(*query),
        _ => None,
    }
}

fn expr(text: &str) -> Expr {
    Parser::new(&GenericDialect {}).try_with_sql(text).unwrap().parse_expr().unwrap()
}

/// Nodes of one type, the one with a number changed.
struct Nth<T, F> {
    number: usize,
    is: fn(&T) -> bool,
    change: F,
}

macro_rules! nth {
    ($visit:ident: $node:ty, $count:ident, $change:ident) => {
        impl<F: FnMut(&mut $node) -> bool> VisitorMut for Nth<$node, F> {
            type Break = bool;

            fn $visit(&mut self, node: &mut $node) -> ControlFlow<bool> {
                if !(self.is)(node) {
                    return ControlFlow::Continue(());
                }
                if self.number == 0 {
                    return ControlFlow::Break((self.change)(node));
                }
                self.number -= 1;
                ControlFlow::Continue(())
            }
        }

        fn $count(tree: &mut impl VisitMut, is: fn(&$node) -> bool) -> usize {
            let mut count = 0;
            let change = |_: &mut $node| {
                count += 1;
                false
            };
            // Counts by passing over all of them.
            struct All<F>(fn(&$node) -> bool, F);
            impl<F: FnMut(&mut $node) -> bool> VisitorMut for All<F> {
                type Break = ();

                fn $visit(&mut self, node: &mut $node) -> ControlFlow<()> {
                    if (self.0)(node) {
                        (self.1)(node);
                    }
                    ControlFlow::Continue(())
                }
            }
            let _: ControlFlow<()> = VisitMut::visit(tree, &mut All(is, change));
            count
        }

        /// Tries the nodes that qualify, from a random one on, until one takes the change.
        fn $change(
            query: &mut Query,
            dice: &mut Dice,
            is: fn(&$node) -> bool,
            mut change: impl FnMut(&mut $node, &mut Dice) -> bool,
        ) -> bool {
            let count = $count(query, is);
            let first = dice.pick(count);
            (0..count).any(|step| {
                let number = (first + step) % count;
                let change = |node: &mut $node| change(node, dice);
                VisitMut::visit(query, &mut Nth { number, is, change }) == ControlFlow::Break(true)
            })
        }
    };
}

nth!(pre_visit_select: Select, count_selects, change_select);
nth!(pre_visit_expr: Expr, count_exprs, change_expr);
nth!(pre_visit_query: Query, count_queries, change_query);

fn in_select(query: &mut Query, dice: &mut Dice, edit: fn(&mut Select, &mut Dice) -> bool) -> bool {
    change_select(query, dice, |_| true, edit)
}

/// In the first SELECT of the whole query.
fn top(query: &mut Query, dice: &mut Dice, edit: fn(&mut Select, &mut Dice) -> bool) -> bool {
    match &mut *query.body {
        SetExpr::Select(select) => edit(select, dice),
        _ => false,
    }
}

/// In a common table expression or a derived table.
fn inner(query: &mut Query, dice: &mut Dice, edit: fn(&mut Select, &mut Dice) -> bool) -> bool {
    let mut inner: Vec<&mut Query> = Vec::new();
    if let Some(with) = &mut query.with {
        inner.extend(with.cte_tables.iter_mut().map(|cte| &mut *cte.query));
    }
    if let SetExpr::Select(select) = &mut *query.body {
        for table in &mut select.from {
            let factors = std::iter::once(&mut table.relation)
                .chain(table.joins.iter_mut().map(|join| &mut join.relation));
            inner.extend(factors.filter_map(|factor| match factor {
                TableFactor::Derived { subquery, .. } => Some(&mut **subquery),
                _ => None,
            }));
        }
    }
    let count = inner.len();
    let first = dice.pick(count);
    (0..count).any(|step| top(inner[(first + step) % count], dice, edit))
}

/// The columns that a part of a query names.
fn columns(part: &impl Visit) -> Vec<Expr> {
    struct Columns(Vec<Expr>);
    impl Visitor for Columns {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            if matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
                self.0.push(expr.clone());
            }
            ControlFlow::Continue(())
        }
    }
    let mut columns = Columns(Vec::new());
    let _: ControlFlow<()> = Visit::visit(part, &mut columns);
    columns.0
}

/// Calls of plain aggregates.
fn is_aggregate(expr: &Expr) -> bool {
    let Expr::Function(call) = expr else { return false };
    let name = call.name.to_string().to_lowercase();
    call.over.is_none() && ["sum", "count", "min", "max", "avg"].contains(&name.as_str())
}

fn is_grouped(select: &Select) -> bool {
    let keys = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
    };
    let mut items = select.projection.clone();
    keys || select.having.is_some() || count_exprs(&mut items, is_aggregate) > 0
}

fn output(text: &str, dice: &mut Dice) -> SelectItem {
    let alias = Ident::new(format!("added_{}", dice.pick(10_000)));
    SelectItem::ExprWithAlias { expr: expr(text), alias }
}

fn new_output(select: &Select, dice: &mut Dice) -> Option<SelectItem> {
    let column = dice.one(&columns(select));
    let text = match (is_grouped(select), column) {
        (true, Some(column)) => match dice.pick(3) {
            0 => "count(*)".to_owned(),
            1 => format!("max({column})"),
            _ => format!("count(DISTINCT {column})"),
        },
        (true, None) => "count(*)".to_owned(),
        (false, Some(column)) => match dice.pick(4) {
            0 => format!("{column} IS NULL"),
            1 => format!("coalesce({column}, NULL)"),
            2 => "7".to_owned(),
            _ => column.to_string(),
        },
        (false, None) => "7".to_owned(),
    };
    Some(output(&text, dice))
}

fn append_output(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(item) = new_output(select, dice) else { return false };
    select.projection.push(item);
    true
}

fn insert_output(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(item) = new_output(select, dice) else { return false };
    select.projection.insert(dice.pick(select.projection.len()), item);
    true
}

fn remove_output(select: &mut Select, dice: &mut Dice) -> bool {
    let many = select.projection.len() > 1;
    if many {
        select.projection.remove(dice.pick(select.projection.len()));
    }
    many
}

/// The outputs of a SELECT that are expressions, and which of them is to be changed.
fn chosen<'a>(select: &'a mut Select, dice: &mut Dice) -> Option<&'a mut SelectItem> {
    let is = |item: &&mut SelectItem| {
        matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. })
    };
    let mut items: Vec<_> = select.projection.iter_mut().filter(is).collect();
    let count = items.len();
    if count == 0 { None } else { Some(items.swap_remove(dice.pick(count))) }
}

fn rename_output(select: &mut Select, dice: &mut Dice) -> bool {
    let name = Ident::new(format!("renamed_{}", dice.pick(10_000)));
    match chosen(select, dice) {
        Some(item) => {
            let expr = match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    expr.clone()
                }
                _ => return false,
            };
            *item = SelectItem::ExprWithAlias { expr, alias: name };
            true
        }
        None => false,
    }
}

fn redefine_output(select: &mut Select, dice: &mut Dice) -> bool {
    let way = dice.pick(3);
    let redefined = |expr: &Expr| match way {
        0 => self::expr(&format!("nullif({expr}, {expr})")),
        1 => self::expr(&format!("CASE WHEN ({expr}) IS NULL THEN NULL ELSE {expr} END")),
        _ => self::expr(&format!("({expr}) + 1")),
    };
    match chosen(select, dice) {
        Some(SelectItem::UnnamedExpr(expr)) => {
            // The name stays where it is one.
            let alias = match &*expr {
                Expr::Identifier(name) => Some(name.clone()),
                Expr::CompoundIdentifier(parts) => parts.last().cloned(),
                _ => None,
            };
            let new = redefined(expr);
            match alias {
                Some(alias) => {
                    let item = SelectItem::ExprWithAlias { expr: new, alias };
                    let old = SelectItem::UnnamedExpr(expr.clone());
                    for other in &mut select.projection {
                        if *other == old {
                            *other = item;
                            break;
                        }
                    }
                }
                None => *expr = new,
            }
            true
        }
        Some(SelectItem::ExprWithAlias { expr, .. }) => {
            *expr = redefined(expr);
            true
        }
        _ => false,
    }
}

fn reorder_outputs(select: &mut Select, dice: &mut Dice) -> bool {
    let count = select.projection.len();
    if count < 2 {
        return false;
    }
    let first = dice.pick(count - 1);
    select.projection.swap(first, first + 1);
    true
}

fn conjuncts(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut all = conjuncts(left);
            all.extend(conjuncts(right));
            all
        }
        other => vec![other.clone()],
    }
}

fn together(conjuncts: Vec<Expr>) -> Option<Expr> {
    conjuncts.into_iter().reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    })
}

fn add_conjunct(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(column) = dice.one(&columns(select)) else { return false };
    let new = match dice.pick(3) {
        0 => expr(&format!("{column} IS NOT NULL")),
        1 => expr(&format!("{column} = {column}")),
        _ => expr(&format!("{column} IS DISTINCT FROM NULL")),
    };
    let mut all: Vec<Expr> = match select.selection.take() {
        Some(old @ Expr::BinaryOp { op: BinaryOperator::Or, .. }) => {
            vec![Expr::Nested(Box::new(old))]
        }
        Some(old) => conjuncts(&old),
        None => Vec::new(),
    };
    all.insert(dice.pick(all.len() + 1), new);
    select.selection = together(all);
    true
}

fn remove_conjunct(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(condition) = &select.selection else { return false };
    let mut all = conjuncts(condition);
    all.remove(dice.pick(all.len()));
    select.selection = together(all);
    true
}

fn negate_conjunct(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(condition) = &select.selection else { return false };
    let mut all = conjuncts(condition);
    let at = dice.pick(all.len());
    all[at] = expr(&format!("NOT ({})", all[at]));
    select.selection = together(all);
    true
}

fn swap_operands(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| {
        let Expr::BinaryOp { op, .. } = expr else { return false };
        matches!(op, BinaryOperator::And | BinaryOperator::Or)
    };
    change_expr(query, dice, is, |expr, _| {
        let Expr::BinaryOp { left, op, right } = expr else { return false };
        let nested = |expr: &Expr| Box::new(Expr::Nested(Box::new(expr.clone())));
        *expr = Expr::BinaryOp { left: nested(right), op: op.clone(), right: nested(left) };
        true
    })
}

fn turned(op: &BinaryOperator) -> Option<BinaryOperator> {
    Some(match op {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        BinaryOperator::Eq => BinaryOperator::Eq,
        BinaryOperator::NotEq => BinaryOperator::NotEq,
        _ => return None,
    })
}

fn is_comparison(expr: &Expr) -> bool {
    matches!(expr, Expr::BinaryOp { op, .. } if turned(op).is_some())
}

fn turn_comparison(query: &mut Query, dice: &mut Dice) -> bool {
    change_expr(query, dice, is_comparison, |expr, _| {
        let Expr::BinaryOp { left, op, right } = expr else { return false };
        *op = turned(op).expect("only comparisons are asked for");
        std::mem::swap(left, right);
        true
    })
}

fn other_comparison(query: &mut Query, dice: &mut Dice) -> bool {
    change_expr(query, dice, is_comparison, |expr, _| {
        let Expr::BinaryOp { op, .. } = expr else { return false };
        *op = match op {
            BinaryOperator::Lt => BinaryOperator::LtEq,
            BinaryOperator::LtEq => BinaryOperator::Lt,
            BinaryOperator::Gt => BinaryOperator::GtEq,
            BinaryOperator::GtEq => BinaryOperator::Gt,
            BinaryOperator::Eq => BinaryOperator::NotEq,
            _ => BinaryOperator::Eq,
        };
        true
    })
}

/// `a < b` as `NOT a >= b`.
fn negated_comparison(query: &mut Query, dice: &mut Dice) -> bool {
    change_expr(query, dice, is_comparison, |expr, _| {
        let Expr::BinaryOp { left, op, right } = expr else { return false };
        let op = match op {
            BinaryOperator::Lt => BinaryOperator::GtEq,
            BinaryOperator::LtEq => BinaryOperator::Gt,
            BinaryOperator::Gt => BinaryOperator::LtEq,
            BinaryOperator::GtEq => BinaryOperator::Lt,
            BinaryOperator::Eq => BinaryOperator::NotEq,
            _ => BinaryOperator::Eq,
        };
        *expr = self::expr(&format!("(NOT ({left} {op} {right}))"));
        true
    })
}

fn between_as_comparisons(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| matches!(expr, Expr::Between { negated: false, .. });
    change_expr(query, dice, is, |expr, _| {
        let Expr::Between { expr: value, low, high, .. } = expr else { return false };
        *expr = self::expr(&format!("({value} >= {low} AND {value} <= {high})"));
        true
    })
}

fn shuffle_list(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| matches!(expr, Expr::InList { list, .. } if list.len() > 1);
    change_expr(query, dice, is, |expr, dice| {
        let Expr::InList { list, .. } = expr else { return false };
        match dice.pick(2) {
            0 => list.reverse(),
            _ => list.push(list[0].clone()),
        }
        true
    })
}

fn change_number(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| {
        let Expr::Value(value) = expr else { return false };
        matches!(&value.value, Value::Number(text, _) if text.parse::<i64>().is_ok())
    };
    change_expr(query, dice, is, |expr, _| {
        let Expr::Value(value) = expr else { return false };
        let Value::Number(text, _) = &mut value.value else { return false };
        *text = (text.parse::<i64>().unwrap() + 1).to_string();
        true
    })
}

fn change_text(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| matches!(expr, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)));
    change_expr(query, dice, is, |expr, _| {
        let Expr::Value(value) = expr else { return false };
        let Value::SingleQuotedString(text) = &mut value.value else { return false };
        text.push('x');
        true
    })
}

fn toggle_distinct(select: &mut Select, _: &mut Dice) -> bool {
    select.distinct = match select.distinct.take() {
        None => Some(Distinct::Distinct),
        Some(_) => None,
    };
    true
}

fn keys(select: &mut Select) -> Option<&mut Vec<Expr>> {
    match &mut select.group_by {
        GroupByExpr::Expressions(keys, _) if !keys.is_empty() => Some(keys),
        _ => None,
    }
}

fn add_key(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(column) = dice.one(&columns(select)) else { return false };
    let Some(keys) = keys(select) else { return false };
    let at = dice.pick(keys.len() + 1);
    keys.insert(at, column);
    true
}

fn drop_key(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(keys) = keys(select) else { return false };
    let many = keys.len() > 1;
    if many {
        keys.remove(dice.pick(keys.len()));
    }
    many
}

fn swap_keys(select: &mut Select, _: &mut Dice) -> bool {
    let Some(keys) = keys(select) else { return false };
    keys.reverse();
    keys.len() > 1
}

fn add_aggregate(select: &mut Select, dice: &mut Dice) -> bool {
    if !is_grouped(select) {
        return false;
    }
    let column = dice.one(&columns(select));
    let text = match column {
        Some(column) if dice.pick(2) == 0 => format!("min({column})"),
        _ => "count(*)".to_owned(),
    };
    let item = output(&text, dice);
    select.projection.push(item);
    true
}

fn other_aggregate(query: &mut Query, dice: &mut Dice) -> bool {
    change_expr(query, dice, is_aggregate, |expr, _| {
        let Expr::Function(call) = expr else { return false };
        let name = match call.name.to_string().to_lowercase().as_str() {
            "sum" => "max",
            "min" => "max",
            "max" => "min",
            "avg" => "max",
            _ => return false,
        };
        call.name = ObjectName(vec![ObjectNamePart::Identifier(Ident::new(name))]);
        true
    })
}

/// `count(*)` as `count(1)`.
fn count_of_one(query: &mut Query, dice: &mut Dice) -> bool {
    change_expr(query, dice, is_aggregate, |expr, _| {
        let text = expr.to_string();
        let one = text.replacen("count(*)", "count(1)", 1);
        let changed = one != text;
        *expr = self::expr(&one);
        changed
    })
}

fn change_limit(query: &mut Query, dice: &mut Dice) -> bool {
    let number = expr(&(1 + dice.pick(4)).to_string());
    change_query(
        query,
        dice,
        |_| true,
        |query, dice| {
            match &mut query.limit_clause {
                Some(LimitClause::LimitOffset { limit, .. }) if dice.pick(2) == 0 => {
                    *limit = Some(number.clone());
                }
                Some(_) => query.limit_clause = None,
                None => {
                    let (offset, limit_by) = (None, Vec::new());
                    let limit = Some(number.clone());
                    query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by });
                }
            }
            true
        },
    )
}

fn change_offset(query: &mut Query, dice: &mut Dice) -> bool {
    let number = dice.pick(4);
    change_query(
        query,
        dice,
        |query| query.limit_clause.is_some(),
        |query, _| {
            let Some(LimitClause::LimitOffset { limit: Some(limit), .. }) = &query.limit_clause
            else {
                return false;
            };
            let other = parse(&format!("SELECT 1 LIMIT {limit} OFFSET {number}")).unwrap();
            query.limit_clause = other.limit_clause;
            true
        },
    )
}

fn order_keys(query: &mut Query) -> Option<&mut Vec<sqlparser::ast::OrderByExpr>> {
    match &mut query.order_by {
        Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) => Some(keys),
        _ => None,
    }
}

fn is_ordered(query: &Query) -> bool {
    query.order_by.is_some()
}

fn turn_order(query: &mut Query, dice: &mut Dice) -> bool {
    change_query(query, dice, is_ordered, |query, dice| {
        let Some(keys) = order_keys(query) else { return false };
        let at = dice.pick(keys.len());
        let asc = &mut keys[at].options.asc;
        *asc = Some(*asc == Some(false));
        true
    })
}

fn drop_order_key(query: &mut Query, dice: &mut Dice) -> bool {
    change_query(query, dice, is_ordered, |query, _| {
        let Some(keys) = order_keys(query) else { return false };
        keys.pop();
        if keys.is_empty() {
            query.order_by = None;
        }
        true
    })
}

fn swap_order_keys(query: &mut Query, dice: &mut Dice) -> bool {
    change_query(query, dice, is_ordered, |query, _| {
        let Some(keys) = order_keys(query) else { return false };
        keys.reverse();
        keys.len() > 1
    })
}

fn add_order(query: &mut Query, dice: &mut Dice) -> bool {
    change_query(
        query,
        dice,
        |query| query.order_by.is_none(),
        |query, _| {
            query.order_by = parse("SELECT 1 ORDER BY 1 DESC").unwrap().order_by;
            true
        },
    )
}

fn inner_to_left(select: &mut Select, dice: &mut Dice) -> bool {
    let mut joins: Vec<&mut Join> =
        select.from.iter_mut().flat_map(|table| &mut table.joins).collect();
    let count = joins.len();
    if count == 0 {
        return false;
    }
    let operator = &mut joins[dice.pick(count)].join_operator;
    let new = match operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) => JoinOperator::Left(on.clone()),
        JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => JoinOperator::Inner(on.clone()),
        _ => return false,
    };
    *operator = new;
    true
}

fn swap_join_sides(select: &mut Select, dice: &mut Dice) -> bool {
    let count = select.from.len();
    let Some(table) = select.from.get_mut(dice.pick(count)) else { return false };
    let Some(join) = table.joins.first_mut() else { return false };
    let on = |constraint: &JoinConstraint| matches!(constraint, JoinConstraint::On(_));
    let operator = match &join.join_operator {
        JoinOperator::Join(c) | JoinOperator::Inner(c) if on(c) => None,
        JoinOperator::CrossJoin(_) => None,
        JoinOperator::Left(c) | JoinOperator::LeftOuter(c) if on(c) => {
            Some(JoinOperator::Right(c.clone()))
        }
        JoinOperator::Right(c) | JoinOperator::RightOuter(c) if on(c) => {
            Some(JoinOperator::Left(c.clone()))
        }
        _ => return false,
    };
    if let Some(operator) = operator {
        join.join_operator = operator;
    }
    std::mem::swap(&mut table.relation, &mut join.relation);
    true
}

fn comma_to_cross_join(select: &mut Select, _: &mut Dice) -> bool {
    if select.from.len() < 2 || !select.from[1].joins.is_empty() {
        return false;
    }
    let second = select.from.remove(1);
    let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
    select.from[0].joins.push(Join { relation: second.relation, global: false, join_operator });
    true
}

/// A table that a SELECT reads.
fn table(select: &Select, dice: &mut Dice) -> Option<String> {
    let factors = select.from.iter().flat_map(|table| {
        std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation))
    });
    let names: Vec<String> = factors
        .filter_map(|factor| match factor {
            TableFactor::Table { name, args: None, .. } => Some(name.to_string()),
            _ => None,
        })
        .collect();
    dice.one(&names)
}

fn add_scalar_subquery(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(table) = table(select, dice) else { return false };
    let item = output(&format!("(SELECT count(*) FROM {table} AS counted)"), dice);
    select.projection.push(item);
    true
}

fn add_single_row(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(table) = table(select, dice) else { return false };
    let query = format!("SELECT 1 FROM (SELECT count(*) AS n_rows FROM {table}) AS single_row");
    let Some(SetExpr::Select(one)) = parse(&query).map(|query| *query.body) else { return false };
    if select.from.len() == 1 && dice.pick(2) == 0 {
        let relation = one.from.into_iter().next().expect("it reads one relation").relation;
        let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
        select.from[0].joins.push(Join { relation, global: false, join_operator });
    } else {
        select.from.extend(one.from);
    }
    if dice.pick(2) == 0 && !is_grouped(select) {
        let item = output("single_row.n_rows", dice);
        select.projection.push(item);
    }
    true
}

fn add_window(select: &mut Select, dice: &mut Dice) -> bool {
    let Some(column) = dice.one(&columns(select)) else { return false };
    let text = match dice.pick(4) {
        0 => "count(*) OVER ()".to_owned(),
        1 => format!("rank() OVER (ORDER BY {column})"),
        2 => format!("row_number() OVER (PARTITION BY {column} ORDER BY {column})"),
        _ => format!("max({column}) OVER (PARTITION BY {column})"),
    };
    let item = output(&text, dice);
    select.projection.push(item);
    true
}

fn wrap(query: &mut Query, dice: &mut Dice) -> bool {
    let name = format!("wrapped_{}", dice.pick(1000));
    let Some(outer) = parse(&format!("SELECT * FROM ({query}) AS {name}")) else { return false };
    *query = outer;
    true
}

fn alias(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

/// Another alias for one relation, and for the columns that are called by it.
fn rename_alias(query: &mut Query, dice: &mut Dice) -> bool {
    struct Columns<'a>(&'a str, &'a str);
    impl VisitorMut for Columns<'_> {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            if let Expr::CompoundIdentifier(parts) = expr
                && parts.len() > 1
                && parts[0].value == self.0
            {
                parts[0] = Ident::new(self.1);
            }
            ControlFlow::Continue(())
        }
    }
    let new = format!("alias_{}", dice.pick(10_000));
    in_select_with(query, dice, |select, dice| {
        let mut factors: Vec<&mut TableFactor> = Vec::new();
        for table in &mut select.from {
            factors.push(&mut table.relation);
            factors.extend(table.joins.iter_mut().map(|join| &mut join.relation));
        }
        let at = dice.pick(factors.len());
        let old = match factors.get_mut(at) {
            Some(TableFactor::Table { name, alias, args: None, .. }) => {
                let last = name.0.last().and_then(|part| part.as_ident()).cloned();
                let old = alias.as_ref().map(|alias| alias.name.clone()).or(last);
                match alias {
                    Some(alias) => alias.name = Ident::new(&new),
                    None => *alias = Some(self::alias(&new)),
                }
                old
            }
            Some(TableFactor::Derived { alias: Some(alias), .. }) => {
                Some(std::mem::replace(&mut alias.name, Ident::new(&new)))
            }
            _ => None,
        };
        let Some(old) = old else { return false };
        let _: ControlFlow<()> = VisitMut::visit(select, &mut Columns(&old.value, &new));
        true
    })
}

fn in_select_with(
    query: &mut Query,
    dice: &mut Dice,
    edit: impl FnMut(&mut Select, &mut Dice) -> bool,
) -> bool {
    change_select(query, dice, |_| true, edit)
}

fn cte_to_derived(query: &mut Query, dice: &mut Dice) -> bool {
    let Some(with) = &mut query.with else { return false };
    if with.recursive {
        return false;
    }
    // The last one is read by no other.
    let Some(Cte { alias: named, query: body, .. }) = with.cte_tables.last().cloned() else {
        return false;
    };
    if !named.columns.is_empty() {
        return false;
    }
    let mut used = false;
    struct Tables<'a>(&'a TableAlias, &'a Query, &'a mut bool);
    impl VisitorMut for Tables<'_> {
        type Break = ();

        fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
            if let TableFactor::Table { name, alias, args: None, .. } = factor
                && name.to_string() == self.0.name.value
            {
                *self.2 = true;
                let alias = alias.clone().unwrap_or_else(|| self::alias(&self.0.name.value));
                let subquery = Box::new(self.1.clone());
                *factor = TableFactor::Derived {
                    lateral: false,
                    subquery,
                    alias: Some(alias),
                    sample: None,
                };
            }
            ControlFlow::Continue(())
        }
    }
    let _: ControlFlow<()> =
        VisitMut::visit(&mut query.body, &mut Tables(&named, &body, &mut used));
    if used && dice.pick(3) > 0 {
        let with = query.with.as_mut().expect("it is there");
        with.cte_tables.pop();
        if with.cte_tables.is_empty() {
            query.with = None;
        }
    }
    used
}

fn derived_to_cte(query: &mut Query, dice: &mut Dice) -> bool {
    let name = format!("common_{}", dice.pick(10_000));
    let mut moved = None;
    let SetExpr::Select(select) = &mut *query.body else { return false };
    for table in &mut select.from {
        let factors = std::iter::once(&mut table.relation)
            .chain(table.joins.iter_mut().map(|join| &mut join.relation));
        for factor in factors {
            if let TableFactor::Derived { lateral: false, subquery, alias: Some(alias), .. } =
                factor
                && moved.is_none()
                && alias.columns.is_empty()
            {
                moved = Some(subquery.to_string());
                let text = format!("SELECT 1 FROM {name} AS {}", alias.name);
                let Some(SetExpr::Select(one)) = parse(&text).map(|query| *query.body) else {
                    return false;
                };
                *factor = one.from.into_iter().next().expect("it reads one relation").relation;
            }
        }
    }
    moved.is_some_and(|body| with_cte(query, &name, &body))
}

fn with_cte(query: &mut Query, name: &str, body: &str) -> bool {
    let Some(other) = parse(&format!("WITH {name} AS ({body}) SELECT 1 FROM {name}")) else {
        return false;
    };
    match &mut query.with {
        Some(with) => with.cte_tables.extend(other.with.expect("it has one").cte_tables),
        None => query.with = other.with,
    }
    true
}

fn add_unread_cte(query: &mut Query, dice: &mut Dice) -> bool {
    let name = format!("unread_{}", dice.pick(10_000));
    with_cte(query, &name, "SELECT 1 AS nothing")
}

fn add_branch(query: &mut Query, dice: &mut Dice) -> bool {
    change_query(
        query,
        dice,
        |query| matches!(*query.body, SetExpr::Select(_)),
        |query, dice| {
            let set_quantifier =
                if dice.pick(3) > 0 { SetQuantifier::All } else { SetQuantifier::None };
            let (left, right) = (query.body.clone(), query.body.clone());
            let op = SetOperator::Union;
            *query.body = SetExpr::SetOperation { left, op, set_quantifier, right };
            true
        },
    )
}

fn remove_branch(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |query: &Query| matches!(*query.body, SetExpr::SetOperation { .. });
    change_query(query, dice, is, |query, dice| {
        let SetExpr::SetOperation { left, right, .. } = &*query.body else { return false };
        query.body = if dice.pick(2) == 0 { left.clone() } else { right.clone() };
        true
    })
}

fn parenthesise(query: &mut Query, dice: &mut Dice) -> bool {
    let is = |expr: &Expr| match expr {
        Expr::BinaryOp { .. } | Expr::Case { .. } | Expr::IsNull(_) | Expr::IsNotNull(_) => true,
        Expr::Function(call) => {
            !matches!(call.args, FunctionArguments::None)
                && !matches!(call.over, Some(WindowType::NamedWindow(_)))
        }
        _ => false,
    };
    change_expr(query, dice, is, |expr, _| {
        *expr = Expr::Nested(Box::new(expr.clone()));
        true
    })
}
