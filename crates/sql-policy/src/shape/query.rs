//! Queries in form: WITH, set operations, SELECT, FROM.

use std::{collections::BTreeMap, rc::Rc};

use sqlparser::ast::{
    BinaryOperator, Cte as Definition, Distinct, Expr, FunctionArg, FunctionArgExpr, GroupByExpr,
    Ident, Join, JoinConstraint, JoinOperator, LimitClause, ObjectName, ObjectNamePart, Offset,
    OffsetRows, OrderBy, OrderByKind, Parens, Query, Select, SelectItem, SetExpr, SetOperator,
    SetQuantifier, TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, Value, Values,
    With,
};
use viewlane_core::{Fingerprint, Volatility};

use super::{
    Binding, Cte, Facts, Former, Naming, Operand, Output, Renames,
    expr::{join, settle},
    nothing,
};
use crate::{fingerprint, visit::each_relation_mut};

/// The facts of what the gate lets not pass.
const UNKNOWN: Facts = Facts { volatile: true, unstable: true, ..Facts::LEAF };

/// What is known about a query in form.
pub(super) struct Formed {
    pub(super) outputs: Vec<Output>,
    pub(super) facts: Facts,
}

impl Former<'_> {
    /// Brings a query into form. `ordered` says whether the order of its rows matters.
    #[recursive::recursive]
    pub(super) fn query(&mut self, query: &mut Query, naming: &Naming, ordered: bool) -> Formed {
        unwrap(query);
        while !ordered && query.order_by.is_some() && !limited(query) && !picks(&query.body) {
            query.order_by = None;
            unwrap(query);
        }
        let limited = limited(query);
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch: _,
            locks: _,
            for_clause: _,
            settings: _,
            format_clause: _,
            pipe_operators: _,
        } = query;
        let outer_outputs = self.outputs.take();
        let outer_defined = self.defined.len();
        if let Some(definitions) = with {
            self.with(definitions);
            if definitions.cte_tables.is_empty() {
                *with = None;
            }
        }
        let ordered_body = order_by.is_none() && (ordered || limited);
        let mut formed = self.body(body, naming, ordered_body);
        if let Some(OrderBy { kind, interpolate: _ }) = order_by {
            match kind {
                OrderByKind::All(options) => {
                    if options.asc == Some(true) {
                        options.asc = None;
                    }
                }
                OrderByKind::Expressions(keys) => {
                    self.outputs = renames(&formed.outputs);
                    formed.facts.add(self.keys(keys));
                    self.outputs = None;
                }
            }
        }
        if let Some(LimitClause::LimitOffset { limit, offset, limit_by: _ }) = limit_clause {
            let offset = offset.as_mut().map(|offset| &mut offset.value);
            for count in [limit.as_mut(), offset].into_iter().flatten() {
                formed.facts.add(self.expr(count));
            }
        }
        formed.facts.unstable |= limited;
        self.outputs = outer_outputs;
        self.defined.truncate(outer_defined);
        formed
    }

    /// Brings a query inside an expression or FROM into form.
    pub(super) fn subquery(&mut self, query: &mut Query) -> Formed {
        self.level += 1;
        let formed = self.query(query, &Naming::Positional, false);
        self.level -= 1;
        formed
    }

    fn with(&mut self, with: &mut With) {
        let With { with_token: _, recursive, cte_tables } = with;
        let mut sorted: Vec<(usize, String, Definition)> = Vec::with_capacity(cte_tables.len());
        let outer = self.defined.len();
        let mut reads_itself = false;
        for mut definition in std::mem::take(cte_tables) {
            let Definition { alias, query, from: _, materialized: _, closing_paren_token: _ } =
                &mut definition;
            let names = column_names(alias);
            let name = std::mem::take(&mut alias.name.value);
            let own = format!("_r{}", self.recursions);
            if *recursive {
                let outputs = named(outputs(&query.body), &names);
                let cte = Cte {
                    name: own.clone(),
                    outputs: outputs.into(),
                    facts: Facts::default(),
                    height: 0,
                    recursive: false,
                };
                self.ctes.insert(name.clone(), cte);
            }
            let outer_reads = std::mem::replace(&mut self.reads, 0);
            self.recursions += 1;
            let formed = self.query(query, &Naming::Positional, false);
            self.recursions -= 1;
            let height = std::mem::replace(&mut self.reads, outer_reads);
            self.reads = self.reads.max(height);
            let itself = self.ctes.get(&name).is_some_and(|cte| cte.recursive);
            reads_itself |= itself;
            let content = Fingerprint::builder("common table expression")
                .field("tree", fingerprint::encode(&**query))
                .finish();
            let new = format!("_c{content}");
            if itself {
                each_relation_mut(&mut **query, &mut |relation| {
                    if let [ObjectNamePart::Identifier(part)] = &mut relation.0[..]
                        && part.value == own
                    {
                        *part = Ident::new(&new);
                    }
                });
            }
            alias.name = Ident::new(&new);
            alias.explicit = false;
            let cte = Cte {
                name: new.clone(),
                outputs: named(formed.outputs, &names).into(),
                facts: formed.facts,
                height,
                recursive: false,
            };
            self.ctes.insert(name, cte);
            if !self.defined.contains(&new) {
                self.defined.push(new.clone());
                sorted.push((height, new, definition));
            }
        }
        sorted.sort_by(|one, two| (one.0, &one.1).cmp(&(two.0, &two.1)));
        debug_assert_eq!(self.defined.len() - outer, sorted.len());
        *cte_tables = sorted.into_iter().map(|(_, _, definition)| definition).collect();
        *recursive &= reads_itself;
    }

    #[recursive::recursive]
    fn body(&mut self, body: &mut SetExpr, naming: &Naming, ordered: bool) -> Formed {
        match body {
            SetExpr::Select(select) => self.select(select, naming),
            SetExpr::Query(query) => self.query(query, naming, ordered),
            SetExpr::SetOperation { left, op: _, set_quantifier, right } => {
                match set_quantifier {
                    SetQuantifier::Distinct => *set_quantifier = SetQuantifier::None,
                    SetQuantifier::DistinctByName => *set_quantifier = SetQuantifier::ByName,
                    _ => {}
                }
                if matches!(set_quantifier, SetQuantifier::ByName | SetQuantifier::AllByName) {
                    self.by_name(left, right, naming)
                } else {
                    let mut formed = self.operand(left, naming);
                    formed.facts.add(self.operand(right, &Naming::Positional).facts);
                    formed
                }
            }
            SetExpr::Values(Values { explicit_row, value_keyword: _, rows }) => {
                *explicit_row = false;
                let mut facts = Facts::default();
                let columns = rows.first().map_or(0, |row| row.content.len());
                for Parens { opening_token: _, content, closing_token: _ } in rows {
                    content.iter_mut().for_each(|expr| facts.add(self.expr(expr)));
                }
                Formed { outputs: (0..columns).map(column).collect(), facts }
            }
            // The gate lets none of the others pass.
            _ => Formed { outputs: Vec::new(), facts: UNKNOWN },
        }
    }

    /// One side of a set operation.
    fn operand(&mut self, body: &mut SetExpr, naming: &Naming) -> Formed {
        let formed = self.body(body, naming, false);
        while let SetExpr::Query(query) = body
            && is_bare(query)
        {
            *body = std::mem::replace(&mut *query.body, nothing());
        }
        formed
    }

    /// A set operation that matches its sides by the names of their outputs.
    fn by_name(&mut self, left: &mut SetExpr, right: &mut SetExpr, naming: &Naming) -> Formed {
        let mapped;
        let naming = match naming {
            Naming::Positional => {
                mapped = together(left, right)
                    .map_or(Naming::Kept, |names| Naming::Mapped(Rc::new(names)));
                &mapped
            }
            kept_or_mapped => kept_or_mapped,
        };
        let mut formed = self.operand(left, naming);
        let other = self.operand(right, naming);
        formed.facts.add(other.facts);
        for output in other.outputs {
            if !formed.outputs.iter().any(|known| known.old == output.old) {
                formed.outputs.push(output);
            }
        }
        formed
    }

    fn select(&mut self, select: &mut Select, naming: &Naming) -> Formed {
        let Select {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers: _,
            top: _,
            top_before_distinct: _,
            projection,
            exclude: _,
            into: _,
            from,
            lateral_views: _,
            prewhere: _,
            selection,
            connect_by: _,
            group_by,
            cluster_by: _,
            distribute_by: _,
            sort_by: _,
            having,
            named_window: _,
            qualify,
            window_before_qualify,
            value_table_mode: _,
            flavor: _,
        } = select;
        *window_before_qualify = false;
        let mut conditions = Vec::new();
        let mut facts = self.from(from, &mut conditions);
        if let Some(condition) = selection.take() {
            self.operands(&BinaryOperator::And, condition, &mut conditions);
        }
        if !conditions.is_empty() {
            settle(&BinaryOperator::And, &mut conditions, true);
            let (condition, of_condition) = join(&BinaryOperator::And, conditions);
            facts.add(of_condition);
            *selection = Some(condition).filter(|condition| !is_true(condition));
        }
        let mut outputs = Vec::with_capacity(projection.len());
        for (index, item) in projection.iter_mut().enumerate() {
            facts.add(self.item(index, item, naming, &mut outputs));
        }
        match group_by {
            GroupByExpr::All(_) => {}
            GroupByExpr::Expressions(keys, _) => {
                let sets = keys.iter().any(|key| {
                    matches!(key, Expr::GroupingSets(_) | Expr::Rollup(_) | Expr::Cube(_))
                });
                if sets {
                    keys.iter_mut().for_each(|key| facts.add(self.expr(key)));
                } else {
                    facts.add(self.set(keys));
                }
            }
        }
        for condition in [having, qualify].into_iter().flatten() {
            facts.add(self.expr(condition));
        }
        match distinct {
            None | Some(Distinct::Distinct) => {}
            Some(Distinct::All) => *distinct = None,
            Some(Distinct::On(keys)) => {
                self.outputs = renames(&outputs);
                keys.iter_mut().for_each(|key| facts.add(self.expr(key)));
                self.outputs = None;
                facts.unstable = true;
            }
        }
        Formed { outputs, facts }
    }

    fn item(
        &mut self,
        index: usize,
        item: &mut SelectItem,
        naming: &Naming,
        outputs: &mut Vec<Output>,
    ) -> Facts {
        let (expr, written) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.clone())),
            SelectItem::UnnamedExpr(expr) => {
                let name = match expr {
                    Expr::CompoundIdentifier(parts) if parts.len() == 2 => parts.last().cloned(),
                    _ => None,
                };
                (expr, name)
            }
            SelectItem::ExprWithAliases { .. }
            | SelectItem::QualifiedWildcard(..)
            | SelectItem::Wildcard(_) => return UNKNOWN,
        };
        let old = written.as_ref().map(|name| name.value.clone());
        let alias = match naming {
            Naming::Positional => Some(Ident::new(positional(index))),
            Naming::Kept => written,
            Naming::Mapped(names) => written.map(|name| match names.get(&name.value) {
                Some(new) => Ident::new(new),
                None => name,
            }),
        };
        let facts = self.expr(expr);
        if let Some(alias) = alias {
            outputs.push(Output { old, new: alias.value.clone() });
            let expr = super::take(expr);
            *item = SelectItem::ExprWithAlias { expr, alias };
        } else {
            outputs.push(Output { old: None, new: String::new() });
        }
        facts
    }

    /// FROM; conditions of inner joins go to `conditions`.
    fn from(&mut self, from: &mut Vec<TableWithJoins>, conditions: &mut Vec<Operand>) -> Facts {
        let mut facts = Facts::default();
        let mut position = 0;
        for table in std::mem::take(from) {
            let table = self.table(table, &mut position);
            facts.add(table.facts);
            table.spread(from, conditions);
        }
        facts
    }

    /// One item of FROM.
    #[recursive::recursive]
    fn table(&mut self, mut table: TableWithJoins, position: &mut usize) -> Tree {
        while let TableFactor::NestedJoin { table_with_joins, alias: None } = table.relation {
            let TableWithJoins { relation, mut joins } = *table_with_joins;
            joins.append(&mut table.joins);
            table = TableWithJoins { relation, joins };
        }
        let TableWithJoins { relation, joins } = table;
        let (first, mut facts) = self.factor(relation, position);
        let joins = joins
            .into_iter()
            .map(|Join { relation, global: _, mut join_operator }| {
                let (factor, of_factor) = self.factor(relation, position);
                facts.add(of_factor);
                let mut condition = None;
                if let Some(JoinConstraint::On(on)) = constraint(&mut join_operator) {
                    let mut operands = Vec::new();
                    self.operands(&BinaryOperator::And, super::take(on), &mut operands);
                    operands.iter().for_each(|operand| facts.add(operand.facts));
                    condition = Some(operands);
                }
                (factor, join_operator, condition)
            })
            .collect();
        Tree { first, joins, facts }
    }

    fn factor(&mut self, mut factor: TableFactor, position: &mut usize) -> (Factor, Facts) {
        let facts = match &mut factor {
            TableFactor::Table { name, alias, args: None, .. } => match self.reference(name) {
                Some((outputs, facts)) => {
                    self.bind(alias, position, Some(&outputs));
                    facts
                }
                None => {
                    self.bind(alias, position, None);
                    Facts::default()
                }
            },
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                let facts = self.table_function(name, &mut args.args);
                self.bind(alias, position, None);
                facts
            }
            TableFactor::Function { lateral: _, name, args, with_ordinality: _, alias } => {
                let facts = self.table_function(name, args);
                self.bind(alias, position, None);
                facts
            }
            TableFactor::Derived { lateral: _, subquery, alias, sample: _ } => {
                let formed = self.subquery(subquery);
                self.bind(alias, position, Some(&formed.outputs));
                formed.facts
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset: _,
                with_offset_alias: _,
                with_ordinality: _,
            } => {
                let mut facts = Facts::default();
                array_exprs.iter_mut().for_each(|expr| facts.add(self.expr(expr)));
                self.bind(alias, position, None);
                facts
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let empty = TableWithJoins { relation: no_table(), joins: Vec::new() };
                let table = std::mem::replace(&mut **table_with_joins, empty);
                let table = self.table(table, position);
                let facts = table.facts;
                return (Factor::Nested(Box::new(table)), facts);
            }
            // The gate lets none of the others pass.
            _ => UNKNOWN,
        };
        (Factor::Single(factor), facts)
    }

    fn table_function(&mut self, name: &ObjectName, args: &mut [FunctionArg]) -> Facts {
        let volatile = match &name.0[..] {
            [ObjectNamePart::Identifier(name)] => {
                let facts = self.functions.facts(&name.value);
                facts.is_none_or(|facts| facts.volatility == Volatility::Volatile)
            }
            _ => true,
        };
        let mut facts = Facts { volatile, ..Facts::default() };
        for arg in args {
            let (FunctionArg::Unnamed(arg)
            | FunctionArg::Named { name: _, arg, operator: _ }
            | FunctionArg::ExprNamed { name: _, arg, operator: _ }) = arg;
            if let FunctionArgExpr::Expr(expr) = arg {
                facts.add(self.expr(expr));
            }
        }
        facts
    }

    /// What a common table expression gives, if the name means one; the name is replaced.
    fn reference(&mut self, name: &mut ObjectName) -> Option<(Rc<[Output]>, Facts)> {
        let [ObjectNamePart::Identifier(name)] = &mut name.0[..] else { return None };
        let cte = self.ctes.get_mut(&name.value)?;
        *name = Ident::new(&cte.name);
        cte.recursive = true;
        self.reads = self.reads.max(cte.height + 1);
        Some((Rc::clone(&cte.outputs), cte.facts))
    }

    /// Notes what an alias stands for, and renames it by its place.
    fn bind(
        &mut self,
        alias: &mut Option<TableAlias>,
        position: &mut usize,
        outputs: Option<&[Output]>,
    ) {
        let Some(alias) = alias else { return };
        let new = format!("_t{}_{position}", self.level);
        *position += 1;
        let names = column_names(alias);
        let columns = match outputs {
            Some(outputs) => renames(&named(outputs.to_vec(), &names)),
            None if names.is_empty() => None,
            None => {
                alias.columns = (0..names.len())
                    .map(|index| TableAliasColumnDef {
                        name: Ident::new(positional(index)),
                        data_type: None,
                    })
                    .collect();
                let pairs = names.into_iter().enumerate();
                Some(Rc::new(pairs.map(|(index, name)| (name, positional(index))).collect()))
            }
        };
        alias.explicit = true;
        let old = std::mem::replace(&mut alias.name, Ident::new(&new));
        self.aliases.insert(old.value, Binding { alias: new, columns });
    }
}

/// Takes the parentheses off that stand around a whole query. Its clauses move out where the
/// outer query has none of its own and could not tell the difference.
fn unwrap(query: &mut Query) {
    loop {
        limit(&mut query.limit_clause);
        let SetExpr::Query(inner) = &mut *query.body else { return };
        limit(&mut inner.limit_clause);
        let outer_limited = query.limit_clause.is_some() || query.fetch.is_some();
        let sorted = query.order_by.is_some();
        let stays = (query.with.is_some() && inner.with.is_some())
            || (limited(inner) && (sorted || outer_limited))
            || (sorted && picks(&inner.body))
            || !inner.locks.is_empty()
            || inner.for_clause.is_some()
            || inner.settings.is_some()
            || inner.format_clause.is_some()
            || !inner.pipe_operators.is_empty();
        if stays {
            return;
        }
        let inner = &mut **inner;
        query.with = query.with.take().or(inner.with.take());
        query.order_by = query.order_by.take().or(inner.order_by.take());
        query.limit_clause = query.limit_clause.take().or(inner.limit_clause.take());
        query.fetch = query.fetch.take().or(inner.fetch.take());
        let body = std::mem::replace(&mut *inner.body, nothing());
        *query.body = body;
    }
}

fn limit(clause: &mut Option<LimitClause>) {
    match clause {
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            *clause = Some(LimitClause::LimitOffset {
                limit: Some(super::take(limit)),
                offset: Some(Offset { value: super::take(offset), rows: OffsetRows::None }),
                limit_by: Vec::new(),
            });
        }
        Some(LimitClause::LimitOffset { limit: None, offset: None, limit_by })
            if limit_by.is_empty() =>
        {
            *clause = None;
        }
        Some(LimitClause::LimitOffset {
            limit: _,
            offset: Some(Offset { value: _, rows }),
            limit_by: _,
        }) => *rows = OffsetRows::None,
        Some(LimitClause::LimitOffset { limit: _, offset: None, limit_by: _ }) | None => {}
    }
}

fn limited(query: &Query) -> bool {
    query.limit_clause.is_some() || query.fetch.is_some()
}

/// Whether a query is nothing but its body.
fn is_bare(query: &Query) -> bool {
    let Query {
        with,
        body: _,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    with.is_none()
        && order_by.is_none()
        && limit_clause.is_none()
        && fetch.is_none()
        && locks.is_empty()
        && for_clause.is_none()
        && settings.is_none()
        && format_clause.is_none()
        && pipe_operators.is_empty()
}

/// Whether ORDER BY says which rows there are.
fn picks(body: &SetExpr) -> bool {
    matches!(body, SetExpr::Select(select) if matches!(select.distinct, Some(Distinct::On(_))))
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value == Value::Boolean(true))
}

/// The outputs of a query that is not yet in form.
fn outputs(body: &SetExpr) -> Vec<Output> {
    let mut left = body;
    loop {
        left = match left {
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Query(query) => &query.body,
            SetExpr::Values(values) => {
                let columns = values.rows.first().map_or(0, |row| row.content.len());
                return (0..columns).map(column).collect();
            }
            SetExpr::Select(select) => {
                let items = select.projection.iter().enumerate();
                return items
                    .map(|(index, item)| Output { old: item_name(item), new: positional(index) })
                    .collect();
            }
            _ => return Vec::new(),
        };
    }
}

fn item_name(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { expr: _, alias } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) if parts.len() == 2 => {
            parts.last().map(|part| part.value.clone())
        }
        _ => None,
    }
}

/// New names for the outputs of both sides of a set operation BY NAME; `None` if some of them have
/// no name that could be changed.
fn together(left: &SetExpr, right: &SetExpr) -> Option<Renames> {
    let mut names = Renames::new();
    let mut pending = vec![right, left];
    while let Some(body) = pending.pop() {
        match body {
            SetExpr::SetOperation {
                left,
                op: SetOperator::Union,
                set_quantifier:
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName,
                right,
            } => pending.extend([&**right, left]),
            SetExpr::SetOperation { left, .. } => pending.push(left),
            SetExpr::Query(query) => pending.push(&query.body),
            SetExpr::Select(select) => {
                for item in &select.projection {
                    let next = positional(names.len());
                    names.entry(item_name(item)?).or_insert(next);
                }
            }
            _ => return None,
        }
    }
    Some(names)
}

/// Outputs under the names that an alias gives them.
fn named(mut outputs: Vec<Output>, names: &[String]) -> Vec<Output> {
    for (output, name) in outputs.iter_mut().zip(names) {
        output.old = Some(name.clone());
    }
    outputs
}

fn renames(outputs: &[Output]) -> Option<Rc<Renames>> {
    let pairs = outputs.iter().filter_map(|output| Some((output.old.clone()?, output.new.clone())));
    Some(Rc::new(pairs.collect::<BTreeMap<_, _>>()))
}

fn positional(index: usize) -> String {
    format!("_{index}")
}

/// A column of VALUES, whose names are the engine's.
fn column(index: usize) -> Output {
    let name = format!("column{}", index + 1);
    Output { old: Some(name.clone()), new: name }
}

/// Takes the column list of an alias.
fn column_names(alias: &mut TableAlias) -> Vec<String> {
    std::mem::take(&mut alias.columns).into_iter().map(|column| column.name.value).collect()
}

fn no_table() -> TableFactor {
    TableFactor::TableFunction { expr: Expr::Value(Value::Null.with_empty_span()), alias: None }
}

/// The constraint of a join, which gets its one spelling.
fn constraint(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    use JoinOperator as J;
    let taken =
        |constraint: &mut JoinConstraint| std::mem::replace(constraint, JoinConstraint::None);
    match operator {
        J::Join(constraint) | J::CrossJoin(constraint) => *operator = J::Inner(taken(constraint)),
        J::Left(constraint) => *operator = J::LeftOuter(taken(constraint)),
        J::Right(constraint) => *operator = J::RightOuter(taken(constraint)),
        _ => {}
    }
    match operator {
        J::Inner(constraint)
        | J::LeftOuter(constraint)
        | J::RightOuter(constraint)
        | J::FullOuter(constraint)
        | J::LeftSemi(constraint)
        | J::RightSemi(constraint)
        | J::LeftAnti(constraint)
        | J::RightAnti(constraint) => Some(constraint),
        _ => None,
    }
}

/// An item of FROM whose parts are in form.
struct Tree {
    first: Factor,
    joins: Vec<(Factor, JoinOperator, Option<Vec<Operand>>)>,
    facts: Facts,
}

#[expect(clippy::large_enum_variant, reason = "it lives for one FROM")]
enum Factor {
    Single(TableFactor),
    Nested(Box<Tree>),
}

impl Tree {
    /// Takes a product apart: tables to `from`, conditions to `conditions`. What is no product
    /// stays one item.
    #[recursive::recursive]
    fn spread(self, from: &mut Vec<TableWithJoins>, conditions: &mut Vec<Operand>) {
        let product = self.joins.iter().all(|(_, operator, condition)| {
            let mut operands = condition.iter().flatten();
            matches!(operator, JoinOperator::Inner(_))
                && operands.all(|operand| !operand.facts.volatile)
        });
        if !product {
            from.push(self.rebuild());
            return;
        }
        let Self { first, joins, facts: _ } = self;
        first.spread(from, conditions);
        for (factor, _, condition) in joins {
            factor.spread(from, conditions);
            conditions.extend(condition.into_iter().flatten());
        }
    }

    #[recursive::recursive]
    fn rebuild(self) -> TableWithJoins {
        let Self { first, joins, facts: _ } = self;
        let joins = joins.into_iter().map(|(factor, mut join_operator, condition)| {
            if let (Some(mut operands), Some(on)) = (condition, constraint(&mut join_operator)) {
                settle(&BinaryOperator::And, &mut operands, true);
                *on = JoinConstraint::On(join(&BinaryOperator::And, operands).0);
            }
            if let JoinOperator::Inner(on) = &mut join_operator
                && matches!(on, JoinConstraint::On(condition) if is_true(condition))
            {
                *on = JoinConstraint::None;
            }
            Join { relation: factor.rebuild(), global: false, join_operator }
        });
        let joins = joins.collect();
        TableWithJoins { relation: first.rebuild(), joins }
    }
}

impl Factor {
    fn spread(self, from: &mut Vec<TableWithJoins>, conditions: &mut Vec<Operand>) {
        match self {
            Self::Single(relation) => from.push(TableWithJoins { relation, joins: Vec::new() }),
            Self::Nested(tree) => tree.spread(from, conditions),
        }
    }

    fn rebuild(self) -> TableFactor {
        match self {
            Self::Single(factor) => factor,
            Self::Nested(tree) => {
                let table = tree.rebuild();
                if table.joins.is_empty() {
                    return table.relation;
                }
                TableFactor::NestedJoin { table_with_joins: Box::new(table), alias: None }
            }
        }
    }
}
