//! Calls: which functions, and with what.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, NullTreatment, ObjectNamePart, OrderByExpr,
    WindowFrame, WindowFrameBound, WindowSpec, WindowType,
};
use viewlane_core::{FunctionFacts, FunctionKind, Span, Volatility};

use super::Gate;
use crate::{codes, compiled::FunctionUse, text};

/// Calls that the engine's planner turns into something else; no function of the name exists.
const FORMS: [&str; 3] = ["make_map", "unnest", "unnest_outer"];

/// Forms and functions whose planner takes arguments by position and drops their names.
const POSITIONAL: [&str; 4] = ["make_map", "map", "unnest", "unnest_outer"];

/// Aggregates that the engine replaces by a window function of the same name before OVER.
const WINDOW_TWINS: [&str; 3] = ["first_value", "last_value", "nth_value"];

/// Aggregates over an order: `f(x, p ORDER BY x)` is computed over the ORDER BY, not over `x`.
const ORDERED_SET: [&str; 4] = [
    "approx_percentile_cont",
    "approx_percentile_cont_with_weight",
    "percentile_cont",
    "quantile_cont",
];

/// What a call says beside its arguments.
struct Modifiers<'f> {
    distinct: bool,
    nulls: bool,
    order_by: Option<&'f [OrderByExpr]>,
    filter: bool,
    over: bool,
    within_group: bool,
}

impl Gate<'_> {
    pub(super) fn function(&mut self, function: &Function) {
        let Function {
            name,
            // `{fn f()}` is `f()`.
            uses_odbc_syntax: _,
            parameters,
            args,
            filter,
            null_treatment,
            over,
            within_group,
        } = function;
        self.object_name(name);
        let (written, span) = match &name.0[..] {
            [ObjectNamePart::Identifier(ident)] => {
                (text::normalise(ident), self.places.bytes(ident.span))
            }
            _ => (name.to_string(), self.places.here()),
        };
        // `current_date` without parentheses is a column when there is no such function.
        let bare = matches!(args, FunctionArguments::None);
        let facts = if bare && self.functions.facts(&written).is_none() {
            if self.constant {
                let message = format!("a default cannot read the column `{written}`");
                self.find(codes::DEFAULT_EXPRESSION, span, message, "write a constant");
            }
            None
        } else {
            self.call(&written, span)
        };
        match parameters {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(_) | FunctionArguments::List(_) => {
                self.dropped(
                    &format!("{written}(…)(…)"),
                    "write all arguments in one pair of parentheses",
                );
            }
        }
        let mut modifiers = Modifiers {
            distinct: false,
            nulls: null_treatment.is_some(),
            order_by: None,
            filter: filter.is_some(),
            over: over.is_some(),
            within_group: !within_group.is_empty(),
        };
        match args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => {
                let clause = format!("{written}(SELECT …)");
                self.dropped(&clause, "write array_agg in a subquery in parentheses");
                self.query(query);
            }
            FunctionArguments::List(list) => self.arguments(&written, list, &mut modifiers),
        }
        if let Some(facts) = facts {
            self.modifiers(&written, span, &facts, &modifiers);
        }
        self.ordered_set(&written, span, args, &modifiers);
        self.maybe(filter.as_deref());
        match null_treatment {
            None | Some(NullTreatment::IgnoreNulls | NullTreatment::RespectNulls) => {}
        }
        match over {
            None => {}
            Some(WindowType::WindowSpec(spec)) => self.window_spec(spec),
            Some(WindowType::NamedWindow(name)) => {
                self.ident(name);
                self.named_window(name, None);
            }
        }
        self.order_by(within_group);
    }

    /// Notes a call and judges whether it may be made.
    pub(super) fn call(&mut self, name: &str, span: Span) -> Option<FunctionFacts> {
        if self.policy.denies(name) {
            self.find(
                codes::DENIED_FUNCTION,
                span,
                format!("the policy denies the function `{name}`"),
                "leave it out, or change the policy of the project",
            );
        }
        let facts = self.functions.facts(name);
        match &facts {
            None if FORMS.contains(&name) => {}
            None => {
                let message = format!("the function `{name}` is not known");
                let upper = name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'"');
                let help = if upper {
                    "write the name in lower case and without quotes, as it is registered"
                } else {
                    "check the spelling, or register the function"
                };
                self.find(codes::UNKNOWN_FUNCTION, span, message, help);
            }
            Some(facts) => {
                if facts.name != name && self.policy.denies(&facts.name) {
                    self.find(
                        codes::DENIED_FUNCTION,
                        span,
                        format!("the policy denies the function `{}`, here `{name}`", facts.name),
                        "leave it out, or change the policy of the project",
                    );
                }
                if facts.volatility == Volatility::Volatile && !self.policy.allows_volatile() {
                    self.find(
                        codes::VOLATILE_FUNCTION,
                        span,
                        format!("`{name}` is volatile, and the policy allows no such function"),
                        "compute the value before loading, or allow volatile functions",
                    );
                }
            }
        }
        self.used.entry(name.to_owned()).or_insert(FunctionUse {
            name: name.to_owned(),
            facts: facts.clone(),
            span,
        });
        facts
    }

    fn arguments<'f>(
        &mut self,
        function: &str,
        list: &'f FunctionArgumentList,
        modifiers: &mut Modifiers<'f>,
    ) {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        match duplicate_treatment {
            None | Some(DuplicateTreatment::All) => {}
            Some(DuplicateTreatment::Distinct) => modifiers.distinct = true,
        }
        let with_lambda = args
            .iter()
            .any(|arg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Lambda(_)))));
        let positional = with_lambda || POSITIONAL.contains(&function);
        for arg in args {
            match arg {
                FunctionArg::Unnamed(arg) => self.argument(arg),
                FunctionArg::Named { name, arg, operator: _ } => {
                    self.ident(name);
                    let help = "leave the name out: this function takes positions";
                    self.dropped_if(positional, &format!("{} =>", name.value), help);
                    self.argument(arg);
                }
                FunctionArg::ExprNamed { name, arg, operator: _ } => {
                    match name {
                        Expr::Identifier(ident) => self.ident(ident),
                        name => self.expr(name),
                    }
                    let help = "leave the name out: this function takes positions";
                    self.dropped_if(positional, &format!("{name} =>"), help);
                    self.argument(arg);
                }
            }
        }
        for clause in clauses {
            let (clause, help) = match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(_) => {
                    modifiers.nulls = true;
                    continue;
                }
                FunctionArgumentClause::OrderBy(exprs) => {
                    modifiers.order_by = Some(exprs);
                    self.order_by(exprs);
                    continue;
                }
                FunctionArgumentClause::Limit(_) => ("LIMIT in a call", "use array_slice"),
                FunctionArgumentClause::OnOverflow(_) => ("ON OVERFLOW", "leave it out"),
                FunctionArgumentClause::Having(_) => ("HAVING in a call", "write FILTER"),
                FunctionArgumentClause::Separator(_) => {
                    ("SEPARATOR", "pass the separator as an argument")
                }
                FunctionArgumentClause::JsonNullClause(_) => ("ON NULL", "write coalesce"),
                FunctionArgumentClause::JsonReturningClause(_) => ("RETURNING", "write CAST"),
            };
            self.unsupported(clause, help);
        }
    }

    fn argument(&mut self, arg: &FunctionArgExpr) {
        match arg {
            FunctionArgExpr::Expr(Expr::Lambda(lambda)) => self.lambda(lambda),
            FunctionArgExpr::Expr(expr) => self.expr(expr),
            FunctionArgExpr::QualifiedWildcard(name) => self.object_name(name),
            FunctionArgExpr::Wildcard => {}
            FunctionArgExpr::WildcardWithOptions(options) => {
                self.wildcard(options);
                self.unsupported("* with options in a call", "name the columns");
            }
        }
    }

    /// The engine ignores what does not fit the kind of a function.
    fn modifiers(&mut self, name: &str, span: Span, facts: &FunctionFacts, said: &Modifiers<'_>) {
        let Modifiers { distinct, nulls, order_by, filter, over, within_group } = said;
        let twin = *over && WINDOW_TWINS.contains(&name);
        let (kind, ignored): (_, &[(bool, &str)]) = match facts.kind {
            FunctionKind::Scalar | FunctionKind::Table => (
                "a scalar function",
                &[
                    (*distinct, "DISTINCT"),
                    (*nulls, "IGNORE or RESPECT NULLS"),
                    (order_by.is_some(), "ORDER BY"),
                    (*filter, "FILTER"),
                    (*over, "OVER"),
                    (*within_group, "WITHIN GROUP"),
                ],
            ),
            FunctionKind::Window | FunctionKind::Aggregate
                if twin || (facts.kind == FunctionKind::Window && *over) =>
            {
                ("a window function", &[(*distinct, "DISTINCT"), (*filter, "FILTER")])
            }
            FunctionKind::Aggregate | FunctionKind::Window => ("an aggregate", &[]),
        };
        for (_, clause) in ignored.iter().filter(|(present, _)| *present) {
            self.find(
                codes::FUNCTION_KIND,
                span,
                format!("`{name}` is {kind}, and the engine would silently ignore `{clause}`"),
                "leave the clause out, or call a function that has it",
            );
        }
    }

    fn ordered_set(
        &mut self,
        name: &str,
        span: Span,
        args: &FunctionArguments,
        said: &Modifiers<'_>,
    ) {
        let FunctionArguments::List(FunctionArgumentList { args, .. }) = args else { return };
        let Some([OrderByExpr { expr: ordered, .. }, ..]) = said.order_by else { return };
        let first = match args.first() {
            Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) => first,
            _ => return,
        };
        if ORDERED_SET.contains(&name) && !said.over && args.len() > 1 && first != ordered {
            self.find(
                codes::DROPPED_CLAUSE,
                span,
                format!("`{name}` is computed over its ORDER BY, its first argument is ignored"),
                "write WITHIN GROUP (ORDER BY …) and leave the first argument out",
            );
        }
    }

    fn window_spec(&mut self, spec: &WindowSpec) {
        if let Some(name) = &spec.window_name {
            self.ident(name);
            self.named_window(name, Some(spec));
        }
        self.window_parts(spec);
    }

    /// Everything of a window but the name of the one it builds on.
    pub(super) fn window_parts(&mut self, spec: &WindowSpec) {
        let WindowSpec { window_name: _, partition_by, order_by, window_frame } = spec;
        self.exprs(partition_by);
        self.order_by(order_by);
        if let Some(WindowFrame { units: _, start_bound, end_bound }) = window_frame {
            self.bound(start_bound);
            if let Some(bound) = end_bound {
                self.bound(bound);
            }
        }
    }

    fn bound(&mut self, bound: &WindowFrameBound) {
        match bound {
            WindowFrameBound::CurrentRow => {}
            WindowFrameBound::Preceding(rows) | WindowFrameBound::Following(rows) => {
                self.maybe(rows.as_deref());
            }
        }
    }
}
