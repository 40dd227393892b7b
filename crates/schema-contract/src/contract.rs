use std::collections::{BTreeMap, BTreeSet};

use arrow_schema::{DataType, Fields, Schema};

use crate::{
    ColumnPath, Difference, Error, Evolution, Relation, SortColumn, Violation, compare,
    relation::{Facts, Subject},
};

/// One declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, already normalised.
    pub name: String,
    /// Arrow type at any depth; `None` leaves the type to the query.
    pub data_type: Option<DataType>,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// SQL of the value that stands in for one that is not given.
    pub default: Option<String>,
    /// What it means, for people.
    pub description: Option<String>,
    /// Arrow metadata that the column must carry; it may carry more.
    pub metadata: BTreeMap<String, String>,
}

impl Column {
    /// A nullable column of a type.
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self { data_type: Some(data_type), ..Self::untyped(name) }
    }

    /// A nullable column whose type is the query's.
    pub fn untyped(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            data_type: None,
            not_null: false,
            default: None,
            description: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Refuses NULL.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }

    /// Asks for an entry of metadata.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

/// What a view promises about its columns.
///
/// Invariant: at least one column; no name twice, inside structs neither; every column of key,
/// partition and order declared. A part that is empty promises nothing and is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    columns: Vec<Column>,
    key: Vec<String>,
    partition_by: Vec<String>,
    sort_by: Vec<SortColumn>,
    constraints: BTreeMap<String, String>,
    evolution: Evolution,
    version: Option<u32>,
    description: Option<String>,
}

impl Contract {
    /// Starts a contract without columns.
    pub fn builder(evolution: Evolution) -> ContractBuilder {
        ContractBuilder {
            contract: Self {
                columns: Vec::new(),
                key: Vec::new(),
                partition_by: Vec::new(),
                sort_by: Vec::new(),
                constraints: BTreeMap::new(),
                evolution,
                version: None,
                description: None,
            },
        }
    }

    /// The declared columns in declared order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns that identify a row.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The columns by which the table is split.
    pub fn partition_by(&self) -> &[String] {
        &self.partition_by
    }

    /// The columns by which the rows are sorted.
    pub fn sort_by(&self) -> &[SortColumn] {
        &self.sort_by
    }

    /// The conditions that every row meets: SQL expressions by name.
    pub fn constraints(&self) -> &BTreeMap<String, String> {
        &self.constraints
    }

    /// How far the actual columns may go beyond the declared ones.
    pub fn evolution(&self) -> Evolution {
        self.evolution
    }

    /// The version, if the contract is numbered.
    pub fn version(&self) -> Option<u32> {
        self.version
    }

    /// What the view is, for people.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Names of the columns in which NULL is refused: declared `NOT NULL`, or part of the key.
    pub fn not_null(&self) -> BTreeSet<&str> {
        let declared = self.columns.iter().filter(|c| c.not_null).map(|c| c.name.as_str());
        declared.chain(self.key.iter().map(String::as_str)).collect()
    }

    /// Where inside columns NULL is refused by the declared types. As with columns, a query's
    /// schema cannot tell: whoever writes the data counts.
    pub fn not_null_inside(&self) -> Vec<ColumnPath> {
        compare::not_null_inside(&self.columns)
    }

    /// Compares the columns that a query gives with the declaration. Empty means the contract holds
    /// as far as a schema can tell; NULLs are data, and are checked while writing.
    pub fn check(&self, actual: &Schema) -> Vec<Violation> {
        self.violations(Subject::Query, actual, &Facts::default())
    }

    /// Compares all that is known of a relation with the declaration.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow_schema::{DataType, Field, Schema};
    /// use viewlane_schema_contract::{Column, Contract, Evolution, Relation};
    ///
    /// let contract = Contract::builder(Evolution::Strict)
    ///     .column(Column::new("id", DataType::Int64).not_null())
    ///     .key(["id"])
    ///     .build()?;
    /// let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
    /// let found = contract.check_relation(&Relation::table(schema).key(["id"]));
    /// assert_eq!(
    ///     found[0].to_string(),
    ///     "column `id` is declared NOT NULL, in the table it can be NULL"
    /// );
    /// # Ok::<(), viewlane_schema_contract::Error>(())
    /// ```
    pub fn check_relation(&self, actual: &Relation) -> Vec<Violation> {
        self.violations(actual.subject, &actual.schema, &actual.facts)
    }

    /// Everything in which a relation is not what was declared, allowed or not: a question, not an
    /// enforcement.
    pub fn divergence(&self, actual: &Relation) -> Vec<Difference> {
        compare::with_contract(self, actual.subject, &actual.schema, &actual.facts)
    }

    fn violations(&self, subject: Subject, schema: &Schema, facts: &Facts) -> Vec<Violation> {
        let found = compare::with_contract(self, subject, schema, facts);
        let refused = found.into_iter().filter(|d| !self.evolution.allows(d.kind()));
        refused.map(|difference| Violation { difference, subject }).collect()
    }
}

/// Collects what is declared; `build` checks the whole.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ContractBuilder {
    contract: Contract,
}

impl ContractBuilder {
    /// Declares the next column.
    pub fn column(mut self, column: Column) -> Self {
        self.contract.columns.push(column);
        self
    }

    /// Declares the columns that identify a row.
    pub fn key(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.contract.key = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Declares the columns by which the table is split.
    pub fn partition_by(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.contract.partition_by = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Declares the columns by which the rows are sorted.
    pub fn sort_by(mut self, columns: impl IntoIterator<Item = SortColumn>) -> Self {
        self.contract.sort_by = columns.into_iter().collect();
        self
    }

    /// Declares a condition that every row meets.
    pub fn constraint(mut self, name: impl Into<String>, sql: impl Into<String>) -> Self {
        self.contract.constraints.insert(name.into(), sql.into());
        self
    }

    /// Numbers the contract.
    pub fn version(mut self, version: u32) -> Self {
        self.contract.version = Some(version);
        self
    }

    /// Says what the view is.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.contract.description = Some(text.into());
        self
    }

    /// Checks the whole.
    ///
    /// # Errors
    ///
    /// [`Error`] for no columns, a name twice at any depth, or a key, partition or order that is
    /// not declared.
    pub fn build(self) -> Result<Contract, Error> {
        let contract = &self.contract;
        let mut names = BTreeSet::new();
        for column in &contract.columns {
            if !names.insert(column.name.as_str()) {
                return Err(Error::Duplicate(column.name.clone()));
            }
            if let Some(data_type) = &column.data_type {
                distinct(data_type, &ColumnPath::column(&column.name))?;
            }
        }
        if names.is_empty() {
            return Err(Error::Empty);
        }
        if let Some(key) = contract.key.iter().find(|key| !names.contains(key.as_str())) {
            return Err(Error::UnknownKey(key.clone()));
        }
        let sorted: Vec<String> = contract.sort_by.iter().map(|c| c.name.clone()).collect();
        let parts = [
            ("the key", &contract.key),
            ("the partition", &contract.partition_by),
            ("the order", &sorted),
        ];
        for (what, columns) in parts {
            let mut seen = BTreeSet::new();
            for column in columns {
                if !names.contains(column.as_str()) {
                    return Err(Error::UnknownColumn { what, column: column.clone() });
                }
                if !seen.insert(column) {
                    return Err(Error::NamedTwice { what, column: column.clone() });
                }
            }
        }
        Ok(self.contract)
    }
}

/// Fields are matched by name, so no struct may have a name twice.
fn distinct(data_type: &DataType, at: &ColumnPath) -> Result<(), Error> {
    use DataType as T;
    let inside = |fields: &Fields| {
        let mut names = BTreeSet::new();
        for field in fields {
            let path = at.field(field.name());
            if !names.insert(field.name()) {
                return Err(Error::Duplicate(path.to_string()));
            }
            distinct(field.data_type(), &path)?;
        }
        Ok(())
    };
    match data_type {
        T::Struct(fields) => inside(fields),
        T::Union(fields, _) => fields.iter().try_for_each(|(_, f)| distinct(f.data_type(), at)),
        T::Dictionary(_, value) => distinct(value, at),
        T::RunEndEncoded(_, item)
        | T::List(item)
        | T::LargeList(item)
        | T::ListView(item)
        | T::LargeListView(item)
        | T::FixedSizeList(item, _) => distinct(item.data_type(), at),
        T::Map(entries, _) => match entries.data_type() {
            T::Struct(pair) => pair.iter().try_for_each(|f| distinct(f.data_type(), at)),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
