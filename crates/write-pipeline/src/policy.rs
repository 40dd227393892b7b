//! What files are written and how: one typed policy, with an error for whatever has no effect.

mod parquet;
mod rules;
mod text;

use serde::{Deserialize, Deserializer, Serialize};
use viewlane_core::nearest;

use crate::Error;

pub use parquet::{
    ParquetCodec, ParquetColumnPolicy, ParquetEncoding, ParquetPolicy, ParquetStatistics,
    ParquetVersion,
};
pub use text::{ArrowCodec, ArrowPolicy, CsvPolicy, JsonPolicy, QuoteStyle, TextCodec};

/// How rows become files.
///
/// A field left out has the default that its description names. What has no effect, such as
/// options of another format, is an error when the policy meets the rows, never ignored.
///
/// ```
/// use viewlane_write_pipeline::{FileFormat, FileMode, WritePolicy};
///
/// let policy = WritePolicy::from_settings(toml::Deserializer::parse(
///     r#"
///     format = "csv"
///     mode = "overwrite"
///     partition_by = ["day"]
///     csv = { delimiter = ";", compression = "gzip" }
///     "#,
/// )?)?;
/// assert_eq!((policy.format, policy.mode), (FileFormat::Csv, FileMode::Overwrite));
///
/// let slip = WritePolicy::from_settings(toml::Deserializer::parse("partitoin_by = ['day']")?);
/// assert_eq!(
///     slip.unwrap_err().to_string(),
///     "there is no option `partitoin_by`; did you mean `partition_by`?"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WritePolicy {
    /// The format. Default: Parquet.
    pub format: FileFormat,
    /// What to do about what is there already. Default: refuse.
    pub mode: FileMode,
    /// Columns that split the rows into folders `column=value`, outermost first. They are not stored
    /// in the files. NULL is the folder `__HIVE_DEFAULT_PARTITION__`. Default: none.
    pub partition_by: Vec<String>,
    /// Whether partition columns are stored in the files as well. DataFusion then cannot read them as
    /// partition columns. Default: no.
    pub keep_partition_columns: bool,
    /// The order of the rows in each file, and from file to file within a folder by the names of the
    /// files. For Parquet the footer tells it. Default: none.
    pub sort_by: Vec<SortKey>,
    /// Whether the destination is one file rather than a folder. Default: no.
    pub single_file: bool,
    /// Bytes after which a file is closed and another begun, at the next batch of rows. CSV and JSON
    /// are measured before compression. Default: no limit.
    pub target_file_bytes: Option<u64>,
    /// Rows after which a file is closed and another begun. Default: no limit.
    pub max_file_rows: Option<u64>,
    /// A condition on the rows to replace. Files cannot do this; it is here to be refused.
    pub replace_where: Option<String>,
    /// Options of Parquet.
    pub parquet: Option<ParquetPolicy>,
    /// Options of CSV.
    pub csv: Option<CsvPolicy>,
    /// Options of JSON.
    pub json: Option<JsonPolicy>,
    /// Options of Arrow IPC.
    pub arrow: Option<ArrowPolicy>,
}

impl WritePolicy {
    /// Reads a policy from settings of any kind that serde reads, such as TOML or JSON.
    ///
    /// # Errors
    ///
    /// `VL-W0201` for an option that does not exist, `VL-W0202` for a value that an option cannot have.
    pub fn from_settings<'de, D: Deserializer<'de>>(settings: D) -> Result<Self, Error> {
        Self::deserialize(settings).map_err(|error| unreadable(&error.to_string()))
    }
}

/// Names the nearest known option or word.
///
/// The sources of settings have error types of their own; what they share is serde's sentence
/// "unknown field `x`, expected one of `a`, `b`".
fn unreadable(message: &str) -> Error {
    for (sentence, of) in [("unknown field `", true), ("unknown variant `", false)] {
        if let Some((_, rest)) = message.split_once(sentence) {
            // Every second piece stands between backticks: the word itself, then the known ones.
            let words: Vec<_> = rest.lines().next().unwrap_or(rest).split('`').step_by(2).collect();
            let Some((wanted, known)) = words.split_first() else { continue };
            let known = known.iter().filter(|word| !word.starts_with(" at "));
            let known: Vec<_> = known.copied().filter(|word| !word.is_empty()).collect();
            let hint = match nearest(wanted, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            };
            let wanted = (*wanted).to_owned();
            return if of {
                Error::UnknownOption { option: wanted, hint }
            } else {
                Error::BadOption {
                    option: wanted,
                    reason: format!("is no word of this option; {hint}"),
                }
            };
        }
    }
    Error::BadOption { option: "settings".to_owned(), reason: format!("cannot be read: {message}") }
}

/// A format of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Apache Parquet.
    #[default]
    Parquet,
    /// Comma-separated values, with a header unless told otherwise.
    Csv,
    /// One JSON object on each line.
    Json,
    /// The file format of Arrow IPC.
    Arrow,
}

impl FileFormat {
    /// The word for it, as in settings and as the extension of files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Arrow => "arrow",
        }
    }
}

/// What to do about what is at the destination already. An empty folder is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileMode {
    /// Refuse when something is there.
    #[default]
    Error,
    /// Keep it and add files.
    Append,
    /// Replace it as a whole.
    Overwrite,
    /// Do nothing when something is there; the rows are not even read.
    Ignore,
}

impl FileMode {
    /// The word for it, as in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Append => "append",
            Self::Overwrite => "overwrite",
            Self::Ignore => "ignore",
        }
    }
}

/// A column to sort by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SortKey {
    /// The column.
    pub column: String,
    /// Whether the greatest value comes first. Default: no.
    #[serde(default)]
    pub descending: bool,
    /// Whether NULL comes before all values. Default: no.
    #[serde(default)]
    pub nulls_first: bool,
}

impl From<&str> for SortKey {
    /// Ascending, NULL last.
    fn from(column: &str) -> Self {
        Self { column: column.to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
