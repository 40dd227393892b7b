//! The stored form of a definition: what a commit carries so that it can be planned again.
//!
//! The canonical ASTs of the view and of the plain views it reads, as JSON without positions,
//! compressed. It is not SQL text: nothing is ever executed from printed SQL.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use viewlane_core::RelationName;
use viewlane_sql_policy::Tree;

/// Compression level: trees of names compress as well at a low level, and refreshes wait for it.
const LEVEL: i32 = 3;

/// Names the crate and version line that can read the ASTs.
const FORMAT: &str = "sqlparser-0.62";

/// The queries that make up one definition.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    format: String,
    /// The view's own query.
    pub(crate) query: Tree,
    /// The plain views it reads, directly or through one another.
    pub(crate) plain: BTreeMap<RelationName, Tree>,
}

/// Why a stored definition cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("it was stored as `{0}`, this build reads `{FORMAT}`")]
    Format(String),
    #[error("it is not a stored definition")]
    Encoding(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Body {
    pub(crate) fn new(query: Tree, plain: BTreeMap<RelationName, Tree>) -> Self {
        Self { format: FORMAT.to_owned(), query, plain }
    }

    pub(crate) fn encode(&self) -> Result<String, BodyError> {
        let trees = std::iter::once(&self.query).chain(self.plain.values());
        let json = Tree::room(trees, || {
            let mut value = serde_json::to_value(self)?;
            // Not the whole: `plain` is keyed by names of views, which may be any word.
            forget_positions(&mut value["query"]);
            if let Some(plain) = value["plain"].as_object_mut() {
                plain.values_mut().for_each(forget_positions);
            }
            serde_json::to_vec(&value)
        });
        let json = json.map_err(encoding)?;
        Ok(BASE64.encode(zstd::encode_all(&json[..], LEVEL).map_err(encoding)?))
    }

    pub(crate) fn decode(text: &str) -> Result<Self, BodyError> {
        let json =
            zstd::decode_all(&BASE64.decode(text).map_err(encoding)?[..]).map_err(encoding)?;
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let head: Head = serde_json::from_slice(&json).map_err(encoding)?;
        if head.format != FORMAT {
            return Err(BodyError::Format(head.format));
        }
        let mut reader = serde_json::Deserializer::from_slice(&json);
        // The lane has bounded the depth; the reader's own bound is for strangers' JSON.
        reader.disable_recursion_limit();
        Self::deserialize(&mut reader).map_err(encoding)
    }
}

fn encoding(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BodyError {
    BodyError::Encoding(error.into())
}

/// Positions say where a query stood in its file: they must not make two layouts two definitions.
fn forget_positions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget_positions),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                if key == "span" {
                    let nowhere = serde_json::json!({"line": 0, "column": 0});
                    *field = serde_json::json!({"start": nowhere, "end": nowhere});
                } else {
                    forget_positions(field);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::{dialect::GenericDialect, parser::Parser};

    use super::*;

    fn query(sql: &str) -> Tree {
        let parser = Parser::new(&GenericDialect {}).with_recursion_limit(100);
        Tree::new(*parser.try_with_sql(sql).unwrap().parse_query().unwrap())
    }

    #[test]
    fn two_layouts_are_stored_as_the_same_bytes_and_read_back_as_the_same_query() {
        let one = query("select a, 'x' from t where a in (select b from u) order by 1");
        let two =
            query("select a,\n  'x' from t\n/* why */ where a in (select b\n from u) order by 1");
        let plain = |q: &Tree| BTreeMap::from([("span".parse().unwrap(), q.clone())]);
        let encode = |q: &Tree| Body::new(q.clone(), plain(q)).encode().unwrap();
        assert_eq!(encode(&one), encode(&two));
        let back = Body::decode(&encode(&two)).unwrap();
        assert_eq!(back.query, one);
        assert_eq!(back.plain, plain(&one));
    }

    /// As high as the lane lets them be.
    #[test]
    fn long_chains_are_stored_and_read_back() {
        let one = query(&format!("select a from t where a = 0{}", " or a = 1".repeat(10_000)));
        let plain = BTreeMap::from([("v".parse().unwrap(), one.clone())]);
        let stored = Body::new(query("select 1"), plain).encode().unwrap();
        assert!(Body::decode(&stored).unwrap().plain.into_values().eq([one]));
    }

    #[test]
    fn what_is_not_a_stored_definition_is_refused() {
        assert!(matches!(Body::decode("not base64!"), Err(BodyError::Encoding(_))));
        let other = serde_json::json!({"format": "sqlparser-9.9"}).to_string();
        let other = BASE64.encode(zstd::encode_all(other.as_bytes(), 1).unwrap());
        assert!(matches!(Body::decode(&other), Err(BodyError::Format(f)) if f == "sqlparser-9.9"));
    }
}
