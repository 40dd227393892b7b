//! Queries made at random, kept in a form that can be written as text and run by hand.

use std::fmt::Write as _;

/// Numbers from a seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

pub(super) const BASE_COLUMNS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug)]
pub(super) struct Query {
    pub(super) with: Vec<(usize, Query)>,
    pub(super) body: Body,
    /// Outputs to order by.
    pub(super) order: Vec<usize>,
    pub(super) limit: Option<usize>,
}

#[derive(Debug)]
pub(super) enum Body {
    Select(Select),
    /// `UNION ALL`, `UNION`, `INTERSECT` or `EXCEPT`.
    Operation(&'static str, Box<Query>, Box<Query>),
}

#[derive(Debug)]
pub(super) struct Select {
    pub(super) from: Vec<Source>,
    pub(super) filter: Option<Condition>,
    /// `None` where nothing is aggregated.
    pub(super) group: Option<Vec<Scalar>>,
    pub(super) having: Option<Condition>,
    pub(super) outputs: Vec<Scalar>,
    pub(super) distinct: bool,
}

#[derive(Debug)]
pub(super) struct Source {
    /// `,`, `JOIN`, `LEFT JOIN`, `LEFT SEMI JOIN` or `LEFT ANTI JOIN`.
    pub(super) join: &'static str,
    pub(super) relation: Relation,
    pub(super) alias: usize,
    pub(super) columns: Vec<String>,
    /// Whether the names of the columns are given with the alias.
    pub(super) renamed: bool,
    pub(super) on: Option<Condition>,
}

#[derive(Debug)]
pub(super) enum Relation {
    Base(usize),
    Cte(usize),
    Derived(Query),
    Lateral(Query),
}

#[derive(Clone, Debug)]
pub(super) enum Scalar {
    Literal(i64),
    Column(usize, String),
    Plus(Box<Scalar>, Box<Scalar>),
    Case(Box<Condition>, Box<Scalar>, Box<Scalar>),
    Count,
    Sum(Box<Scalar>, Option<Box<Condition>>),
    /// The first value in an order, or in the order of the input.
    First(Box<Scalar>, Option<Box<Scalar>>),
    Rank(Option<Box<Scalar>>, Box<Scalar>),
    RowNumber,
    Subquery(std::rc::Rc<Query>),
}

#[derive(Clone, Debug)]
pub(super) enum Condition {
    Less(Scalar, Scalar),
    Equal(Scalar, Scalar),
    And(Box<Condition>, Box<Condition>),
    Exists(std::rc::Rc<Query>),
    In(Scalar, std::rc::Rc<Query>),
}

/// A relation that expressions may read.
#[derive(Clone)]
struct Visible {
    alias: usize,
    columns: Vec<String>,
}

/// What is asked of a query.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Any,
    /// No set operation.
    Select,
    /// One row.
    Single,
}

/// Makes queries. Aliases and common table expressions are numbered through the statement.
pub(super) struct Generator {
    random: Random,
    next: usize,
    ctes: Vec<(usize, usize)>,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), next: 0, ctes: Vec::new() }
    }

    pub(super) fn statement(&mut self) -> Query {
        if self.random.one_in(4) {
            return self.over_an_order();
        }
        let depth = 1 + self.random.below(3);
        let width = 1 + self.random.below(3);
        self.query(depth, width, &[], Shape::Any)
    }

    /// A query over a derived table with an order, which is rare enough otherwise.
    fn over_an_order(&mut self) -> Query {
        let mut inner = self.select(0, 3, &[], false);
        inner.filter = None;
        inner.distinct = false;
        let order = vec![self.random.below(3)];
        let inner = Query { with: Vec::new(), body: Body::Select(inner), order, limit: None };
        let alias = self.number();
        let columns: Vec<_> = (0..3).map(|index| format!("o{index}")).collect();
        let visible = [Visible { alias, columns: columns.clone() }];
        let group = self
            .random
            .one_in(2)
            .then(|| if self.random.one_in(2) { Vec::new() } else { vec![self.column(&visible)] });
        let outputs: Vec<_> = (0..2).map(|_| self.output(0, &visible, group.as_deref())).collect();
        let source = Source {
            join: ",",
            relation: Relation::Derived(inner),
            alias,
            columns,
            renamed: false,
            on: None,
        };
        let outer = Select {
            from: vec![source],
            filter: None,
            group,
            having: None,
            outputs,
            distinct: self.random.one_in(4),
        };
        let limit = self.random.one_in(3).then(|| 1 + self.random.below(2));
        Query { with: Vec::new(), body: Body::Select(outer), order: Vec::new(), limit }
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn query(&mut self, depth: usize, width: usize, visible: &[Visible], shape: Shape) -> Query {
        let outer = self.ctes.len();
        let mut with = Vec::new();
        if depth > 0 && self.random.one_in(4) {
            let width = 1 + self.random.below(3);
            let query = self.query(depth - 1, width, visible, Shape::Any);
            let number = self.number();
            self.ctes.push((number, width));
            with.push((number, query));
        }
        let body = if shape == Shape::Any && depth > 0 && self.random.one_in(4) {
            let operation = ["UNION ALL", "UNION", "INTERSECT", "EXCEPT"][self.random.below(4)];
            let left = self.query(depth - 1, width, visible, Shape::Any);
            let right = self.query(depth - 1, width, visible, Shape::Any);
            Body::Operation(operation, Box::new(left), Box::new(right))
        } else {
            Body::Select(self.select(depth, width, visible, shape == Shape::Single))
        };
        let order = if self.random.one_in(2) { vec![self.random.below(width)] } else { Vec::new() };
        let limit = self.random.one_in(4).then(|| 1 + self.random.below(3));
        self.ctes.truncate(outer);
        Query { with, body, order, limit }
    }

    /// `single` asks for a query of one row.
    fn select(&mut self, depth: usize, width: usize, outer: &[Visible], single: bool) -> Select {
        let mut from = Vec::new();
        // Inner relations come first, as their names do.
        let mut visible = Vec::new();
        for position in 0..1 + self.random.below(3).min(depth) {
            let joins = [",", "JOIN", "LEFT JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"];
            let join = if position == 0 { "," } else { joins[self.random.below(joins.len())] };
            let relation = self.relation(depth, outer, &visible);
            let (relation, names) = relation;
            let renamed = !matches!(relation, Relation::Base(_)) && self.random.one_in(3);
            let names =
                if renamed { names.iter().map(|name| format!("n{name}")).collect() } else { names };
            let alias = self.number();
            let mine = Visible { alias, columns: names.clone() };
            let on = (join != ",").then(|| {
                // A condition sees its own tree of joins; a comma begins another.
                let tree = from.iter().rposition(|source: &Source| source.join == ",");
                let first = from.get(tree.unwrap_or(0)).map_or(alias, |source| source.alias);
                let mut seen: Vec<_> =
                    visible.iter().filter(|seen: &&Visible| seen.alias >= first).cloned().collect();
                seen.push(mine.clone());
                seen.extend(outer.iter().cloned());
                self.condition(depth.saturating_sub(1), &seen)
            });
            from.push(Source { join, relation, alias, columns: names, renamed, on });
            if !matches!(join, "LEFT SEMI JOIN" | "LEFT ANTI JOIN") {
                visible.push(mine);
            }
        }
        visible.extend(outer.iter().cloned());
        let filter = self.random.one_in(2).then(|| self.condition(depth, &visible));
        let group = if single {
            Some(Vec::new())
        } else {
            match self.random.below(4) {
                0 => Some((0..1 + self.random.below(2)).map(|_| self.value(0, &visible)).collect()),
                1 => Some(Vec::new()),
                _ => None,
            }
        };
        let outputs: Vec<_> =
            (0..width).map(|_| self.output(depth, &visible, group.as_deref())).collect();
        let having = (group.is_some() && !single && self.random.one_in(4)).then(|| {
            let aggregate = self.aggregate(depth, &visible);
            Condition::Less(Scalar::Literal(1), aggregate)
        });
        let aggregates = |outputs: &[Scalar]| outputs.iter().any(Scalar::aggregates);
        // Without keys it takes an aggregate to have one row.
        let group =
            group.filter(|keys| !keys.is_empty() || having.is_some() || aggregates(&outputs));
        Select { from, filter, group, having, outputs, distinct: self.random.one_in(5) }
    }

    fn relation(
        &mut self,
        depth: usize,
        outer: &[Visible],
        siblings: &[Visible],
    ) -> (Relation, Vec<String>) {
        let outputs = |width: usize| (0..width).map(|index| format!("o{index}")).collect();
        match self.random.below(6) {
            0 | 5 if depth > 0 => {
                let width = 1 + self.random.below(3);
                let query = self.query(depth - 1, width, outer, Shape::Any);
                (Relation::Derived(query), outputs(width))
            }
            1 if depth > 0 && !siblings.is_empty() => {
                let width = 1 + self.random.below(2);
                let visible: Vec<_> = siblings.iter().chain(outer).cloned().collect();
                let query = self.query(depth - 1, width, &visible, Shape::Any);
                (Relation::Lateral(query), outputs(width))
            }
            2 | 3 if !self.ctes.is_empty() => {
                let (number, width) = self.ctes[self.random.below(self.ctes.len())];
                (Relation::Cte(number), outputs(width))
            }
            _ => {
                let table = self.random.below(3);
                (Relation::Base(table), BASE_COLUMNS.map(str::to_owned).to_vec())
            }
        }
    }

    fn output(&mut self, depth: usize, visible: &[Visible], group: Option<&[Scalar]>) -> Scalar {
        match group {
            None => match self.random.below(8) {
                0 => Scalar::RowNumber,
                1 => {
                    let partition = self.random.one_in(2).then(|| self.column(visible).into());
                    Scalar::Rank(partition, self.column(visible).into())
                }
                _ => self.value(depth, visible),
            },
            Some([]) => self.aggregate(depth, visible),
            Some(keys) => match self.random.below(3) {
                0 => self.aggregate(depth, visible),
                1 => keys[self.random.below(keys.len())].clone(),
                _ => {
                    let key = keys[self.random.below(keys.len())].clone();
                    Scalar::Plus(key.into(), self.aggregate(depth, visible).into())
                }
            },
        }
    }

    fn aggregate(&mut self, depth: usize, visible: &[Visible]) -> Scalar {
        match self.random.below(4) {
            0 => Scalar::Count,
            1 => {
                let order = self.random.one_in(2).then(|| self.column(visible).into());
                Scalar::First(self.column(visible).into(), order)
            }
            _ => {
                let filter = self.random.one_in(3).then(|| self.condition(0, visible).into());
                Scalar::Sum(self.value(depth.min(1), visible).into(), filter)
            }
        }
    }

    fn column(&mut self, visible: &[Visible]) -> Scalar {
        if visible.is_empty() {
            return Scalar::Literal(self.random.below(3) as i64);
        }
        let source = &visible[self.random.below(visible.len())];
        let column = source.columns[self.random.below(source.columns.len())].clone();
        Scalar::Column(source.alias, column)
    }

    fn value(&mut self, depth: usize, visible: &[Visible]) -> Scalar {
        match self.random.below(10) {
            0 => Scalar::Literal(self.random.below(3) as i64),
            1 => Scalar::Plus(self.column(visible).into(), self.column(visible).into()),
            2 => {
                let condition = self.condition(depth.saturating_sub(1), visible);
                Scalar::Case(
                    condition.into(),
                    self.column(visible).into(),
                    self.column(visible).into(),
                )
            }
            3 if depth > 0 => {
                let shape = if self.random.one_in(2) { Shape::Single } else { Shape::Select };
                let mut query = self.query(depth - 1, 1, visible, shape);
                if shape == Shape::Select {
                    query.limit = Some(1);
                }
                Scalar::Subquery(query.into())
            }
            _ => self.column(visible),
        }
    }

    fn condition(&mut self, depth: usize, visible: &[Visible]) -> Condition {
        match self.random.below(6) {
            0 => Condition::And(
                self.condition(0, visible).into(),
                self.condition(depth.saturating_sub(1), visible).into(),
            ),
            1 if depth > 0 => {
                Condition::Exists(self.query(depth - 1, 1, visible, Shape::Any).into())
            }
            2 if depth > 0 => {
                let value = self.column(visible);
                Condition::In(value, self.query(depth - 1, 1, visible, Shape::Any).into())
            }
            3 => Condition::Equal(self.column(visible), self.column(visible)),
            _ => Condition::Less(self.column(visible), self.column(visible)),
        }
    }
}

impl Scalar {
    pub(super) fn aggregates(&self) -> bool {
        match self {
            Self::Count | Self::Sum(..) | Self::First(..) => true,
            Self::Plus(left, right) => left.aggregates() || right.aggregates(),
            Self::Literal(_)
            | Self::Column(..)
            | Self::Case(..)
            | Self::Rank(..)
            | Self::RowNumber
            | Self::Subquery(_) => false,
        }
    }
}

/// Writes queries, with names for the numbers.
pub(super) struct Writer<'w> {
    pub(super) alias: &'w dyn Fn(usize) -> String,
}

impl Writer<'_> {
    pub(super) fn query(&self, query: &Query) -> String {
        let Query { with, body, order, limit } = query;
        let mut text = String::new();
        for (number, query) in with {
            let _ = write!(text, "WITH {} AS ({}) ", (self.alias)(*number), self.query(query));
        }
        match body {
            Body::Select(select) => text += &self.select(select),
            Body::Operation(operation, left, right) => {
                let _ = write!(text, "({}) {operation} ({})", self.query(left), self.query(right));
            }
        }
        for (position, output) in order.iter().enumerate() {
            let _ = write!(text, "{} o{output}", if position == 0 { " ORDER BY" } else { "," });
        }
        if let Some(limit) = limit {
            let _ = write!(text, " LIMIT {limit}");
        }
        text
    }

    fn select(&self, select: &Select) -> String {
        let Select { from, filter, group, having, outputs, distinct } = select;
        let mut text = String::from(if *distinct { "SELECT DISTINCT " } else { "SELECT " });
        for (position, output) in outputs.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}{} AS o{position}", self.scalar(output));
        }
        for (position, source) in from.iter().enumerate() {
            let Source { join, relation, alias, columns, renamed, on } = source;
            let relation = match relation {
                Relation::Base(table) => format!("d.p.t{table}"),
                Relation::Cte(number) => (self.alias)(*number),
                Relation::Derived(query) => format!("({})", self.query(query)),
                Relation::Lateral(query) => format!("LATERAL ({})", self.query(query)),
            };
            let join = if position == 0 { "FROM" } else { join };
            let _ = write!(text, " {join} {relation} AS {}", (self.alias)(*alias));
            if *renamed {
                let _ = write!(text, " ({})", columns.join(", "));
            }
            if let Some(on) = on {
                let _ = write!(text, " ON {}", self.condition(on));
            }
        }
        if let Some(filter) = filter {
            let _ = write!(text, " WHERE {}", self.condition(filter));
        }
        for (position, key) in group.iter().flatten().enumerate() {
            let word = if position == 0 { " GROUP BY" } else { "," };
            // A literal alone would be a position.
            let _ = match key {
                Scalar::Literal(number) => write!(text, "{word} ({number})"),
                key => write!(text, "{word} {}", self.scalar(key)),
            };
        }
        if let Some(having) = having {
            let _ = write!(text, " HAVING {}", self.condition(having));
        }
        text
    }

    fn scalar(&self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::Literal(number) => number.to_string(),
            Scalar::Column(alias, column) => format!("{}.{column}", (self.alias)(*alias)),
            Scalar::Plus(left, right) => format!("{} + {}", self.scalar(left), self.scalar(right)),
            Scalar::Case(condition, yes, no) => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(condition),
                self.scalar(yes),
                self.scalar(no)
            ),
            Scalar::Count => "count(*)".to_owned(),
            Scalar::Sum(value, filter) => {
                let filter = filter.as_ref();
                let filter =
                    filter.map(|filter| format!(" FILTER (WHERE {})", self.condition(filter)));
                format!("sum({}){}", self.scalar(value), filter.unwrap_or_default())
            }
            Scalar::First(value, order) => {
                let order = order.as_ref();
                let order = order.map(|order| format!(" ORDER BY {}", self.scalar(order)));
                format!("first_value({}{})", self.scalar(value), order.unwrap_or_default())
            }
            Scalar::Rank(partition, order) => {
                let partition = partition.as_ref();
                let partition =
                    partition.map(|partition| format!("PARTITION BY {} ", self.scalar(partition)));
                let partition = partition.unwrap_or_default();
                format!("rank() OVER ({partition}ORDER BY {})", self.scalar(order))
            }
            Scalar::RowNumber => "row_number() OVER ()".to_owned(),
            Scalar::Subquery(query) => format!("({})", self.query(query)),
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::Less(left, right) => {
                format!("{} < {}", self.scalar(left), self.scalar(right))
            }
            Condition::Equal(left, right) => {
                format!("{} = {}", self.scalar(left), self.scalar(right))
            }
            Condition::And(left, right) => {
                format!("{} AND {}", self.condition(left), self.condition(right))
            }
            Condition::Exists(query) => format!("EXISTS ({})", self.query(query)),
            Condition::In(value, query) => {
                format!("{} IN ({})", self.scalar(value), self.query(query))
            }
        }
    }
}
