//! From the table that is stored to the one that is wanted.

use std::fmt;

use arrow_schema::{DataType, Field};
use viewlane_core::{Code, Diagnostic, Kinded};

use crate::{
    ColumnPath, Contract, Difference, Error, Evolution, Relation, Segment, SortColumn, codes,
    compare::{self, item, pair},
    relation::plain,
    type_text,
    union::widens,
};

/// One change of a stored table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// A column or a field of a struct that was not there; old rows have NULL in it.
    AddField {
        /// Where, its own name last.
        path: ColumnPath,
        /// What.
        field: Field,
    },
    /// A column or a field that refuses NULL and was not there: old rows need a value.
    AddRequiredField {
        /// Where, its own name last.
        path: ColumnPath,
        /// What.
        field: Field,
    },
    /// A column or a field that is no longer wanted.
    DropField {
        /// Where, its own name last.
        path: ColumnPath,
    },
    /// Another type that holds every value of the stored one.
    Widen {
        /// Where.
        path: ColumnPath,
        /// The stored type.
        from: DataType,
        /// The wanted type.
        to: DataType,
    },
    /// Another type that does not.
    Retype {
        /// Where.
        path: ColumnPath,
        /// The stored type.
        from: DataType,
        /// The wanted type.
        to: DataType,
    },
    /// NULL is refused from now on.
    SetNotNull {
        /// Where.
        path: ColumnPath,
    },
    /// NULL is possible from now on.
    DropNotNull {
        /// Where.
        path: ColumnPath,
    },
    /// Columns or fields that stay stand in another order.
    Reorder {
        /// The struct; empty for the columns.
        path: ColumnPath,
        /// The wanted order of those that stay.
        names: Vec<String>,
    },
    /// The rows are identified by other columns.
    SetKey {
        /// The wanted columns.
        columns: Vec<String>,
    },
    /// The table is split by other columns.
    Repartition {
        /// The wanted columns.
        columns: Vec<String>,
    },
    /// The rows are sorted by other columns.
    Resort {
        /// The wanted columns.
        columns: Vec<SortColumn>,
    },
    /// An entry of metadata is set, or taken away.
    SetMetadata {
        /// Whose; empty for the table's own.
        path: ColumnPath,
        /// Its key.
        key: String,
        /// Its value; `None` takes it away.
        value: Option<String>,
    },
    /// A condition that every row meets from now on.
    AddConstraint {
        /// Its name.
        name: String,
        /// The SQL.
        sql: String,
    },
    /// A condition that is another from now on.
    ReplaceConstraint {
        /// Its name.
        name: String,
        /// The SQL.
        sql: String,
    },
    /// A condition that rows need not meet any more.
    DropConstraint {
        /// Its name.
        name: String,
    },
    /// A name would be there twice.
    Ambiguous {
        /// Where.
        path: ColumnPath,
    },
}

/// What a change costs a Delta table. Of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// One commit with the action `metaData`; no row is read.
    Metadata,
    /// Every row is read and must fit; then one commit with the action `metaData`.
    Scan,
    /// Every file is removed and written anew in one commit that carries `metaData` as well.
    Rewrite,
}

impl Need {
    /// All needs, the least first.
    pub const ALL: [Self; 3] = [Self::Metadata, Self::Scan, Self::Rewrite];

    /// What Delta is asked for, in words.
    pub fn delta(self) -> &'static str {
        match self {
            Self::Metadata => "`metaData` alone",
            Self::Scan => "a scan that finds nothing, then `metaData`",
            Self::Rewrite => "`remove` of every file, `add` of new ones, `metaData`",
        }
    }
}

/// What holds for all actions of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name, as artifacts and documents have it.
    pub name: &'static str,
    /// When it is needed.
    pub about: &'static str,
    /// The strictest policy that allows it; `None`: none does.
    pub allowed_from: Option<Evolution>,
    /// What it costs; what no policy allows costs nothing.
    pub needs: Option<Need>,
    /// What follows `ALTER TABLE` where SQL can say it.
    pub ddl: Option<&'static str>,
    /// Why the stricter policies refuse it.
    pub because: &'static str,
}

const fn rule(
    name: &'static str,
    about: &'static str,
    allowed_from: Option<Evolution>,
    needs: Option<Need>,
    ddl: Option<&'static str>,
    because: &'static str,
) -> Rule {
    Rule { name, about, allowed_from, needs, ddl, because }
}

use Evolution::{Additive, Relaxed};
use Need::{Metadata, Rewrite, Scan};

/// The rules of all actions, in the order of [`Action`].
#[rustfmt::skip]
pub const RULES: [Rule; 16] = [
    rule("add_field", "a nullable column or field is new", Some(Additive), Some(Metadata),
        Some("ADD COLUMN"), "readers of all columns would get another"),
    rule("add_required_field", "a column or field is new and refuses NULL", Some(Relaxed), Some(Rewrite),
        None, "old rows have no value for it"),
    rule("drop_field", "a column or field is no longer wanted", Some(Relaxed), Some(Rewrite),
        Some("DROP COLUMN"), "readers of it would fail"),
    rule("widen", "the type holds more than before", Some(Relaxed), Some(Rewrite),
        Some("ALTER COLUMN … SET DATA TYPE"), "readers would get values that they have no room for"),
    rule("retype", "the type does not hold every stored value", None, None,
        None, "values would be lost or read as something else"),
    rule("set_not_null", "NULL is refused from now on", Some(Additive), Some(Scan),
        Some("ALTER COLUMN … SET NOT NULL"), "a write that was fine would be refused"),
    rule("drop_not_null", "NULL is possible from now on", Some(Relaxed), Some(Metadata),
        Some("ALTER COLUMN … DROP NOT NULL"), "readers count on a value"),
    rule("reorder", "columns or fields stand in another order", Some(Additive), Some(Metadata),
        Some("ALTER COLUMN … AFTER"), "readers by position would get another column"),
    rule("set_key", "rows are identified by other columns", Some(Relaxed), Some(Rewrite),
        None, "stored rows were told apart by the old key"),
    rule("repartition", "the table is split by other columns", Some(Relaxed), Some(Rewrite),
        None, "readers that skip by the old columns would read everything"),
    rule("resort", "rows are sorted by other columns", Some(Relaxed), Some(Rewrite),
        None, "readers that count on the old order would be wrong"),
    rule("set_metadata", "an entry of metadata is set or taken away", Some(Additive), Some(Metadata),
        None, "readers of metadata would get another value"),
    rule("add_constraint", "rows meet a further condition", Some(Additive), Some(Scan),
        Some("ADD CONSTRAINT"), "a write that was fine would be refused"),
    rule("replace_constraint", "rows meet another condition", Some(Relaxed), Some(Scan),
        None, "readers count on the old one"),
    rule("drop_constraint", "rows need not meet a condition any more", Some(Relaxed), Some(Metadata),
        Some("DROP CONSTRAINT"), "readers count on it"),
    rule("ambiguous", "a name would be there twice", None, None,
        None, "nobody could say which one is meant"),
];

impl Action {
    /// What holds for all actions of its kind.
    pub fn rule(&self) -> &'static Rule {
        let index = match self {
            Self::AddField { .. } => 0,
            Self::AddRequiredField { .. } => 1,
            Self::DropField { .. } => 2,
            Self::Widen { .. } => 3,
            Self::Retype { .. } => 4,
            Self::SetNotNull { .. } => 5,
            Self::DropNotNull { .. } => 6,
            Self::Reorder { .. } => 7,
            Self::SetKey { .. } => 8,
            Self::Repartition { .. } => 9,
            Self::Resort { .. } => 10,
            Self::SetMetadata { .. } => 11,
            Self::AddConstraint { .. } => 12,
            Self::ReplaceConstraint { .. } => 13,
            Self::DropConstraint { .. } => 14,
            Self::Ambiguous { .. } => 15,
        };
        &RULES[index]
    }

    fn of(difference: Difference, wanted: &Relation) -> Self {
        use Difference as D;
        match difference {
            D::Missing { path, .. } => Self::DropField { path },
            D::Extra { path, actual } => {
                let field = find(wanted, &path)
                    .cloned()
                    .unwrap_or_else(|| Field::new(path.to_string(), actual, true));
                if field.is_nullable() || wanted.subject == crate::relation::Subject::Query {
                    Self::AddField { path, field }
                } else {
                    Self::AddRequiredField { path, field }
                }
            }
            D::Duplicate { path } => Self::Ambiguous { path },
            D::Type { path, expected: from, actual: to } => match widens(&from, &to) {
                true => Self::Widen { path, from, to },
                false => Self::Retype { path, from, to },
            },
            D::Nullability { path, expected: true } => Self::SetNotNull { path },
            D::Nullability { path, expected: false } => Self::DropNotNull { path },
            D::Order { path, actual, .. } => Self::Reorder { path, names: actual },
            D::Key { actual, .. } => Self::SetKey { columns: actual },
            D::Partition { actual, .. } => Self::Repartition { columns: actual },
            D::Sorting { actual, .. } => Self::Resort { columns: actual },
            D::Metadata { path, key, actual, .. } => Self::SetMetadata { path, key, value: actual },
            D::Constraint { name, expected: None, actual: Some(sql) } => {
                Self::AddConstraint { name, sql }
            }
            D::Constraint { name, actual: Some(sql), .. } => Self::ReplaceConstraint { name, sql },
            D::Constraint { name, actual: None, .. } => Self::DropConstraint { name },
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |columns: &[String]| match columns {
            [] => "none".to_owned(),
            columns => format!("({})", columns.join(", ")),
        };
        match self {
            Self::AddField { path, field } => {
                write!(f, "add `{path}`: {}", type_text(field.data_type()))
            }
            Self::AddRequiredField { path, field } => {
                write!(f, "add `{path}`: {} NOT NULL", type_text(field.data_type()))
            }
            Self::DropField { path } => write!(f, "drop `{path}`"),
            Self::Widen { path, from, to } => {
                write!(f, "widen `{path}` from {} to {}", type_text(from), type_text(to))
            }
            Self::Retype { path, from, to } => {
                write!(f, "change `{path}` from {} to {}", type_text(from), type_text(to))
            }
            Self::SetNotNull { path } => write!(f, "refuse NULL in `{path}`"),
            Self::DropNotNull { path } => write!(f, "allow NULL in `{path}`"),
            Self::Reorder { path, names } if path.segments().is_empty() => {
                write!(f, "put the columns into the order {}", list(names))
            }
            Self::Reorder { path, names } => {
                write!(f, "put the fields of `{path}` into the order {}", list(names))
            }
            Self::SetKey { columns } => write!(f, "identify rows by {}", list(columns)),
            Self::Repartition { columns } => write!(f, "split the table by {}", list(columns)),
            Self::Resort { columns } => {
                let columns: Vec<_> = columns.iter().map(ToString::to_string).collect();
                write!(f, "sort rows by {}", list(&columns))
            }
            Self::SetMetadata { path, key, value } => {
                match value {
                    Some(value) => write!(f, "set metadata `{key}` to `{value}`")?,
                    None => write!(f, "take metadata `{key}` away")?,
                }
                if path.segments().is_empty() { Ok(()) } else { write!(f, " on `{path}`") }
            }
            Self::AddConstraint { name, sql } => write!(f, "add constraint `{name}`: {sql}"),
            Self::ReplaceConstraint { name, sql } => {
                write!(f, "change constraint `{name}` to: {sql}")
            }
            Self::DropConstraint { name } => write!(f, "drop constraint `{name}`"),
            Self::Ambiguous { path } => write!(f, "add a second `{path}`"),
        }
    }
}

/// A change that the policy does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The change.
    pub action: Action,
    /// The policy.
    pub policy: Evolution,
}

impl Refusal {
    /// What to do about it.
    pub fn help(&self) -> String {
        match (&self.action, self.action.rule().allowed_from) {
            (_, Some(from)) => {
                format!("take the change back, or set `contract = '{from}'` to allow it")
            }
            (Action::Ambiguous { .. }, None) => "give one of the two another name".to_owned(),
            (_, None) => "give the new values a column of another name".to_owned(),
        }
    }

    /// The refusal as a finding, without a place.
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.code(), self.to_string()).help(self.help())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, policy } = self;
        let because = action.rule().because;
        write!(f, "the policy `{policy}` does not allow to {action}: {because}")
    }
}

impl Kinded for Refusal {
    fn code(&self) -> Code {
        codes::EVOLUTION
    }
}

/// What becomes of a stored table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvolutionPlan {
    /// What is done, if nothing is refused.
    pub actions: Vec<Action>,
    /// What is not done. With any of these, nothing is done.
    pub refused: Vec<Refusal>,
}

impl EvolutionPlan {
    /// What the whole costs; `None` when there is nothing to do, or something is refused.
    pub fn needs(&self) -> Option<Need> {
        let needs = self.actions.iter().filter_map(|action| action.rule().needs).max();
        needs.filter(|_| self.refused.is_empty())
    }
}

/// Plans the changes that make a stored table the wanted one. A column that was renamed is one that
/// is gone and one that is new: nothing is guessed from names.
///
/// ```
/// use std::sync::Arc;
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_schema_contract::{Evolution, Need, Relation, plan_evolution};
///
/// let a = Field::new("a", DataType::Int64, true);
/// let b = Field::new("b", DataType::Utf8, true);
/// let stored = Relation::table(Arc::new(Schema::new(vec![a.clone()])));
/// let wanted = Relation::table(Arc::new(Schema::new(vec![a, b])));
/// let plan = plan_evolution(&stored, &wanted, Evolution::Additive);
/// assert_eq!(plan.needs(), Some(Need::Metadata));
/// let refused = plan_evolution(&stored, &wanted, Evolution::Strict).refused;
/// assert!(refused[0].to_string().starts_with("the policy `strict` does not allow to add `b`"));
/// ```
pub fn plan_evolution(stored: &Relation, wanted: &Relation, policy: Evolution) -> EvolutionPlan {
    let mut plan = EvolutionPlan::default();
    for difference in compare::as_stored(stored, wanted) {
        let action = Action::of(difference, wanted);
        if action.rule().allowed_from.is_some_and(|from| from <= policy) {
            plan.actions.push(action);
        } else {
            plan.refused.push(Refusal { action, policy });
        }
    }
    plan
}

impl Contract {
    /// Whether this contract may take the place of an earlier one: a numbered contract that says
    /// something else has a greater number.
    ///
    /// # Errors
    ///
    /// [`Error::Version`] when the number is missing, less, or the same for another contract.
    pub fn follows(&self, earlier: &Self) -> Result<(), Error> {
        let error = || Error::Version { earlier: earlier.version(), later: self.version() };
        match (earlier.version(), self.version()) {
            (None, _) => Ok(()),
            (Some(before), Some(now)) if now > before || (now == before && self == earlier) => {
                Ok(())
            }
            _ => Err(error()),
        }
    }
}

fn find<'a>(relation: &'a Relation, path: &ColumnPath) -> Option<&'a Field> {
    let mut steps = path.segments().iter();
    let Some(Segment::Field(column)) = steps.next() else {
        return None;
    };
    let mut field = relation.schema.fields().find(column)?.1.as_ref();
    for step in steps {
        field = match (step, plain(field.data_type())) {
            (Segment::Field(name), DataType::Struct(fields)) => fields.find(name)?.1,
            (Segment::Field(name), DataType::Union(members, _)) => {
                members.iter().find(|(_, member)| member.name() == name)?.1
            }
            (Segment::Key, DataType::Map(entries, _)) => pair(entries)?.0,
            (Segment::Value, DataType::Map(entries, _)) => pair(entries)?.1,
            (Segment::Item, list) => item(list)?,
            _ => return None,
        };
    }
    Some(field)
}

#[cfg(test)]
mod tests;
