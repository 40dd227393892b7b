//! Queries, set operations and SELECT.

use std::collections::BTreeSet;

use sqlparser::ast::{
    Cte, CteAsMaterialized, Distinct, ExceptSelectItem, ExcludeSelectItem, Expr, Fetch, ForClause,
    GroupByExpr, GroupByWithModifier, IlikeSelectItem, LimitClause, LockClause, LockType,
    ObjectName, ObjectNamePart, Offset, OffsetRows, OrderBy, OrderByExpr, OrderByKind,
    OrderByOptions, Parens, Query, RenameSelectItem, ReplaceSelectElement, ReplaceSelectItem,
    Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator,
    TableAlias, TableAliasColumnDef, Top, Values, WildcardAdditionalOptions, With,
};

use super::{Gate, scope::Visible};
use crate::{codes, lower::windows::Windows, text};

const LEAVE_OUT: &str = "leave it out";
const TIES: &str = "filter by rank() with QUALIFY";
const PERCENT: &str = "compare row_number() with a part of count(*) OVER () in QUALIFY";
const ONE_LIMIT: &str = "write one LIMIT at the end of the query, with a number";

impl Gate<'_> {
    pub(super) fn query(&mut self, query: &Query) {
        self.deeper(|gate| gate.query_here(query, None));
    }

    /// `recursive` is the name of the common table expression that the query defines in a WITH
    /// RECURSIVE block. There the engine takes the two sides of a UNION and nothing else of the
    /// query, and knows the name in the right side only.
    #[recursive::recursive]
    fn query_here(&mut self, query: &Query, recursive: Option<&str>) {
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
        let outer = self.scopes.depth();
        if let Some(name) = recursive {
            self.scopes.define(name, Visible::NotYet);
        }
        let defined = self.scopes.depth();
        let recursive_union = match &**body {
            SetExpr::SetOperation { op: SetOperator::Union, left, set_quantifier: _, right } => {
                recursive.map(|_| (left, right))
            }
            _ => None,
        };
        if let Some(with) = with {
            self.dropped_if(
                recursive_union.is_some(),
                "WITH inside a recursive definition",
                "put it before the recursive one",
            );
            self.with(with);
        }
        if let Some((left, right)) = recursive_union {
            self.counts.branches += 1;
            self.set_expr(left);
            self.scopes.reveal(defined);
            self.set_expr(right);
            let help = "put it into the query that reads the recursive one";
            self.dropped_if(order_by.is_some(), "ORDER BY of a recursive definition", help);
            self.dropped_if(limit_clause.is_some(), "LIMIT of a recursive definition", help);
        } else {
            self.set_expr(body);
        }
        let windows = match &**body {
            SetExpr::Select(select) => Windows::new(&select.named_window),
            _ => Windows::default(),
        };
        self.scopes.enter_select(windows);
        if let Some(order_by) = order_by {
            self.order_by_clause(order_by, matches!(**body, SetExpr::Select(_)));
        }
        if let Some(limit) = limit_clause {
            self.limit_clause(limit);
        }
        self.scopes.leave_select();
        if let Some(Fetch { with_ties, percent, quantity: _ }) = fetch {
            match (with_ties, percent) {
                (true, _) => self.unsupported("FETCH … WITH TIES", TIES),
                (_, true) => self.unsupported("FETCH … PERCENT", PERCENT),
                (false, false) if limit_clause.is_some() => {
                    self.unsupported("FETCH beside LIMIT", ONE_LIMIT);
                }
                (false, false) => self.unsupported("FETCH", ONE_LIMIT),
            }
        }
        for LockClause { lock_type, of: _, nonblock: _ } in locks {
            let clause = match lock_type {
                LockType::Share => "FOR SHARE",
                LockType::Update => "FOR UPDATE",
            };
            self.dropped(clause, "leave it out: a view reads pinned versions and locks nothing");
        }
        if let Some(clause) = for_clause {
            let clause = match clause {
                ForClause::Browse => "FOR BROWSE",
                ForClause::Json { .. } => "FOR JSON",
                ForClause::Xml { .. } => "FOR XML",
            };
            self.dropped(clause, "leave it out and build the text with functions");
        }
        self.dropped_if(
            settings.is_some(),
            "SETTINGS",
            "leave it out and set the option in the runtime profile",
        );
        self.dropped_if(format_clause.is_some(), "FORMAT", LEAVE_OUT);
        if !pipe_operators.is_empty() {
            self.unsupported("|>", "write the steps as nested queries or common table expressions");
        }
        self.scopes.leave(outer);
    }

    fn with(&mut self, with: &With) {
        let With { with_token, recursive, cte_tables } = with;
        self.touch(with_token.0.span);
        let mut names = BTreeSet::new();
        for cte in cte_tables {
            self.counts.ctes += 1;
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            self.table_alias(alias);
            self.dropped_if(from.is_some(), "FROM after a common table expression", LEAVE_OUT);
            if let Some(hint) = materialized {
                let clause = match hint {
                    CteAsMaterialized::Materialized => "MATERIALIZED",
                    CteAsMaterialized::NotMaterialized => "NOT MATERIALIZED",
                };
                self.dropped(clause, "leave it out, or make a materialized view of the part");
            }
            let name = text::normalise(&alias.name);
            let span = self.places.bytes(alias.name.span);
            if name.contains('.') {
                self.find(
                    codes::AMBIGUOUS_SCOPE,
                    span,
                    format!("the engine cannot tell `{name}` from a name of several parts"),
                    "give the common table expression a name without a dot",
                );
            }
            if !names.insert(name.clone()) {
                self.find(
                    codes::AMBIGUOUS_SCOPE,
                    span,
                    format!("there is a common table expression `{name}` before this one already"),
                    "give one of the two another name",
                );
            }
            let recursive = recursive.then_some(name.as_str());
            self.deeper(|gate| gate.query_here(query, recursive));
            self.scopes.define(&name, Visible::Yes);
        }
    }

    #[recursive::recursive]
    fn set_expr(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.query(query),
            // MINUS was lowered, and the engine would not run it.
            SetExpr::SetOperation { left, op: _, set_quantifier: _, right } => {
                self.counts.branches += 1;
                self.set_expr(left);
                self.set_expr(right);
            }
            SetExpr::Values(Values { explicit_row: _, value_keyword, rows }) => {
                self.unsupported_if(*value_keyword, "VALUE", "write VALUES");
                for Parens { opening_token, content, closing_token } in rows {
                    self.touch(opening_token.0.span);
                    self.exprs(content);
                    self.touch(closing_token.0.span);
                }
            }
            SetExpr::Insert(_) => self.write("INSERT"),
            SetExpr::Update(_) => self.write("UPDATE"),
            SetExpr::Delete(_) => self.write("DELETE"),
            SetExpr::Merge(_) => self.write("MERGE"),
            SetExpr::Table(_) => self.unsupported("TABLE", "write SELECT * FROM and the name"),
        }
    }

    fn write(&mut self, statement: &str) {
        let span = self.places.clause(statement);
        self.find(
            codes::WRITE_IN_QUERY,
            span,
            format!("a query must not write, but here is `{statement}`"),
            "write a SELECT; data is written by refreshing a view",
        );
    }

    fn select(&mut self, select: &Select) {
        let Select {
            select_token,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            // Only says where TOP stands.
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
            // Only says in which order the two stand.
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        self.scopes.enter_select(Windows::new(named_window));
        self.touch(select_token.0.span);
        self.dropped_if(!optimizer_hints.is_empty(), "/*+ hint */", LEAVE_OUT);
        match distinct {
            None | Some(Distinct::All | Distinct::Distinct) => {}
            Some(Distinct::On(exprs)) => self.exprs(exprs),
        }
        if let Some(modifiers) = select_modifiers
            && modifiers.is_any_set()
        {
            self.dropped(modifiers.to_string().trim(), LEAVE_OUT);
        }
        if let Some(Top { with_ties, percent, quantity: _ }) = top {
            match (with_ties, percent) {
                (true, _) => self.unsupported("TOP … WITH TIES", TIES),
                (_, true) => self.unsupported("TOP … PERCENT", PERCENT),
                (false, false) => self.unsupported("TOP", ONE_LIMIT),
            }
        }
        if value_table_mode.is_some() {
            self.dropped("AS STRUCT or AS VALUE", "build the struct with a function");
        }
        match flavor {
            SelectFlavor::Standard | SelectFlavor::FromFirst => {}
            SelectFlavor::FromFirstNoSelect => {
                self.dropped("SELECT after FROM", "write SELECT before FROM");
            }
        }
        let limit = self.policy.limits().columns;
        let here = self.places.here();
        self.limit("columns in one SELECT", "columns", projection.len(), limit, here);
        for item in projection {
            self.select_item(item);
        }
        self.dropped_if(exclude.is_some(), "EXCLUDE after the list", "write * EXCLUDE (…)");
        if let Some(into) = into {
            let span = self.places.clause("INTO");
            self.find(
                codes::WRITE_IN_QUERY,
                span,
                format!("a query must not write, but here is `INTO {}`", into.name),
                "leave INTO out; the result of a view is stored by refreshing it",
            );
        }
        self.counts.joins += from.len().saturating_sub(1);
        for table in from {
            self.table_with_joins(table);
        }
        if !lateral_views.is_empty() {
            self.unsupported("LATERAL VIEW", "select unnest(…) in a subquery");
        }
        if let Some(prewhere) = prewhere {
            self.dropped("PREWHERE", "write WHERE");
            self.expr(prewhere);
        }
        self.maybe(selection.as_ref());
        if !connect_by.is_empty() {
            let help = "write a recursive common table expression";
            self.dropped("CONNECT BY or START WITH", help);
        }
        self.group_by(group_by);
        let partitioning =
            "leave it out: rows of a view have no order, and are placed by its options";
        self.unsupported_if(!cluster_by.is_empty(), "CLUSTER BY", partitioning);
        self.unsupported_if(!distribute_by.is_empty(), "DISTRIBUTE BY", partitioning);
        self.unsupported_if(!sort_by.is_empty(), "SORT BY", "write ORDER BY");
        self.maybe(having.as_ref());
        self.window_definitions(named_window);
        self.maybe(qualify.as_ref());
        self.scopes.leave_select();
    }

    fn select_item(&mut self, item: &SelectItem) {
        match item {
            SelectItem::UnnamedExpr(expr) => self.expr(expr),
            SelectItem::ExprWithAlias { expr, alias } => {
                self.expr(expr);
                self.ident(alias);
            }
            SelectItem::ExprWithAliases { expr, aliases } => {
                self.expr(expr);
                self.unsupported("AS with several names", "give each column its own expression");
                self.idents(aliases);
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => self.object_name(name),
                    SelectItemQualifiedWildcardKind::Expr(expr) => {
                        self.expr(expr);
                        self.unsupported("* of an expression", "name the fields one by one");
                    }
                }
                self.wildcard(options);
            }
            SelectItem::Wildcard(options) => self.wildcard(options),
        }
    }

    pub(super) fn wildcard(&mut self, options: &WildcardAdditionalOptions) {
        let WildcardAdditionalOptions {
            wildcard_token,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        self.touch(wildcard_token.0.span);
        // ILIKE and RENAME are lowered where the columns are known.
        if let Some(IlikeSelectItem { pattern: _ }) = opt_ilike {}
        match opt_exclude {
            None => {}
            Some(ExcludeSelectItem::Single(name)) => self.object_name(name),
            Some(ExcludeSelectItem::Multiple(names)) => {
                names.iter().for_each(|name| self.object_name(name));
            }
        }
        if let Some(ExceptSelectItem { first_element, additional_elements }) = opt_except {
            self.ident(first_element);
            self.idents(additional_elements);
        }
        if let Some(ReplaceSelectItem { items }) = opt_replace {
            for item in items {
                let ReplaceSelectElement { expr, column_name, as_keyword: _ } = &**item;
                self.expr(expr);
                self.ident(column_name);
            }
        }
        match opt_rename {
            None => {}
            Some(RenameSelectItem::Single(column)) => self.idents([&column.ident, &column.alias]),
            Some(RenameSelectItem::Multiple(columns)) => {
                columns.iter().for_each(|column| self.idents([&column.ident, &column.alias]));
            }
        }
        self.unsupported_if(opt_alias.is_some(), "AS after *", "name the columns");
    }

    fn group_by(&mut self, group_by: &GroupByExpr) {
        let modifiers = match group_by {
            GroupByExpr::All(modifiers) => modifiers,
            GroupByExpr::Expressions(exprs, modifiers) => {
                self.exprs(exprs);
                modifiers
            }
        };
        for modifier in modifiers {
            match modifier {
                GroupByWithModifier::Rollup => {
                    self.dropped("WITH ROLLUP", "write GROUP BY ROLLUP (…)");
                }
                GroupByWithModifier::Cube => self.dropped("WITH CUBE", "write GROUP BY CUBE (…)"),
                GroupByWithModifier::Totals => {
                    self.dropped("WITH TOTALS", "write GROUP BY GROUPING SETS ((…), ())");
                }
                GroupByWithModifier::GroupingSets(_) => self.dropped(
                    "GROUPING SETS after the list",
                    "write GROUP BY GROUPING SETS (…) with all sets",
                ),
            }
        }
    }

    fn order_by_clause(&mut self, order_by: &OrderBy, of_select: bool) {
        let OrderBy { kind, interpolate } = order_by;
        match kind {
            OrderByKind::All(OrderByOptions { asc: _, nulls_first: _ }) => {
                if !of_select {
                    self.dropped("ORDER BY ALL of a set operation", "name the columns");
                }
            }
            OrderByKind::Expressions(exprs) => self.order_by(exprs),
        }
        self.unsupported_if(interpolate.is_some(), "INTERPOLATE", LEAVE_OUT);
    }

    pub(super) fn order_by(&mut self, exprs: &[OrderByExpr]) {
        for OrderByExpr { expr, options, with_fill } in exprs {
            let OrderByOptions { asc: _, nulls_first: _ } = options;
            self.expr(expr);
            let help = "join with a generated series of the missing values";
            self.unsupported_if(with_fill.is_some(), "WITH FILL", help);
        }
    }

    fn limit_clause(&mut self, limit: &LimitClause) {
        match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                self.maybe(limit.as_ref());
                if let Some(Offset { value, rows }) = offset {
                    match rows {
                        OffsetRows::None | OffsetRows::Row | OffsetRows::Rows => {}
                    }
                    self.expr(value);
                }
                if !limit_by.is_empty() {
                    self.unsupported("BY after LIMIT", "filter by row_number() with QUALIFY");
                }
            }
            LimitClause::OffsetCommaLimit { offset, limit } => {
                self.expr(offset);
                self.expr(limit);
            }
        }
    }

    pub(super) fn table_alias(&mut self, alias: &TableAlias) {
        let TableAlias { explicit: _, name, columns, at } = alias;
        self.ident(name);
        for TableAliasColumnDef { name, data_type } in columns {
            self.ident(name);
            if let Some(data_type) = data_type {
                self.dropped(
                    &format!("{data_type} in an alias"),
                    "leave the type out, or CAST where the column is read",
                );
            }
        }
        self.dropped_if(at.is_some(), "AT in an alias", LEAVE_OUT);
    }

    pub(super) fn object_name(&mut self, name: &ObjectName) {
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => self.ident(ident),
                ObjectNamePart::Function(function) => {
                    self.ident(&function.name);
                    self.unsupported(&function.name.value, "write the name itself");
                }
            }
        }
    }

    pub(super) fn maybe(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }
}
