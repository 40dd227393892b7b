//! Runs generated queries by hand, to see what a changed value changes.
//!
//! Where SQL leaves a choice, it is made so that it depends on nothing beside what the query
//! names: LIMIT keeps rows that tie with the last, and of such ties the least value is taken.

use super::generate::{Body, Condition, Query, Relation, Scalar, Select};

pub(super) type Value = Option<i64>;
pub(super) type Row = Vec<Value>;

/// The rows of three tables of three columns.
#[derive(Clone, Debug)]
pub(super) struct Database(pub(super) [Vec<Row>; 3]);

/// The rows that a place in a query sees, by alias.
#[derive(Clone, Default)]
struct Seen<'q>(Vec<(usize, &'q [String], Row)>);

impl Seen<'_> {
    fn value(&self, alias: usize, column: &str) -> Value {
        let (_, columns, row) = self.0.iter().rev().find(|(name, _, _)| *name == alias).unwrap();
        row[columns.iter().position(|name| name == column).unwrap()]
    }
}

pub(super) fn run(query: &Query, database: &Database) -> Vec<Row> {
    Run { database }.query(query, &Seen::default(), &[])
}

type Ctes<'q> = [(usize, &'q Query)];

struct Run<'d> {
    database: &'d Database,
}

impl Run<'_> {
    fn query<'q>(&self, query: &'q Query, seen: &Seen<'q>, ctes: &Ctes<'q>) -> Vec<Row> {
        let Query { with, body, order, limit } = query;
        let mut ctes = ctes.to_vec();
        ctes.extend(with.iter().map(|(number, query)| (*number, query)));
        let mut rows = match body {
            Body::Select(select) => self.select(select, seen, &ctes),
            Body::Operation(operation, left, right) => {
                let left = self.query(left, seen, &ctes);
                let right = self.query(right, seen, &ctes);
                match *operation {
                    "UNION ALL" => [left, right].concat(),
                    "UNION" => distinct([left, right].concat()),
                    "INTERSECT" => {
                        distinct(left.into_iter().filter(|row| right.contains(row)).collect())
                    }
                    _ => distinct(left.into_iter().filter(|row| !right.contains(row)).collect()),
                }
            }
        };
        let key = |row: &Row| order.iter().map(|output| row[*output]).collect::<Row>();
        rows.sort_by_key(key);
        if let Some(limit) = limit
            && rows.len() > *limit
        {
            let last = key(&rows[*limit - 1]);
            if order.is_empty() {
                rows.truncate(*limit);
            } else {
                rows.retain(|row| key(row) <= last);
            }
        }
        rows
    }

    fn select<'q>(&self, select: &'q Select, outer: &Seen<'q>, ctes: &Ctes<'q>) -> Vec<Row> {
        let Select { from, filter, group, having, outputs, distinct: deduplicate } = select;
        let mut rows = vec![outer.clone()];
        for source in from {
            let mut joined = Vec::new();
            for row in &rows {
                let right = match &source.relation {
                    Relation::Base(table) => self.database.0[*table].clone(),
                    Relation::Cte(number) => {
                        let at = ctes.iter().rposition(|(name, _)| name == number).unwrap();
                        self.query(ctes[at].1, outer, &ctes[..at])
                    }
                    Relation::Derived(query) => self.query(query, outer, ctes),
                    Relation::Lateral(query) => self.query(query, row, ctes),
                };
                let extended = |right: Row| {
                    let mut extended = row.clone();
                    extended.0.push((source.alias, &source.columns, right));
                    extended
                };
                let matches: Vec<_> = right
                    .into_iter()
                    .map(extended)
                    .filter(|row| {
                        source
                            .on
                            .as_ref()
                            .is_none_or(|on| self.holds(on, std::slice::from_ref(row), 0, ctes))
                    })
                    .collect();
                match source.join {
                    "LEFT JOIN" if matches.is_empty() => {
                        joined.push(extended(vec![None; source.columns.len()]));
                    }
                    "LEFT SEMI JOIN" if !matches.is_empty() => joined.push(row.clone()),
                    "LEFT ANTI JOIN" if matches.is_empty() => joined.push(row.clone()),
                    "LEFT SEMI JOIN" | "LEFT ANTI JOIN" => {}
                    _ => joined.extend(matches),
                }
            }
            rows = joined;
        }
        if let Some(filter) = filter {
            rows.retain(|row| self.holds(filter, std::slice::from_ref(row), 0, ctes));
        }
        let groups: Option<Vec<Vec<Seen<'q>>>> = group.as_ref().map(|keys| {
            let mut groups: Vec<(Row, Vec<Seen<'q>>)> = Vec::new();
            if keys.is_empty() {
                groups.push((Row::new(), Vec::new()));
            }
            for row in rows.drain(..) {
                let key = |key| self.value(key, std::slice::from_ref(&row), 0, ctes);
                let key: Row = keys.iter().map(key).collect();
                match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, members)) => members.push(row),
                    None => groups.push((key, vec![row])),
                }
            }
            groups.into_iter().map(|(_, members)| members).collect()
        });
        let result = match groups {
            None => (0..rows.len())
                .map(|at| {
                    outputs.iter().map(|output| self.value(output, &rows, at, ctes)).collect()
                })
                .collect(),
            Some(groups) => groups
                .into_iter()
                .filter(|members| {
                    having.as_ref().is_none_or(|having| self.holds(having, members, 0, ctes))
                })
                .map(|members| {
                    outputs.iter().map(|output| self.value(output, &members, 0, ctes)).collect()
                })
                .collect(),
        };
        if *deduplicate { distinct(result) } else { result }
    }

    /// The value for the row `at`, among the rows that windows and aggregates look at.
    fn value<'q>(
        &self,
        scalar: &'q Scalar,
        rows: &[Seen<'q>],
        at: usize,
        ctes: &Ctes<'q>,
    ) -> Value {
        let alone = |scalar: &'q Scalar, row: &Seen<'q>| {
            self.value(scalar, std::slice::from_ref(row), 0, ctes)
        };
        match scalar {
            Scalar::Literal(number) => Some(*number),
            Scalar::Column(alias, column) => rows[at].value(*alias, column),
            Scalar::Plus(left, right) => {
                Some(self.value(left, rows, at, ctes)? + self.value(right, rows, at, ctes)?)
            }
            Scalar::Case(condition, yes, no) => {
                let chosen = if self.holds(condition, rows, at, ctes) { yes } else { no };
                self.value(chosen, rows, at, ctes)
            }
            Scalar::Count => Some(rows.len() as i64),
            Scalar::Sum(value, filter) => rows
                .iter()
                .filter(|row| {
                    filter.as_ref().is_none_or(|filter| {
                        self.holds(filter, std::slice::from_ref(*row), 0, ctes)
                    })
                })
                .filter_map(|row| alone(value, row))
                .reduce(|sum, value| sum + value),
            Scalar::First(value, None) => rows.first().and_then(|row| alone(value, row)),
            Scalar::First(value, Some(order)) => {
                let rows = rows.iter().map(|row| (alone(order, row), alone(value, row)));
                rows.min().and_then(|(_, value)| value)
            }
            Scalar::Rank(partition, order) => {
                let part = |row| partition.as_ref().map(|partition| alone(partition, row));
                let (mine, key) = (part(&rows[at]), alone(order, &rows[at]));
                let before = rows.iter().filter(|row| part(row) == mine && alone(order, row) < key);
                Some(1 + before.count() as i64)
            }
            Scalar::RowNumber => Some(1 + at as i64),
            Scalar::Subquery(query) => {
                let rows = self.query(query, rows.get(at).unwrap_or(&Seen::default()), ctes);
                rows.iter().min().and_then(|row| row[0])
            }
        }
    }

    fn holds<'q>(
        &self,
        condition: &'q Condition,
        rows: &[Seen<'q>],
        at: usize,
        ctes: &Ctes<'q>,
    ) -> bool {
        match condition {
            Condition::Less(left, right) => {
                let left = self.value(left, rows, at, ctes);
                left.zip(self.value(right, rows, at, ctes))
                    .is_some_and(|(left, right)| left < right)
            }
            Condition::Equal(left, right) => {
                let left = self.value(left, rows, at, ctes);
                left.zip(self.value(right, rows, at, ctes))
                    .is_some_and(|(left, right)| left == right)
            }
            Condition::And(left, right) => {
                self.holds(left, rows, at, ctes) && self.holds(right, rows, at, ctes)
            }
            Condition::Exists(query) => !self.query(query, &rows[at], ctes).is_empty(),
            Condition::In(value, query) => {
                let value = self.value(value, rows, at, ctes);
                self.query(query, &rows[at], ctes).iter().any(|row| row[0] == value)
            }
        }
    }
}

fn distinct(rows: Vec<Row>) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        if !kept.contains(&row) {
            kept.push(row);
        }
    }
    kept
}
