use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use arrow_schema::{DataType, Schema};

/// What gives the columns that are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Query,
    Table,
}

/// What is known of a relation that is compared with a contract or a snapshot.
///
/// What is not known is not compared: a plan has no key and no partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    pub(crate) subject: Subject,
    pub(crate) schema: Arc<Schema>,
    pub(crate) facts: Facts,
}

/// What is known beside the columns. `None`: not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) key: Option<Vec<String>>,
    pub(crate) partition_by: Option<Vec<String>>,
    pub(crate) sort_by: Option<Vec<SortColumn>>,
    pub(crate) constraints: Option<BTreeMap<String, String>>,
}

impl Relation {
    /// The columns that a query gives. Whether a planned column can be NULL is a guess of the
    /// planner, so nullability is not compared: NULLs are refused while writing.
    pub fn query(schema: Arc<Schema>) -> Self {
        Self { subject: Subject::Query, schema, facts: Facts::default() }
    }

    /// The columns of a stored table, nullability included.
    pub fn table(schema: Arc<Schema>) -> Self {
        Self { subject: Subject::Table, schema, facts: Facts::default() }
    }

    /// The columns that identify a row; none at all is a fact too.
    #[must_use]
    pub fn key(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facts.key = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The columns by which the table is split.
    #[must_use]
    pub fn partition_by(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facts.partition_by = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The columns by which the rows are sorted.
    #[must_use]
    pub fn sort_by(mut self, columns: impl IntoIterator<Item = SortColumn>) -> Self {
        self.facts.sort_by = Some(columns.into_iter().collect());
        self
    }

    /// The conditions that every row meets: name and SQL expression.
    #[must_use]
    pub fn constraints(
        mut self,
        constraints: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let entries = constraints.into_iter().map(|(name, sql)| (name.into(), sql.into()));
        self.facts.constraints = Some(entries.collect());
        self
    }

    /// The columns.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }
}

/// A column by which rows are sorted, as `day desc nulls last`.
///
/// Without a word on NULLs they stand where SQL puts them here: last when ascending, first when
/// descending.
///
/// ```
/// use viewlane_schema_contract::SortColumn;
///
/// let column: SortColumn = "day desc".parse().unwrap();
/// assert!(column.descending && column.nulls_first);
/// assert_eq!(column.to_string(), "day desc");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortColumn {
    /// The column, already normalised.
    pub name: String,
    /// Whether the greatest stands first.
    pub descending: bool,
    /// Whether NULLs stand before everything else.
    pub nulls_first: bool,
}

impl SortColumn {
    /// Ascending, NULLs last.
    pub fn ascending(name: impl Into<String>) -> Self {
        Self { name: name.into(), descending: false, nulls_first: false }
    }
}

impl fmt::Display for SortColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_text(&self.name))?;
        if self.descending {
            f.write_str(" desc")?;
        }
        match (self.descending, self.nulls_first) {
            (false, true) => f.write_str(" nulls first"),
            (true, false) => f.write_str(" nulls last"),
            _ => Ok(()),
        }
    }
}

/// The text is not a column with at most `asc` or `desc` and `nulls first` or `nulls last` after it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a column with `asc` or `desc` and `nulls first` or `nulls last` after it")]
pub struct SortColumnError(String);

impl FromStr for SortColumn {
    type Err = SortColumnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || SortColumnError(text.to_owned());
        let (name, rest) = name_and_rest(text.trim()).ok_or_else(error)?;
        let rest = rest.to_ascii_lowercase();
        let words: Vec<&str> = rest.split_ascii_whitespace().collect();
        let (descending, nulls) = match words[..] {
            ["desc", ref nulls @ ..] => (true, nulls),
            ["asc", ref nulls @ ..] => (false, nulls),
            ref nulls => (false, nulls),
        };
        let nulls_first = match nulls {
            [] => descending,
            ["nulls", "first"] => true,
            ["nulls", "last"] => false,
            _ => return Err(error()),
        };
        Ok(Self { name, descending, nulls_first })
    }
}

/// A name as it is, or in quotes when it would not be read back as one word.
pub(crate) fn name_text(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        crate::notation::quoted(name)
    }
}

/// Reads what [`name_text`] gives; the rest of the text.
pub(crate) fn name_and_rest(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return crate::notation::unquoted(text);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !plain(c)).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// What a type is beneath how a batch holds it: dictionaries and runs are their values.
pub(crate) fn plain(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, value) => plain(value),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        other => other,
    }
}

/// Whether two types without others inside differ at most in how a batch holds their values.
pub(crate) fn same_leaf(one: &DataType, other: &DataType) -> bool {
    use DataType as T;
    let text = |t: &T| matches!(t, T::Utf8 | T::LargeUtf8 | T::Utf8View);
    let bytes = |t: &T| matches!(t, T::Binary | T::LargeBinary | T::BinaryView);
    one == other || (text(one) && text(other)) || (bytes(one) && bytes(other))
}
