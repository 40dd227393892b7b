//! The shape of a query: a form, never executed, in which two queries are the same when they give
//! the same result and differ only in how they are written.
//!
//! It takes a query in qualified normal form and leaves it as it is. "The same result" is: output
//! names and types, and the rows, which are in order where the outermost query says so. What the
//! claim leaves open is open in the engine: which of two failing operands fails first and whether
//! a batch that needs no operand computes it, the sign of a NaN, the order of rows that no ORDER
//! BY fixes and what depends on it, and what two runs of a volatile function give.
//!
//! Each rule is a claim about the engine with its default session, for every state of the data:
//!
//! | rule | why it holds |
//! | --- | --- |
//! | aliases of table factors, names of common table expressions, output names below the top and parameters of lambdas are renamed by place; column lists of aliases over queries dissolve into the names | nothing outside the query sees them |
//! | output names of all branches of a set operation but the left-most go | the engine takes names from the left; BY NAME keeps them, renamed together |
//! | common table expressions are ordered by what they read and say; of two that say the same one stays | the engine plans each reference as a copy of the definition |
//! | RECURSIVE goes where no definition reads itself | the planner then plans a plain union |
//! | parentheses around a query go, also its clauses move out where the outer one has none; `UNION DISTINCT` is `UNION`; `LIMIT o, n` is `LIMIT n OFFSET o` | two spellings of one tree |
//! | ORDER BY below the top goes unless it has LIMIT, OFFSET or DISTINCT ON to serve | rows of a table have no order, and the planner drops these sorts |
//! | FROM items joined by inner and cross joins become a comma list, their conditions go to WHERE | σ and × commute; not if a condition is volatile, and not next to an outer or semi join |
//! | parentheses around the first join of a FROM item go; `JOIN` is `INNER JOIN`, `LEFT JOIN` is `LEFT OUTER JOIN`, a join `ON true` is a cross join | joins group to the left |
//! | AND and OR are flat, sorted and without duplicates; TRUE goes from AND, FALSE from OR | associative, commutative and idempotent in three-valued logic; volatile operands keep their order among themselves and are never merged |
//! | a single operand is left of AND or OR only where it is surely boolean, or in WHERE | `n AND n` over an untyped NULL is boolean, `n` is not |
//! | NOT moves in over AND, OR, comparisons, IS, IN, LIKE, BETWEEN, EXISTS, regular expressions, TRUE and FALSE | exact in three-valued logic; comparison of floats is a total order |
//! | `column BETWEEN x AND y` is two comparisons if `x` and `y` are literals of one type | the planner coerces both sides to the same type either way |
//! | `=`, `<>`, `+`, `*`, `&`, `\|`, `#` and IS [NOT] DISTINCT FROM have sorted operands, `5 > a` is `a < 5` | commutative with the same type, floats and intervals included; nothing is re-associated |
//! | IN lists of literals of one type, and NULL, are sorted and without duplicates | membership in a set; mixed types are left, since they are coerced from left to right |
//! | GROUP BY and PARTITION BY lists are sorted and without duplicates | a partition by a set of keys; grouping sets are left |
//! | integers are written without leading zeros, other numbers as the shortest float they are read as; with decimals they keep their digits | the planner reads them so: `1` and `1.0` stay two |
//! | strings are written in single quotes, hexadecimal ones in capitals | one literal in several spellings |
//! | `x::t` is CAST, `DATE 'x'` is CAST, types go by one name of what the engine stores | the planner maps them to one type, and ignores the lengths of texts and integers |
//! | functions go by their canonical name; a known one without parentheses is called | the registry gives the same function |
//! | `count()`, `count(1)` and `count(*)` are one | the planner makes them one; any literal but NULL counts all rows |
//! | `ASC`, `AND CURRENT ROW` after a lone start of a frame, SOME for ANY, the words of EXTRACT, SUBSTRING, ARRAY and lambdas go | the planner does not read them |
//! | `+x` is `x` | the planner drops the sign; not from literals, which may be ordinals |

mod expr;
mod literal;
#[cfg(test)]
mod number;
mod query;

use std::{cell::OnceCell, cmp::Ordering, collections::BTreeMap, ops::ControlFlow, rc::Rc};

use sqlparser::ast::{Expr, Query, SetExpr, Statement, Value, Values, Visitor};
use viewlane_core::{Fingerprint, FunctionSource};

use crate::{fingerprint, room::Size, visit::visit};

/// Raised when a rule is added, dropped or changed.
const REVISION: u8 = 1;

/// The shape as a query. Table factors are named `_t0`, `_t1`…, common table expressions `_c0`…,
/// outputs below the top `_0`…, all in the order of the tree. `decimals` says whether the session
/// reads numbers with a point as decimals.
///
/// The tree may be as high as the one it is made from: drop it in a room of [`measure`].
#[cfg(test)]
pub(crate) fn form(query: &Query, functions: &dyn FunctionSource, decimals: bool) -> Query {
    let size = measure(query);
    size.copying(|| {
        let mut form = local(query, functions, decimals);
        number::number(&mut form);
        form
    })
}

/// The digest of the shape.
pub(crate) fn of(query: &Query, functions: &dyn FunctionSource, decimals: bool) -> Fingerprint {
    let size = measure(query);
    size.copying(|| {
        let form = local(query, functions, decimals);
        let digest = Fingerprint::builder("shape")
            .field("revision", [REVISION])
            .field("tree", fingerprint::encode(&form))
            .finish();
        drop(form);
        digest
    })
}

/// The shape before it is numbered: every name says where its bearer stands and nothing else.
///
/// `_t2_0` is the first table factor of a query two levels below the outermost one, whichever; a
/// common table expression is named by a digest of what it says. So what is said inside a query
/// is written in the same way wherever operands are moved to, and operands can be sorted by what
/// they say. [`form`] and [`of`] tell the same queries apart.
fn local(query: &Query, functions: &dyn FunctionSource, decimals: bool) -> Query {
    let mut form = query.clone();
    let mut former = Former {
        functions,
        decimals,
        level: 0,
        aliases: BTreeMap::new(),
        ctes: BTreeMap::new(),
        defined: Vec::new(),
        reads: 0,
        recursions: 0,
        outputs: None,
        lambdas: Vec::new(),
    };
    former.query(&mut form, &Naming::Kept, true);
    form
}

/// Brings the parts of one statement into form.
struct Former<'a> {
    functions: &'a dyn FunctionSource,
    decimals: bool,
    /// How many queries are around, where one sees the tables of the other.
    level: usize,
    /// The table factors seen so far by alias, which is unique in the statement.
    aliases: BTreeMap<String, Binding>,
    /// The common table expressions seen so far by name, which is unique in the statement.
    ctes: BTreeMap<String, Cte>,
    /// New names of the common table expressions visible here.
    defined: Vec<String>,
    /// The height of what was read so far, see [`Cte::height`].
    reads: usize,
    /// Recursive definitions around.
    recursions: usize,
    /// New names of the outputs that a bare name means here.
    outputs: Option<Rc<Renames>>,
    /// Parameters of the lambdas around, the innermost last.
    lambdas: Vec<String>,
}

type Renames = BTreeMap<String, String>;

/// What an alias stands for.
struct Binding {
    alias: String,
    /// New names of its columns; `None` if they are physical.
    columns: Option<Rc<Renames>>,
}

/// What is known about a common table expression.
struct Cte {
    name: String,
    outputs: Rc<[Output]>,
    facts: Facts,
    /// More than the height of every common table expression it reads.
    height: usize,
    /// Whether its own definition read it.
    recursive: bool,
}

/// One output of a query.
#[derive(Clone)]
struct Output {
    old: Option<String>,
    new: String,
}

/// How the outputs of a query are called.
enum Naming {
    Kept,
    Positional,
    /// By the old name: operands of a set operation BY NAME.
    Mapped(Rc<Renames>),
}

/// What is known about something in form.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// Expressions in it. A query counts as one, whatever is in it.
    size: usize,
    /// Whether it calls what is volatile, or is not known.
    volatile: bool,
    /// Whether it leaves open which rows a query gives.
    unstable: bool,
}

impl Facts {
    /// One expression without anything in it.
    const LEAF: Self = Self { size: 1, volatile: false, unstable: false };

    fn add(&mut self, other: Self) {
        self.size += other.size;
        self.volatile |= other.volatile;
        self.unstable |= other.unstable;
    }

    /// Whether evaluating it twice may give two values.
    fn varies(self) -> bool {
        self.volatile || self.unstable
    }
}

/// An expression in form among others that may change places with it.
struct Operand {
    expr: Expr,
    facts: Facts,
    key: OnceCell<Vec<u8>>,
}

impl Operand {
    fn new(expr: Expr, facts: Facts) -> Self {
        Self { expr, facts, key: OnceCell::new() }
    }

    /// By what it says. What is cheap to compare comes first; nothing depends on original names.
    fn order(&self, other: &Self) -> Ordering {
        rank(&self.expr)
            .cmp(&rank(&other.expr))
            .then_with(|| self.facts.size.cmp(&other.facts.size))
            .then_with(|| match (&self.expr, &other.expr) {
                (Expr::CompoundIdentifier(one), Expr::CompoundIdentifier(two)) => {
                    one.iter().map(|part| &part.value).cmp(two.iter().map(|part| &part.value))
                }
                _ => self.key().cmp(other.key()),
            })
    }

    /// Whether the other one, which comes next in order, adds nothing to a set.
    fn repeats(&self, other: &Self) -> bool {
        !self.facts.varies() && !other.facts.varies() && self.order(other).is_eq()
    }

    fn key(&self) -> &[u8] {
        self.key.get_or_init(|| fingerprint::encode(&self.expr))
    }
}

/// Columns go to the left of a comparison, literals to the right.
fn rank(expr: &Expr) -> u8 {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => 0,
        Expr::CompoundFieldAccess { .. } => 1,
        Expr::Function(_) => 2,
        Expr::BinaryOp { .. } => 4,
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => 5,
        Expr::Value(_) | Expr::Interval(_) => 8,
        Expr::UnaryOp { op: _, expr } | Expr::Cast { expr, .. } => {
            if matches!(**expr, Expr::Value(_)) { 7 } else { 3 }
        }
        _ => 3,
    }
}

/// Sorts operands. Volatile ones come last, in the order in which they came.
fn sort(operands: &mut [Operand]) {
    operands.sort_by(|one, two| match (one.facts.volatile, two.facts.volatile) {
        (false, false) => one.order(two),
        (one, two) => one.cmp(&two),
    });
}

/// Sorts operands and drops those that are there already.
fn make_set(operands: &mut Vec<Operand>) {
    sort(operands);
    operands.dedup_by(|two, one| one.repeats(two));
}

/// Takes an expression out of its place for as long as it is worked on.
fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::Value(Value::Null.with_empty_span()))
}

fn nothing() -> SetExpr {
    SetExpr::Values(Values { explicit_row: false, value_keyword: false, rows: Vec::new() })
}

/// How far a query reaches down.
pub(crate) fn measure(query: &Query) -> Size {
    let mut measuring = Measuring::default();
    let _: ControlFlow<()> = visit(query, &mut measuring);
    // A range becomes two comparisons, a typed string a cast.
    let height = measuring.highest + 2;
    Size { height, queries: measuring.deepest + measuring.branches }
}

/// As [`measure`], for a statement of any kind.
pub(crate) fn measure_statement(statement: &Statement) -> Size {
    let mut measuring = Measuring::default();
    let _: ControlFlow<()> = visit(statement, &mut measuring);
    Size { height: measuring.highest, queries: measuring.deepest + measuring.branches }
}

#[derive(Default)]
struct Measuring {
    height: usize,
    highest: usize,
    depth: usize,
    deepest: usize,
    branches: usize,
}

impl Visitor for Measuring {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let mut bodies = vec![&*query.body];
        while let Some(body) = bodies.pop() {
            if let SetExpr::SetOperation { left, right, .. } = body {
                self.branches += 1;
                bodies.extend([&**left, right]);
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.height += 1;
        self.highest = self.highest.max(self.height);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.height -= 1;
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
