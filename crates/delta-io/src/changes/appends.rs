//! Changes of which nothing went: the files that came, read as they are.
//!
//! Only the log between the two versions is looked at, so the cost does not depend on the size of
//! the table.

use deltalake::DeltaTableError;
use viewlane_core::PassedOver;

use super::{Ends, Found, entries::Entries};
use crate::scan::{FileScan, ScannedFile};

pub(super) async fn find(
    ends: &Ends,
    entries: &Entries,
) -> Result<Result<Found, PassedOver>, DeltaTableError> {
    if ends.is_mapped() {
        return Ok(Err(PassedOver::ColumnMapping));
    }
    let mut files = Vec::new();
    let mut rewritten = false;
    for entry in &entries.0 {
        let version = entry.version;
        if entry.removes.iter().any(|remove| remove.data_change) || !entry.feed.is_empty() {
            return Ok(Err(PassedOver::RowsWent { version }));
        }
        rewritten |= !entry.removes.is_empty();
        for add in entry.adds.iter().filter(|add| add.data_change) {
            if add.deletion_vector.is_some() {
                return Ok(Err(PassedOver::DeletionVector { version }));
            }
            files.push(ScannedFile::came(add, version));
        }
    }
    // What was compacted after it came may be gone from storage, though its rows are not.
    if rewritten {
        let paths = files.iter().map(|file| file.path.as_str());
        let gone = super::files::gone(&ends.log_store, paths).await?;
        if let Some(path) = gone.into_iter().next() {
            return Ok(Err(PassedOver::Rewritten { path }));
        }
    }
    let bytes = files.iter().map(|file| file.size).sum();
    let count = files.len() as u64;
    let scan = FileScan::new(&ends.log_store, &ends.new, &ends.columns, &ends.schema, files)?;
    Ok(Ok(Found { provider: std::sync::Arc::new(scan), files: count, bytes }))
}
