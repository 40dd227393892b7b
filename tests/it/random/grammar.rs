//! A grammar of queries over the tables `t (a, b, s)`, `u (a, c, s)` and `v (b, d)`.
//!
//! Every choice is read off a tape of bytes, the first alternative standing for the simplest: a
//! shorter tape, or one of smaller bytes, is a simpler query.

use std::fmt::Write as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: Kind,
}

/// One relation of FROM.
#[derive(Clone, Debug)]
struct Source {
    alias: String,
    columns: Vec<Column>,
}

/// One FROM. A name in `merged` is the key of a join with USING.
#[derive(Clone, Debug, Default)]
struct Scope {
    sources: Vec<Source>,
    merged: Vec<String>,
}

impl Scope {
    /// How many columns have a name.
    fn count(&self, name: &str) -> usize {
        let all = self.sources.iter().flat_map(|source| &source.columns);
        all.filter(|column| column.name == name).count()
    }
}

/// What stands in a SELECT list.
#[derive(Clone, Debug)]
struct Item {
    text: String,
    /// The name of the output, if it is known.
    name: Option<String>,
    kind: Kind,
}

impl Item {
    /// Without the alias.
    fn bare(&self) -> &str {
        match (&self.name, self.text.rsplit_once(" AS ")) {
            (Some(name), Some((bare, alias))) if alias == name => bare,
            _ => &self.text,
        }
    }
}

struct Tape<'a> {
    bytes: std::slice::Iter<'a, u8>,
    names: usize,
    ctes: Vec<Source>,
}

/// A query, and whether its order is complete.
pub(crate) fn query(bytes: &[u8]) -> (String, bool) {
    let mut tape = Tape { bytes: bytes.iter(), names: 0, ctes: Vec::new() };
    let mut text = String::new();
    for number in 0..tape.pick(3) {
        let name = match tape.pick(4) {
            // The name of a table, which it hides from here on.
            3 if number == 0 => "v".to_owned(),
            _ => format!("x{number}"),
        };
        let (body, columns) = tape.named(2);
        text += if number == 0 { "WITH " } else { ", " };
        match tape.pick(3) {
            2 => {
                let listed: Vec<_> = (1..=columns.len()).map(|i| format!("k{i}")).collect();
                write!(text, "{name}({}) AS ({body}) ", listed.join(", ")).unwrap();
                let columns = listed.into_iter().zip(columns);
                let columns = columns.map(|(name, column)| Column { name, ..column }).collect();
                tape.ctes.push(Source { alias: name, columns });
            }
            _ => {
                write!(text, "{name} AS ({body}) ").unwrap();
                tape.ctes.push(Source { alias: name, columns });
            }
        }
    }
    let (body, items, stars) = match tape.pick(6) {
        5 => tape.set_operation(3),
        _ => tape.select(3, &[], true),
    };
    text += &body;
    if stars {
        return (text, false);
    }
    // Every output is a key, so the order is complete.
    let mut keys = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let unique = |name: &String| {
            items.iter().filter(|other| other.name.as_ref() == Some(name)).count() == 1
        };
        let key = match (tape.pick(3), &item.name, item.kind) {
            (1, Some(name), _) if unique(name) => name.clone(),
            _ => (index + 1).to_string(),
        };
        let direction = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST"][tape.pick(4)];
        keys.push(format!("{key}{direction}"));
    }
    write!(text, " ORDER BY {}", keys.join(", ")).unwrap();
    match tape.pick(4) {
        2 => write!(text, " LIMIT {}", 1 + tape.pick(4)).unwrap(),
        3 => write!(text, " LIMIT {} OFFSET {}", 1 + tape.pick(4), tape.pick(3)).unwrap(),
        _ => {}
    }
    (text, true)
}

impl Tape<'_> {
    /// One of `n`, the first when the tape has ended.
    fn pick(&mut self, n: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % n)
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// A query whose outputs have names of their own, for a derived table.
    fn named(&mut self, depth: usize) -> (String, Vec<Column>) {
        let (text, items, _) = match self.pick(5) {
            4 => self.set_operation(depth),
            _ => self.select(depth, &[], false),
        };
        let columns = items.iter().map(|item| Column {
            name: item.name.clone().expect("outputs of a derived table are named"),
            kind: item.kind,
        });
        let columns: Vec<Column> = columns.collect();
        // Of several outputs of one name none is read.
        let count = |name: &str| columns.iter().filter(|column| column.name == name).count();
        let alone = |column: &Column| {
            if count(&column.name) == 1 { column.name.clone() } else { format!("{}?", column.name) }
        };
        let columns = columns.iter().map(|c| Column { name: alone(c), kind: c.kind }).collect();
        (text, columns)
    }

    fn set_operation(&mut self, depth: usize) -> (String, Vec<Item>, bool) {
        let (mut text, mut items) = (String::new(), Vec::new());
        let width = 1 + self.pick(2);
        for branch in 0..2 + self.pick(2) {
            if branch > 0 {
                text += [" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT "][self.pick(4)];
            }
            let (from, scope) = self.from(depth.saturating_sub(1));
            let scopes = [scope];
            let mut list = Vec::new();
            for _ in 0..width {
                let item = self.item(Kind::Number, 1, &scopes, true);
                list.push(self.told_apart(item, &list, true));
            }
            let texts: Vec<_> = list.iter().map(|item| item.text.clone()).collect();
            write!(text, "SELECT {} FROM {from}", texts.join(", ")).unwrap();
            if self.pick(3) == 2 {
                write!(text, " WHERE {}", self.condition(1, &scopes)).unwrap();
            }
            if branch == 0 {
                items = list;
            }
        }
        (text, items, false)
    }

    /// One SELECT: its text, its outputs, and whether there is a star among them.
    fn select(&mut self, depth: usize, outer: &[Scope], top: bool) -> (String, Vec<Item>, bool) {
        let (from, scope) = self.from(depth);
        let mut scopes = outer.to_vec();
        scopes.push(scope);
        let filter = match self.pick(3) {
            0 => String::new(),
            _ => format!(" WHERE {}", self.condition(depth.min(2), &scopes)),
        };
        match self.pick(6) {
            3 => self.grouped(&from, &filter, &scopes, top),
            4 => self.windowed(&from, &filter, &scopes, top),
            5 if top => {
                let star = match self.pick(3) {
                    0 => "*".to_owned(),
                    1 => format!("{}.*", self.source(&scopes).alias),
                    _ => format!("{}.*, 1 AS one", self.source(&scopes).alias),
                };
                (format!("SELECT {star} FROM {from}{filter}"), Vec::new(), true)
            }
            mode => {
                let mut items = Vec::new();
                for _ in 0..1 + self.pick(3) {
                    let kind = self.kind();
                    let item = self.item(kind, depth.min(2), &scopes, !top);
                    items.push(self.told_apart(item, &items, false));
                }
                let distinct = if mode == 2 { "DISTINCT " } else { "" };
                let text = format!("SELECT {distinct}{} FROM {from}{filter}", list(&items));
                (text, items, false)
            }
        }
    }

    fn grouped(
        &mut self,
        from: &str,
        filter: &str,
        scopes: &[Scope],
        top: bool,
    ) -> (String, Vec<Item>, bool) {
        let (mut items, mut keys) = (Vec::new(), Vec::new());
        for _ in 0..self.pick(3) {
            let kind = self.kind();
            let item = self.item(kind, 0, scopes, !top);
            let item = self.told_apart(item, &items, true);
            let bare = item.bare().to_owned();
            keys.push(match (self.pick(3), &item.name) {
                (1, Some(name)) => name.clone(),
                (2, _) => (items.len() + 1).to_string(),
                _ => bare,
            });
            items.push(item);
        }
        for _ in 0..1 + self.pick(2) {
            let text = self.aggregate(scopes);
            let item = self.called(text, Kind::Number, !top);
            items.push(self.told_apart(item, &items, true));
        }
        let mut text = format!("SELECT {} FROM {from}{filter}", list(&items));
        if !keys.is_empty() {
            write!(text, " GROUP BY {}", keys.join(", ")).unwrap();
        }
        match (self.pick(4), items.last().and_then(|item| item.name.clone())) {
            (2, Some(name)) => write!(text, " HAVING {name} > {}", self.pick(3)).unwrap(),
            (3, _) => {
                let aggregate = self.aggregate(scopes);
                write!(text, " HAVING {aggregate} <> {}", self.pick(3)).unwrap();
            }
            _ => {}
        }
        (text, items, false)
    }

    fn windowed(
        &mut self,
        from: &str,
        filter: &str,
        scopes: &[Scope],
        top: bool,
    ) -> (String, Vec<Item>, bool) {
        let mut items = vec![self.item(Kind::Number, 1, scopes, !top)];
        let partition = match self.pick(3) {
            0 => String::new(),
            _ => format!("PARTITION BY {} ", self.column(None, scopes)),
        };
        // Rows that the order does not tell apart get the same, for the frame is one of RANGE.
        let order = format!("ORDER BY {}", self.column(Some(Kind::Number), scopes));
        let call = match self.pick(4) {
            0 => "rank()".to_owned(),
            1 => "count(*)".to_owned(),
            2 => format!("sum({})", self.number(0, scopes)),
            _ => "dense_rank()".to_owned(),
        };
        let named = self.pick(3) == 2;
        let over = if named { "w".to_owned() } else { format!("({partition}{order})") };
        let call = format!("{call} OVER {over}");
        let item = self.called(call.clone(), Kind::Number, !top);
        items.push(self.told_apart(item, &items, true));
        let mut text = format!("SELECT {} FROM {from}{filter}", list(&items));
        if named {
            write!(text, " WINDOW w AS ({partition}{order})").unwrap();
        }
        match (self.pick(3), &items[1].name) {
            (1, Some(name)) => write!(text, " QUALIFY {name} <= 2").unwrap(),
            (2, _) if !named => write!(text, " QUALIFY {call} < 3").unwrap(),
            _ => {}
        }
        (text, items, false)
    }

    fn aggregate(&mut self, scopes: &[Scope]) -> String {
        match self.pick(6) {
            0 => "count(*)".to_owned(),
            1 => format!("sum({})", self.number(1, scopes)),
            2 => format!("min({})", self.column(Some(Kind::Number), scopes)),
            3 => format!("count(DISTINCT {})", self.column(None, scopes)),
            4 => format!("max({}) + 1", self.number(0, scopes)),
            _ => format!(
                "count({}) FILTER (WHERE {})",
                self.column(None, scopes),
                self.condition(0, scopes)
            ),
        }
    }

    fn kind(&mut self) -> Kind {
        if self.pick(4) == 3 { Kind::Text } else { Kind::Number }
    }

    /// An output. Without a name only where nobody has to read it.
    fn item(&mut self, kind: Kind, depth: usize, scopes: &[Scope], named: bool) -> Item {
        if self.pick(3) < 2 || kind == Kind::Text {
            let column = self.column(Some(kind), scopes);
            let name = column.rsplit('.').next().map(str::to_owned);
            if self.pick(3) == 2 || !column.starts_with(|c: char| c.is_ascii_lowercase()) {
                return self.called(column, kind, true);
            }
            // A column of a query around has no name here.
            return Item { text: column, name, kind };
        }
        let text = self.number(depth, scopes);
        self.called(text, kind, named)
    }

    fn called(&mut self, text: String, kind: Kind, named: bool) -> Item {
        if !named && self.pick(2) == 1 {
            return Item { text, name: None, kind };
        }
        // An alias may be the name of a column.
        let name = match self.pick(6) {
            4 => "a".to_owned(),
            5 => "b".to_owned(),
            _ => self.fresh("o"),
        };
        Item { text: format!("{text} AS {name}"), name: Some(name), kind }
    }

    /// An output beside others. Where it may be called like one of them, it seldom is: most such
    /// queries fail.
    fn told_apart(&mut self, item: Item, others: &[Item], always: bool) -> Item {
        let same = |other: &Item| match (&item.name, &other.name) {
            (None, None) => item.text == other.text,
            (name, other) => name == other,
        };
        if !others.iter().any(same) || (!always && self.pick(8) == 7) {
            return item;
        }
        let name = self.fresh("o");
        Item { text: format!("{} AS {name}", item.bare()), name: Some(name), kind: item.kind }
    }

    fn from(&mut self, depth: usize) -> (String, Scope) {
        let mut scope = Scope::default();
        let (mut text, first) = self.factor(depth);
        scope.sources.push(first);
        for _ in 0..[0, 0, 1, 1, 2][self.pick(5)] {
            let (factor, source) = self.factor(depth);
            let shared: Vec<String> = source
                .columns
                .iter()
                .map(|column| column.name.clone())
                .filter(|name| {
                    let all = scope.sources.iter().flat_map(|source| &source.columns);
                    all.filter(|column| column.name == *name).count() == 1
                })
                .collect();
            let kind = self.pick(12);
            let (join, on) = match kind {
                1 => (" LEFT JOIN ", true),
                2 => (", ", false),
                3 => (" CROSS JOIN ", false),
                4 => (" RIGHT JOIN ", true),
                5 => (" FULL JOIN ", true),
                6 => (" LEFT SEMI JOIN ", true),
                7 => (" LEFT ANTI JOIN ", true),
                8 | 9 if !shared.is_empty() => {
                    let key = shared[self.pick(shared.len())].clone();
                    let join = if kind == 8 { "JOIN" } else { "LEFT JOIN" };
                    write!(text, " {join} {factor} USING ({key})").unwrap();
                    scope.merged.push(key);
                    scope.sources.push(source);
                    continue;
                }
                10 if !shared.is_empty() => {
                    write!(text, " NATURAL JOIN {factor}").unwrap();
                    scope.merged.extend(shared);
                    scope.sources.push(source);
                    continue;
                }
                _ => (" JOIN ", true),
            };
            write!(text, "{join}{factor}").unwrap();
            let hidden = matches!(kind, 6 | 7);
            scope.merged.retain(|name| source.columns.iter().all(|column| column.name != *name));
            scope.sources.push(source);
            if on {
                let scopes = [scope.clone()];
                let last = Scope {
                    sources: scope.sources[scope.sources.len() - 1..].to_vec(),
                    merged: Vec::new(),
                };
                let first = Scope {
                    sources: scope.sources[..scope.sources.len() - 1].to_vec(),
                    merged: Vec::new(),
                };
                let left = self.qualified(Kind::Number, &first);
                let right = self.qualified(Kind::Number, &last);
                write!(text, " ON {left} = {right}").unwrap();
                if self.pick(4) == 3 {
                    write!(text, " AND {}", self.condition(0, &scopes)).unwrap();
                }
            }
            if hidden {
                scope.sources.pop();
            }
        }
        (text, scope)
    }

    fn factor(&mut self, depth: usize) -> (String, Source) {
        let number = |name: &str| Column { name: name.to_owned(), kind: Kind::Number };
        let text = |name: &str| Column { name: name.to_owned(), kind: Kind::Text };
        let table = |name: &str, columns: Vec<Column>| Source { alias: name.to_owned(), columns };
        let source = match self.pick(7) {
            1 | 2 => table("u", vec![number("a"), number("c"), text("s")]),
            3 if !self.ctes.iter().any(|cte| cte.alias == "v") => {
                table("v", vec![number("b"), number("d")])
            }
            4 | 5 if !self.ctes.is_empty() => {
                let cte = self.pick(self.ctes.len());
                self.ctes[cte].clone()
            }
            6 if depth > 0 => {
                let (body, columns) = self.named(depth - 1);
                let alias = self.fresh("d");
                return (format!("({body}) AS {alias}"), Source { alias, columns });
            }
            _ => table("t", vec![number("a"), number("b"), text("s")]),
        };
        // Without an alias now and then, which fails when the table is there twice.
        if self.pick(4) == 3 {
            return (source.alias.clone(), source);
        }
        let alias = self.fresh("r");
        let written = format!("{} AS {alias}", source.alias);
        (written, Source { alias, columns: source.columns })
    }

    fn source(&mut self, scopes: &[Scope]) -> Source {
        let scope = scopes.last().expect("a query has a scope");
        scope.sources[self.pick(scope.sources.len())].clone()
    }

    /// A column of this query, or now and then of one around it.
    fn column(&mut self, kind: Option<Kind>, scopes: &[Scope]) -> String {
        let scope = scopes.last().expect("a query has a scope");
        let choices: Vec<(String, &Column)> = scope
            .sources
            .iter()
            .flat_map(|source| source.columns.iter().map(|c| (source.alias.clone(), c)))
            .filter(|(_, c)| kind.is_none_or(|kind| c.kind == kind) && !c.name.ends_with('?'))
            .collect();
        if choices.is_empty() {
            return if kind == Some(Kind::Text) { "'x'".to_owned() } else { "7".to_owned() };
        }
        let (alias, column) = &choices[self.pick(choices.len())];
        let all = scope.sources.iter().flat_map(|source| &source.columns);
        let unique = all.filter(|other| other.name == column.name).count() == 1;
        let merged = scope.merged.contains(&column.name);
        match self.pick(3) {
            0 => format!("{alias}.{}", column.name),
            _ if unique || merged => column.name.clone(),
            _ => format!("{alias}.{}", column.name),
        }
    }

    fn qualified(&mut self, kind: Kind, scope: &Scope) -> String {
        let choices: Vec<String> = scope
            .sources
            .iter()
            .flat_map(|source| source.columns.iter().map(move |c| (source, c)))
            .filter(|(_, column)| column.kind == kind && !column.name.ends_with('?'))
            .map(|(source, column)| format!("{}.{}", source.alias, column.name))
            .collect();
        if choices.is_empty() { "1".to_owned() } else { choices[self.pick(choices.len())].clone() }
    }

    fn number(&mut self, depth: usize, scopes: &[Scope]) -> String {
        let choice = self.pick(if depth == 0 { 4 } else { 9 });
        let number = |tape: &mut Self| tape.number(depth.saturating_sub(1), scopes);
        match choice {
            1 => self.pick(4).to_string(),
            3 => format!("{} + {}", self.column(Some(Kind::Number), scopes), self.pick(3)),
            4 => {
                let (left, right) = (number(self), number(self));
                format!("({left}) * ({right})")
            }
            5 => {
                let (left, right) = (number(self), number(self));
                format!("coalesce({left}, {right})")
            }
            6 => {
                let condition = self.condition(0, scopes);
                let (left, right) = (number(self), number(self));
                format!("CASE WHEN {condition} THEN {left} ELSE {right} END")
            }
            7 => {
                let (left, right) = (number(self), number(self));
                format!("{left} - {right}")
            }
            8 => self.scalar(scopes),
            _ => self.column(Some(Kind::Number), scopes),
        }
    }

    /// A scalar subquery: an aggregate, correlated by an equality or not at all.
    fn scalar(&mut self, scopes: &[Scope]) -> String {
        let (from, scope) = self.from(0);
        let filter = self.correlation(&scope, scopes);
        let call = match self.pick(3) {
            0 => "count(*)".to_owned(),
            1 => format!("max({})", self.qualified(Kind::Number, &scope)),
            _ => format!("sum({})", self.qualified(Kind::Number, &scope)),
        };
        format!("(SELECT {call} FROM {from}{filter})")
    }

    fn correlation(&mut self, inner: &Scope, scopes: &[Scope]) -> String {
        let own = self.qualified(Kind::Number, inner);
        let outer = scopes.last().expect("a query has a scope");
        match self.pick(3) {
            0 => String::new(),
            // Without its relation the name may be one of the inner query: that is the same to both.
            1 => {
                let outer = self.qualified(Kind::Number, outer);
                let bare = outer.rsplit('.').next().unwrap_or_default();
                // A name that is ambiguous in the inner query is one of the outer query for the
                // engine, and refused by the lane.
                let name = if inner.count(bare) > 1 { &outer } else { bare };
                format!(" WHERE {own} = {name}")
            }
            _ => format!(" WHERE {own} = {}", self.qualified(Kind::Number, outer)),
        }
    }

    fn condition(&mut self, depth: usize, scopes: &[Scope]) -> String {
        let choice = self.pick(if depth == 0 { 6 } else { 13 });
        let column = |tape: &mut Self| tape.column(Some(Kind::Number), scopes);
        match choice {
            1 => format!("{} IS NOT NULL", self.column(None, scopes)),
            2 => format!("{} IN (1, {}, NULL)", column(self), self.pick(4)),
            // Of `a IN (1, NULL) AND a NOT IN (1)` the engine makes `a IN (NULL)`, which is not
            // FALSE where the first is; NOT before it shows. So the lists are of other operands.
            3 => format!("-{} NOT IN (-1, {})", column(self), self.pick(4)),
            4 => format!(
                "{} LIKE '{}%'",
                self.column(Some(Kind::Text), scopes),
                ["x", "y", ""][self.pick(3)]
            ),
            5 => format!("{} IS DISTINCT FROM {}", column(self), column(self)),
            6 => {
                let (left, right) =
                    (self.condition(depth - 1, scopes), self.condition(depth - 1, scopes));
                format!("{left} AND {right}")
            }
            7 => {
                let (left, right) =
                    (self.condition(depth - 1, scopes), self.condition(depth - 1, scopes));
                format!("({left} OR {right})")
            }
            8 => format!("NOT ({})", self.condition(depth - 1, scopes)),
            9 => format!("{} BETWEEN {} AND 3", self.number(depth - 1, scopes), self.pick(3)),
            10 | 11 => {
                let (from, scope) = self.from(0);
                let filter = self.correlation(&scope, scopes);
                let not = if self.pick(2) == 1 { "NOT " } else { "" };
                if choice == 10 {
                    format!("{not}EXISTS (SELECT 1 FROM {from}{filter})")
                } else {
                    let own = self.qualified(Kind::Number, &scope);
                    format!("{} {not}IN (SELECT {own} FROM {from}{filter})", column(self))
                }
            }
            12 => {
                let number = self.number(depth - 1, scopes);
                format!("{number} <= {}", self.scalar(scopes))
            }
            _ => {
                let operator = ["=", "<", ">=", "<>"][self.pick(4)];
                format!(
                    "{} {operator} {}",
                    column(self),
                    self.number(depth.saturating_sub(1), scopes)
                )
            }
        }
    }
}

fn list(items: &[Item]) -> String {
    items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(", ")
}
