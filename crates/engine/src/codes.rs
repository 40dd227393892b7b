use viewlane_core::{Code, ErrorKind};

/// No project at the folder.
pub(crate) const NO_PROJECT: Code = Code::new("VL-C0101", ErrorKind::NotFound);
/// The project file cannot be read as TOML.
pub(crate) const MALFORMED: Code = Code::new("VL-C0102", ErrorKind::Invalid);
/// A key that does not exist.
pub(crate) const UNKNOWN_KEY: Code = Code::new("VL-C0103", ErrorKind::Invalid);
/// A value of the wrong type or out of range.
pub(crate) const BAD_VALUE: Code = Code::new("VL-C0104", ErrorKind::Invalid);
/// A key that must be there.
pub(crate) const MISSING_KEY: Code = Code::new("VL-C0105", ErrorKind::Invalid);
/// An environment variable that is asked for and not set.
pub(crate) const NO_VARIABLE: Code = Code::new("VL-C0106", ErrorKind::NotFound);

/// A file or folder of the project cannot be read.
pub(crate) const UNREADABLE: Code = Code::new("VL-C0201", ErrorKind::Io);
/// A path that gives no name of a view.
pub(crate) const BAD_PATH: Code = Code::new("VL-C0202", ErrorKind::Invalid);
/// A header that names another view than its path.
pub(crate) const OTHER_NAME: Code = Code::new("VL-C0203", ErrorKind::Invalid);
/// An option of a view that does not exist.
pub(crate) const UNKNOWN_OPTION: Code = Code::new("VL-C0204", ErrorKind::Invalid);
/// An option of a view with a value it cannot have.
pub(crate) const BAD_OPTION: Code = Code::new("VL-C0205", ErrorKind::Invalid);
/// A file that is not used.
pub(crate) const UNUSED_FILE: Code = Code::new("VL-C0206", ErrorKind::Invalid);
/// An option without effect.
pub(crate) const NO_EFFECT: Code = Code::new("VL-C0207", ErrorKind::Invalid);
/// Two tables at one place.
pub(crate) const SHARED_LOCATION: Code = Code::new("VL-C0208", ErrorKind::Invalid);

/// The query cannot be planned for another reason.
pub(crate) const PLANNING: Code = Code::new("VL-E0103", ErrorKind::Invalid);
/// The session cannot be made.
pub(crate) const SESSION: Code = Code::new("VL-E0104", ErrorKind::Invalid);
/// A view that is needed was never built.
pub(crate) const NOT_BUILT: Code = Code::new("VL-E0105", ErrorKind::NotFound);

/// A name under which nothing is stored.
pub(crate) const UNKNOWN_TABLE: Code = Code::new("VL-E0106", ErrorKind::NotFound);

/// The table at a view's place belongs to somebody else.
pub(crate) const FOREIGN_TABLE: Code = Code::new("VL-E0201", ErrorKind::Denied);
/// Another run was faster.
pub(crate) const RACED: Code = Code::new("VL-E0202", ErrorKind::Conflict);
/// A task of the run was interrupted.
pub(crate) const INTERRUPTED: Code = Code::new("VL-E0203", ErrorKind::Failed);
/// The planned columns are not those found at execution.
pub(crate) const DRIFT: Code = Code::new("VL-E0204", ErrorKind::Mismatch);
/// Incremental refresh was demanded and cannot be had.
pub(crate) const NOT_INCREMENTAL: Code = Code::new("VL-E0205", ErrorKind::Unsupported);
/// A commit is durable, and something after it failed.
pub(crate) const AFTER_COMMIT: Code = Code::new("VL-E0206", ErrorKind::Io);
/// An artifact cannot be written.
pub(crate) const ARTIFACT: Code = Code::new("VL-E0207", ErrorKind::Io);

/// A question to the lake failed while it was answered.
pub(crate) const ASKING: Code = Code::new("VL-E0301", ErrorKind::Failed);
/// A stored version cannot be recomputed.
pub(crate) const UNPROVABLE: Code = Code::new("VL-E0302", ErrorKind::Unsupported);
