use std::collections::{BTreeMap, BTreeSet};

use viewlane_core::{Code, Kinded, RelationName};

use crate::{Node, ViewGraph, error::SELECTOR};

/// What selection may ask about a view besides its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeFacts {
    /// Tags of the view.
    pub tags: BTreeSet<String>,
    /// File of the view, relative to the project, with `/`.
    pub path: String,
}

/// A parsed selection, with the meaning dbt users know.
///
/// Space is union, comma is intersection. A term is a name (`marts.revenue`, or `marts.*` where `*`
/// stands for any text), `tag:T`, `path:P` (a file or a folder) or `source:N` (what reads a seed or
/// source directly), with `+` or `2+` in front for ancestors, behind for descendants, and `@` in
/// front for descendants with all their ancestors.
///
/// ```
/// use viewlane_view_graph::{Selector, ViewGraph};
///
/// let graph = ViewGraph::builder()
///     .dataset("raw".parse()?)
///     .view("a".parse()?, ["raw".parse()?])
///     .view("b".parse()?, ["a".parse()?])
///     .build()?;
/// let chosen = "a+".parse::<Selector>()?.select(&graph, &Default::default())?;
/// assert_eq!(chosen.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    union: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    text: String,
    method: Method,
    /// `None` outside means not asked for; inside, no bound.
    ancestors: Option<Option<usize>>,
    descendants: Option<Option<usize>>,
    around: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Method {
    Name(String),
    Tag(String),
    Path(String),
    Source(String),
}

/// A selector that cannot be read, or that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectorError {
    /// The text is not a selector.
    #[error("`{0}` is not a selector")]
    Malformed(String),
    /// A method that does not exist.
    #[error("`{method}:` is not a selection method, use one of: name, tag, path, source")]
    UnknownMethod {
        /// What stood before the colon.
        method: String,
    },
    /// A term that selects no view.
    #[error("`{term}` selects no view")]
    Nothing {
        /// The term as given.
        term: String,
        /// The nearest name that exists, for a misspelt one.
        nearest: Option<String>,
    },
}

impl Kinded for SelectorError {
    fn code(&self) -> Code {
        SELECTOR
    }
}

impl std::str::FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let union = text
            .split_whitespace()
            .map(|terms| terms.split(',').map(term).collect())
            .collect::<Result<Vec<Vec<Term>>, _>>()?;
        if union.is_empty() {
            return Err(SelectorError::Malformed(text.to_owned()));
        }
        Ok(Self { union })
    }
}

fn term(text: &str) -> Result<Term, SelectorError> {
    let malformed = || SelectorError::Malformed(text.to_owned());
    let (around, rest) = match text.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let depth = |digits: &str| match digits {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| malformed()),
    };
    let (ancestors, rest) = match rest.split_once('+') {
        Some((digits, rest)) if digits.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty() => {
            (Some(depth(digits)?), rest)
        }
        _ => (None, rest),
    };
    let (descendants, rest) = match rest.rsplit_once('+') {
        Some((rest, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            (Some(depth(digits)?), rest)
        }
        _ => (None, rest),
    };
    if rest.is_empty()
        || rest.contains('+')
        || (around && (ancestors.is_some() || descendants.is_some()))
    {
        return Err(malformed());
    }
    let method = match rest.split_once(':') {
        None => Method::Name(rest.to_owned()),
        Some(("name", value)) => Method::Name(value.to_owned()),
        Some(("tag", value)) => Method::Tag(value.to_owned()),
        Some(("path", value)) => Method::Path(value.trim_end_matches('/').to_owned()),
        Some(("source", value)) => Method::Source(value.to_owned()),
        Some((method, _)) => {
            return Err(SelectorError::UnknownMethod { method: method.to_owned() });
        }
    };
    Ok(Term { text: text.to_owned(), method, ancestors, descendants, around })
}

impl Selector {
    /// The views that match. Datasets are never selected.
    ///
    /// # Errors
    ///
    /// A term that selects no view, because a misspelt name should not pass for an empty choice.
    pub fn select(
        &self,
        graph: &ViewGraph,
        facts: &BTreeMap<RelationName, NodeFacts>,
    ) -> Result<BTreeSet<RelationName>, SelectorError> {
        let mut chosen = BTreeSet::new();
        for terms in &self.union {
            let mut meet: Option<BTreeSet<RelationName>> = None;
            for term in terms {
                let set = term.select(graph, facts)?;
                meet = Some(match meet {
                    None => set,
                    Some(meet) => meet.intersection(&set).cloned().collect(),
                });
            }
            chosen.extend(meet.unwrap_or_default());
        }
        Ok(chosen)
    }
}

impl Term {
    fn select(
        &self,
        graph: &ViewGraph,
        facts: &BTreeMap<RelationName, NodeFacts>,
    ) -> Result<BTreeSet<RelationName>, SelectorError> {
        let views = || graph.order().filter(|name| graph.node(name) == Some(Node::View));
        let about = |name: &RelationName| facts.get(name).cloned().unwrap_or_default();
        let base: BTreeSet<&RelationName> = match &self.method {
            Method::Name(pattern) => {
                views().filter(|name| matches(pattern, &name.to_string())).collect()
            }
            Method::Tag(tag) => views().filter(|name| about(name).tags.contains(tag)).collect(),
            Method::Path(path) => views()
                .filter(|name| {
                    let file = about(name).path;
                    matches(path, &file) || file.starts_with(&format!("{path}/"))
                })
                .collect(),
            Method::Source(pattern) => graph
                .order()
                .filter(|name| graph.node(name) == Some(Node::Dataset))
                .filter(|name| matches(pattern, &name.to_string()))
                .flat_map(|name| graph.children(name))
                .collect(),
        };
        if base.is_empty() {
            let names: Vec<String> = views().map(ToString::to_string).collect();
            let nearest = match &self.method {
                Method::Name(name) => {
                    viewlane_core::nearest(name, names.iter().map(String::as_str))
                        .map(str::to_owned)
                }
                _ => None,
            };
            return Err(SelectorError::Nothing { term: self.text.clone(), nearest });
        }
        let mut chosen = base.clone();
        for name in &base {
            if let Some(depth) = self.ancestors {
                chosen.extend(graph.ancestors(name, depth));
            }
            if let Some(depth) = self.descendants {
                chosen.extend(graph.descendants(name, depth));
            }
            if self.around {
                let below = graph.descendants(name, None);
                chosen.extend(graph.ancestors(name, None));
                chosen.extend(below.iter().flat_map(|next| graph.ancestors(next, None)));
                chosen.extend(below);
            }
        }
        chosen.retain(|name| graph.node(name) == Some(Node::View));
        Ok(chosen.into_iter().cloned().collect())
    }
}

/// `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str) -> String {
        let name = |text: &str| text.parse::<RelationName>().unwrap();
        let graph = ViewGraph::builder()
            .dataset(name("raw.o"))
            .dataset(name("raw.c"))
            .view(name("stg.o"), [name("raw.o")])
            .view(name("stg.c"), [name("raw.c")])
            .view(name("mart.a"), [name("stg.o"), name("stg.c")])
            .view(name("mart.b"), [name("stg.c")])
            .view(name("top"), [name("mart.a")])
            .build()
            .unwrap();
        let facts = ["stg.o", "stg.c", "mart.a", "mart.b", "top"].map(|view| {
            let tags =
                if view.ends_with('a') { ["gold".to_owned()].into() } else { BTreeSet::new() };
            (name(view), NodeFacts { tags, path: format!("views/{}.sql", view.replace('.', "/")) })
        });
        match selector.parse::<Selector>().and_then(|s| s.select(&graph, &facts.into())) {
            Ok(set) => set.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    #[test]
    fn selection_follows_the_graph() {
        assert_eq!(check("mart.a"), "mart.a");
        assert_eq!(check("+mart.a"), "mart.a stg.c stg.o");
        assert_eq!(check("stg.o+"), "mart.a stg.o top");
        assert_eq!(check("stg.o+1"), "mart.a stg.o");
        assert_eq!(check("1+top"), "mart.a top");
        assert_eq!(check("@stg.o"), "mart.a stg.c stg.o top");
        assert_eq!(check("stg.* top"), "stg.c stg.o top");
        assert_eq!(check("stg.c+,mart.*"), "mart.a mart.b");
        assert_eq!(check("tag:gold+"), "mart.a top");
        assert_eq!(check("path:views/mart"), "mart.a mart.b");
        assert_eq!(check("source:raw.c"), "stg.c");
    }

    #[test]
    fn what_selects_nothing_is_an_error() {
        insta::assert_snapshot!(
            ["mart.x", "tag:silver", "state:modified", "", "@+a", "a+b"].map(check).join("\n"),
            @r"
        VL-G0201: `mart.x` selects no view
        VL-G0201: `tag:silver` selects no view
        VL-G0201: `state:` is not a selection method, use one of: name, tag, path, source
        VL-G0201: `` is not a selector
        VL-G0201: `@+a` is not a selector
        VL-G0201: `a+b` is not a selector
        "
        );
    }
}
