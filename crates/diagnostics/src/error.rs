use std::{io, path::PathBuf};

use viewlane_core::{Code, ErrorKind, Kinded};

/// A log file cannot be created.
pub(crate) const LOG: Code = Code::new("VL-C0501", ErrorKind::Io);

/// Why a sink cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log file or its folder cannot be created.
    #[error("cannot create the log file `{}`", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// The system's account.
        #[source]
        source: io::Error,
    },
}

impl Kinded for Error {
    fn code(&self) -> Code {
        LOG
    }
}
