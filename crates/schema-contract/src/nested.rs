//! Rows that lie inside columns, as views.

use std::{collections::BTreeSet, sync::Arc};

use arrow_schema::{DataType, Field, FieldRef, Schema};

use crate::{
    ColumnPath, Error, Segment,
    compare::{item, pair},
    relation::plain,
};

/// A view of what lies at a path inside a relation: one row for each element of the innermost list
/// or map that the path passes.
///
/// ```
/// use arrow_schema::{Field, Schema};
/// use viewlane_schema_contract::{NestedSpec, parse_type};
///
/// let lines = parse_type(r#"List(Struct("sku": Utf8, "tags": Map("entries": non-null Struct("key": non-null Utf8, "value": Int64), unsorted)))"#)?;
/// let orders = Schema::new(vec![
///     Field::new("id", parse_type("Int64")?, false),
///     Field::new("lines", lines, true),
/// ]);
/// let view = NestedSpec::new(["lines", "tags"])
///     .identity(["id"])
///     .context("sku", ["lines", "sku"])
///     .plan(&orders)?;
/// let names: Vec<_> = view.schema().fields().iter().map(|f| f.name().clone()).collect();
/// assert_eq!(names, ["id", "sku", "key", "value"]);
/// # Ok::<(), viewlane_schema_contract::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NestedSpec {
    path: Vec<String>,
    identity: Vec<String>,
    context: Vec<(String, Vec<String>)>,
}

/// How the rows of a [`NestedSpec`] are made.
///
/// Level 0 are the rows of the relation; each of [`levels`](Self::levels) takes a list or map out of
/// the rows before it. A row without elements, or with NULL in place of them, gives no rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedView {
    /// The lists and maps that are taken apart, the outermost first.
    pub levels: Vec<Level>,
    /// The columns of the view in order.
    pub columns: Vec<NestedColumn>,
}

/// A list or map that is taken apart, so that each element is a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Where the list or map is.
    pub source: Access,
    /// How it is taken apart.
    pub unnest: Unnest,
    /// What one element is.
    pub element: FieldRef,
}

/// How a value becomes rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unnest {
    /// `unnest(value)`.
    List,
    /// `unnest(map_entries(value))`: structs of a key and a value.
    Map,
}

/// A value reached from the rows of a level by `get_field`, one name after another. At level 0 the
/// first name is a column; at the others the names start inside the element, and none is the
/// element itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// 0: the relation; n: the element of the n-th of [`NestedView::levels`].
    pub level: usize,
    /// The names.
    pub fields: Vec<String>,
}

/// A column of a nested view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedColumn {
    /// Its value.
    pub value: Access,
    /// Its name, type, nullability and metadata.
    pub field: FieldRef,
}

impl NestedSpec {
    /// What lies at a path: a column and names inside it. Lists and maps on the way are taken apart
    /// without being named; inside a map the names are `key` and `value`.
    pub fn new(path: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let path = path.into_iter().map(Into::into).collect();
        Self { path, ..Self::default() }
    }

    /// Carries columns of the relation down that say which row an element came from. One whose name
    /// the element has itself gives way to it.
    #[must_use]
    pub fn identity(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.identity.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Carries a value from another path down, under a name. The path may go into lists and maps
    /// that the path of the view passes as well, and then it is the value of the same element.
    #[must_use]
    pub fn context(
        mut self,
        alias: impl Into<String>,
        path: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.context.push((alias.into(), path.into_iter().map(Into::into).collect()));
        self
    }

    /// Follows the paths through a schema.
    ///
    /// Columns come in this order: identity, context, then what lies at the path: the fields of a
    /// struct, or a value under the last name of the path. Of one name the first stays, but for
    /// identity, which gives way to a field of the element.
    ///
    /// # Errors
    ///
    /// [`Error::Path`] for a name that is not there, [`Error::Leaf`] for a path that goes on where
    /// nothing is inside, [`Error::Aside`] for a value inside a list or map that the view does not
    /// take apart, [`Error::Alias`] for two values carried down under one name.
    pub fn plan(&self, schema: &Schema) -> Result<NestedView, Error> {
        let mut rows = Follow::of(schema);
        for name in &self.path {
            rows.name(name)?;
        }
        rows.unwrap_all();
        let Follow { levels, at, field, .. } = rows;

        let own: Vec<NestedColumn> = match plain(field.data_type()) {
            DataType::Struct(fields) => {
                fields.iter().map(|inner| column(&at, &field, inner)).collect()
            }
            // A path always names something, so there is a last name.
            _ => {
                let name = self.path.last().cloned().unwrap_or_default();
                vec![NestedColumn { value: at, field: named(&field, name) }]
            }
        };
        let mut columns = Vec::new();
        for name in &self.identity {
            let (value, field) = carried(schema, &levels, std::slice::from_ref(name), name)?;
            if !own.iter().any(|column| column.field.name() == name) {
                columns.push(NestedColumn { value, field: named(&field, name.clone()) });
            }
        }
        let mut aliases = BTreeSet::new();
        for (alias, path) in &self.context {
            if !aliases.insert(alias) {
                return Err(Error::Alias(alias.clone()));
            }
            let (value, field) = carried(schema, &levels, path, alias)?;
            columns.push(NestedColumn { value, field: named(&field, alias.clone()) });
        }
        columns.extend(own);
        let mut seen = BTreeSet::new();
        columns.retain(|column| seen.insert(column.field.name().clone()));
        Ok(NestedView { levels, columns })
    }
}

impl NestedView {
    /// The columns as a schema.
    pub fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(|column| Arc::clone(&column.field)).collect::<Vec<_>>())
    }
}

/// A path on its way through a schema.
struct Follow {
    levels: Vec<Level>,
    /// Where the list or map of each level is.
    lists: Vec<ColumnPath>,
    at: Access,
    /// What is there. Nullable when anything on the way from its level is.
    field: FieldRef,
    path: ColumnPath,
}

impl Follow {
    fn of(schema: &Schema) -> Self {
        let row = Field::new("", DataType::Struct(schema.fields().clone()), false);
        Self {
            levels: Vec::new(),
            lists: Vec::new(),
            at: Access::default(),
            field: Arc::new(row),
            path: ColumnPath::default(),
        }
    }

    fn name(&mut self, name: &str) -> Result<(), Error> {
        self.unwrap_all();
        let DataType::Struct(fields) = plain(self.field.data_type()) else {
            let data_type = self.field.data_type().clone();
            return Err(Error::Leaf { at: self.path.clone(), data_type });
        };
        let Some((_, inner)) = fields.find(name) else {
            let names = fields.iter().map(|field| field.name().as_str());
            let nearest = viewlane_core::nearest(name, names).map(str::to_owned);
            return Err(Error::Path { name: name.to_owned(), at: self.path.clone(), nearest });
        };
        self.field = inside(&self.field, inner);
        self.at.fields.push(name.to_owned());
        self.path = self.path.field(name);
        Ok(())
    }

    /// Takes lists and maps apart until there is something else.
    fn unwrap_all(&mut self) {
        while let Some((unnest, element)) = apart(self.field.data_type()) {
            let source = std::mem::take(&mut self.at);
            self.levels.push(Level { source, unnest, element: Arc::clone(&element) });
            self.at.level = self.levels.len();
            self.lists.push(self.path.clone());
            self.path = self.path.then(Segment::Item);
            self.field = element;
        }
    }
}

/// What one element of a list or map is, named for `get_field`.
fn apart(data_type: &DataType) -> Option<(Unnest, FieldRef)> {
    let data_type = plain(data_type);
    if let Some(item) = item(data_type) {
        return Some((Unnest::List, Arc::new(item.clone())));
    }
    let DataType::Map(entries, _) = data_type else {
        return None;
    };
    let (key, value) = pair(entries)?;
    // `map_entries` names them so, whatever the map calls them.
    let fields = vec![named(key, "key".to_owned()), named(value, "value".to_owned())];
    let element = Field::new(entries.name(), DataType::Struct(fields.into()), false);
    Some((Unnest::Map, Arc::new(element)))
}

/// A value that is carried down: its list and map levels must be those of the view.
fn carried(
    schema: &Schema,
    levels: &[Level],
    path: &[String],
    alias: &str,
) -> Result<(Access, FieldRef), Error> {
    let mut follow = Follow::of(schema);
    for name in path {
        follow.name(name)?;
    }
    let aside = (0..follow.levels.len()).find(|i| levels.get(*i) != Some(&follow.levels[*i]));
    if let Some(level) = aside {
        let at = follow.lists.swap_remove(level);
        return Err(Error::Aside { alias: alias.to_owned(), at });
    }
    Ok((follow.at, follow.field))
}

fn column(at: &Access, of: &Field, inner: &Field) -> NestedColumn {
    let mut value = at.clone();
    value.fields.push(inner.name().clone());
    NestedColumn { value, field: inside(of, inner) }
}

/// A field of a value that may itself be NULL.
fn inside(of: &Field, inner: &Field) -> FieldRef {
    let nullable = of.is_nullable() || inner.is_nullable();
    Arc::new(inner.clone().with_nullable(nullable))
}

fn named(field: &Field, name: String) -> FieldRef {
    Arc::new(field.clone().with_name(name))
}

#[cfg(test)]
mod tests;
