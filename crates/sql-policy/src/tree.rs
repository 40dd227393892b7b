//! A query of any height that can be copied, compared, stored and dropped.
//!
//! What does these is generated code that recurses without asking for stack. A tree that leans far
//! to one side, as `a AND b AND …` does, would end the process.

use std::{fmt, mem, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlparser::ast::{Query, SetExpr, Values};

use crate::{build, room::Size, shape};

/// More stack than one level takes to be read. Measured without optimisation: between 64 and 256
/// KiB.
const LEVEL: usize = 512 << 10;

/// A query that may be higher than a thread's stack can bear.
///
/// It reads as a [`Query`]. Cloning, comparing, serialising, deserialising and dropping it take the
/// stack they need; doing the same with the [`Query`] behind it does not.
///
/// ```
/// # use sqlparser::{dialect::GenericDialect, parser::Parser};
/// # use viewlane_sql_policy::Tree;
/// let mut parser = Parser::new(&GenericDialect {}).try_with_sql("SELECT 1")?;
/// let tree = Tree::new(*parser.parse_query()?);
///
/// let stored = serde_json::to_string(&tree)?;
/// let back: Tree = serde_json::from_str(&stored)?;
/// assert_eq!(back, tree);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Tree {
    query: Query,
    size: Size,
}

impl Tree {
    /// Takes a query of any height.
    pub fn new(query: Query) -> Self {
        let size = shape::measure(&query);
        Self { query, size }
    }

    /// Runs work that recurses over something as high as the highest of some trees, such as the JSON
    /// they are stored as.
    pub fn room<'t, R>(trees: impl IntoIterator<Item = &'t Self>, work: impl FnOnce() -> R) -> R {
        let sizes = trees.into_iter().map(|tree| tree.size);
        sizes.fold(Size::default(), Size::or).writing(work)
    }

    pub(crate) fn sized(query: Query, size: Size) -> Self {
        Self { query, size }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn into_query(mut self) -> Query {
        let query = mem::replace(&mut self.query, nothing());
        self.size = Size::default();
        query
    }

    /// Runs work that copies the query or compares it.
    pub(crate) fn copying<R>(&self, work: impl FnOnce(&Query) -> R) -> R {
        self.size.copying(|| work(&self.query))
    }
}

impl Deref for Tree {
    type Target = Query;

    fn deref(&self) -> &Query {
        &self.query
    }
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        Self { query: self.copying(Query::clone), size: self.size }
    }
}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.copying(|query| *query == other.query)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let query = mem::replace(&mut self.query, nothing());
        self.size.dropping(|| drop(query));
    }
}

fn nothing() -> Query {
    let rows = Values { explicit_row: false, value_keyword: false, rows: Vec::new() };
    build::query(SetExpr::Values(rows))
}

impl From<Query> for Tree {
    fn from(query: Query) -> Self {
        Self::new(query)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").finish_non_exhaustive()
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.size.writing(|| self.query.serialize(serializer))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut deserializer = serde_stacker::Deserializer::new(deserializer);
        deserializer.red_zone = LEVEL;
        Query::deserialize(deserializer).map(Self::new)
    }
}
