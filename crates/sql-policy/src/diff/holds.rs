//! What an expression holds that decides how it acts on rows: aggregates, windows, calls that make
//! several rows of one, queries.

use std::collections::BTreeMap;

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments, ObjectNamePart,
    WindowFrameUnits, WindowType,
};
use viewlane_core::{FunctionFacts, FunctionKind};

use crate::{
    compiled::FunctionUse,
    text,
    walk::{self, Child},
};

/// Calls that the engine's planner knows itself: one value for each row.
const SCALAR_FORMS: [&str; 1] = ["make_map"];

/// Aggregates that give the same for their rows in any order. Of the sums of floating point
/// numbers this is true up to rounding.
const UNORDERED: [&str; 37] = [
    "approx_distinct",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "grouping",
    "max",
    "mean",
    "median",
    "min",
    "percentile_cont",
    "quantile_cont",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var",
    "var_pop",
    "var_population",
    "var_samp",
    "var_sample",
];

/// Window functions that give the same to rows that their window's ORDER BY does not tell apart.
const RANKS: [&str; 4] = ["cume_dist", "dense_rank", "percent_rank", "rank"];

/// What is known about the functions a query calls.
#[derive(Debug)]
pub(super) struct Functions<'a>(BTreeMap<&'a str, &'a FunctionFacts>);

impl<'a> Functions<'a> {
    /// By the names that are written and by those they stand for.
    pub(super) fn new(used: &'a [FunctionUse]) -> Self {
        let mut known = BTreeMap::new();
        for FunctionUse { name, facts, span: _ } in used {
            if let Some(facts) = facts {
                known.insert(name.as_str(), facts);
                known.entry(facts.name.as_str()).or_insert(facts);
            }
        }
        Self(known)
    }

    /// What an expression holds, queries inside it not looked into.
    pub(super) fn holds(&self, expr: &Expr) -> Holds {
        let mut holds = Holds::default();
        let mut left = vec![expr];
        while let Some(expr) = left.pop() {
            if let Expr::Function(call) = expr {
                self.call(call, &mut holds);
            }
            walk::children(expr, &mut |child| match child {
                Child::Expr(expr) => left.push(expr),
                Child::Query(_) => holds.subquery = true,
            });
        }
        holds
    }

    fn call(&self, call: &Function, holds: &mut Holds) {
        let Function {
            name,
            uses_odbc_syntax: _,
            parameters: _,
            args,
            filter: _,
            null_treatment: _,
            over,
            within_group: _,
        } = call;
        let name = match &name.0[..] {
            [ObjectNamePart::Identifier(ident)] => text::normalise(ident),
            _ => name.to_string(),
        };
        let facts = self.0.get(name.as_str()).copied();
        let among = |names: &[&str]| {
            names.contains(&name.as_str()) || facts.is_some_and(|f| names.contains(&&*f.name))
        };
        match over {
            Some(WindowType::WindowSpec(spec)) => {
                holds.window = true;
                let by_rows = spec
                    .window_frame
                    .as_ref()
                    .is_some_and(|frame| frame.units == WindowFrameUnits::Rows);
                holds.ordered |= by_rows || !(among(&UNORDERED) || among(&RANKS));
            }
            Some(WindowType::NamedWindow(_)) => {
                holds.window = true;
                holds.ordered = true;
            }
            None => match facts.map(|facts| facts.kind) {
                Some(FunctionKind::Scalar) => {}
                Some(FunctionKind::Aggregate) => {
                    holds.aggregate = true;
                    holds.ordered |= !among(&UNORDERED);
                    holds.intricate |= intricate(args);
                }
                None if SCALAR_FORMS.contains(&name.as_str()) => {}
                // `unnest`, or anything at all.
                None | Some(FunctionKind::Window | FunctionKind::Table) => holds.expands = true,
            },
        }
    }
}

/// Whether an aggregate asks for a plan of its own: DISTINCT, or an order.
fn intricate(args: &FunctionArguments) -> bool {
    match args {
        FunctionArguments::None => false,
        FunctionArguments::Subquery(_) => true,
        FunctionArguments::List(list) => {
            list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
                || list
                    .clauses
                    .iter()
                    .any(|clause| matches!(clause, FunctionArgumentClause::OrderBy(_)))
        }
    }
}

/// What an expression holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holds {
    /// An aggregate, so that the SELECT gives one row for each group.
    pub(super) aggregate: bool,
    /// An aggregate with DISTINCT or an order.
    pub(super) intricate: bool,
    /// A call that may give any number of rows for one, or of which nothing is known.
    pub(super) expands: bool,
    /// A window function.
    pub(super) window: bool,
    /// A function whose result depends on the order in which rows come, where nothing fixes it.
    pub(super) ordered: bool,
    /// A query.
    pub(super) subquery: bool,
}

impl Holds {
    /// Whether the engine computes it from each row or group on the side, so that with it or
    /// without it the rows come in the same order.
    pub(super) fn aside(self) -> bool {
        !(self.intricate || self.expands || self.window || self.ordered || self.subquery)
    }
}
