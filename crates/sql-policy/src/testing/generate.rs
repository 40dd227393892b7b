//! Random queries in qualified normal form over a small set of tables.
//!
//! Every query is typed and is one that an engine with the tables of [`TABLES`] runs. No literal
//! stands in one query twice, so that no change of one is undone by another.

use std::{fmt, ops::ControlFlow};

use proptest::{collection, prelude::*};
use sqlparser::{
    ast::{
        BinaryOperator, CaseWhen, CastKind, Cte, DataType, Distinct, DuplicateTreatment, Expr,
        Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
        GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, LimitClause, ObjectName, OrderBy,
        OrderByExpr, OrderByKind, OrderByOptions, Parens, Query, Select, SelectFlavor, SelectItem,
        SetExpr, SetOperator, SetQuantifier, TableAlias, TableAliasColumnDef, TableFactor,
        TableFunctionArgs, TableWithJoins, TypedString, UnaryOperator, Value, Values, VisitMut,
        VisitorMut, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType, With,
        helpers::attached_token::AttachedToken,
    },
    dialect::{Dialect, GenericDialect},
    parser::Parser,
};

/// Type of a column: BIGINT, DOUBLE, VARCHAR, BOOLEAN, DATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Float,
    Text,
    Bool,
    Date,
}

/// The tables, all in `datafusion.public`. Each has a twin of the same columns whose name ends in
/// `_old`, for edits.
pub(crate) const TABLES: [(&str, &[(&str, Type)]); 3] = [
    (
        "orders",
        &[
            ("id", Type::Int),
            ("customer", Type::Int),
            ("amount", Type::Int),
            ("price", Type::Float),
            ("cost", Type::Float),
            ("note", Type::Text),
            ("code", Type::Text),
            ("paid", Type::Bool),
            ("day", Type::Date),
            ("due", Type::Date),
        ],
    ),
    (
        "customers",
        &[
            ("id", Type::Int),
            ("age", Type::Int),
            ("name", Type::Text),
            ("region", Type::Text),
            ("credit", Type::Float),
            ("active", Type::Bool),
        ],
    ),
    (
        "items",
        &[
            ("order_id", Type::Int),
            ("quantity", Type::Int),
            ("sku", Type::Text),
            ("weight", Type::Float),
        ],
    ),
];

/// A query that was made up. Shown as its text.
#[derive(Clone)]
pub(crate) struct Made(pub(crate) Query);

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.0))
    }
}

/// Queries. Simple choices come first, so that failing ones shrink.
pub(crate) fn queries() -> impl Strategy<Value = Made> {
    collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Made(query(&bytes)))
}

/// The query that these choices lead to.
pub(crate) fn query(bytes: &[u8]) -> Query {
    let choices = Choices::new(bytes);
    let mut maker = Maker {
        choices,
        named: 0,
        literals: 0,
        ctes: Vec::new(),
        scope: Vec::new(),
        volatile: true,
    };
    maker.statement()
}

/// A source of choices; when it is used up, it gives the first choice for ever.
#[derive(Clone, Debug)]
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// One of `count` choices; 0 if there is none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % count.max(1)
    }

    /// Once in `of` times.
    pub(crate) fn rarely(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    pub(crate) fn one<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        items.get(self.below(items.len()))
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = last - self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// The text of a query with all parentheses that its tree needs.
pub(crate) fn text(query: &Query) -> String {
    struct Parentheses;
    impl VisitorMut for Parentheses {
        type Break = ();

        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            let wrap = |expr: &mut Box<Expr>| {
                let compound = !matches!(
                    **expr,
                    Expr::Identifier(_)
                        | Expr::CompoundIdentifier(_)
                        | Expr::Value(_)
                        | Expr::Function(_)
                        | Expr::Case { .. }
                        | Expr::Subquery(_)
                        | Expr::TypedString(_)
                        | Expr::Cast { kind: CastKind::Cast, .. }
                        | Expr::Nested(_)
                );
                if compound {
                    let inner = std::mem::replace(&mut **expr, Expr::Value(Value::Null.into()));
                    **expr = Expr::Nested(Box::new(inner));
                }
            };
            match expr {
                Expr::BinaryOp { left, op: _, right }
                | Expr::IsDistinctFrom(left, right)
                | Expr::IsNotDistinctFrom(left, right) => [left, right].into_iter().for_each(wrap),
                Expr::Like { expr: left, pattern: right, .. } => {
                    [left, right].into_iter().for_each(wrap);
                }
                Expr::Between { expr, low, high, negated: _ } => {
                    [expr, low, high].into_iter().for_each(wrap);
                }
                Expr::UnaryOp { op: _, expr }
                | Expr::IsNull(expr)
                | Expr::IsNotNull(expr)
                | Expr::IsTrue(expr)
                | Expr::IsNotTrue(expr)
                | Expr::InList { expr, .. }
                | Expr::InSubquery { expr, .. }
                | Expr::Cast { kind: CastKind::DoubleColon, expr, .. } => wrap(expr),
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut query = query.clone();
    let _: ControlFlow<()> = query.visit(&mut Parentheses);
    query.to_string()
}

/// Reads a text in qualified normal form: parentheses go, except around literals.
#[track_caller]
pub(crate) fn parse(sql: &str) -> Query {
    parse_in(&GenericDialect, sql)
}

/// The same in another dialect.
#[track_caller]
pub(crate) fn parse_in(dialect: &dyn Dialect, sql: &str) -> Query {
    struct Strip;
    impl VisitorMut for Strip {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            while let Expr::Nested(inner) = expr
                && !matches!(**inner, Expr::Value(_))
            {
                *expr = std::mem::replace(&mut **inner, Expr::Value(Value::Null.into()));
            }
            ControlFlow::Continue(())
        }
    }
    let mut parser = Parser::new(dialect).try_with_sql(sql).expect(sql);
    let mut query = parser.parse_query().expect(sql);
    assert_eq!(parser.peek_token().token, sqlparser::tokenizer::Token::EOF, "{sql}");
    let _: ControlFlow<()> = query.visit(&mut Strip);
    *query
}

/// What FROM can read, or a table factor under its alias.
#[derive(Clone)]
struct Relation {
    name: String,
    columns: Vec<(String, Type)>,
}

struct Maker<'a> {
    choices: Choices<'a>,
    named: usize,
    literals: i64,
    ctes: Vec<Relation>,
    scope: Vec<Relation>,
    volatile: bool,
}

type Columns = Vec<(String, Type)>;

impl Maker<'_> {
    fn statement(&mut self) -> Query {
        let mut ctes = Vec::new();
        for _ in 0..self.choices.below(4) {
            ctes.push(self.cte());
        }
        let recursive = ctes.iter().any(|(_, recursive)| *recursive);
        let mut query = self.query(2, None, true).0;
        if !ctes.is_empty() {
            let cte_tables = ctes.into_iter().map(|(cte, _)| cte).collect();
            query.with = Some(With { with_token: AttachedToken::empty(), recursive, cte_tables });
        }
        query
    }

    fn cte(&mut self) -> (Cte, bool) {
        let name = self.fresh("with");
        let recursive = self.choices.rarely(8);
        let (query, columns) =
            if recursive { self.recursion(&name) } else { self.query(1, None, false) };
        let mut alias = alias(&name);
        alias.explicit = false;
        let columns = self.column_list(&mut alias, columns, 6);
        self.ctes.push(Relation { name, columns });
        let cte = Cte {
            alias,
            query: Box::new(query),
            from: None,
            materialized: None,
            closing_paren_token: AttachedToken::empty(),
        };
        (cte, recursive)
    }

    /// Counts up to a limit.
    fn recursion(&mut self, name: &str) -> (Query, Columns) {
        let output = self.fresh("n");
        let start = bare_select(vec![item(self.int(), &output)]);
        let factor = self.fresh("r");
        let next = binary(column(&factor, &output), BinaryOperator::Plus, self.int());
        let mut step = bare_select(vec![item(next, &output)]);
        step.from = vec![plain(relation(name, &factor))];
        step.selection = Some(binary(column(&factor, &output), BinaryOperator::Lt, self.int()));
        let body = SetExpr::SetOperation {
            left: Box::new(SetExpr::Select(Box::new(start))),
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            right: Box::new(SetExpr::Select(Box::new(step))),
        };
        (bare_query(body), vec![(output, Type::Int)])
    }

    fn query(&mut self, depth: usize, types: Option<&[Type]>, top: bool) -> (Query, Columns) {
        let types = types.map_or_else(|| self.types(), <[Type]>::to_vec);
        let (body, columns, hidden) = self.body(depth, &types, top);
        let mut query = bare_query(body);
        let limited = if top { self.choices.rarely(3) } else { self.choices.rarely(8) };
        if limited || (top && self.choices.rarely(2)) {
            let mut keys = Vec::new();
            for _ in 0..=self.choices.below(2) {
                let (name, _) = self.choices.one(&columns).expect("a query has outputs");
                let expr = Expr::Identifier(Ident::new(name));
                if keys.iter().all(|key: &OrderByExpr| key.expr != expr) {
                    keys.push(self.key(expr));
                }
            }
            if self.choices.rarely(4)
                && let Some(hidden) = self.choices.one(&hidden)
            {
                keys.push(self.key(hidden.clone()));
            }
            query.order_by =
                Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: None });
        }
        if limited {
            query.limit_clause = Some(LimitClause::LimitOffset {
                limit: Some(self.int()),
                offset: None,
                limit_by: Vec::new(),
            });
        }
        (query, columns)
    }

    fn types(&mut self) -> Vec<Type> {
        let mut types = vec![Type::Int];
        for _ in 0..self.choices.below(4) {
            types.push(self.some_type());
        }
        types
    }

    fn some_type(&mut self) -> Type {
        const TYPES: [Type; 6] =
            [Type::Int, Type::Text, Type::Float, Type::Int, Type::Date, Type::Bool];
        TYPES[self.choices.below(TYPES.len())]
    }

    /// A body, its outputs, and columns that ORDER BY may name although they are none.
    fn body(&mut self, depth: usize, types: &[Type], top: bool) -> (SetExpr, Columns, Vec<Expr>) {
        if depth > 0 && self.choices.rarely(7) {
            let (left, columns, _) = self.body(depth - 1, types, top);
            let (right, _, _) = self.body(depth - 1, types, false);
            const OPERATIONS: [(SetOperator, SetQuantifier); 4] = [
                (SetOperator::Union, SetQuantifier::All),
                (SetOperator::Union, SetQuantifier::None),
                (SetOperator::Except, SetQuantifier::None),
                (SetOperator::Intersect, SetQuantifier::None),
            ];
            let (op, set_quantifier) = OPERATIONS[self.choices.below(OPERATIONS.len())];
            let left = if op == SetOperator::Intersect { operand(left) } else { left };
            let (left, right) = (Box::new(left), Box::new(operand(right)));
            return (
                SetExpr::SetOperation { left, op, set_quantifier, right },
                columns,
                Vec::new(),
            );
        }
        if !top && self.choices.rarely(12) {
            let rows = (0..=self.choices.below(2)).map(|_| {
                let row = types.iter().map(|type_| self.literal(*type_)).collect();
                Parens {
                    opening_token: AttachedToken::empty(),
                    content: row,
                    closing_token: AttachedToken::empty(),
                }
            });
            let rows = rows.collect();
            let columns = types.iter().enumerate();
            let columns =
                columns.map(|(index, type_)| (format!("column{}", index + 1), *type_)).collect();
            let values = Values { explicit_row: false, value_keyword: false, rows };
            return (SetExpr::Values(values), columns, Vec::new());
        }
        let (select, columns, hidden) = self.select(depth, types);
        (SetExpr::Select(Box::new(select)), columns, hidden)
    }

    fn select(&mut self, depth: usize, types: &[Type]) -> (Select, Columns, Vec<Expr>) {
        let outer = std::mem::take(&mut self.scope);
        let mut select = bare_select(Vec::new());
        select.from = self.from(depth);
        let conditions = self.choices.below(4);
        select.selection = self.conjunction(conditions, depth);
        let grouped = self.choices.rarely(3);
        let keys = if grouped { self.group_keys() } else { Vec::new() };
        let mut columns = Columns::new();
        for type_ in types {
            let expr = if grouped {
                self.aggregated(*type_, &keys)
            } else if self.choices.rarely(8) {
                self.window(*type_)
            } else {
                self.expr(*type_, 2)
            };
            let name = self.fresh("out");
            select.projection.push(item(expr, &name));
            columns.push((name, *type_));
        }
        let mut hidden = Vec::new();
        if grouped {
            let exprs = keys.iter().map(|(expr, _)| expr.clone()).collect();
            select.group_by = GroupByExpr::Expressions(exprs, Vec::new());
            if self.choices.rarely(3) {
                let total = self.aggregated(Type::Int, &[]);
                select.having = Some(binary(total, BinaryOperator::Gt, self.int()));
            }
        } else if self.choices.rarely(6) {
            select.distinct = Some(Distinct::Distinct);
        } else {
            if self.choices.rarely(12) {
                let rank = self.row_number();
                select.qualify = Some(binary(rank, BinaryOperator::LtEq, self.int()));
            }
            for relation in &self.scope {
                let columns = relation.columns.iter();
                hidden.extend(columns.map(|(name, _)| column(&relation.name, name)));
            }
        }
        self.scope = outer;
        (select, columns, hidden)
    }

    fn from(&mut self, depth: usize) -> Vec<TableWithJoins> {
        let mut from = Vec::new();
        for _ in 0..=self.choices.below(6) / 4 {
            let table = self.apart(|maker| {
                let mut table = plain(maker.factor(depth));
                for _ in 0..maker.choices.below(3) {
                    maker.join(&mut table, depth);
                }
                table
            });
            from.push(table);
        }
        from
    }

    /// Makes an item of FROM that does not see the items before it.
    fn apart<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.scope);
        let made = make(self);
        let own = std::mem::replace(&mut self.scope, before);
        self.scope.extend(own);
        made
    }

    fn join(&mut self, table: &mut TableWithJoins, depth: usize) {
        let style = self.choices.below(7);
        let relation = if style == 6 {
            // Two tables in parentheses.
            let inner = self.apart(|maker| {
                let mut inner = plain(maker.factor(0));
                let relation = maker.factor(0);
                let join_operator = if maker.choices.rarely(3) {
                    JoinOperator::LeftOuter(maker.on())
                } else {
                    JoinOperator::Inner(maker.on())
                };
                inner.joins.push(Join { relation, global: false, join_operator });
                inner
            });
            TableFactor::NestedJoin { table_with_joins: Box::new(inner), alias: None }
        } else {
            self.factor(depth)
        };
        let join_operator = match style {
            1 => JoinOperator::LeftOuter(self.on()),
            2 => JoinOperator::CrossJoin(JoinConstraint::None),
            3 => JoinOperator::RightOuter(self.on()),
            4 => JoinOperator::FullOuter(self.on()),
            _ => JoinOperator::Inner(self.on()),
        };
        table.joins.push(Join { relation, global: false, join_operator });
    }

    /// The last factor joined to one before it.
    fn on(&mut self) -> JoinConstraint {
        let (last, before) = self.scope.split_last().expect("two factors");
        let right = column(&last.name, &last.columns[0].0);
        let before = before[self.choices.below(before.len())].clone();
        let left = column(&before.name, &before.columns[0].0);
        let mut condition = binary(left, BinaryOperator::Eq, right);
        if self.choices.rarely(3) {
            condition = binary(condition, BinaryOperator::And, self.condition(1));
        }
        JoinConstraint::On(condition)
    }

    fn factor(&mut self, depth: usize) -> TableFactor {
        let kind = self.choices.below(10);
        if kind >= 8 && depth > 0 {
            let outer = std::mem::take(&mut self.scope);
            let (query, columns) = self.query(depth - 1, None, false);
            self.scope = outer;
            let name = self.fresh("d");
            let mut alias = alias(&name);
            let columns = self.column_list(&mut alias, columns, 8);
            self.scope.push(Relation { name, columns });
            return TableFactor::Derived {
                lateral: false,
                subquery: Box::new(query),
                alias: Some(alias),
                sample: None,
            };
        }
        if kind >= 5 && !self.ctes.is_empty() {
            let at = self.choices.below(self.ctes.len());
            let cte = self.ctes[self.ctes.len() - 1 - at].clone();
            return self.named_factor(ObjectName::from(vec![Ident::new(&cte.name)]), cte.columns);
        }
        if kind == 4 && self.choices.rarely(4) {
            let name = self.fresh("s");
            let output = self.fresh("value");
            let args = [self.int(), self.int()].map(argument).to_vec();
            let mut alias = alias(&name);
            alias.columns = vec![column_name(&output)];
            self.scope.push(Relation { name, columns: vec![(output, Type::Int)] });
            let mut factor = relation("generate_series", "");
            if let TableFactor::Table { alias: written, args: written_args, .. } = &mut factor {
                *written = Some(alias);
                *written_args = Some(TableFunctionArgs { args, settings: None });
            }
            return factor;
        }
        let (table, columns) = TABLES[self.choices.below(TABLES.len())];
        let name = ["datafusion", "public", table].map(Ident::new).to_vec();
        let columns = columns.iter().map(|(name, type_)| ((*name).to_owned(), *type_)).collect();
        self.named_factor(ObjectName::from(name), columns)
    }

    fn named_factor(&mut self, table: ObjectName, columns: Columns) -> TableFactor {
        let name = self.fresh("t");
        let mut alias = alias(&name);
        let columns = self.column_list(&mut alias, columns, 10);
        self.scope.push(Relation { name, columns });
        let mut factor = relation("", "");
        if let TableFactor::Table { name, alias: written, .. } = &mut factor {
            *name = table;
            *written = Some(alias);
        }
        factor
    }

    /// Now and then an alias renames the columns.
    fn column_list(&mut self, alias: &mut TableAlias, columns: Columns, of: usize) -> Columns {
        if !self.choices.rarely(of) {
            return columns;
        }
        let columns: Columns =
            columns.into_iter().map(|(_, type_)| (self.fresh("as"), type_)).collect();
        alias.columns = columns.iter().map(|(name, _)| column_name(name)).collect();
        columns
    }

    fn group_keys(&mut self) -> Vec<(Expr, Type)> {
        let mut keys = Vec::new();
        for _ in 0..=self.choices.below(2) {
            let key = self.some_column();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    fn some_column(&mut self) -> (Expr, Type) {
        let relation = &self.scope[self.choices.below(self.scope.len())];
        let (name, type_) = &relation.columns[self.choices.below(relation.columns.len())];
        (column(&relation.name, name), *type_)
    }

    fn aggregated(&mut self, type_: Type, keys: &[(Expr, Type)]) -> Expr {
        let of_type: Vec<_> = keys.iter().filter(|(_, other)| *other == type_).collect();
        if let Some((key, _)) = self.choices.one(&of_type)
            && !self.choices.rarely(3)
        {
            return key.clone();
        }
        match type_ {
            Type::Int => match self.choices.below(5) {
                0 => call("count", vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]),
                1 => call("sum", vec![argument(self.expr(Type::Int, 1))]),
                2 => call("max", vec![argument(self.expr(Type::Int, 1))]),
                3 => {
                    let mut count = call("count", vec![argument(self.some_column().0)]);
                    if let Expr::Function(Function {
                        args: FunctionArguments::List(list), ..
                    }) = &mut count
                    {
                        list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
                    }
                    count
                }
                _ => {
                    let mut sum = call("sum", vec![argument(self.expr(Type::Int, 1))]);
                    let condition = self.condition(1);
                    if let Expr::Function(function) = &mut sum {
                        function.filter = Some(Box::new(condition));
                    }
                    sum
                }
            },
            Type::Float => call("sum", vec![argument(self.expr(Type::Float, 1))]),
            Type::Text | Type::Date => {
                let name = if self.choices.rarely(2) { "max" } else { "min" };
                call(name, vec![argument(self.expr(type_, 1))])
            }
            Type::Bool => {
                let total = call("max", vec![argument(self.expr(Type::Int, 1))]);
                binary(total, BinaryOperator::Gt, self.int())
            }
        }
    }

    fn window(&mut self, type_: Type) -> Expr {
        if type_ == Type::Int && self.choices.rarely(2) {
            return self.row_number();
        }
        let of = self.expr(type_, 1);
        let (name, frame) = match type_ {
            Type::Int | Type::Float if self.choices.rarely(2) => ("sum", true),
            Type::Bool => ("lag", false),
            _ if self.choices.rarely(2) => ("max", true),
            _ => ("lag", false),
        };
        let mut spec = self.window_spec();
        if frame && self.choices.rarely(2) {
            let Expr::Value(rows) = self.int() else { return of };
            spec.window_frame = Some(WindowFrame {
                units: WindowFrameUnits::Rows,
                start_bound: WindowFrameBound::Preceding(Some(Box::new(Expr::Value(rows)))),
                end_bound: Some(WindowFrameBound::CurrentRow),
            });
        }
        over(call(name, vec![argument(of)]), spec)
    }

    fn row_number(&mut self) -> Expr {
        let spec = self.window_spec();
        over(call("row_number", Vec::new()), spec)
    }

    fn window_spec(&mut self) -> WindowSpec {
        let mut partition_by = Vec::new();
        for _ in 0..self.choices.below(3) {
            let key = self.some_column().0;
            if !partition_by.contains(&key) {
                partition_by.push(key);
            }
        }
        let key = self.some_column().0;
        let order_by = vec![self.key(key)];
        WindowSpec { window_name: None, partition_by, order_by, window_frame: None }
    }

    fn key(&mut self, expr: Expr) -> OrderByExpr {
        let asc = if self.choices.rarely(3) { Some(false) } else { None };
        let nulls_first = if self.choices.rarely(5) { Some(asc.is_none()) } else { None };
        OrderByExpr { expr, options: OrderByOptions { asc, nulls_first }, with_fill: None }
    }

    fn conjunction(&mut self, count: usize, depth: usize) -> Option<Expr> {
        let mut whole = None;
        for _ in 0..count {
            let next = match self.choices.below(10) {
                9 if depth > 0 => self.subquery_condition(),
                8 if self.volatile && self.choices.rarely(3) => {
                    let random = call("random", Vec::new());
                    binary(random, BinaryOperator::Lt, self.literal(Type::Float))
                }
                _ => self.condition(2),
            };
            whole = Some(match whole {
                None => next,
                Some(whole) => binary(whole, BinaryOperator::And, next),
            });
        }
        whole
    }

    fn subquery_condition(&mut self) -> Expr {
        let outer = self.of_type(Type::Int);
        let scope = std::mem::take(&mut self.scope);
        let factor = self.factor(0);
        let value = self.of_type(Type::Int).unwrap_or_else(|| self.int());
        let mut select = bare_select(Vec::new());
        select.from = vec![plain(factor)];
        let count = self.choices.below(2);
        let mut condition = self.conjunction(count, 0);
        if let Some(outer) = outer.clone()
            && self.choices.rarely(2)
        {
            let inner = self.of_type(Type::Int).unwrap_or_else(|| self.int());
            let link = binary(inner, BinaryOperator::Eq, outer);
            condition = Some(match condition {
                None => link,
                Some(condition) => binary(link, BinaryOperator::And, condition),
            });
        }
        select.selection = condition;
        let kind = self.choices.below(3);
        let value = if kind == 2 { call("max", vec![argument(value)]) } else { value };
        let output = if self.choices.rarely(2) {
            SelectItem::UnnamedExpr(value)
        } else {
            let name = self.fresh("v");
            item(value, &name)
        };
        select.projection = vec![output];
        self.scope = scope;
        let subquery = Box::new(bare_query(SetExpr::Select(Box::new(select))));
        let negated = self.choices.rarely(2);
        let outer = outer.unwrap_or_else(|| self.int());
        match kind {
            0 => Expr::Exists { subquery, negated },
            1 => Expr::InSubquery { expr: Box::new(outer), subquery, negated },
            _ => binary(outer, BinaryOperator::Lt, Expr::Subquery(subquery)),
        }
    }

    fn condition(&mut self, depth: usize) -> Expr {
        if depth > 0 && self.choices.rarely(3) {
            let (left, right) = (self.condition(depth - 1), self.condition(depth - 1));
            let op = if self.choices.rarely(3) { BinaryOperator::And } else { BinaryOperator::Or };
            return binary(left, op, right);
        }
        const COMPARISONS: [BinaryOperator; 6] = [
            BinaryOperator::Eq,
            BinaryOperator::Lt,
            BinaryOperator::NotEq,
            BinaryOperator::GtEq,
            BinaryOperator::Gt,
            BinaryOperator::LtEq,
        ];
        let negated = self.choices.rarely(3);
        match self.choices.below(10) {
            0..=3 => {
                let type_ = [Type::Int, Type::Text, Type::Float, Type::Date][self.choices.below(4)];
                let left = self.expr(type_, depth.min(1));
                let right =
                    if self.choices.rarely(3) { self.expr(type_, 1) } else { self.literal(type_) };
                let op = COMPARISONS[self.choices.below(COMPARISONS.len())].clone();
                binary(left, op, right)
            }
            4 => {
                let type_ = [Type::Int, Type::Date, Type::Float][self.choices.below(3)];
                Expr::Between {
                    expr: Box::new(self.of_type(type_).unwrap_or_else(|| self.literal(type_))),
                    negated,
                    low: Box::new(self.literal(type_)),
                    high: Box::new(self.literal(type_)),
                }
            }
            5 => {
                let type_ = [Type::Int, Type::Text][self.choices.below(2)];
                let list = (0..=self.choices.below(4)).map(|_| self.literal(type_)).collect();
                Expr::InList { expr: Box::new(self.expr(type_, 1)), list, negated }
            }
            6 => {
                let of = Box::new(self.some_column().0);
                if negated { Expr::IsNotNull(of) } else { Expr::IsNull(of) }
            }
            7 => Expr::Like {
                negated,
                any: false,
                expr: Box::new(self.expr(Type::Text, 1)),
                pattern: Box::new(self.literal(Type::Text)),
                escape_char: None,
            },
            8 => {
                let inner = Box::new(self.condition(0));
                Expr::UnaryOp { op: UnaryOperator::Not, expr: inner }
            }
            _ => match self.of_type(Type::Bool) {
                Some(flag) => flag,
                None => {
                    let (left, right) = (self.expr(Type::Int, 1), self.expr(Type::Int, 1));
                    Expr::IsDistinctFrom(Box::new(left), Box::new(right))
                }
            },
        }
    }

    /// A column of the type, if one is in scope.
    fn of_type(&mut self, type_: Type) -> Option<Expr> {
        let mut found = Vec::new();
        for relation in &self.scope {
            let columns = relation.columns.iter().filter(|(_, other)| *other == type_);
            found.extend(columns.map(|(name, _)| column(&relation.name, name)));
        }
        self.choices.one(&found).cloned()
    }

    fn expr(&mut self, type_: Type, depth: usize) -> Expr {
        let simple = depth == 0 || !self.choices.rarely(3);
        if simple {
            if !self.choices.rarely(6)
                && let Some(column) = self.of_type(type_)
            {
                return column;
            }
            return self.literal(type_);
        }
        let kind = self.choices.below(6);
        if kind == 5 {
            return Expr::Case {
                case_token: AttachedToken::empty(),
                end_token: AttachedToken::empty(),
                operand: None,
                conditions: vec![CaseWhen {
                    condition: self.condition(depth - 1),
                    result: self.expr(type_, depth - 1),
                }],
                else_result: self.choices.rarely(2).then(|| Box::new(self.expr(type_, depth - 1))),
            };
        }
        let first = self.expr(type_, depth - 1);
        match type_ {
            Type::Int | Type::Float => match kind {
                0..=2 => {
                    const OPERATORS: [BinaryOperator; 3] =
                        [BinaryOperator::Plus, BinaryOperator::Minus, BinaryOperator::Multiply];
                    binary(first, OPERATORS[kind].clone(), self.expr(type_, depth - 1))
                }
                3 => call("abs", vec![argument(first)]),
                _ => {
                    let (other, data_type) = if type_ == Type::Int {
                        (Type::Int, DataType::BigInt(None))
                    } else {
                        (Type::Int, DataType::Double(sqlparser::ast::ExactNumberInfo::None))
                    };
                    Expr::Cast {
                        kind: CastKind::Cast,
                        expr: Box::new(self.expr(other, depth - 1)),
                        data_type,
                        array: false,
                        format: None,
                    }
                }
            },
            Type::Text => match kind {
                0 | 1 => call("lower", vec![argument(first)]),
                2 => {
                    let second = self.expr(type_, depth - 1);
                    binary(first, BinaryOperator::StringConcat, second)
                }
                _ => {
                    let second = self.expr(type_, depth - 1);
                    let name = if kind == 3 { "concat" } else { "coalesce" };
                    call(name, [first, second].map(argument).to_vec())
                }
            },
            Type::Bool => self.condition(depth - 1),
            Type::Date => {
                let second = self.expr(type_, depth - 1);
                call("coalesce", [first, second].map(argument).to_vec())
            }
        }
    }

    fn literal(&mut self, type_: Type) -> Expr {
        match type_ {
            Type::Int => self.int(),
            Type::Float => {
                self.literals += 1;
                number(format!("{}.5", self.literals))
            }
            Type::Text => {
                self.literals += 1;
                string(format!("s{}", self.literals))
            }
            Type::Bool => {
                // There are only two of them, so a comparison stands for one.
                let (left, right) = (self.int(), self.int());
                binary(left, BinaryOperator::Lt, right)
            }
            Type::Date => {
                self.literals += 1;
                let (month, day) = (self.literals / 28 % 12 + 1, self.literals % 28 + 1);
                let year = 2020 + self.literals / 336;
                let text = format!("{year}-{month:02}-{day:02}");
                Expr::TypedString(TypedString {
                    data_type: DataType::Date,
                    value: Value::SingleQuotedString(text).into(),
                    uses_odbc_syntax: false,
                })
            }
        }
    }

    fn int(&mut self) -> Expr {
        self.literals += 1;
        number(self.literals.to_string())
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.named += 1;
        format!("{stem}{}", self.named)
    }
}

pub(crate) fn bare_query(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// Set operations stand in parentheses where they would be read otherwise without.
fn operand(body: SetExpr) -> SetExpr {
    match body {
        SetExpr::SetOperation { .. } => SetExpr::Query(Box::new(bare_query(body))),
        body => body,
    }
}

fn bare_select(projection: Vec<SelectItem>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from: Vec::new(),
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

fn item(expr: Expr, name: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: Ident::new(name) }
}

fn column(alias: &str, name: &str) -> Expr {
    Expr::CompoundIdentifier(vec![Ident::new(alias), Ident::new(name)])
}

pub(crate) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

pub(crate) fn number(text: impl Into<String>) -> Expr {
    Expr::Value(Value::Number(text.into(), false).into())
}

fn string(text: impl Into<String>) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.into()).into())
}

pub(crate) fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

fn call(name: &str, args: Vec<FunctionArg>) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn over(mut call: Expr, spec: WindowSpec) -> Expr {
    if let Expr::Function(function) = &mut call {
        function.over = Some(WindowType::WindowSpec(spec));
    }
    call
}

fn plain(relation: TableFactor) -> TableWithJoins {
    TableWithJoins { relation, joins: Vec::new() }
}

fn relation(name: &str, alias_name: &str) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(vec![Ident::new(name)]),
        alias: Some(alias(alias_name)),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

fn alias(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

pub(crate) fn column_name(name: &str) -> TableAliasColumnDef {
    TableAliasColumnDef { name: Ident::new(name), data_type: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// What is made prints as a text that reads as the same tree.
    #[test]
    fn queries_are_sql(made in queries()) {
        let text = text(&made.0);
        let read = parse(&text);
        prop_assert!(read == made.0, "{text}\n{}", super::generate::text(&read));
    }
}
