//! The views of `views/`: what the lane makes of each, and what must not make a difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::LazyLock,
};

use proptest::prelude::*;
use sqlparser::{
    ast::{
        Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, JoinConstraint,
        JoinOperator, ObjectNamePart, OrderByKind, Query, Select, SelectItem, Statement,
        TableFactor, Visit, VisitMut, Visitor, VisitorMut, visit_expressions,
    },
    dialect::{Dialect, dialect_from_str},
    parser::Parser,
    tokenizer::Span as TokenSpan,
};
use viewlane_core::{
    Fingerprint, FunctionFacts, FunctionKind, FunctionSource, RelationName, Volatility,
};

use super::*;
use crate::{
    fixtures::lay_out,
    lane::Lane,
    policy::{Limits, Naming, Policy},
    text::Lines,
};

const GROUPS: [(&str, &str); 16] = [
    ("aggregates", include_str!("views/aggregates.sql")),
    ("ctes", include_str!("views/ctes.sql")),
    ("dialects", include_str!("views/dialects.sql")),
    ("expressions", include_str!("views/expressions.sql")),
    ("headers", include_str!("views/headers.sql")),
    ("joins", include_str!("views/joins.sql")),
    ("lowerings", include_str!("views/lowerings.sql")),
    ("nested", include_str!("views/nested.sql")),
    ("order", include_str!("views/order.sql")),
    ("projection", include_str!("views/projection.sql")),
    ("passed", include_str!("views/passed.sql")),
    ("refused", include_str!("views/refused.sql")),
    ("sets", include_str!("views/sets.sql")),
    ("stars", include_str!("views/stars.sql")),
    ("subqueries", include_str!("views/subqueries.sql")),
    ("windows", include_str!("views/windows.sql")),
];

/// One view: `-- name`, or `-- name [dialect]`, and then its text.
struct View {
    group: &'static str,
    name: &'static str,
    mode: &'static str,
    sql: &'static str,
}

fn views() -> impl Iterator<Item = View> {
    GROUPS.iter().flat_map(|(group, text)| {
        let text = text.strip_prefix("-- ").expect("a file begins with a name");
        text.split("\n-- ").map(move |view| {
            let (title, sql) = view.split_once('\n').expect("a name has a line");
            let (name, mode) = match title.split_once(" [") {
                Some((name, mode)) => (name, mode.strip_suffix(']').expect("a bracket closes")),
                None => (title, "generic"),
            };
            View { group, name, mode, sql: sql.trim_end() }
        })
    })
}

/// Functions as an engine would know them.
struct Functions;

impl FunctionSource for Functions {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        use FunctionKind::{Aggregate, Scalar, Table, Window};
        use Volatility::{Immutable, Stable, Volatile};
        let name = match name {
            "array_cat" => "array_concat",
            "char_length" => "character_length",
            "mean" => "avg",
            other => other,
        };
        let (kind, volatility) = match name {
            "abs" | "array_concat" | "array_transform" | "character_length" | "coalesce"
            | "concat" | "date_part" | "date_trunc" | "get_field" | "left" | "length" | "lower"
            | "map" | "named_struct" | "nullif" | "round" | "struct" | "substring" | "trim"
            | "upper" => (Scalar, Immutable),
            "current_date" | "current_timestamp" | "now" => (Scalar, Stable),
            "random" | "uuid" => (Scalar, Volatile),
            "array_agg" | "avg" | "count" | "first_value" | "grouping" | "last_value" | "max"
            | "min" | "percentile_cont" | "string_agg" | "sum" => (Aggregate, Immutable),
            "lag" | "lead" | "rank" | "row_number" => (Window, Immutable),
            "generate_series" => (Table, Immutable),
            _ => return None,
        };
        Some(FunctionFacts { name: name.to_owned(), kind, volatility })
    }
}

static COLUMNS: LazyLock<BTreeMap<RelationName, Vec<String>>> = LazyLock::new(|| {
    let tables = [
        ("customers", "id name city segment email since"),
        ("orders", "id customer_id placed status total note"),
        ("lines", "order_id item_id quantity price details"),
        ("items", "id name category price tags attributes"),
        ("employees", "id name manager_id city salary"),
        ("metrics.daily", "day metric value"),
        ("metrics.weekly", "week metric value"),
        ("archive.sales.orders", "id customer_id total"),
    ];
    let mut columns = BTreeMap::new();
    for (name, list) in tables {
        let list = list.split(' ').map(ToOwned::to_owned).collect();
        columns.insert(name.parse().expect("a name"), list);
    }
    let mixed = ["Id", "Total Sum", "plain"].map(ToOwned::to_owned);
    columns.insert("\"Mixed\"".parse().expect("a name"), mixed.to_vec());
    columns
});

fn dialect_name(mode: &str) -> &str {
    if mode == "strict" { "generic" } else { mode }
}

fn dialect(mode: &str) -> Box<dyn Dialect> {
    dialect_from_str(dialect_name(mode)).expect("a known dialect")
}

static LANES: LazyLock<BTreeMap<&'static str, Lane>> = LazyLock::new(|| {
    let modes: BTreeSet<&str> = views().map(|view| view.mode).collect();
    let lane = |mode| {
        let mut policy = Policy::builder().naming(Naming::Stable).dialect(dialect_name(mode));
        if mode == "strict" {
            policy = policy
                .deny_function("left")
                .deny_function("array_concat")
                .allow_volatile(false)
                .limits(Limits { joins: 2, branches: 3, ctes: 2, columns: 4, ..Limits::default() });
        }
        (mode, Lane::new(policy.build().expect("a valid policy")))
    };
    modes.into_iter().map(lane).collect()
});

fn compile(mode: &str, sql: &str) -> Result<CompiledView, Rejection> {
    let lane = &LANES[mode];
    let view = lane.read_view(&SourceText::new("v.sql", sql), &Functions)?;
    lane.resolve_view(view, &*COLUMNS, &())
}

/// A view that compiles.
struct Seed {
    view: View,
    compiled: CompiledQuery,
}

impl Seed {
    fn title(&self) -> String {
        format!("{}: {}", self.view.group, self.view.name)
    }

    fn again(&self, sql: &str) -> Result<Fingerprint, String> {
        let again = compile(self.view.mode, sql);
        again.map(|view| view.query().fingerprint()).map_err(|refused| refused.to_string())
    }

    /// Whether another text is the same query.
    fn check(&self, sql: &str) -> Result<(), TestCaseError> {
        let again = self.again(sql);
        prop_assert_eq!(again, Ok(self.compiled.fingerprint()), "{}\n{}", self.title(), sql);
        Ok(())
    }
}

static SEEDS: LazyLock<Vec<Seed>> = LazyLock::new(|| {
    let compiled = views().filter_map(|view| {
        let compiled = compile(view.mode, view.sql).ok()?;
        Some(Seed { view, compiled: compiled.query().clone() })
    });
    compiled.collect()
});

#[test]
fn the_views_of_each_group() {
    let mut shown: BTreeMap<&str, String> = BTreeMap::new();
    for View { group, name, mode, sql } in views() {
        let rendered = render(&compile(mode, sql));
        let mode = if mode == "generic" { String::new() } else { format!(" [{mode}]") };
        let page = shown.entry(group).or_default();
        let _ = write!(page, "==== {name}{mode}\n{sql}\n----\n{rendered}\n");
    }
    insta::with_settings!({ omit_expression => true }, {
        for (group, page) in shown {
            insta::assert_snapshot!(group, page);
        }
    });
}

#[test]
fn there_are_enough_views_and_each_has_a_name_of_its_own() {
    let titles: Vec<_> = views().map(|view| (view.group, view.name)).collect();
    assert!(titles.len() >= 300, "{}", titles.len());
    let distinct: BTreeSet<_> = titles.iter().collect();
    assert_eq!(distinct.len(), titles.len());
    assert!(SEEDS.len() >= 300, "{}", SEEDS.len());
}

/// Every way in which a query can be refused is shown.
#[test]
fn every_code_of_a_query_is_among_the_views() {
    let mut codes = BTreeSet::new();
    for view in views() {
        if let Err(rejection) = compile(view.mode, view.sql) {
            codes.extend(rejection.diagnostics().iter().map(|found| found.code.as_str()));
        }
    }
    let source = include_str!("../codes.rs");
    let queries = ["VL-P03", "VL-P04", "VL-P07"];
    let known = source.split('"').filter(|word| queries.iter().any(|code| word.starts_with(code)));
    let missing: Vec<_> = known.filter(|code| !codes.contains(code)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// The layout moves blanks and nothing else, and the canonical text means what it came from.
#[test]
fn the_canonical_text_is_the_same_query() {
    let squash = |text: &str| text.split_whitespace().collect::<String>();
    for seed in SEEDS.iter() {
        let line = seed.compiled.sql();
        let page = layout::sql(&line);
        assert_eq!(squash(&line), squash(&page), "{}", seed.title());
        for text in [&line, &page] {
            // In the dialect of the view, or, where that has another use for the quotes of names,
            // in that of the engine.
            let again = ["generic", seed.view.mode].map(|mode| {
                let again = compile(mode, text).map(|view| view.query().fingerprint());
                again.map_err(|refused| refused.to_string())
            });
            let same = again.contains(&Ok(seed.compiled.fingerprint()));
            assert!(same, "{}\n{text}\n{again:?}", seed.title());
        }
    }
}

#[test]
fn no_line_of_a_list_is_long() {
    for view in views() {
        for line in render(&compile(view.mode, view.sql)).lines() {
            let refused = line.contains("VL-P") || line.starts_with("  help");
            // One expression stays together.
            let one = !line.contains(", ") && !line.contains(" AND ") && !line.contains(" OR ");
            assert!(refused || one || line.chars().count() <= 130, "{}: {line}", view.name);
        }
    }
}

#[test]
fn outputs_without_a_name_and_forms_without_facts_are_shown() {
    let policy = Policy::builder().build().expect("a policy");
    let lane = Lane::new(policy);
    let text = SourceText::new("v.sql", "select id, unnest(tags) from items");
    let gated = lane.read_query(&text, &Functions).expect("a good query");
    let query = lane.resolve(gated, &*COLUMNS, &()).expect("a good query");
    insta::assert_snapshot!(render_query(&query));
}

/// The views that the parser alone can read and write, as trees.
static TREES: LazyLock<Vec<(&'static Seed, Statement)>> = LazyLock::new(|| {
    let trees = SEEDS.iter().filter_map(|seed| {
        let parsed = Parser::parse_sql(&*dialect(seed.view.mode), seed.view.sql).ok()?;
        let [tree] = <[Statement; 1]>::try_from(parsed).ok()?;
        (seed.again(&tree.to_string()) == Ok(seed.compiled.fingerprint())).then_some((seed, tree))
    });
    trees.collect()
});

/// Puts parentheses around expressions, as the dice say.
struct Parentheses<'a> {
    dice: &'a [u8],
    thrown: usize,
}

impl Parentheses<'_> {
    fn wrap(&mut self, expr: &mut Expr) {
        let dice = self.dice[self.thrown % self.dice.len()];
        self.thrown += 1;
        if let Expr::Lambda(_) = expr {
            return;
        }
        for _ in 0..[0, 0, 1, 2][usize::from(dice % 4)] {
            let inner = std::mem::replace(expr, Expr::Identifier(Ident::new("x")));
            *expr = Expr::Nested(Box::new(inner));
        }
    }

    fn wrap_all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        exprs.into_iter().for_each(|expr| self.wrap(expr));
    }

    /// A number alone may be a position, and a sign before one is part of it.
    fn wrap_unless_literal(&mut self, expr: &mut Expr) {
        if !matches!(
            expr,
            Expr::Value(_)
                | Expr::Nested(_)
                | Expr::UnaryOp { .. }
                | Expr::Interval(_)
                | Expr::Tuple(_)
                | Expr::Rollup(_)
                | Expr::Cube(_)
                | Expr::GroupingSets(_)
        ) {
            self.wrap(expr);
        }
    }
}

impl VisitorMut for Parentheses<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::BinaryOp { left, op: _, right }
            | Expr::IsDistinctFrom(left, right)
            | Expr::IsNotDistinctFrom(left, right) => self.wrap_all([&mut **left, right]),
            Expr::UnaryOp { op: _, expr } => self.wrap_unless_literal(expr),
            Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsUnknown(expr)
            | Expr::Cast { expr, .. }
            | Expr::Extract { expr, .. }
            | Expr::InSubquery { expr, .. }
            | Expr::AnyOp { left: expr, .. } => self.wrap(expr),
            Expr::Between { expr, negated: _, low, high } => {
                self.wrap_all([&mut **expr, low, high]);
            }
            Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } => {
                self.wrap_all([&mut **expr, pattern]);
            }
            Expr::InList { expr, list, negated: _ } => {
                self.wrap(expr);
                self.wrap_all(list);
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.wrap_all(operand.as_deref_mut());
                for when in conditions {
                    self.wrap_all([&mut when.condition, &mut when.result]);
                }
                self.wrap_all(else_result.as_deref_mut());
            }
            Expr::Tuple(items) => self.wrap_all(items),
            Expr::Array(array) => self.wrap_all(&mut array.elem),
            Expr::Function(call) => {
                if let FunctionArguments::List(list) = &mut call.args {
                    for arg in &mut list.args {
                        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg {
                            self.wrap(expr);
                        }
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                self.wrap(expr);
            }
        }
        for join in select.from.iter_mut().flat_map(|item| &mut item.joins) {
            if let JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::LeftSemi(constraint) = &mut join.join_operator
                && let JoinConstraint::On(condition) = constraint
            {
                self.wrap(condition);
            }
        }
        if let GroupByExpr::Expressions(exprs, _) = &mut select.group_by {
            exprs.iter_mut().for_each(|expr| self.wrap_unless_literal(expr));
        }
        self.wrap_all(&mut select.selection);
        self.wrap_all(&mut select.having);
        self.wrap_all(&mut select.qualify);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(order_by) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order_by.kind
        {
            keys.iter_mut().for_each(|key| self.wrap_unless_literal(&mut key.expr));
        }
        ControlFlow::Continue(())
    }
}

/// What each alias of the normal form is called in the text.
struct Relations<'a> {
    text: &'a str,
    lines: Lines<'a>,
    names: BTreeMap<String, &'a str>,
}

impl<'a> Relations<'a> {
    fn written(&self, span: TokenSpan) -> Option<&'a str> {
        let span = self.lines.bytes(span);
        (span.end > 0).then(|| &self.text[span.start..span.end])
    }
}

impl Visitor for Relations<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let (name, alias) = match factor {
            TableFactor::Table { name, alias: Some(alias), args: None, .. } => (Some(name), alias),
            TableFactor::Table { alias: Some(alias), .. }
            | TableFactor::Derived { alias: Some(alias), .. }
            | TableFactor::UNNEST { alias: Some(alias), .. } => (None, alias),
            _ => return ControlFlow::Continue(()),
        };
        let last = name.and_then(|name| name.0.last()).and_then(ObjectNamePart::as_ident);
        let written = self
            .written(alias.name.span)
            .or_else(|| last.and_then(|ident| self.written(ident.span)));
        if let Some(written) = written {
            self.names.insert(alias.name.value.clone(), written);
        }
        ControlFlow::Continue(())
    }
}

/// For each view, the places of columns without a relation, and the relation they are of.
static BARE: LazyLock<Vec<(&'static Seed, BTreeMap<usize, &'static str>)>> = LazyLock::new(|| {
    let bare = SEEDS.iter().map(|seed| {
        let (text, ast) = (seed.view.sql, seed.compiled.ast());
        let lines = Lines::new(seed.compiled.source());
        let mut relations = Relations { text, lines, names: BTreeMap::new() };
        let _ = ast.visit(&mut relations);
        let mut places = BTreeMap::new();
        let _: ControlFlow<()> = visit_expressions(&**ast, |expr| {
            if let Expr::CompoundIdentifier(parts) = expr
                && let Some(relation) = relations.names.get(&parts[0].value)
                && let span = relations.lines.bytes(parts[1].span)
                && span.end > 0
                && !text[..span.start].ends_with('.')
            {
                places.insert(span.start, *relation);
            }
            ControlFlow::Continue(())
        });
        (seed, places)
    });
    bare.filter(|(_, places)| !places.is_empty()).collect()
});

/// The dice of one trial.
fn dice() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 8..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_400))]

    /// Blanks, comments and the case of words do not matter.
    #[test]
    fn layout_does_not_matter(which in any::<prop::sample::Index>(), dice in dice()) {
        // Names that the engine takes verbatim: in lists, and of functions in FROM.
        let columns: BTreeSet<&str> =
            COLUMNS.values().flatten().map(String::as_str).chain(["number", "size", "sum", "width"]).collect();
        let seed = which.get(&SEEDS);
        let shout = |word: &sqlparser::tokenizer::Word| !columns.contains(word.value.as_str());
        seed.check(&lay_out(&*dialect(seed.view.mode), seed.view.sql, &dice, shout))?;
    }

    /// Parentheses that the tree does not need do not matter.
    #[test]
    fn parentheses_do_not_matter(which in any::<prop::sample::Index>(), dice in dice()) {
        let (seed, tree) = which.get(&TREES);
        let mut tree = tree.clone();
        let query = match &mut tree {
            Statement::Query(query) => query,
            Statement::CreateView(view) => &mut view.query,
            other => panic!("{other} is no view"),
        };
        let _ = VisitMut::visit(query, &mut Parentheses { dice: &dice, thrown: 0 });
        seed.check(&tree.to_string())?;
    }

    /// It does not matter whether a column says which relation it is of.
    #[test]
    fn qualifiers_do_not_matter(which in any::<prop::sample::Index>(), dice in dice()) {
        let (seed, places) = which.get(&BARE);
        let mut text = seed.view.sql.to_owned();
        for (index, (place, relation)) in places.iter().enumerate().rev() {
            if dice[index % dice.len()] & 1 == 0 {
                text.insert_str(*place, &format!("{relation}."));
            }
        }
        seed.check(&text)?;
    }
}

/// The properties above hold of most views, not of a few.
#[test]
fn most_views_are_seeds() {
    assert!(TREES.len() * 10 >= SEEDS.len() * 9, "{} of {}", TREES.len(), SEEDS.len());
    assert!(BARE.len() * 2 >= SEEDS.len(), "{} of {}", BARE.len(), SEEDS.len());
}
