//! Outcomes as text, for snapshot tests of views.
//!
//! A project that renders each of its views into a snapshot sees in a diff what a change did: to a
//! view, to the policy, or to the lane itself when it is upgraded.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use viewlane_core::{FunctionFacts, FunctionSource, RelationName, SourceText};
//! use viewlane_sql_policy::{CompiledView, Lane, Naming, Policy, Rejection, testing};
//!
//! struct NoFunctions;
//!
//! impl FunctionSource for NoFunctions {
//!     fn facts(&self, _: &str) -> Option<FunctionFacts> {
//!         None
//!     }
//! }
//!
//! /// What the project makes of a view.
//! fn compile(text: &str) -> Result<CompiledView, Rejection> {
//!     let policy = Policy::builder().naming(Naming::Stable).build().expect("a valid policy");
//!     let lane = Lane::new(policy);
//!     let orders: RelationName = "orders".parse().expect("a name");
//!     let columns = BTreeMap::from([(orders, vec!["id".to_owned(), "price".to_owned()])]);
//!     let view = lane.read_view(&SourceText::new("views/dear.sql", text), &NoFunctions)?;
//!     lane.resolve_view(view, &columns, &())
//! }
//!
//! // In a test: `insta::assert_snapshot!(testing::render(&compile(text)))`.
//! let dear = compile("select * from Orders where price > 100 fetch first 5 rows only");
//! let shown = testing::render(&dear);
//! assert!(shown.starts_with(
//!     "SELECT orders.id AS id, orders.price AS price\n\
//!      FROM datafusion.public.orders AS orders\n\
//!      WHERE orders.price > 100\n\
//!      LIMIT 5\n\
//!      \n\
//!      reads: orders\n\
//!      outputs: id, price\n"
//! ));
//!
//! let wrong = compile("select prise from orders");
//! assert_eq!(
//!     testing::render(&wrong),
//!     "refused\n\
//!      \n\
//!      VL-P0702: there is no column `prise`\n  \
//!        at 1:8 `prise`\n  \
//!        help: did you mean `price`?\n"
//! );
//! ```
//!
//! The text is made to be compared: what may grow stands one thing to a line, and the name of the
//! file is left out, so that a view can be moved. It is not made to be executed or read back, and
//! what it looks like may change with any release.

mod layout;

use std::fmt::{self, Write as _};

use viewlane_core::{SourceText, Span};

use crate::{
    canonical,
    compiled::{ColumnDeclaration, CompiledQuery, CompiledView, OptionValue, ViewHeader},
    error::Rejection,
};

/// What became of a view: [`render_view`] or [`render_rejection`].
pub fn render(outcome: &Result<CompiledView, Rejection>) -> String {
    match outcome {
        Ok(view) => render_view(view),
        Err(rejection) => render_rejection(rejection),
    }
}

/// The header, if the view has one, and the query as [`render_query`] shows it.
pub fn render_view(view: &CompiledView) -> String {
    let header = header(view.header());
    let query = render_query(view.query());
    if header.is_empty() { query } else { format!("{header}\n{query}") }
}

/// The canonical text over lines, then what the query reads, calls and gives, where it differs from
/// what the engine alone would give, and by the rules of which revision it was compiled.
///
/// The fingerprint is shortened. An output that only the engine can name is shown as `?`.
pub fn render_query(query: &CompiledQuery) -> String {
    let mut out = layout::sql(&query.sql());
    out.push_str("\n\n");
    list(&mut out, "reads", query.relations().iter().map(|used| used.name.to_string()));
    list(
        &mut out,
        "calls",
        query.functions().iter().map(|used| match &used.facts {
            None => used.name.clone(),
            Some(facts) => {
                let kind = format!("({}, {})", facts.kind.as_str(), facts.volatility.as_str());
                if facts.name == used.name {
                    format!("{} {kind}", used.name)
                } else {
                    format!("{} = {} {kind}", used.name, facts.name)
                }
            }
        }),
    );
    list(&mut out, "parameters", query.parameters().iter().map(|used| format!("${}", used.name)));
    list(
        &mut out,
        "outputs",
        query.outputs().iter().map(|output| match output {
            Some(name) => identifier(name),
            None => "?".to_owned(),
        }),
    );
    list(
        &mut out,
        "lowerings",
        query.lowerings().iter().map(|lowering| {
            format!("{}{}", lowering.deviation.code(), place(query.source(), lowering.span))
        }),
    );
    line(&mut out, format_args!("fingerprint: {}", query.fingerprint().short()));
    line(&mut out, format_args!("revision: {}", crate::policy::REVISION));
    out
}

/// Every finding: what is the matter, where, and what to do.
pub fn render_rejection(rejection: &Rejection) -> String {
    let mut out = "refused\n".to_owned();
    for found in rejection.diagnostics() {
        line(&mut out, format_args!("\n{}: {}", found.code, found.message));
        if let Some(at) = &found.location {
            let marked: String = at.line_text.chars().skip(at.column - 1).take(at.width).collect();
            line(&mut out, format_args!("  at {}:{} `{marked}`", at.line, at.column));
        }
        for cause in &found.causes {
            line(&mut out, format_args!("  because: {cause}"));
        }
        if let Some(help) = &found.help {
            line(&mut out, format_args!("  help: {help}"));
        }
    }
    out
}

fn header(header: &ViewHeader) -> String {
    let ViewHeader { materialized, name, columns, primary_key, options } = header;
    let mut out = String::new();
    let kind = if *materialized { "materialized view" } else { "view" };
    match name {
        Some((name, _)) => line(&mut out, format_args!("{kind} {name}")),
        None if *materialized => line(&mut out, format_args!("{kind}")),
        None => {}
    }
    for column in columns {
        let ColumnDeclaration { name, span: _, data_type, not_null, default } = column;
        let _ = write!(out, "column {}", identifier(name));
        if let Some(data_type) = data_type {
            let _ = write!(out, " {data_type}");
        }
        if *not_null {
            out.push_str(" NOT NULL");
        }
        if let Some(default) = default {
            let _ = write!(out, " DEFAULT {default}");
        }
        out.push('\n');
    }
    list(&mut out, "primary key", primary_key.iter().map(|(name, _)| identifier(name)));
    for option in options {
        let value = match &option.value {
            OptionValue::String(text) => format!("'{}'", text.replace('\'', "''")),
            OptionValue::Number(digits) => digits.clone(),
            OptionValue::Boolean(value) => value.to_string(),
            OptionValue::Identifiers(names) => {
                let names: Vec<_> = names.iter().map(|name| identifier(name)).collect();
                match &names[..] {
                    [one] => one.clone(),
                    names => format!("({})", names.join(", ")),
                }
            }
        };
        line(&mut out, format_args!("option {} = {value}", identifier(&option.key)));
    }
    out
}

/// `label: one, two`, or one line each if that is too long; nothing if there is none.
fn list(out: &mut String, label: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    let short = format!("{label}: {}", items.join(", "));
    if short.chars().count() <= layout::WIDTH {
        line(out, format_args!("{short}"));
    } else {
        line(out, format_args!("{label}:"));
        for item in items {
            line(out, format_args!("  {item}"));
        }
    }
}

fn line(out: &mut String, text: fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes every text");
    out.push('\n');
}

fn identifier(name: &str) -> String {
    canonical::name(name).to_string()
}

/// Nothing where the tree knows no place.
fn place(source: &SourceText, span: Span) -> String {
    if span.end == 0 {
        return String::new();
    }
    let place = source.locate(span);
    format!(" at {}:{}", place.line, place.column)
}

#[cfg(test)]
mod tests;
