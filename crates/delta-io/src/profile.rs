//! How a table is scanned: one default, and what a caller wants otherwise.

use deltalake::delta_datafusion::DeltaScanConfig;
use viewlane_core::{Fingerprint, Pin, PortError, TableLocation};

use crate::{codes, store::scan_config};

/// What a scan shall be, where it is to be other than the default. Only what is set counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanProfile {
    /// Exactly this version.
    pub version: Option<u64>,
    /// The newest version that was committed by then, in milliseconds since 1970-01-01 UTC by the
    /// clocks of the writers.
    pub timestamp: Option<i64>,
    /// A column of this name that tells the file of each row. Without it there is none.
    pub file_column: Option<String>,
    /// Whether rows are filtered while files are decoded. Default: no.
    pub parquet_pushdown: Option<bool>,
    /// Whether texts and bytes are of view types. Default: yes.
    pub view_types: Option<bool>,
    /// Whether texts that stand for folders are dictionaries. Default: no.
    pub wrap_partition_values: Option<bool>,
}

/// What a scan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveScan {
    /// The version that is read.
    pub version: u64,
    /// The column that tells the file of each row.
    pub file_column: Option<String>,
    /// Whether rows are filtered while files are decoded.
    pub parquet_pushdown: bool,
    /// Whether texts and bytes are of view types.
    pub view_types: bool,
    /// Whether texts that stand for folders are dictionaries.
    pub wrap_partition_values: bool,
}

/// What a profile is pinned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Pin(Pin),
    Time(i64),
}

impl ScanProfile {
    /// The pin, which may be given in one way only.
    pub(crate) fn at(&self, location: &TableLocation) -> Result<At, PortError> {
        match (self.version, self.timestamp) {
            (Some(version), Some(timestamp)) => {
                let message = format!(
                    "`{location}` is pinned to version {version} and to the time {timestamp}; \
                     take one of them"
                );
                Err(PortError::new(codes::SCAN, message))
            }
            (Some(version), None) => Ok(At::Pin(Pin::Version(version))),
            (None, Some(timestamp)) => Ok(At::Time(timestamp)),
            (None, None) => Ok(At::Pin(Pin::Latest)),
        }
    }

    /// What the default becomes by the profile.
    pub(crate) fn over_default(&self, version: u64) -> EffectiveScan {
        let default = scan_config();
        EffectiveScan {
            version,
            file_column: self.file_column.clone().or(default.file_column_name),
            parquet_pushdown: self.parquet_pushdown.unwrap_or(default.enable_parquet_pushdown),
            view_types: self.view_types.unwrap_or(default.schema_force_view_types),
            wrap_partition_values: self
                .wrap_partition_values
                .unwrap_or(default.wrap_partition_values),
        }
    }
}

impl EffectiveScan {
    /// Tells scans apart that may show a table in another way.
    pub fn fingerprint(&self) -> Fingerprint {
        let Self { version, file_column, parquet_pushdown, view_types, wrap_partition_values } =
            self;
        let flag = |on: &bool| [u8::from(*on)];
        let mut fingerprint = Fingerprint::builder("delta-scan")
            .field("version", version.to_be_bytes())
            .field("parquet_pushdown", flag(parquet_pushdown))
            .field("view_types", flag(view_types))
            .field("wrap_partition_values", flag(wrap_partition_values));
        if let Some(name) = file_column {
            fingerprint = fingerprint.field("file_column", name);
        }
        fingerprint.finish()
    }

    pub(crate) fn config(&self) -> DeltaScanConfig {
        DeltaScanConfig {
            file_column_name: self.file_column.clone(),
            enable_parquet_pushdown: self.parquet_pushdown,
            schema_force_view_types: self.view_types,
            wrap_partition_values: self.wrap_partition_values,
            schema: None,
        }
    }
}

#[cfg(test)]
mod tests;
