use viewlane_core::{Code, ErrorKind};

/// No project at or above the working directory.
pub(crate) const NOT_IN_A_PROJECT: Code = Code::new("VL-C0401", ErrorKind::NotFound);
/// The process cannot be set up.
pub(crate) const SETUP: Code = Code::new("VL-C0402", ErrorKind::Io);
/// Two projects are named in one call.
pub(crate) const TWO_PROJECTS: Code = Code::new("VL-C0403", ErrorKind::Invalid);
/// Standard input cannot be read.
pub(crate) const INPUT: Code = Code::new("VL-C0405", ErrorKind::Io);
/// The program itself went wrong.
pub(crate) const DEFECT: Code = Code::new("VL-C0404", ErrorKind::Failed);
