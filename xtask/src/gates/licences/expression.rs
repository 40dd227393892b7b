//! Whether a licence expression can be satisfied from a list.
//!
//! The grammar of SPDX, and the `/` for "or" of older manifests:
//! `OR` binds weaker than `AND`, `WITH` binds strongest.

use std::collections::BTreeSet;

use anyhow::{bail, ensure};

pub(super) fn allows(expression: &str, allowed: &BTreeSet<String>) -> anyhow::Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut reader = Reader { words: spaced.split_whitespace().collect(), allowed };
    // The words are read from the end of the list, so that the next one is the last.
    reader.words.reverse();
    let verdict = reader.either()?;
    ensure!(reader.words.is_empty(), "cannot read it to the end");
    Ok(verdict)
}

struct Reader<'a> {
    words: Vec<&'a str>,
    allowed: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn either(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.both()?;
        while self.skip("OR") {
            verdict |= self.both()?;
        }
        Ok(verdict)
    }

    fn both(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.one()?;
        while self.skip("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> anyhow::Result<bool> {
        match self.words.pop() {
            Some("(") => {
                let verdict = self.either()?;
                ensure!(self.skip(")"), "a parenthesis is not closed");
                Ok(verdict)
            }
            None | Some(")" | "AND" | "OR" | "WITH") => bail!("a licence is missing"),
            Some(licence) => {
                // An exception only ever adds a permission: who may use the licence may use
                // it with the exception, too.
                if self.skip("WITH") {
                    ensure!(self.words.pop().is_some(), "an exception is missing");
                }
                Ok(self.allowed.contains(licence))
            }
        }
    }

    fn skip(&mut self, word: &str) -> bool {
        let next = self.words.last() == Some(&word);
        if next {
            self.words.pop();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> Option<bool> {
        let allowed = ["Apache-2.0", "MIT", "ISC"].map(str::to_owned);
        allows(expression, &BTreeSet::from(allowed)).ok()
    }

    #[test]
    fn one_side_of_an_or_is_enough_and_an_and_needs_both() {
        assert_eq!(check("MIT"), Some(true));
        assert_eq!(check("GPL-3.0-only OR MIT"), Some(true));
        assert_eq!(check("GPL-3.0-only/MIT"), Some(true));
        assert_eq!(check("MIT AND ISC"), Some(true));
        assert_eq!(check("MIT AND GPL-3.0-only"), Some(false));
    }

    #[test]
    fn and_binds_stronger_than_or_and_parentheses_stronger_still() {
        assert_eq!(check("MIT OR GPL-3.0-only AND GPL-2.0-only"), Some(true));
        assert_eq!(check("(MIT OR GPL-3.0-only) AND GPL-2.0-only"), Some(false));
        assert_eq!(check("(MIT OR GPL-3.0-only) AND (ISC OR GPL-2.0-only)"), Some(true));
    }

    #[test]
    fn an_exception_does_not_forbid() {
        assert_eq!(check("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(check("GPL-2.0-only WITH Classpath-exception-2.0"), Some(false));
        assert_eq!(check("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only"), Some(true));
    }

    #[test]
    fn what_cannot_be_read_is_not_allowed() {
        for broken in ["", "MIT OR", "(MIT", "MIT ISC", "MIT)", "AND MIT"] {
            assert_eq!(check(broken), None, "{broken}");
        }
    }
}
