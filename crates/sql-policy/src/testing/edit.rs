//! Changes what a query means, by one edit.

use std::{collections::BTreeMap, ops::ControlFlow};

use sqlparser::ast::{
    BinaryOperator, DataType, Distinct, DuplicateTreatment, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, JoinConstraint, JoinOperator,
    LimitClause, ObjectName, ObjectNamePart, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, SetOperator, SetQuantifier, TableFactor, TableWithJoins, TypedString, Value, VisitMut,
    VisitorMut, WindowType, visit_expressions,
};

use super::generate::{Choices, TABLES, number};

/// What kind of edit was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edit {
    /// A number, a string or a date is another one.
    Literal,
    /// A column is another one of the same type.
    Column,
    /// An operator is another one.
    Operator,
    /// Operands whose order matters change places.
    Swap,
    /// AND is OR, or the other way round.
    Connective,
    /// An operand of AND is gone.
    Conjunct,
    /// IN is NOT IN, and so on.
    Negation,
    /// A function is another one.
    Function,
    /// An aggregate counts values once, or no longer.
    AggregateDistinct,
    /// A cast goes to another type.
    Cast,
    /// The condition of CASE and its ELSE.
    Else,
    /// The order of a window.
    WindowOrder,
    /// The partition of a window loses its last key.
    Partition,
    /// A join is of another kind.
    Join,
    /// SELECT DISTINCT, or no longer.
    Distinct,
    /// HAVING is gone.
    Having,
    /// The last key of GROUP BY is gone. The engine may refuse the query.
    GroupKey,
    /// Another table of the same columns is read.
    Table,
    /// UNION ALL is UNION, and so on.
    SetOperation,
    /// The sides of a set operation change places.
    Sides,
    /// A sort is the other way round, where it says which rows there are or in which order.
    Direction,
    /// NULLs come at the other end.
    Nulls,
    /// LIMIT is gone, below the top with its ORDER BY.
    Limit,
    /// A column of the outermost query has another name.
    OutputName,
    /// Two columns of the outermost query change places, with their names.
    OutputOrder,
}

/// The query after one edit, and which one. `None` if there is nothing to edit.
///
/// An edit changes what is said; by chance it may say the same again, as when of two equal
/// conditions one is dropped. [`lookalikes`] finds where that can happen.
pub(crate) fn edit(query: &Query, choices: &mut Choices<'_>) -> Option<(Query, Edit)> {
    let mut counting = Editor::new(None);
    let _: ControlFlow<()> = query.clone().visit(&mut counting);
    let kinds: Vec<_> = counting.seen.into_iter().collect();
    let (kind, count) = *choices.one(&kinds)?;
    let at = choices.below(count);
    let mut edited = query.clone();
    let mut editor = Editor::new(Some((kind, at)));
    let _: ControlFlow<()> = edited.visit(&mut editor);
    Some((edited, kind))
}

struct Editor {
    /// The place to edit; `None` while places are counted.
    target: Option<(Edit, usize)>,
    seen: BTreeMap<Edit, usize>,
    depth: usize,
    /// Calls around whose literals say nothing.
    counts: usize,
    /// Tables by alias.
    tables: BTreeMap<String, String>,
}

impl Editor {
    fn new(target: Option<(Edit, usize)>) -> Self {
        Self { target, seen: BTreeMap::new(), depth: 0, counts: 0, tables: BTreeMap::new() }
    }

    /// Counts a place; says whether it is the one.
    fn at(&mut self, kind: Edit) -> bool {
        let seen = self.seen.entry(kind).or_default();
        *seen += 1;
        self.target == Some((kind, *seen - 1))
    }

    fn keys(&mut self, keys: &mut [OrderByExpr]) {
        for key in keys {
            if self.at(Edit::Direction) {
                key.options.asc = Some(!key.options.asc.unwrap_or(true));
            }
            if self.at(Edit::Nulls) {
                key.options.nulls_first = Some(!key.options.nulls_first.unwrap_or(false));
            }
        }
    }

    fn set_operations(&mut self, body: &mut SetExpr) {
        let SetExpr::SetOperation { left, op, set_quantifier, right } = body else { return };
        if words_of(&left.to_string()) != words_of(&right.to_string()) && self.at(Edit::Sides) {
            std::mem::swap(left, right);
        }
        if self.at(Edit::SetOperation) {
            (*op, *set_quantifier) = match (&op, &set_quantifier) {
                (SetOperator::Union, SetQuantifier::All) => {
                    (SetOperator::Union, SetQuantifier::None)
                }
                (SetOperator::Union, _) => (SetOperator::Union, SetQuantifier::All),
                (SetOperator::Except, _) => (SetOperator::Intersect, SetQuantifier::None),
                _ => (SetOperator::Except, SetQuantifier::None),
            };
        }
        self.set_operations(left);
        self.set_operations(right);
    }
}

fn taken(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::Value(Value::Null.into()))
}

/// Whether SQL says that a count of these arguments counts rows.
fn counts_rows(function: &Function) -> bool {
    match &function.args {
        FunctionArguments::List(list) => matches!(
            &list.args[..],
            [] | [FunctionArg::Unnamed(
                FunctionArgExpr::Wildcard | FunctionArgExpr::Expr(Expr::Value(_))
            )]
        ),
        _ => false,
    }
}

impl VisitorMut for Editor {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let top = self.depth == 0;
        self.depth += 1;
        self.set_operations(&mut query.body);
        let limited = query.limit_clause.is_some();
        if (top || limited)
            && let Some(order_by) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order_by.kind
        {
            self.keys(keys);
        }
        let counted = matches!(
            query.limit_clause,
            Some(LimitClause::LimitOffset { limit: Some(_), offset: None, .. })
        );
        if counted && self.at(Edit::Limit) {
            query.limit_clause = None;
            if !top {
                query.order_by = None;
            }
        }
        if top {
            let mut body = &mut *query.body;
            while let SetExpr::SetOperation { left, .. } = body {
                body = left;
            }
            if let SetExpr::Select(select) = body {
                for at in 0..select.projection.len() {
                    let sorted = query.order_by.is_some();
                    if let SelectItem::ExprWithAlias { expr: _, alias } = &mut select.projection[at]
                        && !sorted
                        && self.at(Edit::OutputName)
                    {
                        *alias = Ident::new(format!("{}_x", alias.value));
                    }
                    if at > 0 && self.at(Edit::OutputOrder) {
                        select.projection.swap(at - 1, at);
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for table in &select.from {
            let joined = table.joins.iter().map(|join| &join.relation);
            for factor in std::iter::once(&table.relation).chain(joined) {
                if let TableFactor::Table { name, alias: Some(alias), .. } = factor
                    && let [_, _, ObjectNamePart::Identifier(table)] = &name.0[..]
                    && alias.columns.is_empty()
                {
                    self.tables.insert(alias.name.value.clone(), table.value.clone());
                }
            }
        }
        if !matches!(select.distinct, Some(Distinct::On(_))) && self.at(Edit::Distinct) {
            select.distinct = match select.distinct {
                None => Some(Distinct::Distinct),
                _ => None,
            };
        }
        if select.having.is_some() && self.at(Edit::Having) {
            select.having = None;
        }
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by
            && keys.len() > 1
            && self.at(Edit::GroupKey)
        {
            keys.pop();
        }
        for join in select.from.iter_mut().flat_map(|table| &mut table.joins) {
            use JoinOperator as J;
            let other = match &mut join.join_operator {
                J::Join(on) | J::Inner(on) => J::LeftOuter(on.clone()),
                J::Left(on) | J::LeftOuter(on) => J::Inner(on.clone()),
                J::Right(on) | J::RightOuter(on) => J::FullOuter(on.clone()),
                J::FullOuter(on) => J::LeftOuter(on.clone()),
                J::CrossJoin(_) => {
                    J::LeftOuter(JoinConstraint::On(Expr::Value(Value::Boolean(true).into())))
                }
                _ => continue,
            };
            if self.at(Edit::Join) {
                join.join_operator = other;
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [_, _, ObjectNamePart::Identifier(table)] = &mut relation.0[..]
            && self.at(Edit::Table)
        {
            *table = Ident::new(match table.value.strip_suffix("_old") {
                Some(young) => young.to_owned(),
                None => format!("{}_old", table.value),
            });
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        use BinaryOperator as Op;
        match expr {
            Expr::Value(value) if self.counts == 0 => match &mut value.value {
                Value::Number(text, _) if self.at(Edit::Literal) => {
                    let more = if text.contains('.') { "7" } else { "0007" };
                    *text = format!("9{text}{more}");
                }
                Value::SingleQuotedString(text) if self.at(Edit::Literal) => {
                    text.push('~');
                }
                _ => {}
            },
            Expr::TypedString(TypedString { data_type: DataType::Date, value, .. })
                if self.at(Edit::Literal) =>
            {
                value.value = Value::SingleQuotedString("1999-12-31".to_owned());
            }
            Expr::CompoundIdentifier(parts) => {
                if let [alias, column] = &mut parts[..]
                    && let Some(table) = self.tables.get(&alias.value)
                    && let Some((_, columns)) = TABLES.iter().find(|(name, _)| name == table)
                    && let Some((_, type_)) = columns.iter().find(|(name, _)| *name == column.value)
                    && let Some((other, _)) =
                        columns.iter().find(|(name, other)| other == type_ && *name != column.value)
                    && self.at(Edit::Column)
                {
                    *column = Ident::new(*other);
                }
            }
            Expr::BinaryOp { left, op: op @ (Op::And | Op::Or), right } => {
                if self.at(Edit::Connective) {
                    *op = if *op == Op::And { Op::Or } else { Op::And };
                } else if *op == Op::And && self.at(Edit::Conjunct) {
                    *expr = taken(left);
                } else if *op == Op::And && self.at(Edit::Conjunct) {
                    *expr = taken(right);
                }
            }
            Expr::BinaryOp { left, op, right } => {
                let other = match op {
                    Op::Plus => Op::Minus,
                    Op::Minus => Op::Plus,
                    Op::Multiply => Op::Plus,
                    Op::Divide => Op::Multiply,
                    Op::Eq => Op::NotEq,
                    Op::NotEq => Op::Eq,
                    Op::Lt => Op::LtEq,
                    Op::LtEq => Op::Lt,
                    Op::Gt => Op::GtEq,
                    Op::GtEq => Op::Gt,
                    _ => op.clone(),
                };
                let ordered = matches!(
                    op,
                    Op::Minus
                        | Op::Divide
                        | Op::Lt
                        | Op::LtEq
                        | Op::Gt
                        | Op::GtEq
                        | Op::StringConcat
                );
                if other != *op && self.at(Edit::Operator) {
                    *op = other;
                } else if ordered && words(left) != words(right) && self.at(Edit::Swap) {
                    std::mem::swap(left, right);
                }
            }
            Expr::InList { negated, .. }
            | Expr::Like { negated, .. }
            | Expr::Between { negated, .. }
            | Expr::Exists { negated, .. }
            | Expr::InSubquery { negated, .. }
                if self.at(Edit::Negation) =>
            {
                *negated = !*negated;
            }
            Expr::IsNull(inner) if self.at(Edit::Negation) => {
                *expr = Expr::IsNotNull(Box::new(taken(inner)));
            }
            Expr::IsNotNull(inner) if self.at(Edit::Negation) => {
                *expr = Expr::IsNull(Box::new(taken(inner)));
            }
            Expr::Case { else_result, .. } if self.at(Edit::Else) => {
                *else_result = match else_result {
                    None => Some(Box::new(number("77"))),
                    Some(_) => None,
                };
            }
            Expr::Cast { data_type, .. } if self.at(Edit::Cast) => {
                *data_type = match data_type {
                    DataType::BigInt(_) => DataType::Int(None),
                    DataType::Double(_) => DataType::Real,
                    _ => DataType::BigInt(None),
                };
            }
            Expr::Function(function) => {
                let name = function.name.to_string();
                if name == "count" && counts_rows(function) {
                    self.counts += 1;
                }
                let other = match name.as_str() {
                    "sum" | "min" => "max",
                    "max" => "min",
                    "lag" => "first_value",
                    "abs" => "coalesce",
                    "coalesce" | "lower" => "concat",
                    "concat" => "coalesce",
                    _ => "",
                };
                if !other.is_empty() && self.at(Edit::Function) {
                    function.name = ObjectName::from(vec![Ident::new(other)]);
                }
                if let FunctionArguments::List(list) = &mut function.args
                    && matches!(name.as_str(), "sum" | "count")
                    && function.over.is_none()
                    && !matches!(
                        &list.args[..],
                        [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]
                    )
                    && self.at(Edit::AggregateDistinct)
                {
                    list.duplicate_treatment = match list.duplicate_treatment {
                        Some(DuplicateTreatment::Distinct) => None,
                        _ => Some(DuplicateTreatment::Distinct),
                    };
                }
                if let Some(WindowType::WindowSpec(window)) = &mut function.over {
                    for key in &mut window.order_by {
                        if self.at(Edit::WindowOrder) {
                            key.options.asc = Some(!key.options.asc.unwrap_or(true));
                        }
                    }
                    if !window.partition_by.is_empty() && self.at(Edit::Partition) {
                        window.partition_by.pop();
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && function.name.to_string() == "count"
            && counts_rows(function)
        {
            self.counts -= 1;
        }
        ControlFlow::Continue(())
    }
}

/// Whether somewhere in a query two things stand in a set that an edit could make, or have made,
/// the same. Judged by the words in them, so there are false alarms.
pub(crate) fn lookalikes(query: &Query) -> bool {
    let found = visit_expressions(query, |expr| {
        let alike = match expr {
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                let mut operands = Vec::new();
                let mut pending = vec![expr];
                while let Some(next) = pending.pop() {
                    match next {
                        Expr::BinaryOp { left, op: inner, right } if inner == op => {
                            pending.extend([&**left, right]);
                        }
                        next => operands.push(words(next)),
                    }
                }
                repeats(operands)
            }
            Expr::InList { list, .. } => repeats(list.iter().map(words).collect()),
            Expr::Function(Function { over: Some(WindowType::WindowSpec(window)), .. }) => {
                repeats(window.partition_by.iter().map(words).collect())
            }
            _ => false,
        };
        if alike { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.is_break() || queries_alike(query)
}

fn queries_alike(query: &Query) -> bool {
    struct Find;
    impl sqlparser::ast::Visitor for Find {
        type Break = ();

        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
            if repeats(ctes.map(|cte| words_of(&cte.query.to_string())).collect()) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        }

        fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
            let mut conditions = Vec::new();
            let mut on = Vec::new();
            let mut tables: Vec<_> = select.from.iter().collect();
            while let Some(TableWithJoins { relation, joins }) = tables.pop() {
                let joined = joins.iter().map(|join| &join.relation);
                for factor in std::iter::once(relation).chain(joined) {
                    if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
                        tables.push(table_with_joins);
                    }
                }
                on.extend(joins.iter().filter_map(|join| match &join.join_operator {
                    JoinOperator::Inner(JoinConstraint::On(on))
                    | JoinOperator::Join(JoinConstraint::On(on)) => Some(on),
                    _ => None,
                }));
            }
            for condition in on.into_iter().chain(&select.selection) {
                let mut pending = vec![condition];
                while let Some(next) = pending.pop() {
                    match next {
                        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                            pending.extend([&**left, right]);
                        }
                        next => conditions.push(words(next)),
                    }
                }
            }
            let keys = match &select.group_by {
                GroupByExpr::Expressions(keys, _) => keys.iter().map(words).collect(),
                GroupByExpr::All(_) => Vec::new(),
            };
            if repeats(conditions) || repeats(keys) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        }
    }
    sqlparser::ast::Visit::visit(query, &mut Find).is_break()
}

fn repeats(mut items: Vec<Vec<String>>) -> bool {
    items.sort();
    items.windows(2).any(|pair| pair[0] == pair[1])
}

/// Columns, functions and literals, without operators and words of the language.
fn words(expr: &Expr) -> Vec<String> {
    let text = expr.to_string();
    if text.contains("SELECT") {
        return words_of(&text);
    }
    let mut words: Vec<_> = words_in(&text).map(str::to_owned).collect();
    words.sort();
    words
}

/// The same without names inside: they end in a number, and those of physical columns do not.
fn words_of(text: &str) -> Vec<String> {
    let made_up = |word: &str| {
        word.starts_with(|char: char| char.is_ascii_lowercase() || char == '_')
            && word.ends_with(|char: char| char.is_ascii_digit())
    };
    let mut words: Vec<_> = words_in(text)
        .map(|word| word.rsplit_once('.').map_or(word, |(_, column)| column))
        .filter(|word| !made_up(word))
        .map(str::to_owned)
        .collect();
    words.sort();
    words
}

fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !(char.is_alphanumeric() || "_~.'".contains(char)))
        .filter(|word| word.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
