//! SELECT: the list is spelled out, outputs get their names, clauses lose their shorthands.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use sqlparser::ast::{
    Distinct, ExceptSelectItem, ExcludeSelectItem, Expr, GroupByExpr, Ident, ObjectNamePart,
    OrderBy, OrderByKind, RenameSelectItem, ReplaceSelectElement, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Value, ValueWithSpan, WildcardAdditionalOptions,
};

use super::{
    Clause, Item, Name, Order, Output, RESERVED, Resolver, Role, Taken,
    expr::{bare, is_unnest, nothing},
    scope::{Qualifier, Scope, Star},
};
use crate::{
    build, codes,
    deviation::Deviation,
    policy::Naming,
    walk::{Child, children},
};

impl Resolver<'_> {
    pub(super) fn select(
        &mut self,
        select: &mut Select,
        order_by: Option<&mut OrderBy>,
        role: Role,
    ) -> Vec<Output> {
        // The lowering and the gate let nothing be in the fields that are passed over.
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
            window_before_qualify: _,
            value_table_mode: _,
            flavor: _,
        } = select;
        let scope = self.from(from);
        self.frames.push(scope);
        if let Some(selection) = selection {
            self.clause.condition = true;
            self.expr(selection);
            self.clause.condition = false;
        }
        let grouped = match group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(exprs, _) => !exprs.is_empty(),
        };
        let later = having.is_some() || qualify.is_some() || distinct.is_some();
        self.subqueries = (grouped || later || order_by.is_some()).then(BTreeMap::new);
        let items = self.projection(std::mem::take(projection));
        if items.is_empty() && self.found.is_empty() {
            let message = "nothing is left to select".to_owned();
            let help = "leave at least one column of `*`".to_owned();
            self.find(codes::WILDCARD, None, message, help);
        }
        let mut outputs = self.name(&role, &items);
        match role {
            Role::Top | Role::Branch => self.repeated(&items, &mut outputs),
            Role::Named(_) | Role::ByName(_) => self.repeated_inside(&items),
            Role::Expression => {}
        }
        let mut bound = Vec::with_capacity(items.len());
        for (item, output) in items.into_iter().zip(&outputs) {
            let Projected { expr, name, qualifier, plain, alias } = item;
            // From here on an output is known by the name that the engine sees.
            let name = match &output.name {
                Name::Known(name) => Name::Known(name.clone()),
                Name::Engine => name,
            };
            let alias = output.alias.then(|| Ident {
                span: alias.map_or(sqlparser::tokenizer::Span::empty(), |alias| alias.span),
                ..build::ident(&output.column)
            });
            bound.push(Item { expr, name, qualifier, plain, alias });
        }
        self.clause = Clause { order: Order::InputThenOutput, items: bound, ..Clause::default() };
        self.group_by(group_by);
        self.clause.condition = true;
        for condition in [having, qualify].into_iter().flatten() {
            self.expr(condition);
        }
        self.clause.condition = false;
        if let Some(Distinct::On(exprs)) = distinct {
            for expr in exprs {
                self.distinct_key(expr);
            }
        }
        if let Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: _ }) = order_by {
            self.clause.order = Order::OutputThenInput;
            let distinct = matches!(distinct, Some(Distinct::Distinct));
            for key in keys {
                self.order_key(&mut key.expr);
                if distinct {
                    self.distinct_order_key(&mut key.expr);
                }
            }
        }
        let Clause { items, .. } = std::mem::take(&mut self.clause);
        self.frames.pop();
        let subqueries = self.subqueries.take();
        self.size.dropping(|| drop(subqueries));
        let qualifiers: Vec<_> = items.iter().map(|item| item.qualifier.clone()).collect();
        *projection = items
            .into_iter()
            .map(|item| match item.alias {
                Some(alias) => SelectItem::ExprWithAlias { expr: item.expr, alias },
                None => SelectItem::UnnamedExpr(item.expr),
            })
            .collect();
        if let (Role::Named(Some(names)) | Role::ByName(Some(names)), true) =
            (&role, outputs.iter().any(|output| !output.alias))
        {
            // The engine makes several columns of one item.
            let outputs = names.iter().map(|name| Output {
                name: Name::Known(name.as_str().into()),
                qualifier: None,
                column: name.as_str().into(),
            });
            return outputs.collect();
        }
        let outputs = outputs.into_iter().zip(qualifiers);
        let outputs = outputs.map(|(Named { name, column, alias: _ }, qualifier)| Output {
            name,
            qualifier,
            column,
        });
        outputs.collect()
    }

    /// Binds the list and spells out its stars.
    fn projection(&mut self, list: Vec<SelectItem>) -> Vec<Projected> {
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            if items.len() > self.policy.limits().columns {
                break;
            }
            match item {
                SelectItem::UnnamedExpr(mut expr) => {
                    let (name, qualifier) = self.column_or_expr(&mut expr);
                    let plain = name.is_some();
                    let name = name.unwrap_or(Name::Engine);
                    items.push(Projected { expr, name, qualifier, plain, alias: None });
                }
                SelectItem::ExprWithAlias { mut expr, alias } => {
                    let (column, qualifier) = self.column_or_expr(&mut expr);
                    let plain = column.is_some_and(|column| column.is(&alias.value));
                    items.push(Projected {
                        expr,
                        name: Name::Known(alias.value.as_str().into()),
                        qualifier: qualifier.filter(|_| plain),
                        plain,
                        alias: Some(alias),
                    });
                }
                SelectItem::Wildcard(options) => {
                    let scope = self.frames.last().expect("a SELECT has a frame");
                    let every = options.opt_alias.as_ref().is_some_and(|a| a.value == RESERVED);
                    let columns = if every { all(scope) } else { scope.star() };
                    if columns.is_empty() {
                        let message = "`*` stands for nothing here".to_owned();
                        let help = "name what to select, or add FROM".to_owned();
                        self.find(codes::WILDCARD, None, message, help);
                    }
                    self.star(columns, options, &mut items);
                }
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    options,
                ) => {
                    let idents: Vec<&Ident> =
                        name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
                    let parts: Vec<String> =
                        idents.iter().map(|ident| ident.value.clone()).collect();
                    let scope = self.frames.last().expect("a SELECT has a frame");
                    let columns: Vec<Star> = all(scope)
                        .into_iter()
                        .filter(|star| star.qualifier.as_ref().is_some_and(|q| q.agrees(&parts)))
                        .collect();
                    if columns.is_empty() {
                        let relations = scope.fields.iter().filter_map(|f| f.qualifier.as_ref());
                        let relations: BTreeSet<String> =
                            relations.map(|qualifier| qualifier.0.join(".")).collect();
                        let message = format!("there is no relation `{name}` here");
                        let at = (*idents.last().expect("a name has parts")).clone();
                        self.find_near(codes::WILDCARD, &at, message, &relations);
                    }
                    self.star(columns, options, &mut items);
                }
                // The gate refuses both.
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _)
                | SelectItem::ExprWithAliases { .. } => {}
            }
        }
        let limit = self.policy.limits().columns;
        if items.len() > limit {
            let message = format!("the list has more than {limit} items, spelled out");
            let help = "select fewer columns, or raise the limit `columns`".to_owned();
            self.find(codes::LIMIT, None, message, help);
        }
        items
    }

    /// Binds an item; its own name if it is a column of this query.
    fn column_or_expr(&mut self, expr: &mut Expr) -> (Option<Name>, Option<Rc<Qualifier>>) {
        bare(expr);
        let found = match &*expr {
            Expr::Identifier(ident) => self.identifier(ident),
            Expr::CompoundIdentifier(idents) => self.compound(idents),
            _ => {
                self.expr(expr);
                return (None, None);
            }
        };
        match found {
            Some((bound, name, qualifier)) => {
                *expr = bound;
                (name, qualifier)
            }
            None => (None, None),
        }
    }

    fn star(
        &mut self,
        mut columns: Vec<Star>,
        options: WildcardAdditionalOptions,
        items: &mut Vec<Projected>,
    ) {
        let WildcardAdditionalOptions {
            wildcard_token: _,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias: _,
        } = options;
        if opt_ilike.is_some()
            || opt_exclude.is_some()
            || opt_except.is_some()
            || opt_replace.is_some()
            || opt_rename.is_some()
        {
            let engine = columns.iter().any(|column| column.name == Name::Engine);
            self.names_wanted |= engine && !self.ask_all;
        }
        let mut excluded: Vec<Ident> = Vec::new();
        match opt_exclude {
            None => {}
            Some(ExcludeSelectItem::Single(name)) => {
                excluded.extend(name.0.iter().filter_map(ObjectNamePart::as_ident).cloned());
            }
            Some(ExcludeSelectItem::Multiple(names)) => excluded.extend(
                names.iter().flat_map(|name| &name.0).filter_map(ObjectNamePart::as_ident).cloned(),
            ),
        }
        if let Some(ExceptSelectItem { first_element, additional_elements }) = opt_except {
            excluded.push(first_element);
            excluded.extend(additional_elements);
        }
        let known: BTreeSet<String> = columns
            .iter()
            .filter_map(|column| match &column.name {
                Name::Known(name) => Some(name.to_string()),
                Name::Engine => None,
            })
            .collect();
        // The engine takes these names as they are written.
        for (index, ident) in excluded.iter().enumerate() {
            if excluded[..index].iter().any(|other| other.value == ident.value) {
                let message = format!("`{}` is left out twice", ident.value);
                let help = "name each column once".to_owned();
                self.find(codes::WILDCARD, Some(ident), message, help);
            } else if !known.contains(&ident.value) {
                let message = format!("`*` has no column `{}` to leave out", ident.value);
                self.find_near(codes::WILDCARD, ident, message, &known);
            }
        }
        columns.retain(|column| !excluded.iter().any(|ident| column.name.is(&ident.value)));
        if let Some(ilike) = opt_ilike {
            self.deviate(Deviation::StarIlike, None);
            columns.retain(|column| match &column.name {
                Name::Known(name) => like(&ilike.pattern, name),
                Name::Engine => false,
            });
            if columns.is_empty() {
                let message = format!("no column is like `{}`", ilike.pattern);
                let help = "`%` stands for any text, `_` for one character".to_owned();
                self.find(codes::WILDCARD, None, message, help);
            }
        }
        let mut replaced: BTreeMap<String, Expr> = BTreeMap::new();
        for item in opt_replace.map(|replace| replace.items).unwrap_or_default() {
            let ReplaceSelectElement { mut expr, column_name, as_keyword: _ } = *item;
            self.expr(&mut expr);
            if !known.contains(&column_name.value) {
                let message = format!("`*` has no column `{}` to replace", column_name.value);
                self.find_near(codes::WILDCARD, &column_name, message, &known);
            }
            replaced.insert(column_name.value, expr);
        }
        let mut renamed: BTreeMap<String, Ident> = BTreeMap::new();
        let renames = match opt_rename {
            None => Vec::new(),
            Some(RenameSelectItem::Single(rename)) => vec![rename],
            Some(RenameSelectItem::Multiple(renames)) => renames,
        };
        for rename in renames {
            self.deviate(Deviation::StarRename, Some(&rename.ident));
            let from = crate::text::normalise(&rename.ident);
            if !known.contains(&from) {
                let message = format!("`*` has no column `{from}` to rename");
                self.find_near(codes::WILDCARD, &rename.ident, message, &known);
            }
            renamed.insert(from, rename.alias);
        }
        for column in columns {
            let Star { expr, name, qualifier, deviates } = column;
            if let Some(deviation) = deviates {
                self.deviate(deviation, None);
            }
            let text = match &name {
                Name::Known(name) => Some(name.clone()),
                Name::Engine => None,
            };
            let rename = text.as_ref().and_then(|name| renamed.get(&**name));
            let replace = text.as_ref().and_then(|name| replaced.remove(&**name));
            let plain = rename.is_none() && replace.is_none();
            let name = match rename {
                Some(alias) => Name::Known(crate::text::normalise(alias).into()),
                None => name,
            };
            items.push(Projected {
                expr: replace.unwrap_or(expr),
                name,
                qualifier: qualifier.filter(|_| plain),
                plain,
                alias: None,
            });
        }
    }

    /// Decides what each output is called.
    fn name(&mut self, role: &Role, items: &[Projected]) -> Vec<Named> {
        let engine = items.iter().any(|item| item.name == Name::Engine);
        let unnest = items.iter().any(|item| item.alias.is_none() && is_unnest(&item.expr));
        let as_is = |item: &Projected| {
            let column = match &item.name {
                Name::Known(name) => Rc::clone(name),
                Name::Engine => "".into(),
            };
            Named { name: item.name.clone(), column, alias: item.name != Name::Engine }
        };
        match role {
            // Nobody sees the names, so what only repeats the column's own is left out.
            Role::Expression => {
                let named = items.iter().map(|item| Named {
                    alias: item.alias.is_some() && !item.plain,
                    ..as_is(item)
                });
                named.collect()
            }
            Role::Top if !engine => items.iter().map(as_is).collect(),
            Role::Top if self.policy.naming() == Naming::Stable => stable(items),
            Role::Top => {
                let names = self.statement_names().map(<[String]>::to_vec);
                match names {
                    Some(names) if names.len() == items.len() => {
                        let named = items.iter().zip(names).map(|(item, name)| match &item.name {
                            Name::Known(name) => Named::known(name.clone()),
                            Name::Engine => Named::known(name),
                        });
                        named.collect()
                    }
                    // Only the engine knows how many columns there are.
                    _ if unnest => items.iter().map(as_is).collect(),
                    // The engine cannot plan the text as it was written.
                    _ => {
                        self.deviate(Deviation::UnnamedOutputs, None);
                        stable(items)
                    }
                }
            }
            Role::Named(names) | Role::ByName(names) => {
                let names = match names {
                    Some(names) if names.len() == items.len() => Some(names),
                    Some(_) if unnest => return items.iter().map(as_is).collect(),
                    _ => None,
                };
                if (unnest || matches!(role, Role::ByName(_)) && engine) && names.is_none() {
                    self.names_wanted |= !self.ask_all;
                }
                let mut taken = Columns::default();
                let named = items.iter().enumerate().map(|(index, item)| {
                    let (name, column) = match (&item.name, names) {
                        (Name::Known(name), _) => (Name::Known(name.clone()), name.clone()),
                        (Name::Engine, Some(names)) => {
                            let name: Rc<str> = names[index].as_str().into();
                            (Name::Known(Rc::clone(&name)), name)
                        }
                        (Name::Engine, None) => {
                            (Name::Engine, format!("{RESERVED}{}", index + 1).into())
                        }
                    };
                    Named { name, column: taken.next(column), alias: true }
                });
                named.collect()
            }
            Role::Branch => {
                let named = items.iter().enumerate().map(|(index, item)| match &item.name {
                    Name::Known(name) => Named::known(name.clone()),
                    Name::Engine if is_unnest(&item.expr) => as_is(item),
                    Name::Engine => Named::known(format!("{RESERVED}{}", index + 1)),
                });
                named.collect()
            }
        }
    }

    /// Two outputs of one name are told apart by their relations, or not at all: an alias would
    /// take the relation away.
    fn repeated(&mut self, items: &[Projected], outputs: &mut [Named]) {
        let own = |index: usize, column: &str| match &items[index].expr {
            Expr::CompoundIdentifier(parts) => items[index].plain && parts[1].value == column,
            _ => false,
        };
        let mut seen: BTreeMap<Rc<str>, usize> = BTreeMap::new();
        let mut told: BTreeSet<Rc<str>> = BTreeSet::new();
        for index in (0..outputs.len()).filter(|index| outputs[*index].alias).collect::<Vec<_>>() {
            let column = outputs[index].column.clone();
            let Some(other) = seen.insert(column.clone(), index) else { continue };
            let apart = items[index].expr != items[other].expr;
            if apart && own(index, &column) && own(other, &column) {
                outputs[index].alias = false;
                outputs[other].alias = false;
            } else if told.insert(column.clone()) {
                let message = format!("more than one output is called `{column}`");
                let help = "give the outputs different aliases".to_owned();
                let at = items[index].alias.clone();
                self.find(codes::AMBIGUOUS_COLUMN, at.as_ref(), message, help);
            }
        }
    }

    /// Inside a query the engine tells columns of one name apart, but no outputs that are the same.
    fn repeated_inside(&mut self, items: &[Projected]) {
        let mut seen: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Name::Known(name) = &item.name else { continue };
            let others = seen.entry(name).or_default();
            let apart = |other: &usize| {
                let other = &items[*other];
                item.plain && other.plain && item.qualifier != other.qualifier
            };
            if !others.iter().all(apart) {
                found.push((name, item.alias.clone()));
            }
            others.push(index);
        }
        found.dedup_by(|one, other| one.0 == other.0);
        for (name, alias) in found {
            let message = format!("more than one column is called `{name}`");
            let help = "give the columns different aliases".to_owned();
            self.find(codes::AMBIGUOUS_COLUMN, alias.as_ref(), message, help);
        }
    }

    fn group_by(&mut self, group_by: &mut GroupByExpr) {
        let GroupByExpr::Expressions(exprs, _) = group_by else { return };
        for expr in exprs {
            while let Expr::Nested(inner) = expr {
                *expr = std::mem::replace(inner, nothing());
            }
            if ordinal(expr).is_none() {
                self.expr(expr);
            }
            // To the engine also the alias of a number is a position.
            let Some(position) = ordinal(expr) else { continue };
            match position.checked_sub(1).and_then(|index| self.clause.items.get(index)) {
                // A number in its place would be taken for a position again.
                Some(item) if number(&item.expr) => {}
                Some(_) => *expr = self.copy(position - 1, None),
                None => self.no_position(position),
            }
        }
    }

    /// The whole of a key may be an output's name; inside one, names are columns.
    fn distinct_key(&mut self, expr: &mut Expr) {
        bare(expr);
        let mut items = self.clause.items.iter();
        if let Expr::Identifier(ident) = expr
            && let Some(item) = items.position(|item| item.name.is(&ident.value) && !item.plain)
        {
            let copy = self.copy(item, Some(ident));
            *expr = copy;
            return;
        }
        self.clause.order = Order::Input;
        self.expr(expr);
        self.clause.order = Order::InputThenOutput;
    }

    /// After DISTINCT there is nothing left but the outputs.
    fn distinct_order_key(&mut self, expr: &mut Expr) {
        let items = &self.clause.items;
        let output = items.iter().position(|item| item.expr == *expr);
        if let Some(position) = output
            && let Name::Known(name) = &items[position].name
        {
            *expr = match items.iter().filter(|item| item.name.is(name)).count() {
                1 => Expr::Identifier(build::ident(name)),
                _ => build::number(position + 1),
            };
        } else if reads_input(expr) {
            let message = "ORDER BY after DISTINCT reads what is not an output".to_owned();
            let help = "select it too, or order by an output".to_owned();
            let at = first_name(expr);
            self.find(codes::DISTINCT_ORDER, at.as_ref(), message, help);
        }
    }

    pub(super) fn order_key(&mut self, expr: &mut Expr) {
        if let Expr::Nested(inner) = expr
            && ordinal(inner).is_some()
        {
            // A number in parentheses is a number.
            return;
        }
        let Some(position) = ordinal(expr) else {
            self.expr(expr);
            return;
        };
        let items = &self.clause.items;
        match position.checked_sub(1).and_then(|index| items.get(index)) {
            Some(item) if item.plain => *expr = self.copy(position - 1, None),
            Some(Item { alias: Some(alias), .. })
                if items.iter().filter(|item| item.alias.as_ref() == Some(alias)).count() == 1 =>
            {
                *expr = Expr::Identifier(build::ident(&alias.value));
            }
            Some(_) => {}
            None => self.no_position(position),
        }
    }

    fn no_position(&mut self, position: usize) {
        let message = format!("there is no output {position}");
        let help = format!("the query has {} outputs", self.clause.items.len());
        self.find(codes::ORDINAL, None, message, help);
    }
}

/// One item of the list, spelled out.
struct Projected {
    expr: Expr,
    name: Name,
    qualifier: Option<Rc<Qualifier>>,
    plain: bool,
    /// The alias as it was written.
    alias: Option<Ident>,
}

/// What an output is called.
struct Named {
    name: Name,
    column: Rc<str>,
    /// Whether it is written out.
    alias: bool,
}

impl Named {
    fn known(name: impl Into<Rc<str>>) -> Self {
        let name = name.into();
        Self { column: Rc::clone(&name), name: Name::Known(name), alias: true }
    }
}

/// Makes names differ the way the engine does for a derived table: `a`, `a:1`, `a:2`.
#[derive(Default)]
struct Columns {
    seen: BTreeSet<Rc<str>>,
    counts: BTreeMap<Rc<str>, usize>,
}

impl Columns {
    fn next(&mut self, name: Rc<str>) -> Rc<str> {
        let mut next = Rc::clone(&name);
        while self.seen.contains(&next) {
            let count = self.counts.entry(Rc::clone(&name)).or_insert(0);
            *count += 1;
            next = format!("{name}:{count}").into();
        }
        self.seen.insert(next.clone());
        next
    }
}

fn all(scope: &Scope) -> Vec<Star> {
    let stars = scope.fields.iter().map(|field| Star {
        expr: field.expr(),
        name: field.name.clone(),
        qualifier: field.qualifier.clone(),
        deviates: None,
    });
    stars.collect()
}

/// Names that do not depend on the engine: that of the function called, or the place.
fn stable(items: &[Projected]) -> Vec<Named> {
    let mut taken = Taken::default();
    taken.names.extend(items.iter().filter_map(|item| match &item.name {
        Name::Known(name) => Some(name.to_string()),
        Name::Engine => None,
    }));
    let named = items.iter().enumerate().map(|(index, item)| {
        let base = match (&item.name, &item.expr) {
            (Name::Known(name), _) => return Named::known(name.clone()),
            (Name::Engine, Expr::Function(call)) => {
                let name = call.name.0.last().and_then(ObjectNamePart::as_ident);
                name.map(|name| name.value.clone())
            }
            (Name::Engine, _) => None,
        };
        let base = base.unwrap_or_else(|| format!("_col_{}", index + 1));
        Named::known(taken.unique(&base))
    });
    named.collect()
}

/// Whether a column of FROM is read, in this query or one around it.
fn reads_input(expr: &Expr) -> bool {
    if let Expr::CompoundIdentifier(_) = expr {
        return true;
    }
    let mut reads = false;
    children(expr, &mut |child| {
        if let Child::Expr(inner) = child {
            reads |= reads_input(inner);
        }
    });
    reads
}

fn first_name(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::CompoundIdentifier(parts) => parts.first().cloned(),
        _ => None,
    }
}

/// The number of an output.
fn ordinal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(text, _), span: _ }) => text.parse().ok(),
        _ => None,
    }
}

/// Whether the engine would plan it as an integer.
fn number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(..), span: _ }) => true,
        Expr::Nested(inner) | Expr::UnaryOp { op: _, expr: inner } => number(inner),
        _ => false,
    }
}

/// `name ILIKE pattern`: `%` is any text, `_` one character, case does not matter.
fn like(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let mut row: Vec<bool> = vec![false; name.len() + 1];
    row[0] = true;
    for step in pattern {
        let before = row.clone();
        for at in 0..=name.len() {
            row[at] = match step {
                '%' => before[at] || (at > 0 && row[at - 1]),
                '_' => at > 0 && before[at - 1],
                letter => at > 0 && before[at - 1] && name[at - 1] == letter,
            };
        }
    }
    row[name.len()]
}
