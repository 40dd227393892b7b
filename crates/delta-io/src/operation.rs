//! What can be done to a table beside a refresh, each as one guarded commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::{
    execution::{SendableRecordBatchStream, SessionState},
    logical_expr::{Expr, LogicalPlan, Operator, binary_expr},
    prelude::{Column, DataFrame},
};
use deltalake::{
    DeltaTable, DeltaTableError,
    delta_datafusion::SessionFallbackPolicy,
    kernel::{StructField, Transaction, engine::arrow_conversion::TryIntoKernel},
    operations::optimize::OptimizeType,
    protocol::{DeltaOperation, SaveMode},
};
use serde_json::Value;
use viewlane_core::{
    CommitOutcome, PortError, SkipReason, TableLocation, TableSpec, WriteMode, nearest,
};

use crate::{
    border, codes,
    commit::commit_actions,
    guard::{Ticket, operation_error},
    log,
    session::{Predicate, session},
    store::read_error,
};

/// Something that is done to a table in one commit.
#[non_exhaustive]
pub enum Operation {
    /// A table comes, without rows. One that is there already is a conflict.
    Create {
        /// Its columns.
        schema: SchemaRef,
        /// What else it is created with.
        spec: TableSpec,
        /// Columns that may not be NULL.
        not_null: BTreeSet<String>,
        /// Columns that are computed from others, and how, in SQL.
        generated: BTreeMap<String, String>,
    },
    /// Rows are written; a table that is not there is created.
    Write {
        /// What becomes of the rows that are there.
        mode: WriteMode,
        /// The columns of the rows.
        schema: SchemaRef,
        /// What the table is created with.
        spec: TableSpec,
        /// The rows, as streams that are read side by side.
        rows: Vec<SendableRecordBatchStream>,
    },
    /// Rows of which a predicate is true go. Those of which it is NULL stay, as in SQL.
    Delete {
        /// The predicate; a blank one is refused.
        predicate: Predicate,
    },
    /// Columns of the rows of which a predicate is true get other values.
    Update {
        /// The predicate; a blank one is refused.
        predicate: Predicate,
        /// The new value of each column, over the values that the row has.
        set: BTreeMap<String, Predicate>,
    },
    /// Rows of a source are put into a table by key.
    Merge(Merge),
    /// The table becomes as it was at a version, with what it had consumed of its sources then.
    Restore {
        /// The version.
        version: u64,
    },
    /// Files are put together. No row changes.
    Optimize {
        /// Columns whose near values are put into the same files; without any, small files are put
        /// together as they are.
        z_order: Vec<String>,
        /// The size that files come near, in bytes.
        target_file_bytes: NonZeroU64,
    },
    /// Columns come, NULL in the rows that are there.
    AddColumns(SchemaRef),
    /// A column gets a type that holds more values.
    WidenColumn {
        /// Its name.
        column: String,
        /// The new type.
        to: DataType,
    },
    /// From now on an expression is true of each row. It has to be true of those that are there.
    AddConstraint {
        /// Its name.
        name: String,
        /// SQL over the columns.
        expression: String,
    },
    /// A constraint goes.
    DropConstraint {
        /// Its name.
        name: String,
    },
    /// Table properties are set.
    SetProperties(BTreeMap<String, String>),
}

/// Rows put into a table by key. A NULL in a key is equal to a NULL.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The rows. Columns that the table does not have may be named in `delete_when` only.
    pub source: LogicalPlan,
    /// Columns that tell rows apart, in the source and in the table. Two rows of the source that
    /// match one row of the table are an error.
    pub keys: Vec<String>,
    /// Matched rows of the table go if this is true of the row of the source, which is not inserted
    /// either.
    pub delete_when: Option<String>,
    /// Whether matched rows of the table take the values of the source.
    pub update: bool,
    /// Whether rows of the source that match none come.
    pub insert: bool,
}

/// Who makes a commit, and from what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationIntent {
    /// Who commits, as `<project>/<view>` or another name of two parts. Commits of one owner fence
    /// each other.
    pub owner: String,
    /// The run that makes the commit: another one for each attempt to do something new.
    pub run_id: String,
    /// What the commit takes from each source, by the identity of the source. With it a commit
    /// that was made is not made again.
    pub consumed: BTreeMap<String, ConsumedStep>,
    /// What else the commit says, by keys with a prefix of the caller's own, as in `team.key`.
    pub metadata: BTreeMap<String, Value>,
}

/// What a commit takes from a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumedStep {
    /// The changes between two versions. The table must have consumed exactly the first.
    Advance {
        /// The version that was reached before; `None` for a source that is new.
        from: Option<u64>,
        /// The version that is reached by the commit.
        to: u64,
    },
    /// All of a version, whatever was consumed before.
    Restart {
        /// The version.
        to: u64,
    },
}

/// Does anything but a write of rows.
pub(crate) async fn operate(
    table: DeltaTable,
    location: &TableLocation,
    operation: Operation,
    intent: OperationIntent,
) -> Result<CommitOutcome, PortError> {
    let restored = match &operation {
        Operation::Restore { version } => taken_back(&table, location, &intent, *version).await?,
        _ => Vec::new(),
    };
    let mut pass = match Ticket::of_operation(intent)?.check(Some(&table), location).await? {
        Ok(pass) => pass,
        Err(outcome) => return Ok(outcome),
    };
    pass.also(restored);
    let log_store = table.log_store();
    let before = table.clone();
    let properties = pass.properties.clone();
    let attempt = start(table, location, operation, properties).await?;
    let attempt = match attempt {
        // Nothing was to be done to rows, but what was consumed is news.
        Ok(version) if Some(version) == pass.base => {
            if !pass.has_news {
                let because = SkipReason::NothingToDo;
                return Ok(CommitOutcome::Skipped { version, because });
            }
            let properties = pass.properties.clone();
            let operation = DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: None,
                predicate: None,
            };
            commit_actions(&before, properties, Vec::new(), operation).await
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    pass.settle(&log_store, location, attempt).await
}

/// Runs an operation of delta-rs on the snapshot of the table: the version after it, or its error.
/// What is wrong with the request itself is the outer error.
async fn start(
    table: DeltaTable,
    location: &TableLocation,
    operation: Operation,
    properties: deltalake::kernel::transaction::CommitProperties,
) -> Result<Result<u64, DeltaTableError>, PortError> {
    let policy = SessionFallbackPolicy::RequireSessionState;
    let state = session(&table.log_store());
    let read = |error| read_error(location, error);
    let snapshot = table.snapshot().map_err(read)?;
    let columns = snapshot.snapshot().arrow_schema();
    let shared = Arc::new(state.clone());
    let done = match operation {
        Operation::Delete { predicate } => {
            let predicate = predicate.resolve(&state, &columns, location)?;
            let delete = table.delete().with_predicate(predicate);
            let delete = delete.with_session_state(shared).with_session_fallback_policy(policy);
            delete.with_commit_properties(properties).await.map(|(table, _)| table)
        }
        Operation::Update { predicate, set } => {
            let predicate = predicate.resolve(&state, &columns, location)?;
            let mut update = table.update().with_predicate(predicate);
            for (column, value) in set {
                known(&columns, &column, location)?;
                update = update.with_update(column, value.resolve(&state, &columns, location)?);
            }
            let update = update.with_session_state(shared).with_session_fallback_policy(policy);
            update.with_commit_properties(properties).await.map(|(table, _)| table)
        }
        Operation::Merge(merge) => {
            return merge_into(table, &state, &columns, location, merge, properties).await;
        }
        Operation::Restore { version } => {
            let restore = table.restore().with_version_to_restore(version);
            restore.with_commit_properties(properties).await.map(|(table, _)| table)
        }
        Operation::AddColumns(schema) => {
            let schema = border::stored_schema(&schema)?;
            let mut fields = Vec::new();
            for field in schema.fields() {
                if let Some(there) = columns
                    .fields()
                    .iter()
                    .find(|there| there.name().to_lowercase() == field.name().to_lowercase())
                {
                    let message = format!("`{location}` has a column `{}` already", there.name());
                    return Err(PortError::new(codes::EVOLUTION, message));
                }
                fields.push(stored_field(field, location)?);
            }
            let needs_ntz = border::has_timestamp_ntz(&schema);
            let asked = crate::protocol::Asked::of(snapshot.protocol());
            if needs_ntz
                && asked.is_ok_and(|a| !a.writers.iter().any(|name| name == "timestampNtz"))
            {
                let message = format!(
                    "`{location}` has no timestamps without zone yet; use the zone `UTC` for the column"
                );
                return Err(PortError::new(codes::EVOLUTION, message));
            }
            table.add_columns().with_fields(fields).with_commit_properties(properties).await
        }
        Operation::WidenColumn { column, to } => {
            let known = known(&columns, &column, location)?;
            let message = format!(
                "`{column}` of `{location}` is {} and cannot become {to}: its files would have to \
                 be read by the table feature `typeWidening`, which this build is without; write \
                 the table anew",
                known.data_type()
            );
            return Err(PortError::new(codes::EVOLUTION, message));
        }
        Operation::AddConstraint { name, expression } => {
            // Also refuses what is blank, and says what is wrong with what is no expression.
            let rule = Predicate::Sql(expression).resolve(&state, &columns, location)?;
            let constrain = table.add_constraint().with_constraint(name, rule);
            let constrain = constrain.with_session_state(shared);
            constrain.with_commit_properties(properties).await
        }
        Operation::DropConstraint { name } => {
            let drop = table.drop_constraints().with_constraint(name);
            drop.with_commit_properties(properties).await
        }
        Operation::SetProperties(set) => {
            if let Some(key) = set.keys().find(|key| {
                key.starts_with("delta.constraints.") || key.starts_with("delta.columnMapping.")
            }) {
                let message =
                    format!("the property `{key}` of `{location}` cannot be set like this");
                return Err(PortError::new(codes::EVOLUTION, message));
            }
            let set = table.set_tbl_properties().with_properties(set.into_iter().collect());
            set.with_commit_properties(properties).await
        }
        Operation::Optimize { z_order, target_file_bytes } => {
            for column in &z_order {
                known(&columns, column, location)?;
            }
            // The library makes this commit itself and takes no transactions for it. It changes no
            // row, so nothing is fenced: a commit that came between is kept.
            let kind = match z_order.is_empty() {
                true => OptimizeType::Compact,
                false => OptimizeType::ZOrder(z_order),
            };
            let optimize = table.optimize().with_type(kind).with_target_size(target_file_bytes);
            let optimize = optimize.with_session_state(shared).with_session_fallback_policy(policy);
            optimize.with_commit_properties(properties).await.map(|(table, _)| table)
        }
        Operation::Create { .. } | Operation::Write { .. } => {
            let message = format!("`{location}` is written in another way");
            return Err(PortError::new(codes::OPERATION, message));
        }
    };
    Ok(done.map(|table| table.version().unwrap_or_default()))
}

fn stored_field(field: &Field, location: &TableLocation) -> Result<StructField, PortError> {
    field.try_into_kernel().map_err(|error: arrow::error::ArrowError| {
        let what = format!("the column `{}` for `{location}` has no Delta form", field.name());
        PortError::with_source(codes::TYPE, what, error)
    })
}

/// A column of the table, or an error that names the nearest.
fn known<'c>(
    columns: &'c SchemaRef,
    name: &str,
    location: &TableLocation,
) -> Result<&'c Field, PortError> {
    columns.field_with_name(name).map_err(|_| {
        let near = nearest(name, columns.fields().iter().map(|field| field.name().as_str()));
        let near = near.map(|near| format!("; `{near}` is one")).unwrap_or_default();
        PortError::new(codes::PREDICATE, format!("`{location}` has no column `{name}`{near}"))
    })
}

async fn merge_into(
    table: DeltaTable,
    state: &SessionState,
    columns: &SchemaRef,
    location: &TableLocation,
    merge: Merge,
    properties: deltalake::kernel::transaction::CommitProperties,
) -> Result<Result<u64, DeltaTableError>, PortError> {
    let Merge { source, keys, delete_when, update, insert } = merge;
    let of = |side: &str, name: &str| Expr::Column(Column::new(Some(side.to_owned()), name));
    let source_columns = Arc::clone(source.schema().inner());
    for key in &keys {
        known(columns, key, location)?;
        if source_columns.field_with_name(key).is_err() {
            let message = format!("the source of a merge into `{location}` has no column `{key}`");
            return Err(PortError::new(codes::PREDICATE, message));
        }
    }
    let on = keys
        .iter()
        .map(|key| binary_expr(of("t", key), Operator::IsNotDistinctFrom, of("s", key)))
        .reduce(Expr::and)
        .ok_or_else(|| {
            let message = format!("a merge into `{location}` needs at least one key");
            PortError::new(codes::PREDICATE, message)
        })?;
    let gone = match delete_when {
        None => None,
        Some(text) => {
            let gone = Predicate::Sql(text).resolve(state, &source_columns, location)?;
            let qualified = qualify(gone, "s")
                .map_err(|error| operation_error(location, DeltaTableError::from(error)))?;
            Some(qualified)
        }
    };
    let keys: BTreeSet<_> = keys.into_iter().collect();
    let shared: Vec<String> = columns
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|name| source_columns.field_with_name(name).is_ok())
        .collect();
    let source = DataFrame::new(state.clone(), source);
    let mut builder = table
        .merge(source, on)
        .with_source_alias("s")
        .with_target_alias("t")
        .with_session_state(Arc::new(state.clone()))
        .with_session_fallback_policy(SessionFallbackPolicy::RequireSessionState)
        .with_commit_properties(properties);
    let failed = |error| operation_error(location, error);
    if let Some(gone) = &gone {
        let gone = gone.clone();
        builder = builder.when_matched_delete(|delete| delete.predicate(gone)).map_err(failed)?;
    }
    if update {
        let taken = shared.iter().filter(|name| !keys.contains(*name));
        builder = builder
            .when_matched_update(|update| {
                taken.fold(update, |update, name| {
                    update.update(Column::new_unqualified(name), of("s", name))
                })
            })
            .map_err(failed)?;
    }
    if insert {
        builder = builder
            .when_not_matched_insert(|insert| {
                let insert = match gone {
                    None => insert,
                    Some(gone) => insert.predicate(gone.is_not_true()),
                };
                shared.iter().fold(insert, |insert, name| {
                    insert.set(Column::new_unqualified(name), of("s", name))
                })
            })
            .map_err(failed)?;
    }
    Ok(builder.await.map(|(table, _)| table.version().unwrap_or_default()))
}

/// The columns of an expression, said to be of a relation.
fn qualify(expr: Expr, relation: &str) -> datafusion::error::Result<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let qualified = expr.transform(|expr| match expr {
        Expr::Column(column) => {
            let column = Column::new(Some(relation.to_owned()), column.name);
            Ok(Transformed::yes(Expr::Column(column)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(qualified.data)
}

/// What a restore writes over what was consumed since: the versions that were consumed then, or one
/// before the first. Otherwise the table would say that it has rows which it has no longer.
async fn taken_back(
    table: &DeltaTable,
    location: &TableLocation,
    intent: &OperationIntent,
    version: u64,
) -> Result<Vec<Transaction>, PortError> {
    let read = |error| read_error(location, error);
    let log_store = table.log_store();
    let now = table.version().unwrap_or_default();
    if version >= now {
        let message =
            format!("`{location}` is at version {now} and cannot be restored to {version}");
        return Err(PortError::new(codes::VERSION, message));
    }
    let mut changed = BTreeSet::new();
    for at in version + 1..=now {
        let Some(entry) = log::read_entry(&log_store, location, at).await? else {
            let message = format!(
                "`{location}` cannot be restored to {version}: the log entry of {at}, which tells \
                 what was consumed since, is gone"
            );
            return Err(PortError::new(codes::VERSION, message));
        };
        changed.extend(entry.txns.into_keys());
    }
    let mut then = DeltaTable::new(Arc::clone(&log_store));
    then.load_version(version).await.map_err(|error| {
        let message = format!("`{location}` has no version {version} that could be read");
        PortError::with_source(codes::VERSION, message, error)
    })?;
    let own = log::fence_id(&intent.owner);
    let mut back = Vec::new();
    for app_id in changed {
        // Fences only ever rise.
        if app_id == own || app_id.ends_with(log::FENCE_MARK) {
            continue;
        }
        let snapshot = then.snapshot().map_err(read)?;
        let was = snapshot.transaction_version(&log_store, &app_id).await.map_err(read)?;
        back.push(Transaction::new(app_id, was.unwrap_or(-1)));
    }
    Ok(back)
}

#[cfg(test)]
mod tests;
