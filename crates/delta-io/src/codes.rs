use viewlane_core::{Code, ErrorKind};

/// A location that is neither a local path nor a URL this build can open.
pub(crate) const LOCATION: Code = Code::new("VL-D0101", ErrorKind::Invalid);
/// Something else than a Delta table is at the location.
pub(crate) const NOT_A_TABLE: Code = Code::new("VL-D0102", ErrorKind::Mismatch);
/// A table that is not there.
pub(crate) const MISSING: Code = Code::new("VL-D0103", ErrorKind::NotFound);
/// The log or the data cannot be read.
pub(crate) const READ: Code = Code::new("VL-D0104", ErrorKind::Io);
/// A record in the log that cannot be understood.
pub(crate) const RECORD: Code = Code::new("VL-D0105", ErrorKind::Mismatch);
/// A column type that Delta cannot hold without loss.
pub(crate) const TYPE: Code = Code::new("VL-D0201", ErrorKind::Unsupported);
/// A table with a column of a name that is kept for changes.
pub(crate) const RESERVED_COLUMN: Code = Code::new("VL-D0203", ErrorKind::Unsupported);
/// A table with properties that this writer does not honour.
pub(crate) const FEATURE: Code = Code::new("VL-D0202", ErrorKind::Unsupported);
/// Writing data files failed.
pub(crate) const WRITE: Code = Code::new("VL-D0301", ErrorKind::Io);
/// Maintenance failed, or was asked for something harmful.
pub(crate) const MAINTENANCE: Code = Code::new("VL-D0303", ErrorKind::Io);
/// Committing failed for another reason than a conflict.
pub(crate) const COMMIT: Code = Code::new("VL-D0302", ErrorKind::Io);
/// A store that cannot be set up.
pub(crate) const STORE: Code = Code::new("VL-D0106", ErrorKind::Io);
/// An option that no store knows.
pub(crate) const STORE_OPTION: Code = Code::new("VL-D0107", ErrorKind::Invalid);
/// A version or a pin that is not there.
pub(crate) const VERSION: Code = Code::new("VL-D0108", ErrorKind::NotFound);
/// A table whose protocol asks for more than this build does.
pub(crate) const PROTOCOL: Code = Code::new("VL-D0204", ErrorKind::Unsupported);
/// A change of columns that the table does not allow.
pub(crate) const EVOLUTION: Code = Code::new("VL-D0205", ErrorKind::Unsupported);
/// Keys of commit metadata that are not for callers.
pub(crate) const METADATA_KEY: Code = Code::new("VL-D0304", ErrorKind::Invalid);
/// A predicate that is blank, or not over the columns of the table.
pub(crate) const PREDICATE: Code = Code::new("VL-D0305", ErrorKind::Invalid);
/// Rows that the table does not take.
pub(crate) const ROWS: Code = Code::new("VL-D0306", ErrorKind::Mismatch);
/// Several rows of a source match one row of the table.
pub(crate) const DUPLICATE_KEY: Code = Code::new("VL-D0307", ErrorKind::Mismatch);
/// An operation that failed before anything was committed.
pub(crate) const OPERATION: Code = Code::new("VL-D0308", ErrorKind::Failed);
/// A scan that contradicts itself or the table.
pub(crate) const SCAN: Code = Code::new("VL-D0109", ErrorKind::Invalid);
/// Somebody else committed first.
pub(crate) const CONFLICT: Code = Code::new("VL-D0309", ErrorKind::Conflict);
