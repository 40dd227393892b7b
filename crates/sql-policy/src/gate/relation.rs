//! FROM: tables, table functions, derived tables and joins.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Join, JoinConstraint, JoinOperator, ObjectName,
    ObjectNamePart, TableAlias, TableFactor, TableFunctionArgs, TableSampleKind, TableWithJoins,
};
use viewlane_core::{FunctionKind, RelationName, Span};

use super::{Gate, scope::Meaning};
use crate::{codes, compiled::RelationUse, text};

const FILE_ENDINGS: [&str; 8] =
    [".parquet", ".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".avro", ".arrow"];

impl Gate<'_> {
    pub(super) fn table_with_joins(&mut self, table: &TableWithJoins) {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation);
        for join in joins {
            self.join(join);
        }
    }

    fn join(&mut self, join: &Join) {
        self.counts.joins += 1;
        let Join { relation, global, join_operator } = join;
        self.dropped_if(*global, "GLOBAL", "leave it out");
        let constraint = match join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::LeftSemi(constraint)
            | JoinOperator::RightSemi(constraint)
            | JoinOperator::LeftAnti(constraint)
            | JoinOperator::RightAnti(constraint)
            // Lowered, and the engine would not run them.
            | JoinOperator::Semi(constraint)
            | JoinOperator::Anti(constraint) => Some(constraint),
            JoinOperator::CrossJoin(constraint) => {
                let bare = matches!(constraint, JoinConstraint::None);
                let help = "write JOIN, or move the condition to WHERE";
                self.unsupported_if(!bare, "CROSS JOIN with a condition", help);
                Some(constraint)
            }
            JoinOperator::StraightJoin(constraint) => {
                self.unsupported("STRAIGHT_JOIN", "write JOIN");
                Some(constraint)
            }
            JoinOperator::CrossApply => {
                self.unsupported("APPLY", "write CROSS JOIN LATERAL (…)");
                None
            }
            JoinOperator::OuterApply => {
                self.unsupported("APPLY", "write LEFT JOIN LATERAL (…) ON true");
                None
            }
            JoinOperator::AsOf { match_condition: _, constraint: _ } => {
                self.unsupported("ASOF", "join on the latest row found with row_number()");
                None
            }
            JoinOperator::ArrayJoin
            | JoinOperator::LeftArrayJoin
            | JoinOperator::InnerArrayJoin => {
                self.unsupported("ARRAY JOIN", "select unnest(…) in a subquery");
                None
            }
        };
        self.table_factor(relation);
        match constraint {
            None | Some(JoinConstraint::Natural | JoinConstraint::None) => {}
            Some(JoinConstraint::On(expr)) => self.expr(expr),
            Some(JoinConstraint::Using(names)) => {
                names.iter().for_each(|name| self.object_name(name));
            }
        }
    }

    #[recursive::recursive]
    fn table_factor(&mut self, factor: &TableFactor) {
        match factor {
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
                match args {
                    None => self.relation(name),
                    Some(args) => self.table_function(name, args),
                }
                let leave_out = "leave it out";
                let filter = "filter in WHERE";
                self.dropped_if(!partitions.is_empty(), "PARTITION", filter);
                self.dropped_if(json_path.is_some(), "path after a table", "select the fields");
                self.dropped_if(*with_ordinality, "WITH ORDINALITY", "use row_number()");
                self.dropped_if(
                    version.is_some(),
                    "AS OF a version",
                    "leave it out: which version is read is decided by the run",
                );
                self.sample(sample.as_ref());
                self.alias(alias.as_ref());
                self.dropped_if(!with_hints.is_empty(), "WITH (hint)", leave_out);
                self.dropped_if(!index_hints.is_empty(), "INDEX hints", leave_out);
            }
            TableFactor::Derived { lateral: _, subquery, alias, sample } => {
                self.query(subquery);
                self.alias(alias.as_ref());
                self.sample(sample.as_ref());
            }
            TableFactor::TableFunction { expr, alias } => {
                self.unsupported("TABLE (…)", "write the table function itself");
                self.expr(expr);
                self.alias(alias.as_ref());
            }
            TableFactor::Function { lateral, name, args, with_ordinality, alias } => {
                let help = "leave LATERAL out, or select the function in a lateral subquery";
                self.dropped_if(*lateral, "LATERAL before a table function", help);
                self.dropped_if(*with_ordinality, "WITH ORDINALITY", "use row_number()");
                let args = TableFunctionArgs { args: args.clone(), settings: None };
                self.table_function(name, &args);
                self.alias(alias.as_ref());
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset,
                with_offset_alias,
                with_ordinality,
            } => {
                let span = self.places.clause("UNNEST");
                self.call("unnest", span);
                self.exprs(array_exprs);
                let offset = *with_offset || with_offset_alias.is_some();
                self.unsupported_if(offset, "WITH OFFSET", "use row_number()");
                self.unsupported_if(*with_ordinality, "WITH ORDINALITY", "use row_number()");
                self.alias(alias.as_ref());
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                self.deeper(|gate| gate.table_with_joins(table_with_joins));
                self.alias(alias.as_ref());
            }
            TableFactor::Pivot { table, .. } => {
                self.table_factor(table);
                self.unsupported("PIVOT", "write aggregates with FILTER");
            }
            TableFactor::Unpivot { table, .. } => {
                self.table_factor(table);
                self.unsupported("UNPIVOT", "write UNION ALL");
            }
            TableFactor::MatchRecognize { table, .. } => {
                self.table_factor(table);
                self.unsupported("MATCH_RECOGNIZE", "write window functions");
            }
            TableFactor::JsonTable { .. } => {
                self.unsupported("JSON_TABLE", "select the fields with functions");
            }
            TableFactor::OpenJsonTable { .. } => {
                self.unsupported("OPENJSON", "select the fields with functions");
            }
            TableFactor::XmlTable { .. } => {
                self.unsupported("XMLTABLE", "load the data as a table first");
            }
            TableFactor::SemanticView { .. } => {
                self.unsupported("SEMANTIC_VIEW", "select from the tables");
            }
        }
    }

    fn alias(&mut self, alias: Option<&TableAlias>) {
        if let Some(alias) = alias {
            self.table_alias(alias);
        }
    }

    fn sample(&mut self, sample: Option<&TableSampleKind>) {
        let sample = match sample {
            None => return,
            Some(TableSampleKind::BeforeTableAlias(sample)) => sample,
            Some(TableSampleKind::AfterTableAlias(sample)) => sample,
        };
        let clause = sample.modifier.to_string();
        self.dropped(&clause, "filter in WHERE by a hash of a key: the engine would read all rows");
    }

    pub(super) fn relation(&mut self, name: &ObjectName) {
        let spans =
            name.0.iter().filter_map(ObjectNamePart::as_ident).map(|ident| self.places.name(ident));
        let span = spans.reduce(|first, last| Span::new(first.start, last.end));
        let span = span.unwrap_or(self.places.here());
        self.object_name(name);
        let parts: Vec<_> = name
            .0
            .iter()
            .map(|part| part.as_ident().map(text::normalise).unwrap_or_default())
            .collect();
        if let Some(part) = parts.iter().find(|part| looks_like_path(part)) {
            self.find(
                codes::RELATION_LOOKS_LIKE_PATH,
                span,
                format!("`{part}` reads as a file, a URL or a call, not as the name of a relation"),
                "declare the data as a source and read it by its name",
            );
            return;
        }
        if let [table] = &parts[..] {
            match self.scopes.meaning(table) {
                Meaning::Relation => {}
                Meaning::Cte => return,
                Meaning::Lost(place) => {
                    self.find(
                        codes::AMBIGUOUS_SCOPE,
                        span,
                        format!("the engine does not find the expression `{table}` {place}"),
                        "give the common table expression a name that no table has, \
                         and read it elsewhere",
                    );
                    return;
                }
            }
        }
        match RelationName::from_parts(parts) {
            Ok(relation) => {
                let short = self.policy.relation(relation.parts());
                let relation = short.map_or(relation, |(short, _)| short);
                self.relations
                    .entry(relation.clone())
                    .or_insert(RelationUse { name: relation, span });
            }
            Err(error) => self.find(
                codes::RELATION_NAME,
                span,
                format!("`{name}` does not name a relation: {error}"),
                "write one to three names joined by dots",
            ),
        }
    }

    fn table_function(&mut self, name: &ObjectName, args: &TableFunctionArgs) {
        let TableFunctionArgs { args, settings } = args;
        self.object_name(name);
        // The engine looks table functions up as they are written, quotes included.
        let written = name.to_string();
        let registered = || {
            let facts = self.functions.facts(&written);
            facts.is_some_and(|facts| facts.kind == FunctionKind::Table)
        };
        match name.0.last() {
            Some(ObjectNamePart::Identifier(ident)) if name.0.len() == 1 || registered() => {
                let span = self.places.bytes(ident.span);
                self.call(&written, span);
            }
            _ => {
                let help = "write the name of the function alone";
                self.dropped(&format!("{name} before a table function"), help);
            }
        }
        for arg in args {
            match arg {
                FunctionArg::Unnamed(arg) => self.table_argument(arg),
                FunctionArg::Named { name, arg, operator: _ } => {
                    self.ident(name);
                    self.named_table_argument(&name.value);
                    self.table_argument(arg);
                }
                FunctionArg::ExprNamed { name, arg, operator: _ } => {
                    self.expr(name);
                    self.named_table_argument(&name.to_string());
                    self.table_argument(arg);
                }
            }
        }
        self.dropped_if(settings.is_some(), "SETTINGS", "leave it out");
    }

    fn named_table_argument(&mut self, name: &str) {
        self.dropped(&format!("{name} =>"), "leave the name out: table functions take positions");
    }

    fn table_argument(&mut self, arg: &FunctionArgExpr) {
        match arg {
            FunctionArgExpr::Expr(expr) => self.expr(expr),
            FunctionArgExpr::QualifiedWildcard(_)
            | FunctionArgExpr::Wildcard
            | FunctionArgExpr::WildcardWithOptions(_) => {
                self.unsupported("* as an argument of a table function", "name the arguments");
            }
        }
    }

    pub(super) fn exprs(&mut self, exprs: &[Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }
}

/// Whether a part of a name is what the engine might open as a file, or how it names a call.
fn looks_like_path(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    part.contains(['/', '\\', '(', ')'])
        || lower.contains("://")
        || FILE_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}
