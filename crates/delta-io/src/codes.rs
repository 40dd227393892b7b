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
