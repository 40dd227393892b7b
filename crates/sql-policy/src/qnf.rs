//! The qualified normal form, checked.
//!
//! The resolver makes it, and everything after relies on it: each column names the alias it comes
//! from, no alias stands for two things, each output has a name of its own, and there are no stars,
//! no names for windows and no join keys written as USING. Subqueries of one SELECT that are the
//! same to the letter may have the same aliases. This check shares no code with the
//! resolver. It finds what it can without schemas: the columns of a base relation are not known.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use sqlparser::ast::{
    Cte, Distinct, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, GroupByExpr, Ident, Interval, Join, JoinConstraint, JoinOperator,
    LambdaFunction, LimitClause, ObjectName, ObjectNamePart, OrderBy, OrderByKind, Query, Select,
    SelectFlavor, SelectItem, SetExpr, SetOperator, SetQuantifier, TableAlias, TableFactor,
    TableWithJoins, UnaryOperator, Value, Values, WindowType, With,
};

use crate::{
    canonical,
    resolve::is_unnest,
    shape,
    walk::{self, Child},
};

/// Stands among the names of a query for columns that only the engine knows.
const ANY: &str = "*";

/// The alias and the name of the column that an expression reads, for a column and for a field of
/// one: `alias.column` and `alias.column.field`.
pub(crate) fn column(expr: &Expr) -> Option<(&Ident, &Ident)> {
    match expr {
        Expr::CompoundIdentifier(names) => match &names[..] {
            [alias, column, ..] => Some((alias, column)),
            _ => None,
        },
        _ => None,
    }
}

/// The alias and the name of a column that is read as a whole.
pub(crate) fn plain_column(expr: &Expr) -> Option<(&Ident, &Ident)> {
    match expr {
        Expr::CompoundIdentifier(names) => match &names[..] {
            [alias, column] => Some((alias, column)),
            _ => None,
        },
        _ => None,
    }
}

/// Says everything in which a query is not in the normal form.
pub(crate) fn check(query: &Query) -> Result<(), Vec<String>> {
    let mut check = Check::default();
    check.query(query, Place::Top);
    if check.found.is_empty() { Ok(()) } else { Err(check.found) }
}

/// Names of columns in order, empty where one has none.
type Names<'q> = Vec<Cow<'q, str>>;

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The statement itself: names may repeat where each is a plain column.
    Top,
    /// Where its columns are read by name.
    Relation,
    /// In an expression: nobody reads its columns by name.
    Expression,
}

/// A relation that expressions may read. The columns of a base relation are not known.
struct Source<'q> {
    alias: &'q str,
    columns: Option<Names<'q>>,
    visible: bool,
}

/// The FROM of one query.
#[derive(Default)]
struct Frame<'q> {
    sources: Vec<Source<'q>>,
    /// Those before are not seen from here.
    first: usize,
    hidden: bool,
    /// The subqueries met in its expressions.
    subqueries: Vec<&'q Query>,
}

#[derive(Default)]
struct Check<'q> {
    found: Vec<String>,
    aliases: BTreeSet<&'q str>,
    cte_names: BTreeSet<&'q str>,
    /// The common table expressions that may be read here.
    ctes: Vec<(&'q str, Names<'q>)>,
    frames: Vec<Frame<'q>>,
    /// The outputs that ORDER BY may name here.
    ordered: Vec<Names<'q>>,
    /// The parameters of the lambdas around.
    parameters: Vec<&'q str>,
}

impl<'q> Check<'q> {
    fn find(&mut self, message: impl Into<String>) {
        self.found.push(message.into());
    }

    fn absent(&mut self, present: bool, clause: &str) {
        if present {
            self.find(format!("there is `{clause}`"));
        }
    }

    #[recursive::recursive]
    fn query(&mut self, query: &'q Query, place: Place) -> Names<'q> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        self.absent(fetch.is_some(), "FETCH");
        self.absent(!locks.is_empty(), "FOR UPDATE");
        self.absent(for_clause.is_some(), "FOR");
        self.absent(settings.is_some(), "SETTINGS");
        self.absent(format_clause.is_some(), "FORMAT");
        self.absent(!pipe_operators.is_empty(), "|>");
        let outer = self.ctes.len();
        if let Some(with) = with {
            self.with(with);
        }
        self.frames.push(Frame::default());
        let names = match &**body {
            SetExpr::Select(select) => self.select(select, place),
            body => self.set_expr(body, place),
        };
        if let Some(order_by) = order_by {
            let compared = matches!(&**body, SetExpr::Select(select)
                if select.distinct == Some(Distinct::Distinct));
            self.frame().hidden = compared;
            self.ordered.push(names.clone());
            self.order_by(order_by, leftmost(body), &names);
            self.ordered.pop();
        }
        self.frames.pop();
        match limit_clause {
            None => {}
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                let offset = offset.as_ref().map(|offset| &offset.value);
                limit.iter().chain(offset).for_each(|expr| self.expr(expr));
                self.absent(!limit_by.is_empty(), "LIMIT BY");
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.expr(offset);
                self.expr(limit);
            }
        }
        self.ctes.truncate(outer);
        names
    }

    /// The FROM of the query around.
    fn frame(&mut self) -> &mut Frame<'q> {
        self.frames.last_mut().expect("the walk is inside a query")
    }

    fn order_by(&mut self, order_by: &'q OrderBy, select: Option<&Select>, names: &Names<'q>) {
        let OrderBy { kind, interpolate } = order_by;
        self.absent(interpolate.is_some(), "INTERPOLATE");
        match kind {
            OrderByKind::All(_) => {}
            OrderByKind::Expressions(keys) => {
                for key in keys {
                    self.absent(key.with_fill.is_some(), "WITH FILL");
                    self.key(&key.expr, "ORDER BY", |position| {
                        let name: &str = names.get(position)?;
                        let same = names.iter().filter(|other| ***other == *name).count();
                        Some(name.is_empty() || same > 1 || is_literal(select, position))
                    });
                }
            }
        }
    }

    /// A key of ORDER BY or GROUP BY, which may be a position where there is no other way to say
    /// it, or a constant in parentheses so as not to be one.
    fn key(&mut self, expr: &'q Expr, clause: &str, only_way: impl Fn(usize) -> Option<bool>) {
        match expr {
            Expr::Nested(inner) if number(inner).is_some() => {}
            expr => match number(expr).map(|number| number.parse::<usize>()) {
                // A number with a point is a constant.
                None | Some(Err(_)) => self.expr(expr),
                Some(Ok(place @ 1..)) if only_way(place - 1) == Some(true) => {}
                Some(Ok(_)) => self.find(format!("`{clause} {expr}` is a position")),
            },
        }
    }

    fn with(&mut self, with: &'q With) {
        let With { with_token: _, recursive, cte_tables } = with;
        for cte in cte_tables {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            self.absent(from.is_some(), "FROM after a common table expression");
            self.absent(materialized.is_some(), "MATERIALIZED");
            self.table_alias(alias);
            let name = alias.name.value.as_str();
            if !self.cte_names.insert(name) {
                self.find(format!("there are two common table expressions `{name}`"));
            }
            let outer = self.ctes.len();
            let names = match &*query.body {
                SetExpr::SetOperation {
                    left,
                    op: SetOperator::Union,
                    set_quantifier: _,
                    right,
                } if *recursive => {
                    self.absent(query.order_by.is_some(), "ORDER BY of a recursive definition");
                    self.absent(query.limit_clause.is_some(), "LIMIT of a recursive definition");
                    if let Some(with) = &query.with {
                        self.with(with);
                    }
                    let names = self.branch(left, Place::Relation);
                    let names = self.renamed(Some(names), alias).unwrap_or_default();
                    self.ctes.push((name, names.clone()));
                    self.branch(right, Place::Relation);
                    names
                }
                _ => {
                    let names = self.query(query, Place::Relation);
                    self.renamed(Some(names), alias).unwrap_or_default()
                }
            };
            self.ctes.truncate(outer);
            self.ctes.push((name, names));
        }
    }

    /// The columns of a source under an alias that may give them other names.
    fn renamed(&mut self, columns: Option<Names<'q>>, alias: &'q TableAlias) -> Option<Names<'q>> {
        if alias.columns.is_empty() {
            return columns;
        }
        let list: Names<'q> =
            alias.columns.iter().map(|column| Cow::Borrowed(&*column.name.value)).collect();
        if columns.is_some_and(|columns| columns.len() != list.len()) {
            self.find(format!("the list of `{}` is too long or too short", alias.name));
        }
        Some(list)
    }

    /// A branch of a set operation, with a FROM of its own.
    fn branch(&mut self, body: &'q SetExpr, place: Place) -> Names<'q> {
        self.frames.push(Frame::default());
        let names = self.set_expr(body, place);
        self.frames.pop();
        names
    }

    #[recursive::recursive]
    fn set_expr(&mut self, body: &'q SetExpr, place: Place) -> Names<'q> {
        match body {
            SetExpr::Select(select) => self.select(select, place),
            SetExpr::Query(query) => self.query(query, place),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                self.absent(*op == SetOperator::Minus, "MINUS");
                let mut names = self.branch(left, place);
                let right = self.branch(right, place);
                match set_quantifier {
                    SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => {
                        if names.len() != right.len() {
                            self.find(format!("the branches of {op} have not as many columns"));
                        }
                    }
                    SetQuantifier::ByName
                    | SetQuantifier::AllByName
                    | SetQuantifier::DistinctByName => {
                        for name in right {
                            if !names.contains(&name) {
                                names.push(name);
                            }
                        }
                    }
                }
                names
            }
            SetExpr::Values(Values { explicit_row: _, value_keyword: _, rows }) => {
                rows.iter().flat_map(|row| &row.content).for_each(|expr| self.expr(expr));
                let width = rows.first().map_or(0, |row| row.content.len());
                (1..=width).map(|number| Cow::Owned(format!("column{number}"))).collect()
            }
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => {
                self.find("there is something other than SELECT, VALUES and set operations");
                Names::new()
            }
        }
    }

    fn select(&mut self, select: &'q Select, place: Place) -> Names<'q> {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        self.absent(!optimizer_hints.is_empty(), "/*+ hint */");
        self.absent(select_modifiers.as_ref().is_some_and(|said| said.is_any_set()), "modifiers");
        self.absent(top.is_some(), "TOP");
        self.absent(exclude.is_some(), "EXCLUDE");
        self.absent(into.is_some(), "INTO");
        self.absent(!lateral_views.is_empty(), "LATERAL VIEW");
        self.absent(prewhere.is_some(), "PREWHERE");
        self.absent(!connect_by.is_empty(), "CONNECT BY");
        self.absent(!cluster_by.is_empty(), "CLUSTER BY");
        self.absent(!distribute_by.is_empty(), "DISTRIBUTE BY");
        self.absent(!sort_by.is_empty(), "SORT BY");
        self.absent(!named_window.is_empty(), "WINDOW");
        self.absent(value_table_mode.is_some(), "AS STRUCT or AS VALUE");
        self.absent(*flavor != SelectFlavor::Standard, "FROM before SELECT");
        for table in from {
            self.table_with_joins(table);
        }
        if let Some(Distinct::On(exprs)) = distinct {
            exprs.iter().for_each(|expr| self.expr(expr));
        }
        let names = self.projection(projection, place);
        selection.iter().chain(having).chain(qualify).for_each(|expr| self.expr(expr));
        let modifiers = match group_by {
            GroupByExpr::All(modifiers) => modifiers,
            GroupByExpr::Expressions(exprs, modifiers) => {
                for expr in exprs {
                    self.key(expr, "GROUP BY", |at| Some(is_literal(Some(select), at)));
                }
                modifiers
            }
        };
        self.absent(!modifiers.is_empty(), "GROUP BY … WITH");
        names
    }

    fn projection(&mut self, projection: &'q [SelectItem], place: Place) -> Names<'q> {
        let mut names = Names::new();
        let mut unnamed = Vec::new();
        for item in projection {
            match item {
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.expr(expr);
                    self.ident(alias);
                    names.push(Cow::Borrowed(&*alias.value));
                }
                // A struct becomes several columns, and only the engine names them.
                SelectItem::UnnamedExpr(expr) if is_unnest(expr) => {
                    self.expr(expr);
                    names.push(Cow::Borrowed(ANY));
                }
                SelectItem::UnnamedExpr(expr) => {
                    self.expr(expr);
                    let name = plain_column(expr).map(|(_, column)| column.value.as_str());
                    if place == Place::Top && name.is_some() {
                        unnamed.push(names.len());
                    } else if place != Place::Expression {
                        self.find(format!("the output `{expr}` has no name"));
                    }
                    let name = name.filter(|_| place == Place::Top);
                    names.push(Cow::Borrowed(name.unwrap_or_default()));
                }
                SelectItem::ExprWithAliases { expr: _, aliases: _ }
                | SelectItem::QualifiedWildcard(..)
                | SelectItem::Wildcard(_) => {
                    self.find(format!("the output `{item}` is not one column"));
                }
            }
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        names.iter().for_each(|name| *counts.entry(name).or_default() += 1);
        for (position, name) in names.iter().enumerate() {
            let repeated = !name.is_empty() && **name != *ANY && counts[&**name] > 1;
            match (repeated, unnamed.binary_search(&position).is_ok()) {
                (true, false) => self.find(format!("the output name `{name}` repeats")),
                (false, true) => self.find(format!("the output `{name}` has no name of its own")),
                (true, true) | (false, false) => {}
            }
        }
        names
    }

    /// A tree of joins. Its conditions see what it joins and nothing of FROM before it.
    fn table_with_joins(&mut self, table: &'q TableWithJoins) {
        let TableWithJoins { relation, joins } = table;
        let start = self.frame().sources.len();
        self.table_factor(relation);
        for Join { relation, global, join_operator } in joins {
            self.absent(*global, "GLOBAL");
            let right = self.frame().sources.len();
            self.table_factor(relation);
            let (constraint, lost) = match join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                | JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint)
                | JoinOperator::CrossJoin(constraint) => (constraint, 0..0),
                JoinOperator::LeftSemi(constraint) | JoinOperator::LeftAnti(constraint) => {
                    (constraint, right..self.frame().sources.len())
                }
                JoinOperator::RightSemi(constraint) | JoinOperator::RightAnti(constraint) => {
                    (constraint, start..right)
                }
                JoinOperator::Semi(_)
                | JoinOperator::Anti(_)
                | JoinOperator::CrossApply
                | JoinOperator::OuterApply
                | JoinOperator::AsOf { match_condition: _, constraint: _ }
                | JoinOperator::StraightJoin(_)
                | JoinOperator::ArrayJoin
                | JoinOperator::LeftArrayJoin
                | JoinOperator::InnerArrayJoin => {
                    self.find("there is a join that the engine does not have");
                    continue;
                }
            };
            match constraint {
                JoinConstraint::None => {}
                JoinConstraint::On(condition) => {
                    let outer = std::mem::replace(&mut self.frame().first, start);
                    self.expr(condition);
                    self.frame().first = outer;
                }
                JoinConstraint::Using(_) => self.find("there is `USING`"),
                JoinConstraint::Natural => self.find("there is `NATURAL`"),
            }
            self.frame().sources[lost].iter_mut().for_each(|source| source.visible = false);
        }
    }

    #[recursive::recursive]
    fn table_factor(&mut self, factor: &'q TableFactor) {
        let (columns, alias) = match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                let extra = !with_hints.is_empty()
                    || version.is_some()
                    || *with_ordinality
                    || !partitions.is_empty()
                    || json_path.is_some()
                    || sample.is_some()
                    || !index_hints.is_empty();
                self.absent(extra, "something after a relation");
                let columns = match args {
                    None => self.relation(name),
                    Some(args) => {
                        self.arguments(&args.args);
                        None
                    }
                };
                (columns, alias)
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                self.absent(sample.is_some(), "TABLESAMPLE");
                let hidden = std::mem::replace(&mut self.frame().hidden, !lateral);
                let names = self.query(subquery, Place::Relation);
                self.frame().hidden = hidden;
                (Some(names), alias)
            }
            TableFactor::Function { lateral: _, name: _, args, with_ordinality, alias } => {
                self.absent(*with_ordinality, "WITH ORDINALITY");
                self.arguments(args);
                (None, alias)
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset,
                with_offset_alias,
                with_ordinality,
            } => {
                let offset = *with_offset || with_offset_alias.is_some() || *with_ordinality;
                self.absent(offset, "WITH OFFSET or ORDINALITY");
                array_exprs.iter().for_each(|expr| self.expr(expr));
                (None, alias)
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                self.absent(alias.is_some(), "AS after joins in parentheses");
                self.table_with_joins(table_with_joins);
                return;
            }
            TableFactor::TableFunction { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::Pivot { .. }
            | TableFactor::Unpivot { .. }
            | TableFactor::MatchRecognize { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => {
                self.find(format!("`{factor}` is no relation of the engine"));
                return;
            }
        };
        let Some(alias) = alias else {
            self.find(format!("`{factor}` has no alias"));
            return;
        };
        self.table_alias(alias);
        let columns = self.renamed(columns, alias);
        let alias = alias.name.value.as_str();
        if !self.aliases.insert(alias) {
            self.find(format!("there are two relations `{alias}`"));
        }
        self.frame().sources.push(Source { alias, columns, visible: true });
    }

    /// The columns of a relation, if they are known.
    fn relation(&mut self, name: &'q ObjectName) -> Option<Names<'q>> {
        let parts: Vec<_> = name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
        parts.iter().for_each(|part| self.ident(part));
        match &parts[..] {
            [cte] => {
                let known = self.ctes.iter().rev().find(|(name, _)| *name == cte.value);
                let columns = known.map(|(_, columns)| columns.clone());
                if columns.is_none() {
                    self.find(format!("there is no common table expression `{cte}` here"));
                }
                columns
            }
            [_, _, _] if name.0.len() == 3 => None,
            _ => {
                self.find(format!("the name `{name}` has neither one part nor three"));
                None
            }
        }
    }

    fn table_alias(&mut self, alias: &TableAlias) {
        let TableAlias { explicit: _, name, columns, at } = alias;
        self.ident(name);
        self.absent(at.is_some(), "AT");
        for column in columns {
            self.ident(&column.name);
            self.absent(column.data_type.is_some(), "type in an alias");
        }
        let names: BTreeSet<_> = columns.iter().map(|column| &column.name.value).collect();
        if names.len() < columns.len() {
            self.find(format!("the list of `{name}` repeats a name"));
        }
    }

    fn ident(&mut self, ident: &Ident) {
        let survives = canonical::survives(&ident.value);
        let quotes = if survives { None } else { Some('"') };
        if ident.quote_style != quotes {
            self.find(format!("the name `{ident}` is not written as it is normalised"));
        }
    }

    #[recursive::recursive]
    fn expr(&mut self, expr: &'q Expr) {
        let mut leftmost = expr;
        while let Expr::BinaryOp { left, op: _, right } = leftmost {
            self.expr(right);
            leftmost = left;
        }
        match leftmost {
            Expr::Identifier(name) => {
                self.ident(name);
                let known = self.parameters.contains(&name.value.as_str())
                    || self.ordered.iter().flatten().any(|output| *output == name.value);
                if !known {
                    self.find(format!("the name `{name}` stands alone"));
                }
            }
            Expr::CompoundIdentifier(names) => {
                names.iter().for_each(|name| self.ident(name));
                match column(leftmost) {
                    Some((alias, column)) => self.binding(alias, Some(column), leftmost),
                    None => self.find(format!("the column `{leftmost}` has no alias")),
                }
            }
            Expr::Nested(inner) => match &**inner {
                Expr::Interval(_) | Expr::TypedString(_) => self.expr(inner),
                _ => self.find(format!("there are parentheses: `{leftmost}`")),
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
                Expr::Nested(inner) if number(inner).is_some() => {}
                expr => self.expr(expr),
            },
            Expr::Interval(Interval { value, .. }) => match &**value {
                Expr::Nested(inner) => self.expr(inner),
                value => self.expr(value),
            },
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => {
                self.find(format!("there is `{leftmost}`"));
            }
            Expr::Lambda(LambdaFunction { params, body, syntax: _ }) => {
                let outer = self.parameters.len();
                self.parameters.extend(params.iter().map(|param| param.name.value.as_str()));
                self.expr(body);
                self.parameters.truncate(outer);
            }
            Expr::Function(call) => {
                self.call(call);
                self.children(leftmost);
            }
            expr => self.children(expr),
        }
    }

    fn children(&mut self, expr: &'q Expr) {
        walk::children(expr, &mut |child| match child {
            Child::Expr(inner) => self.expr(inner),
            Child::Query(query) => self.subquery(query),
        });
    }

    fn subquery(&mut self, query: &'q Query) {
        let before = self.found.len();
        self.query(query, Place::Expression);
        let Some(frame) = self.frames.last_mut() else { return };
        let same = || frame.subqueries.contains(&query);
        // Whatever is wrong with the copy was found in the first one.
        if self.found.len() > before && shape::measure(query).copying(same) {
            self.found.truncate(before);
        }
        frame.subqueries.push(query);
    }

    fn arguments(&mut self, args: &'q [FunctionArg]) {
        for arg in args {
            match argument(arg) {
                FunctionArgExpr::Expr(expr) => self.expr(expr),
                other => self.find(format!("there is `{other}` for a table function")),
            }
        }
    }

    /// What a call says beside the expressions in it.
    fn call(&mut self, call: &'q Function) {
        for part in call.name.0.iter().filter_map(ObjectNamePart::as_ident) {
            if part.value.bytes().any(|byte| byte.is_ascii_uppercase())
                && part.quote_style.is_none()
            {
                self.find(format!("the function `{part}` is not written in lower case"));
            }
        }
        match &call.over {
            None => {}
            Some(WindowType::NamedWindow(name)) => self.find(format!("there is `OVER {name}`")),
            Some(WindowType::WindowSpec(spec)) => {
                if let Some(name) = &spec.window_name {
                    self.find(format!("there is `OVER ({name} …)`"));
                }
            }
        }
        let FunctionArguments::List(FunctionArgumentList { args, .. }) = &call.args else { return };
        for arg in args {
            match argument(arg) {
                FunctionArgExpr::Expr(_) | FunctionArgExpr::Wildcard => {}
                FunctionArgExpr::QualifiedWildcard(name) => match &name.0[..] {
                    [ObjectNamePart::Identifier(alias)] => self.binding(alias, None, name),
                    _ => self.find(format!("there is `{name}.*`")),
                },
                FunctionArgExpr::WildcardWithOptions(_) => {
                    self.find("there is `*` with options in a call");
                }
            }
        }
    }

    /// An alias must be seen where it is used, and have the column as far as that is known.
    fn binding(&mut self, alias: &Ident, column: Option<&Ident>, whole: &dyn Display) {
        let frames = self.frames.iter().rev().filter(|frame| !frame.hidden);
        let mut sources = frames.flat_map(|frame| &frame.sources[frame.first..]);
        match sources.find(|source| source.visible && source.alias == alias.value) {
            None => self.find(format!("`{whole}`: there is no relation `{alias}` here")),
            Some(Source { columns, .. }) => {
                let unknown = column.filter(|column| {
                    let known = columns.as_ref();
                    known.is_some_and(|known| {
                        !known.iter().any(|name| *name == column.value || **name == *ANY)
                    })
                });
                if let Some(column) = unknown {
                    self.find(format!("`{whole}`: `{alias}` has no column `{column}`"));
                }
            }
        }
    }
}

fn argument(arg: &FunctionArg) -> &FunctionArgExpr {
    match arg {
        FunctionArg::Unnamed(arg)
        | FunctionArg::Named { name: _, arg, operator: _ }
        | FunctionArg::ExprNamed { name: _, arg, operator: _ } => arg,
    }
}

fn number(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

/// The SELECT that gives a query its names.
fn leftmost(body: &SetExpr) -> Option<&Select> {
    let mut body = body;
    loop {
        match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = &query.body,
            _ => return None,
        }
    }
}

/// Whether an output is a literal, to which no expression but its position can refer.
fn is_literal(select: Option<&Select>, position: usize) -> bool {
    let item = select.and_then(|select| select.projection.get(position));
    matches!(
        item,
        Some(
            SelectItem::ExprWithAlias { expr: Expr::Value(_), alias: _ }
                | SelectItem::UnnamedExpr(Expr::Value(_))
        )
    )
}

#[cfg(test)]
pub(crate) mod tests;
