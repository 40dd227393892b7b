//! Every edit of a kind is at least as severe as what it does, and no more severe than it must be.

use proptest::prelude::*;

use super::super::*;
use super::support::pair;

/// A query to be edited.
#[derive(Clone, Debug)]
struct Model {
    /// Names and expressions.
    outputs: Vec<(String, String)>,
    filters: Vec<String>,
    /// How many of the outputs are keys of groups, if there are groups.
    keys: Option<usize>,
    distinct: bool,
    joined: Option<&'static str>,
    /// The output by which rows are ordered.
    order: Option<usize>,
    limit: Option<u8>,
    wrapped: Wrapped,
    table: &'static str,
    alias: &'static str,
    /// Joins and common table expressions that came with an edit.
    extra_join: String,
    extra_with: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapped {
    No,
    Derived,
    Common,
    Branch,
}

impl Model {
    fn sql(&self) -> String {
        let Self { outputs, filters, keys, distinct, joined, order, limit, .. } = self;
        let items: Vec<_> =
            outputs.iter().map(|(name, expr)| format!("{expr} AS {name}")).collect();
        let distinct = if *distinct { "DISTINCT " } else { "" };
        let mut select = format!(
            "SELECT {distinct}{} FROM #{} AS t{}",
            items.join(", "),
            self.table,
            self.extra_join
        );
        if let Some(kind) = joined {
            select += &format!(" {kind} #u AS u ON t.k = u.k AND u.a > 0");
        }
        if !filters.is_empty() {
            select += &format!(" WHERE {}", filters.join(" AND "));
        }
        if let Some(keys) = keys {
            let keys: Vec<_> = outputs[..*keys].iter().map(|(_, expr)| expr.clone()).collect();
            select += &format!(" GROUP BY {}", keys.join(", "));
        }
        let names = |source: &str| {
            let names = outputs.iter().map(|(name, _)| format!("{source}.{name} AS {name}"));
            names.collect::<Vec<_>>().join(", ")
        };
        let mut with = self.extra_with.clone();
        let mut sql = match self.wrapped {
            Wrapped::No => select,
            Wrapped::Derived => format!("SELECT {} FROM ({select}) AS q", names("q")),
            Wrapped::Common => {
                let comma = if with.is_empty() { "" } else { ", " };
                with += &format!("{comma}x AS ({select})");
                format!("SELECT {} FROM x AS q", names("q"))
            }
            Wrapped::Branch => {
                let nulls: Vec<_> =
                    outputs.iter().map(|(name, _)| format!("NULL AS {name}")).collect();
                format!("{select} UNION ALL SELECT {} FROM #w AS w", nulls.join(", "))
            }
        };
        if !with.is_empty() {
            sql = format!("WITH {with} {sql}");
        }
        if let Some(order) = order {
            sql += &format!(" ORDER BY {}", outputs[*order].0);
        }
        if let Some(limit) = limit {
            sql += &format!(" LIMIT {limit}");
        }
        sql.replace("t.", &format!("{}.", self.alias))
            .replace("AS t", &format!("AS {}", self.alias))
    }

    /// The place of an output that may be taken out or changed without touching keys.
    fn free(&self, at: usize) -> Option<usize> {
        let keys = self.keys.unwrap_or(0);
        (keys < self.outputs.len()).then(|| keys + at % (self.outputs.len() - keys))
    }

    fn value(&self, column: &str) -> String {
        match self.keys {
            Some(_) => format!("max(t.{column})"),
            None => format!("t.{column}"),
        }
    }
}

fn models() -> impl Strategy<Value = Model> {
    let wrapped = prop_oneof![
        Just(Wrapped::No),
        Just(Wrapped::Derived),
        Just(Wrapped::Common),
        Just(Wrapped::Branch)
    ];
    let joined = prop_oneof![Just(None), Just(Some("JOIN")), Just(Some("LEFT JOIN"))];
    (
        (2_usize..5, 0_usize..4, prop::option::of(1_usize..3), any::<bool>()),
        (joined, prop::option::of(0_usize..5), prop::option::of(1_u8..9), wrapped),
    )
        .prop_map(|((width, filters, keys, distinct), (joined, order, limit, wrapped))| {
            let columns = ["a", "b", "c", "d", "e"];
            let keys = keys.map(|keys| keys.min(width - 1));
            let outputs = (0..width).map(|place| {
                let column = columns[place];
                let expr = match keys {
                    Some(keys) if place >= keys => format!("sum(t.{column})"),
                    Some(_) | None => format!("t.{column}"),
                };
                (column.to_owned(), expr)
            });
            let filters = (0..filters).map(|place| format!("t.{} > {place}", columns[place]));
            Model {
                outputs: outputs.collect(),
                filters: filters.collect(),
                keys,
                distinct,
                joined,
                order: order.map(|order| order % width),
                limit,
                wrapped,
                table: "t",
                alias: "t",
                extra_join: String::new(),
                extra_with: String::new(),
            }
        })
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    AppendColumn,
    InsertColumn,
    RemoveColumn,
    RenameColumn,
    RedefineColumn,
    SwapColumns,
    AddFilter,
    RemoveFilter,
    ChangeFilter,
    ShuffleFilters,
    TurnComparison,
    RenameAlias,
    ToggleDistinct,
    AddWindow,
    AddScalarSubquery,
    AddUnnest,
    SetLimit,
    SetOrder,
    JoinKind,
    AddJoin,
    AddLeftJoin,
    AddSingleRow,
    AddKey,
    ChangeKey,
    ChangeTable,
    AddUnreadCommon,
    DerivedToCommon,
}

use Edit::*;

const EDITS: [Edit; 27] = [
    AppendColumn,
    InsertColumn,
    RemoveColumn,
    RenameColumn,
    RedefineColumn,
    SwapColumns,
    AddFilter,
    RemoveFilter,
    ChangeFilter,
    ShuffleFilters,
    TurnComparison,
    RenameAlias,
    ToggleDistinct,
    AddWindow,
    AddScalarSubquery,
    AddUnnest,
    SetLimit,
    SetOrder,
    JoinKind,
    AddJoin,
    AddLeftJoin,
    AddSingleRow,
    AddKey,
    ChangeKey,
    ChangeTable,
    AddUnreadCommon,
    DerivedToCommon,
];

impl Edit {
    /// The edited query and the severity of the edit, if it can be made here.
    fn apply(self, model: &Model, at: usize) -> Option<(Model, u8)> {
        const COSMETIC: u8 = 1;
        const ADDITIVE: u8 = 2;
        const ORDER: u8 = 3;
        const COLUMN: u8 = 4;
        const ROWS: u8 = 5;
        const SCHEMA: u8 = 6;
        let mut new = model.clone();
        // Rows are told apart by all columns.
        let by_columns = |severity| if model.distinct { ROWS } else { severity };
        let limited = model.limit.is_some();
        let severity = match self {
            AppendColumn => {
                new.outputs.push(("n".to_owned(), model.value("n")));
                by_columns(ADDITIVE)
            }
            InsertColumn => {
                let place = model.keys.unwrap_or(at % (model.outputs.len() + 1));
                new.outputs.insert(place, ("n".to_owned(), model.value("n")));
                new.order = model.order.map(|order| order + usize::from(order >= place));
                by_columns(ADDITIVE)
            }
            RemoveColumn => {
                let place = model.free(at)?;
                if model.order == Some(place) || model.outputs.len() == 1 {
                    return None;
                }
                new.outputs.remove(place);
                new.order = model.order.map(|order| order - usize::from(order > place));
                by_columns(COLUMN)
            }
            RenameColumn => {
                let place = at % model.outputs.len();
                new.outputs[place].0 = "renamed".to_owned();
                COLUMN
            }
            RedefineColumn => {
                let place = model.free(at)?;
                new.outputs[place].1 = format!("abs({})", model.outputs[place].1);
                if model.distinct || limited && model.order == Some(place) { ROWS } else { COLUMN }
            }
            SwapColumns => {
                let keys = model.keys.unwrap_or(0);
                let free = model.outputs.len() - keys;
                if free < 2 {
                    return None;
                }
                let (one, other) = (keys + at % (free - 1), keys + at % (free - 1) + 1);
                new.outputs.swap(one, other);
                new.order = model.order.map(|order| match order {
                    order if order == one => other,
                    order if order == other => one,
                    order => order,
                });
                SCHEMA
            }
            AddFilter => {
                new.filters.insert(at % (model.filters.len() + 1), "t.z = 1".to_owned());
                ROWS
            }
            RemoveFilter => {
                if model.filters.is_empty() {
                    return None;
                }
                new.filters.remove(at % model.filters.len());
                ROWS
            }
            ChangeFilter => {
                let place = at % model.filters.len().max(1);
                new.filters.get_mut(place)?.push('7');
                ROWS
            }
            ShuffleFilters => {
                if model.filters.len() < 2 {
                    return None;
                }
                let turns = 1 + at % (model.filters.len() - 1);
                new.filters.rotate_left(turns);
                COSMETIC
            }
            TurnComparison => {
                let place = at % model.filters.len().max(1);
                let filter = new.filters.get_mut(place)?;
                let (left, right) = filter.split_once(" > ")?;
                *filter = format!("{right} < {left}");
                COSMETIC
            }
            RenameAlias => {
                new.alias = "other";
                COSMETIC
            }
            ToggleDistinct => {
                new.distinct = !model.distinct;
                ROWS
            }
            AddWindow => {
                let window = format!("rank() OVER (ORDER BY {})", model.value("n"));
                new.outputs.push(("n".to_owned(), window));
                if model.distinct || limited { ROWS } else { ADDITIVE }
            }
            AddScalarSubquery => {
                let query = "(SELECT max(s.x) FROM #s AS s)".to_owned();
                if model.keys.is_some() {
                    return None;
                }
                new.outputs.push(("n".to_owned(), query));
                if model.distinct || limited { ROWS } else { ADDITIVE }
            }
            AddUnnest => {
                if model.keys.is_some() {
                    return None;
                }
                new.outputs.push(("n".to_owned(), "unnest(t.list)".to_owned()));
                ROWS
            }
            SetLimit => {
                new.limit = match model.limit {
                    Some(limit) => Some(limit + 1).filter(|_| at.is_multiple_of(2)),
                    None => Some(3),
                };
                ROWS
            }
            SetOrder => {
                new.order = match model.order {
                    Some(order) => {
                        Some((order + 1) % model.outputs.len()).filter(|_| at.is_multiple_of(2))
                    }
                    None => Some(at % model.outputs.len()),
                };
                if limited { ROWS } else { ORDER }
            }
            JoinKind => {
                new.joined = match model.joined? {
                    "JOIN" => Some("LEFT JOIN"),
                    _ => Some("JOIN"),
                };
                ROWS
            }
            AddJoin | AddLeftJoin => {
                let kind = if matches!(self, AddJoin) { "JOIN" } else { "LEFT JOIN" };
                new.extra_join = format!(" {kind} #j AS j ON j.k = t.k");
                ROWS
            }
            AddSingleRow => {
                let one = "(SELECT max(s.x) AS m FROM #s AS s) AS j";
                new.extra_join = match at % 3 {
                    0 => format!(" CROSS JOIN {one}"),
                    1 => format!(" LEFT JOIN {one} ON j.m > t.a"),
                    _ => format!(" JOIN {one} ON true"),
                };
                if limited { ROWS } else { COSMETIC }
            }
            AddKey => {
                let keys = model.keys?;
                new.keys = Some(keys + 1);
                new.outputs.insert(keys, ("n".to_owned(), "t.n".to_owned()));
                new.order = model.order.map(|order| order + usize::from(order >= keys));
                ROWS
            }
            ChangeKey => {
                model.keys?;
                new.outputs[0].1 = "t.z".to_owned();
                ROWS
            }
            ChangeTable => {
                new.table = "v";
                ROWS
            }
            AddUnreadCommon => {
                new.extra_with = "y AS (SELECT y1.a AS a FROM #y AS y1)".to_owned();
                COSMETIC
            }
            DerivedToCommon => {
                if model.wrapped != Wrapped::Derived {
                    return None;
                }
                new.wrapped = Wrapped::Common;
                COSMETIC
            }
        };
        Some((new, severity))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// A milder category than what the edit does would be wrong, a more severe one useless.
    #[test]
    fn an_edit_is_as_severe_as_it_is(
        model in models(), edit in prop::sample::select(&EDITS[..]), at in 0_usize..60,
    ) {
        let Some((edited, severity)) = edit.apply(&model, at) else { return Ok(()) };
        let pair = pair(&model.sql(), &edited.sql());
        let diff = pair.diff();
        prop_assert_eq!(
            diff.category.severity(), severity,
            "{:?} {:?}\n{}\n{}", edit, diff, model.sql(), edited.sql()
        );
        prop_assert_eq!(diff.rows, severity == 5, "{:?}", diff);
        prop_assert!(!diff.reasons.is_empty());
        prop_assert_eq!(diff.category.is_breaking(), severity > 2);
    }

    /// What changes rows in one direction changes them in the other.
    #[test]
    fn the_way_back_changes_rows_as_well(
        model in models(), edits in prop::collection::vec((prop::sample::select(&EDITS[..]), 0_usize..60), 1..4),
    ) {
        let mut edited = model.clone();
        for (edit, at) in edits {
            if let Some((next, _)) = edit.apply(&edited, at) {
                edited = next;
            }
        }
        let (there, back) = (pair(&model.sql(), &edited.sql()), pair(&edited.sql(), &model.sql()));
        let (there, back) = (there.diff(), back.diff());
        prop_assert_eq!(there.rows, back.rows, "{}\n{}", model.sql(), edited.sql());
        prop_assert_eq!(there.order, back.order);
        let schema = |diff: &Diff| matches!(diff.category, Category::SchemaBreaking { .. });
        prop_assert_eq!(schema(&there), schema(&back));
    }

    /// A query is what it is, under whatever names.
    #[test]
    fn a_query_is_identical_to_itself_and_the_same_under_other_aliases(model in models()) {
        let same = pair(&model.sql(), &model.sql()).diff();
        prop_assert_eq!(same.category, Category::Identical);
        prop_assert!(same.reasons.is_empty() && same.columns.is_empty() && !same.rows);
        let renamed = Model { alias: "z", ..model.clone() };
        let renamed = pair(&model.sql(), &renamed.sql()).diff();
        prop_assert_eq!(renamed.category, Category::Cosmetic);
        prop_assert!(renamed.columns.is_empty() && !renamed.rows);
    }

    /// Forms that say they are two, of one query: the walk itself finds nothing.
    #[test]
    fn the_walk_over_one_query_finds_nothing(model in models()) {
        let mut pair = pair(&model.sql(), &model.sql());
        pair.new.shape = Fingerprint::builder("another").finish();
        let (old, mut new) = (pair.old.side(), pair.new.side());
        new.fingerprint = pair.new.shape;
        let diff = diff(&old, &new);
        prop_assert_eq!(diff.category, Category::Cosmetic);
        prop_assert_eq!(diff.reasons.len(), 1);
        prop_assert!(diff.columns.is_empty() && !diff.rows && !diff.order);
    }
}
