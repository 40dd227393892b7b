//! The gate: table, session, `information_schema`, documentation and execution say the same.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    arrow::array::{Array, AsArray},
    execution::{SessionState, SessionStateBuilder},
    prelude::SessionContext,
};
use viewlane_core::{FunctionKind, Volatility};

use crate::{Error, FunctionCatalog, FunctionEntry, OwnFunction, Pack, docs, session::from_engine};

mod calls;

/// What was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parity {
    /// Functions of the table that the session has.
    pub functions: usize,
    /// Calls that were planned and run.
    pub calls: usize,
}

/// Holds a session against facts and a page of documentation.
///
/// `facts` are what a session is said to have; [`FunctionSnapshot::own`](crate::FunctionSnapshot::own)
/// without the packs that it was not given. For each of them: the session has it under every name,
/// with this kind, these parameters and this volatility; `information_schema` shows it so; `page`
/// has its section; and it runs from SQL on literals, columns, NULL, an empty batch, a slice, large
/// strings and by named arguments, always with the same result. And the session has no function of
/// this crate that the facts leave out.
///
/// # Errors
///
/// [`Error::NoParity`] with everything that differs.
pub async fn check_parity(
    state: &SessionState,
    facts: &[FunctionEntry],
    page: &str,
) -> Result<Parity, Error> {
    let context = SessionContext::new_with_state(
        SessionStateBuilder::new_from_existing(state.clone())
            .with_config(state.config().clone().with_information_schema(true))
            .build(),
    );
    let mut differences = registered(state, facts);
    differences.extend(documented(facts, page));
    match shown(&context).await {
        Ok(shown) => differences.extend(shown.differences(facts)),
        Err(error) => differences.push(format!("`information_schema` cannot be read: {error}")),
    }
    let mut calls = 0;
    for entry in facts {
        if let Some(row) = OwnFunction::named(&entry.name)
            && row.kind == entry.kind
        {
            let report = calls::run(&context, row).await;
            calls += report.calls;
            differences.extend(report.differences);
        }
    }
    match differences.is_empty() {
        true => Ok(Parity { functions: facts.len(), calls }),
        false => Err(Error::NoParity { differences }),
    }
}

/// Facts against what is registered, both ways.
fn registered(state: &SessionState, facts: &[FunctionEntry]) -> Vec<String> {
    let catalog = FunctionCatalog::from_session(state);
    let mut differences = Vec::new();
    for entry in facts {
        let name = &entry.name;
        for known in entry.names() {
            match catalog.facts_as(known, entry.kind) {
                None => differences.push(format!(
                    "`{name}` is not registered as a {} function `{known}`",
                    entry.kind.as_str()
                )),
                Some(found) if found.volatility != entry.volatility => differences.push(format!(
                    "`{name}` is {}, but registered as {}",
                    entry.volatility.as_str(),
                    found.volatility.as_str()
                )),
                Some(found) if found.name != *name && entry.kind != FunctionKind::Table => {
                    differences.push(format!("`{known}` leads to `{}`, not `{name}`", found.name));
                }
                Some(_) => {}
            }
        }
        if entry.pack != Pack::Engine {
            differences.extend(parameters(state, entry));
        }
    }
    for row in OwnFunction::all().iter().filter(|row| row.pack != Pack::Engine) {
        let said = facts.iter().any(|entry| entry.name == row.name && entry.kind == row.kind);
        if !said && catalog.facts_as(row.name, row.kind).is_some() {
            differences.push(format!("`{}` is registered, but no fact", row.name));
        }
    }
    differences
}

/// Names of parameters and aliases, as the registered function has them.
fn parameters(state: &SessionState, entry: &FunctionEntry) -> Option<String> {
    let name = entry.name.as_str();
    let (signature, mut aliases) = match entry.kind {
        FunctionKind::Scalar => {
            let function = state.scalar_functions().get(name)?;
            (function.signature(), function.aliases().to_vec())
        }
        FunctionKind::Aggregate => {
            let function = state.aggregate_functions().get(name)?;
            (function.signature(), function.aliases().to_vec())
        }
        FunctionKind::Window => {
            let function = state.window_functions().get(name)?;
            (function.signature(), function.aliases().to_vec())
        }
        FunctionKind::Table => return None,
    };
    aliases.sort();
    if aliases != entry.aliases {
        return Some(format!("`{name}` is registered with other aliases: {aliases:?}"));
    }
    if from_engine(signature.volatility) != entry.volatility {
        return Some(format!("`{name}` has a signature of another volatility"));
    }
    // Where one can be given several times none has a name.
    let repeated = entry.signatures.iter().any(|signature| signature.contains('…'));
    let expected = match repeated {
        true => Vec::new(),
        false => entry.parameters.clone(),
    };
    let known = signature.parameter_names.clone().unwrap_or_default();
    (known != expected)
        .then(|| format!("`{name}` is registered with the parameters {known:?}, not {expected:?}"))
}

fn documented(facts: &[FunctionEntry], page: &str) -> Vec<String> {
    let mut differences = Vec::new();
    for entry in facts {
        let heading = format!("\n### `{}`\n", entry.syntax);
        let section = OwnFunction::named(&entry.name).map(docs::section);
        match section {
            _ if !page.contains(&heading) => {
                differences.push(format!("`{}` has no section `{}`", entry.name, entry.syntax));
            }
            Some(section) if !page.contains(&section) => {
                differences
                    .push(format!("the section of `{}` is not what the table says", entry.name));
            }
            _ => {}
        }
    }
    differences
}

/// What `information_schema` shows.
struct Shown {
    /// By name and kind: whether it is immutable, and how it is called.
    routines: BTreeMap<(String, String), (bool, String)>,
    /// By name: every list of parameters.
    parameters: BTreeMap<String, BTreeSet<Vec<String>>>,
}

async fn shown(context: &SessionContext) -> datafusion::error::Result<Shown> {
    let mut routines = BTreeMap::new();
    for row in texts(
        context,
        "SELECT routine_name, function_type, CAST(is_deterministic AS VARCHAR), syntax_example \
         FROM information_schema.routines",
    )
    .await?
    {
        let [name, kind, immutable, syntax] = row;
        routines.insert((name, kind), (immutable == "true" || immutable == "YES", syntax));
    }
    let mut lists: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in texts(
        context,
        "SELECT specific_name, CAST(rid AS VARCHAR) AS list, parameter_name, data_type \
         FROM information_schema.parameters WHERE parameter_mode = 'IN' \
         ORDER BY specific_name, rid, ordinal_position",
    )
    .await?
    {
        let [name, list, parameter, _] = row;
        lists.entry((name, list)).or_default().push(parameter);
    }
    let mut parameters: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
    for ((name, _), list) in lists {
        parameters.entry(name).or_default().insert(list);
    }
    Ok(Shown { routines, parameters })
}

impl Shown {
    fn differences(&self, facts: &[FunctionEntry]) -> Vec<String> {
        let mut differences = Vec::new();
        for entry in facts {
            let name = &entry.name;
            for known in entry.names() {
                let kind = entry.kind.as_str().to_uppercase();
                let Some((immutable, syntax)) = self.routines.get(&(known.to_owned(), kind)) else {
                    differences.push(format!("`information_schema` does not show `{known}`"));
                    continue;
                };
                // Of table functions it knows nothing but the name; of ours that wait, no text.
                if entry.kind == FunctionKind::Table {
                    continue;
                }
                if *immutable != (entry.volatility == Volatility::Immutable) {
                    differences.push(format!(
                        "`information_schema` shows `{known}` as of another volatility"
                    ));
                }
                if !matches!(entry.pack, Pack::Engine | Pack::Async) && *syntax != entry.syntax {
                    differences.push(format!("`information_schema` shows `{known}` as `{syntax}`"));
                }
            }
            if entry.pack == Pack::Engine || entry.pack == Pack::Async {
                continue;
            }
            // Lists of parameters are shown where every parameter is of a plain type.
            for list in self.parameters.get(name).into_iter().flatten() {
                if !entry.parameters.starts_with(list) {
                    differences.push(format!("`information_schema` shows `{name}` with {list:?}"));
                }
            }
            let plain = |signature: &String| {
                let types = signature.trim_matches(['(', ')']);
                types.split(", ").all(|t| matches!(t, "string" | "integer" | "boolean"))
            };
            let shown = self.parameters.get(name).map_or(0, BTreeSet::len);
            let expected = match entry.signatures.iter().all(plain) {
                true => entry.signatures.len(),
                false => 0,
            };
            if shown != expected && entry.kind != FunctionKind::Table {
                differences.push(format!(
                    "`information_schema` shows {shown} lists of parameters of `{name}`, not {expected}"
                ));
            }
        }
        differences
    }
}

/// The rows of a query of four columns of texts; NULL is empty.
async fn texts(context: &SessionContext, sql: &str) -> datafusion::error::Result<Vec<[String; 4]>> {
    let mut rows = Vec::new();
    for batch in context.sql(sql).await?.collect().await? {
        let columns = batch
            .columns()
            .iter()
            .map(|column| {
                datafusion::arrow::compute::cast(
                    column,
                    &datafusion::arrow::datatypes::DataType::Utf8,
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(std::array::from_fn(|column| {
                let column = columns[column].as_string::<i32>();
                if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
            }));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
