use std::{collections::BTreeSet, fmt, str::FromStr};

use arrow_schema::{DataType, Schema};
use viewlane_core::{Code, Kinded};

use crate::{Error, error::VIOLATION};

/// How far the actual columns may go beyond the declared ones.
///
/// | | missing column | extra column | other order | other type |
/// |---|---|---|---|---|
/// | `strict` | violation | violation | violation | violation |
/// | `additive` | violation | allowed | allowed | violation |
/// | `relaxed` | allowed | allowed | allowed | violation |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evolution {
    /// Exactly the declared columns in the declared order.
    #[default]
    Strict,
    /// At least the declared columns.
    Additive,
    /// What is there of the declared columns has its declared type.
    Relaxed,
}

impl fmt::Display for Evolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Additive => "additive",
            Self::Relaxed => "relaxed",
        })
    }
}

impl FromStr for Evolution {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "strict" => Ok(Self::Strict),
            "additive" => Ok(Self::Additive),
            "relaxed" => Ok(Self::Relaxed),
            _ => Err(()),
        }
    }
}

/// One declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, already normalised.
    pub name: String,
    /// Arrow type at any depth; `None` leaves the type to the query.
    pub data_type: Option<DataType>,
    /// Whether NULL is refused.
    pub not_null: bool,
}

impl Column {
    /// A nullable column of a type.
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self { name: name.into(), data_type: Some(data_type), not_null: false }
    }

    /// A nullable column whose type is the query's.
    pub fn untyped(name: impl Into<String>) -> Self {
        Self { name: name.into(), data_type: None, not_null: false }
    }

    /// Refuses NULL.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }
}

/// What a view promises about its columns.
///
/// Invariant: at least one column, no name twice, every key column declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    columns: Vec<Column>,
    key: Vec<String>,
    evolution: Evolution,
}

impl Contract {
    /// Starts a contract without columns.
    pub fn builder(evolution: Evolution) -> ContractBuilder {
        ContractBuilder { contract: Self { columns: Vec::new(), key: Vec::new(), evolution } }
    }

    /// The declared columns in declared order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Names of the columns in which NULL is refused: declared `NOT NULL`, or part of the key.
    pub fn not_null(&self) -> BTreeSet<&str> {
        let declared = self.columns.iter().filter(|c| c.not_null).map(|c| c.name.as_str());
        declared.chain(self.key.iter().map(String::as_str)).collect()
    }

    /// Compares a schema with the declaration. Empty means the contract holds as far as a schema
    /// can tell; NULLs are data, and are checked while writing.
    pub fn check(&self, actual: &Schema) -> Vec<Violation> {
        let mut found = Vec::new();
        for column in &self.columns {
            match actual.field_with_name(&column.name) {
                Ok(field) => {
                    if let Some(expected) =
                        column.data_type.as_ref().filter(|t| !same_type(t, field.data_type()))
                    {
                        found.push(Violation::Type {
                            column: column.name.clone(),
                            expected: expected.clone(),
                            actual: field.data_type().clone(),
                        });
                    }
                }
                Err(_) if self.evolution == Evolution::Relaxed => {}
                Err(_) => {
                    let names = actual.fields().iter().map(|field| field.name().as_str());
                    found.push(Violation::Missing {
                        column: column.name.clone(),
                        nearest: viewlane_core::nearest(&column.name, names).map(str::to_owned),
                    });
                }
            }
        }
        if self.evolution == Evolution::Strict {
            let declared: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
            let names: Vec<&str> = actual.fields().iter().map(|f| f.name().as_str()).collect();
            let extra: Vec<_> = names.iter().filter(|name| !declared.contains(name)).collect();
            found.extend(extra.iter().map(|name| Violation::Extra { column: (**name).to_owned() }));
            if found.is_empty() && names != declared {
                found.push(Violation::Order {
                    expected: declared.into_iter().map(str::to_owned).collect(),
                    actual: names.into_iter().map(str::to_owned).collect(),
                });
            }
        }
        found
    }
}

/// Text and binary types that differ only in how a batch holds them are one type to a reader of a
/// stored table.
fn same_type(expected: &DataType, actual: &DataType) -> bool {
    use DataType as T;
    let text = |t: &T| matches!(t, T::Utf8 | T::LargeUtf8 | T::Utf8View);
    let bytes = |t: &T| matches!(t, T::Binary | T::LargeBinary | T::BinaryView);
    match (expected, actual) {
        (T::Dictionary(_, value), other) | (other, T::Dictionary(_, value)) => {
            same_type(value, other)
        }
        (T::List(a) | T::LargeList(a), T::List(b) | T::LargeList(b)) => {
            same_type(a.data_type(), b.data_type())
        }
        (T::Struct(a), T::Struct(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.name() == b.name() && same_type(a.data_type(), b.data_type()))
        }
        (T::Map(a, _), T::Map(b, _)) => same_type(a.data_type(), b.data_type()),
        (a, b) => a == b || (text(a) && text(b)) || (bytes(a) && bytes(b)),
    }
}

/// Collects columns and keys; `build` checks the whole.
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

    /// Checks the whole.
    ///
    /// # Errors
    ///
    /// [`Error`] for no columns, a name twice, or a key that is not declared.
    pub fn build(self) -> Result<Contract, Error> {
        let mut names = BTreeSet::new();
        for column in &self.contract.columns {
            if !names.insert(column.name.as_str()) {
                return Err(Error::Duplicate(column.name.clone()));
            }
        }
        if names.is_empty() {
            return Err(Error::Empty);
        }
        if let Some(key) = self.contract.key.iter().find(|key| !names.contains(key.as_str())) {
            return Err(Error::UnknownKey(key.clone()));
        }
        Ok(self.contract)
    }
}

/// One way in which actual columns are not what was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A declared column is not there.
    Missing {
        /// The declared name.
        column: String,
        /// The nearest actual name.
        nearest: Option<String>,
    },
    /// A column is there that was not declared.
    Extra {
        /// The actual name.
        column: String,
    },
    /// A column has another type.
    Type {
        /// The column.
        column: String,
        /// Declared type.
        expected: DataType,
        /// Actual type.
        actual: DataType,
    },
    /// The right columns in another order.
    Order {
        /// Declared order.
        expected: Vec<String>,
        /// Actual order.
        actual: Vec<String>,
    },
}

impl Violation {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Missing { nearest: Some(near), .. } => {
                format!("the query gives `{near}`: rename one of the two")
            }
            Self::Missing { .. } => {
                "add it to the query, or take it off the column list".to_owned()
            }
            Self::Extra { .. } => {
                "declare it, or set `contract = 'additive'` to allow further columns".to_owned()
            }
            Self::Type { expected, .. } => {
                format!("cast it to {expected}, or change the column list")
            }
            Self::Order { .. } => {
                "reorder one of the two, or set `contract = 'additive'` to allow any order"
                    .to_owned()
            }
        }
    }

    /// The column it is about, if it is about one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Missing { column, .. } | Self::Extra { column } | Self::Type { column, .. } => {
                Some(column)
            }
            Self::Order { .. } => None,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { column, .. } => {
                write!(f, "column `{column}` is declared, but the query does not give it")
            }
            Self::Extra { column } => {
                write!(f, "the query gives column `{column}`, which is not declared")
            }
            Self::Type { column, expected, actual } => {
                write!(f, "column `{column}` is declared as {expected}, the query gives {actual}")
            }
            Self::Order { expected, actual } => write!(
                f,
                "columns are declared as ({}), the query gives ({})",
                expected.join(", "),
                actual.join(", ")
            ),
        }
    }
}

impl Kinded for Violation {
    fn code(&self) -> Code {
        VIOLATION
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::Field;
    use proptest::prelude::*;

    use super::*;

    fn contract(evolution: Evolution) -> Contract {
        Contract::builder(evolution)
            .column(Column::new("id", DataType::Int64))
            .column(Column::new("name", DataType::Utf8))
            .column(Column::untyped("free"))
            .key(["id"])
            .build()
            .unwrap()
    }

    fn check(evolution: Evolution, columns: &[(&str, DataType)]) -> String {
        let fields = columns.iter().map(|(name, t)| Field::new(*name, t.clone(), true));
        let found = contract(evolution).check(&Schema::new(fields.collect::<Vec<_>>()));
        let lines = found.iter().map(|v| format!("{}: {v}; {}", v.code(), v.help()));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn three_policies_are_three_behaviours() {
        use DataType::{Boolean, Int32, Int64, Utf8View};
        let same = [("id", Int64), ("name", Utf8View), ("free", Boolean)];
        let turned = [("name", Utf8View), ("id", Int64), ("free", Boolean)];
        let more = [("id", Int64), ("name", Utf8View), ("free", Boolean), ("x", Boolean)];
        let less = [("id", Int64), ("nam", Utf8View), ("free", Boolean)];
        let other = [("id", Int32), ("name", Utf8View), ("free", Boolean)];
        let lines = |evolution| {
            [&same[..], &turned, &more, &less, &other].map(|c| check(evolution, c)).join("\n--\n")
        };
        insta::assert_snapshot!(lines(Evolution::Strict), @r"
        --
        VL-S0201: columns are declared as (id, name, free), the query gives (name, id, free); reorder one of the two, or set `contract = 'additive'` to allow any order
        --
        VL-S0201: the query gives column `x`, which is not declared; declare it, or set `contract = 'additive'` to allow further columns
        --
        VL-S0201: column `name` is declared, but the query does not give it; the query gives `nam`: rename one of the two
        VL-S0201: the query gives column `nam`, which is not declared; declare it, or set `contract = 'additive'` to allow further columns
        --
        VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
        ");
        insta::assert_snapshot!(lines(Evolution::Additive), @r"
        --

        --

        --
        VL-S0201: column `name` is declared, but the query does not give it; the query gives `nam`: rename one of the two
        --
        VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
        ");
        insta::assert_snapshot!(lines(Evolution::Relaxed), @r"
        --

        --

        --

        --
        VL-S0201: column `id` is declared as Int64, the query gives Int32; cast it to Int64, or change the column list
        ");
    }

    #[test]
    fn a_contract_that_contradicts_itself_is_refused() {
        let column = || Column::untyped("a");
        let builder = || Contract::builder(Evolution::Strict);
        let refused = |builder: ContractBuilder| builder.build().unwrap_err().to_string();
        assert_eq!(refused(builder()), "a contract needs at least one column");
        assert_eq!(
            refused(builder().column(column()).column(column())),
            "column `a` is declared twice"
        );
        assert_eq!(
            refused(builder().column(column()).key(["b"])),
            "the key names `b`, which is not a declared column"
        );
    }

    proptest! {
        /// A schema satisfies the contract that was written down from the same names and types,
        /// and dropping any one column is exactly one violation.
        #[test]
        fn each_missing_column_is_found(names in prop::collection::btree_set("[a-z]{3,9}", 2..8), drop in any::<prop::sample::Index>()) {
            let names: Vec<_> = names.into_iter().collect();
            let contract = names.iter().fold(Contract::builder(Evolution::Strict), |b, n| b.column(Column::new(n.clone(), DataType::Int32))).build().unwrap();
            let schema = |names: &[String]| Schema::new(names.iter().map(|n| Field::new(n, DataType::Int32, true)).collect::<Vec<_>>());
            prop_assert!(contract.check(&schema(&names)).is_empty());
            let mut fewer = names.clone();
            let gone = fewer.remove(drop.index(names.len()));
            let found = contract.check(&schema(&fewer));
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].column(), Some(gone.as_str()));
        }
    }
}
