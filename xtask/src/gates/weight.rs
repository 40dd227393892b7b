//! Holds: a light crate, alone, compiles no more crates than its budget.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::tree::Tree;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let budgets = &context.rules.weight;
    let mut weights = BTreeMap::new();
    for package in budgets.keys() {
        weights.insert(package.clone(), Tree::of(context, package)?.weight());
    }
    Ok(judge(&weights, budgets))
}

fn judge(weights: &BTreeMap<String, usize>, budgets: &BTreeMap<String, usize>) -> Vec<Failure> {
    weights
        .iter()
        .filter_map(|(package, weight)| {
            let budget = budgets.get(package)?;
            (weight > budget).then(|| {
                Failure::new(
                    format!("`{package}` compiles {weight} crates, its budget is {budget}"),
                    format!(
                        "drop what `cargo tree --package {package} --edges normal` shows to be \
                         needless, or raise its budget in Cargo.toml and say why"
                    ),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(weight: usize, budget: usize) -> Vec<Failure> {
        let table = |number| BTreeMap::from([("viewlane-core".to_owned(), number)]);
        judge(&table(weight), &table(budget))
    }

    #[test]
    fn a_budget_may_be_used_up_and_not_exceeded() {
        assert_eq!(check(30, 30), []);

        let failures = check(31, 30);
        assert_eq!(failures.len(), 1);
        assert!(
            failures[0]
                .to_string()
                .starts_with("`viewlane-core` compiles 31 crates, its budget is 30")
        );
    }
}
