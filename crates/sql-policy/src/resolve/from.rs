//! FROM: which fields come into sight, under which aliases.

use std::rc::Rc;

use sqlparser::{
    ast::{
        BinaryOperator, Expr, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint,
        JoinOperator, ObjectName, ObjectNamePart, Query, SelectItem, SetExpr, Spanned, TableAlias,
        TableAliasColumnDef, TableFactor, TableWithJoins, WildcardAdditionalOptions,
    },
    tokenizer::Span,
};

use super::{
    Name, Output, RESERVED, Resolver, Role,
    scope::{Field, Qualifier, Scope, Side},
};
use crate::{build, codes};

impl Resolver<'_> {
    /// The fields of all items of FROM, in order.
    pub(super) fn from(&mut self, from: &mut [TableWithJoins]) -> Scope {
        let mut scope = Scope::default();
        for item in from {
            let next = self.table_with_joins(item, &scope);
            scope = scope.join(next);
        }
        self.relations_differ(&scope);
        scope
    }

    /// The engine cannot tell two relations of one name apart.
    fn relations_differ(&mut self, scope: &Scope) {
        let mut relations: Vec<(&Qualifier, &Rc<str>)> = Vec::new();
        let mut same = None;
        for field in &scope.fields {
            let Some(qualifier) = field.qualifier.as_deref() else { continue };
            if relations.last() == Some(&(qualifier, &field.alias)) {
                continue;
            }
            let others =
                relations.iter().filter(|(of, alias)| *of == qualifier && **alias != field.alias);
            let mut names = others.flat_map(|(_, alias)| {
                scope
                    .fields
                    .iter()
                    .filter(move |other| other.alias == **alias && other.name == field.name)
            });
            if names.next().is_some() {
                same = Some(qualifier);
                break;
            }
            relations.push((qualifier, &field.alias));
        }
        if let Some(Qualifier(parts)) = same {
            let message = format!("more than one relation is called `{}`", parts.join("."));
            let help = "give each of them an alias of its own".to_owned();
            self.find(codes::AMBIGUOUS_COLUMN, None, message, help);
        }
    }

    /// `before` are the fields of the items to the left, which only a lateral item sees.
    fn table_with_joins(&mut self, item: &mut TableWithJoins, before: &Scope) -> Scope {
        let TableWithJoins { relation, joins } = item;
        let mut left = if lateral(relation) {
            self.frames.push(before.clone());
            let scope = self.factor(relation, before);
            self.frames.pop();
            scope
        } else {
            self.factor(relation, before)
        };
        for Join { relation, global: _, join_operator } in joins {
            let right = if lateral(relation) {
                let seen = before.clone().join(left.clone());
                self.frames.push(seen.clone());
                let scope = self.factor(relation, &seen);
                self.frames.pop();
                scope
            } else {
                self.factor(relation, before)
            };
            left = self.join(left, right, join_operator);
        }
        left
    }

    fn join(&mut self, left: Scope, right: Scope, operator: &mut JoinOperator) -> Scope {
        let (constraint, side, keep) = match operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
                (constraint, Side::Inner, Keep::Both)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (constraint, Side::Left, Keep::Both)
            }
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                (constraint, Side::Right, Keep::Both)
            }
            JoinOperator::FullOuter(constraint) => (constraint, Side::Full, Keep::Both),
            JoinOperator::LeftSemi(constraint) | JoinOperator::LeftAnti(constraint) => {
                (constraint, Side::Inner, Keep::Left)
            }
            JoinOperator::RightSemi(constraint) | JoinOperator::RightAnti(constraint) => {
                (constraint, Side::Inner, Keep::Right)
            }
            // The gate and the lowering before it leave the cross join only.
            _ => return left.join(right),
        };
        let kept = match keep {
            Keep::Both => None,
            Keep::Left => Some(left.clone()),
            Keep::Right => Some(right.clone()),
        };
        if let JoinConstraint::Using(names) = constraint
            && let Some(name) = names.iter().find(|name| name.0.len() != 1)
        {
            let at = name.0.first().and_then(ObjectNamePart::as_ident).cloned();
            let message = format!("USING names columns alone, not `{name}`");
            let help = "leave the relation out, or write ON".to_owned();
            self.find(codes::UNKNOWN_COLUMN, at.as_ref(), message, help);
        }
        let middle = left.fields.len();
        let names = match constraint {
            JoinConstraint::Using(names) => names
                .iter()
                .filter_map(|name| match &name.0[..] {
                    [ObjectNamePart::Identifier(ident)] => Some(ident.clone()),
                    _ => None,
                })
                .collect(),
            JoinConstraint::Natural => {
                if [&left, &right]
                    .iter()
                    .any(|scope| scope.fields.iter().any(|field| field.name == Name::Engine))
                {
                    self.names_wanted |= !self.ask_all;
                }
                Scope::shared(&left, &right).iter().map(|name| build::ident(name)).collect()
            }
            JoinConstraint::On(_) | JoinConstraint::None => Vec::new(),
        };
        let mut both = left.join(right);
        match constraint {
            JoinConstraint::None => {}
            JoinConstraint::On(condition) => {
                self.frames.push(both);
                self.clause.condition = true;
                self.expr(condition);
                self.clause.condition = false;
                both = self.frames.pop().expect("it was pushed above");
            }
            JoinConstraint::Natural if names.is_empty() => {
                // The engine makes a cross join of any NATURAL join without a shared name.
                *operator = JoinOperator::CrossJoin(JoinConstraint::None);
            }
            JoinConstraint::Using(_) | JoinConstraint::Natural => {
                let mut keys = Vec::new();
                let mut condition: Option<Expr> = None;
                for name in &names {
                    let Some((left, right)) = both.merge(&name.value, middle, side, &mut keys)
                    else {
                        self.key_missing(&both, name);
                        continue;
                    };
                    let equal = binary(left, BinaryOperator::Eq, right);
                    condition = Some(match condition {
                        None => equal,
                        Some(before) => binary(before, BinaryOperator::And, equal),
                    });
                }
                both.compared(keys);
                if let Some(condition) = condition {
                    *constraint = JoinConstraint::On(condition);
                }
            }
        }
        kept.unwrap_or(both)
    }

    fn key_missing(&mut self, scope: &Scope, name: &Ident) {
        let engine = scope.fields.iter().any(|field| field.name == Name::Engine);
        self.names_wanted |= engine && !self.ask_all;
        let hits = scope.fields.iter().filter(|field| field.name.is(&name.value)).count();
        let (code, message, help) = if hits > 1 {
            (
                codes::AMBIGUOUS_COLUMN,
                format!("one side of the join has more than one column `{}`", name.value),
                "write ON with the relations before the columns",
            )
        } else {
            (
                codes::UNKNOWN_COLUMN,
                format!("not both sides of the join have a column `{}`", name.value),
                "name a column that both sides have, or write ON",
            )
        };
        self.find(code, Some(name), message, help.to_owned());
    }

    #[recursive::recursive]
    fn factor(&mut self, factor: &mut TableFactor, before: &Scope) -> Scope {
        if let TableFactor::NestedJoin { alias: Some(_), .. } = factor {
            named_join(factor);
        }
        match factor {
            // The gate refuses what stands in the fields left out here and below.
            TableFactor::Table { name, alias, args: None, .. } => self.table(name, alias),
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                self.frames.push(Scope::default());
                self.arguments(&mut args.args);
                self.frames.pop();
                let called = name.0.last().and_then(ObjectNamePart::as_ident);
                let called = called.map_or_else(String::new, |ident| ident.value.clone());
                one_part(name);
                let names = self.columns_of(alias.as_ref(), || {
                    let name = name.clone();
                    let args = Some(args.clone());
                    table(name, args)
                });
                // The engine gives the scan of a call this name.
                let qualifier = Qualifier::bare(&format!("{called}()"));
                self.bind_call(alias, &called, names, Some(qualifier))
            }
            TableFactor::Function { lateral, name, args, with_ordinality, alias } => {
                self.arguments(args);
                let called = name.0.last().and_then(ObjectNamePart::as_ident);
                let called = called.map_or_else(String::new, |ident| ident.value.clone());
                let names = self.columns_of(alias.as_ref(), || TableFactor::Function {
                    lateral: *lateral,
                    name: name.clone(),
                    args: args.clone(),
                    with_ordinality: *with_ordinality,
                    alias: None,
                });
                let qualifier = Qualifier::bare(&called);
                self.bind_call(alias, &called, names, Some(qualifier))
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                self.exprs(array_exprs);
                let names = self.columns_of(alias.as_ref(), || TableFactor::UNNEST {
                    alias: None,
                    array_exprs: array_exprs.clone(),
                    with_offset: false,
                    with_offset_alias: None,
                    with_ordinality: false,
                });
                self.bind_call(alias, "unnest", names, None)
            }
            TableFactor::Derived { lateral, subquery, alias, sample: _ } => {
                let names = self.inner_names(subquery);
                let outer = std::mem::replace(&mut self.outmost, usize::MAX);
                let outputs = self.query(subquery, Role::Named(names));
                if alias.is_none() && !*lateral && self.outmost < self.frames.len() {
                    let message = "a derived table without an alias reads a query around it";
                    let help = "give it an alias, or join instead";
                    self.find(codes::CORRELATED_DERIVED, None, message.into(), help.into());
                }
                self.outmost = outer.min(self.outmost);
                self.bind(alias, "derived", outputs)
            }
            TableFactor::NestedJoin { table_with_joins, alias: _ } => {
                self.table_with_joins(table_with_joins, before)
            }
            // The gate lets no other kind through.
            _ => Scope::default(),
        }
    }

    fn table(&mut self, name: &mut ObjectName, alias: &mut Option<TableAlias>) -> Scope {
        let idents: Vec<Ident> =
            name.0.iter().filter_map(ObjectNamePart::as_ident).cloned().collect();
        let parts: Vec<String> = idents.iter().map(|ident| ident.value.clone()).collect();
        if let [one] = &parts[..]
            && let Some(cte) = self.ctes.iter().rev().find(|cte| cte.name == *one)
        {
            let outputs = cte.outputs.clone();
            let unique = build::ident(&cte.unique);
            name.0 = vec![ObjectNamePart::Identifier(Ident { span: idents[0].span, ..unique })];
            return self.bind(alias, one, outputs);
        }
        let relation = self.policy.relation(&parts);
        let columns = relation.as_ref().and_then(|(name, _)| self.columns.columns(name));
        let (Some((_, full)), Some(columns)) = (relation, columns) else {
            let message = format!("there is no relation `{}`", parts.join("."));
            let help = "check the name, or declare the relation as a source".to_owned();
            self.find(codes::UNKNOWN_RELATION, idents.first(), message, help);
            return Scope::default();
        };
        let span = idents.last().map(|ident| ident.span);
        *name = build::object_name(full.iter().map(String::as_str));
        if let (Some(ObjectNamePart::Identifier(last)), Some(span)) = (name.0.last_mut(), span) {
            last.span = span;
        }
        let base = parts.last().cloned().unwrap_or_default();
        let qualifier = Qualifier(parts);
        self.bind(alias, &base, outputs(columns, Some(qualifier)))
    }

    /// Gives a relation its alias, and its fields their names.
    fn bind(&mut self, alias: &mut Option<TableAlias>, base: &str, outputs: Vec<Output>) -> Scope {
        let (outputs, qualifier) = match alias {
            None => (outputs, None),
            Some(written) => {
                let qualifier = Qualifier::bare(&written.name.value);
                // Under an alias the columns have the names of the normal form.
                let outputs = outputs.into_iter().map(|output| Output {
                    name: match output.name {
                        Name::Known(_) => Name::Known(Rc::clone(&output.column)),
                        Name::Engine => Name::Engine,
                    },
                    ..output
                });
                (self.listed(outputs.collect(), written), Some(Rc::new(qualifier)))
            }
        };
        let base = alias.as_ref().map_or(base, |alias| alias.name.value.as_str());
        let unique = self.aliases.unique(base);
        match alias {
            None => *alias = Some(build::alias(&unique)),
            Some(alias) => {
                let span = alias.name.span;
                alias.name = Ident { span, ..build::ident(&unique) };
            }
        }
        let alias: Rc<str> = unique.into();
        let fields = outputs.into_iter().map(|output| Field {
            qualifier: qualifier.clone().or(output.qualifier),
            name: output.name,
            alias: Rc::clone(&alias),
            column: output.column,
        });
        Scope::of(fields.collect())
    }

    /// As [`bind`](Self::bind). The columns are written out, so that the normal form says them.
    fn bind_call(
        &mut self,
        alias: &mut Option<TableAlias>,
        called: &str,
        names: Vec<String>,
        qualifier: Option<Qualifier>,
    ) -> Scope {
        let scope = self.bind(alias, called, outputs(names, qualifier));
        if let Some(alias) = alias {
            let column = |field: &Field| TableAliasColumnDef {
                name: build::ident(&field.column),
                data_type: None,
            };
            alias.columns = scope.fields.iter().map(column).collect();
        }
        scope
    }

    /// The columns of a call in FROM: those of its alias, or what the engine says.
    fn columns_of(
        &mut self,
        alias: Option<&TableAlias>,
        call: impl FnOnce() -> TableFactor,
    ) -> Vec<String> {
        if let Some(alias) = alias
            && !alias.columns.is_empty()
        {
            return alias.columns.iter().map(|column| column.name.value.clone()).collect();
        }
        let query = select_all(call());
        self.namer.names(&query).unwrap_or_else(|| {
            let message = "the engine does not tell the columns of the table function";
            let help = "name them after the alias, as in `f(…) AS t(a, b)`".to_owned();
            let at = alias.map(|alias| alias.name.clone());
            self.find(codes::OUTPUT_NAMES, at.as_ref(), message.to_owned(), help);
            Vec::new()
        })
    }

    fn arguments(&mut self, args: &mut [FunctionArg]) {
        for arg in args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
                | FunctionArg::Named { arg: FunctionArgExpr::Expr(expr), .. }
                | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(expr), .. } => {
                    self.expr(expr);
                }
                FunctionArg::Unnamed(_)
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => {}
            }
        }
    }
}

/// Which side of a join stays in sight.
#[derive(Clone, Copy)]
enum Keep {
    Both,
    Left,
    Right,
}

fn lateral(factor: &TableFactor) -> bool {
    match factor {
        TableFactor::Derived { lateral, .. } | TableFactor::Function { lateral, .. } => *lateral,
        TableFactor::UNNEST { .. } => true,
        _ => false,
    }
}

fn outputs(names: Vec<String>, qualifier: Option<Qualifier>) -> Vec<Output> {
    let qualifier = qualifier.map(Rc::new);
    let output = |column: String| {
        let column: Rc<str> = column.into();
        Output { name: Name::Known(Rc::clone(&column)), qualifier: qualifier.clone(), column }
    };
    names.into_iter().map(output).collect()
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// The engine takes the first part of the name of a table function for the whole. A function that
/// is registered under a name with dots is found when the whole is the first part.
fn one_part(name: &mut ObjectName) {
    if name.0.len() > 1 {
        let span = name.0.last().map_or(Span::empty(), Spanned::span);
        let whole = Ident { value: name.to_string(), quote_style: None, span };
        name.0 = vec![ObjectNamePart::Identifier(whole)];
    }
}

fn table(name: ObjectName, args: Option<sqlparser::ast::TableFunctionArgs>) -> TableFactor {
    TableFactor::Table {
        name,
        alias: None,
        args,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `(a JOIN b) AS x` is `(SELECT … FROM a JOIN b) AS x`, with every column of both sides.
fn named_join(factor: &mut TableFactor) {
    let TableFactor::NestedJoin { table_with_joins, alias } = factor else { return };
    let hollow =
        TableWithJoins { relation: table(ObjectName(Vec::new()), None), joins: Vec::new() };
    let inner = std::mem::replace(&mut **table_with_joins, hollow);
    let alias = alias.take();
    let join = TableFactor::NestedJoin { table_with_joins: Box::new(inner), alias: None };
    let mut query = select_all(join);
    if let SetExpr::Select(select) = &mut *query.body {
        // Not the star of SQL, which hides one side of the keys of USING.
        select.projection = vec![every_column()];
    }
    *factor =
        TableFactor::Derived { lateral: false, subquery: Box::new(query), alias, sample: None };
}

/// Stands for every field in sight; nothing that can be written.
pub(super) fn every_column() -> SelectItem {
    let alias = Some(Ident::new(RESERVED));
    SelectItem::Wildcard(WildcardAdditionalOptions {
        opt_alias: alias,
        ..WildcardAdditionalOptions::default()
    })
}

/// `SELECT * FROM` one relation.
fn select_all(relation: TableFactor) -> Query {
    let projection = vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
    let from = vec![TableWithJoins { relation, joins: Vec::new() }];
    build::query(SetExpr::Select(Box::new(build::select(projection, from))))
}
