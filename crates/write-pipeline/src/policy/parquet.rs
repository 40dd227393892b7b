use std::collections::BTreeMap;

use datafusion::common::{
    config::{MaxRowGroupBytes, ParquetColumnOptions, ParquetOptions, TableParquetOptions},
    parquet_config::DFParquetWriterVersion,
};
use parquet::{basic::Type, schema::types::ColumnDescriptor};
use serde::{Deserialize, Serialize};

use super::rules::{bad, no_effect};
use crate::Error;

/// Options of Parquet files. A default not named here is that of DataFusion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParquetPolicy {
    /// The codec of pages. Default: Zstandard.
    pub compression: Option<ParquetCodec>,
    /// The level of the codec: gzip 0 to 9, brotli 0 to 11, zstd 1 to 22. Default: 6, 1, 3.
    pub compression_level: Option<u32>,
    /// What the file tells about the values. Default: of each page.
    pub statistics: Option<ParquetStatistics>,
    /// Greatest length in bytes of a text in the statistics of a column chunk. Default: 64.
    pub statistics_truncate_bytes: Option<usize>,
    /// Greatest length in bytes of a text in the statistics of a page. Default: 64.
    pub column_index_truncate_bytes: Option<usize>,
    /// Whether columns have Bloom filters. Default: no.
    pub bloom_filter: Option<bool>,
    /// How often a Bloom filter may say yes wrongly, between 0 and 1. Default: 0.05.
    pub bloom_filter_fpp: Option<f64>,
    /// How many different values a Bloom filter is made for. Default: the rows of a row group.
    pub bloom_filter_ndv: Option<u64>,
    /// Whether repeated values are kept in dictionaries. Default: yes.
    pub dictionary: Option<bool>,
    /// Bytes of a dictionary beyond which a column goes on without it. Default: 1 MiB.
    pub dictionary_page_bytes: Option<usize>,
    /// How values are encoded without a dictionary. Default: as the version of the format has it.
    pub encoding: Option<ParquetEncoding>,
    /// Rows after which a row group ends. Default: 1 048 576.
    pub max_row_group_rows: Option<usize>,
    /// Bytes after which a row group ends, about. Default: no limit.
    pub max_row_group_bytes: Option<usize>,
    /// Bytes after which a page ends, about. Default: 1 MiB.
    pub data_page_bytes: Option<usize>,
    /// Rows after which a page ends, about. Default: 20 000.
    pub data_page_rows: Option<usize>,
    /// The version of the format. Default: 1.0.
    pub version: Option<ParquetVersion>,
    /// Whether the Arrow schema is left out of the file. Default: no.
    pub skip_arrow_metadata: Option<bool>,
    /// Who the file says has written it. Default: DataFusion with its version.
    pub created_by: Option<String>,
    /// Key and value pairs for the footer. Default: none.
    pub metadata: BTreeMap<String, String>,
    /// Options of single columns, by their path: `column`, or `column.field` for a field of a struct.
    pub columns: BTreeMap<String, ParquetColumnPolicy>,
}

/// Options of one Parquet column, which go before those of the whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParquetColumnPolicy {
    /// See [`ParquetPolicy::compression`].
    pub compression: Option<ParquetCodec>,
    /// See [`ParquetPolicy::compression_level`].
    pub compression_level: Option<u32>,
    /// See [`ParquetPolicy::statistics`].
    pub statistics: Option<ParquetStatistics>,
    /// See [`ParquetPolicy::bloom_filter`].
    pub bloom_filter: Option<bool>,
    /// See [`ParquetPolicy::bloom_filter_fpp`].
    pub bloom_filter_fpp: Option<f64>,
    /// See [`ParquetPolicy::bloom_filter_ndv`].
    pub bloom_filter_ndv: Option<u64>,
    /// See [`ParquetPolicy::dictionary`].
    pub dictionary: Option<bool>,
    /// See [`ParquetPolicy::encoding`].
    pub encoding: Option<ParquetEncoding>,
}

impl ParquetPolicy {
    /// Checks everything that does not depend on the columns.
    pub(super) fn validate(&self) -> Result<(), Error> {
        for (option, value) in [
            ("parquet.max_row_group_rows", self.max_row_group_rows),
            ("parquet.max_row_group_bytes", self.max_row_group_bytes),
            ("parquet.data_page_bytes", self.data_page_bytes),
            ("parquet.data_page_rows", self.data_page_rows),
            ("parquet.dictionary_page_bytes", self.dictionary_page_bytes),
            ("parquet.statistics_truncate_bytes", self.statistics_truncate_bytes),
            ("parquet.column_index_truncate_bytes", self.column_index_truncate_bytes),
        ] {
            if value == Some(0) {
                return Err(bad(option, "must be at least 1"));
            }
        }
        codec("parquet.", self.compression, self.compression_level)?;
        let whole = ParquetColumnPolicy::default();
        self.bloom("parquet.", &whole, self.bloom_filter_fpp, self.bloom_filter_ndv)?;
        let columns = || self.columns.values();
        let statistics = |wanted: fn(ParquetStatistics) -> bool| {
            let own = columns().filter_map(|column| column.statistics);
            own.chain([self.statistics.unwrap_or_default()]).any(wanted)
        };
        if self.statistics_truncate_bytes.is_some() && !statistics(|s| s != ParquetStatistics::None)
        {
            return Err(no_effect("parquet.statistics_truncate_bytes", "there are no statistics"));
        }
        if self.column_index_truncate_bytes.is_some()
            && !statistics(|s| s == ParquetStatistics::Page)
        {
            let why = "there are no statistics of pages";
            return Err(no_effect("parquet.column_index_truncate_bytes", why));
        }
        let dictionary = self.dictionary.unwrap_or(true)
            || columns().any(|column| column.dictionary == Some(true));
        if self.dictionary_page_bytes.is_some() && !dictionary {
            return Err(no_effect("parquet.dictionary_page_bytes", "there are no dictionaries"));
        }
        if self.encoding.is_some() && self.dictionary != Some(false) {
            return Err(no_effect(
                "parquet.encoding",
                "dictionaries go before it; set `dictionary = false`",
            ));
        }
        Ok(())
    }

    /// Checks what the policy says about columns against a leaf column of the file.
    pub(super) fn validate_column(&self, leaf: &ColumnDescriptor) -> Result<(), Error> {
        let path = leaf.path().string();
        let prefix = format!("parquet.columns.{path}.");
        let none = ParquetColumnPolicy::default();
        let column = self.columns.get(&path).unwrap_or(&none);
        codec(&prefix, column.compression.or(self.compression), column.compression_level)?;
        self.bloom(&prefix, column, column.bloom_filter_fpp, column.bloom_filter_ndv)?;
        let dictionary = column.dictionary.or(self.dictionary).unwrap_or(true);
        if column.encoding.is_some() && dictionary {
            let why = "dictionaries go before it; set `dictionary = false`";
            return Err(no_effect(&format!("{prefix}encoding"), why));
        }
        match column.encoding.or(self.encoding) {
            Some(encoding) if !encoding.fits(leaf.physical_type()) => {
                let own = if column.encoding.is_some() { prefix.as_str() } else { "parquet." };
                let why = format!(
                    "{} cannot hold column `{path}`, which is stored as {}",
                    encoding.as_str(),
                    leaf.physical_type()
                );
                Err(bad(&format!("{own}encoding"), &why))
            }
            _ => Ok(()),
        }
    }

    fn bloom(
        &self,
        prefix: &str,
        column: &ParquetColumnPolicy,
        fpp: Option<f64>,
        ndv: Option<u64>,
    ) -> Result<(), Error> {
        let some = |policy: &ParquetColumnPolicy| policy.bloom_filter == Some(true);
        let on = column.bloom_filter.or(self.bloom_filter).unwrap_or(false)
            // Of the whole file: for columns that have one of their own.
            || (prefix == "parquet." && self.columns.values().any(some));
        let (fpp_option, ndv_option) =
            (format!("{prefix}bloom_filter_fpp"), format!("{prefix}bloom_filter_ndv"));
        match (fpp, ndv) {
            (Some(_), _) if !on => Err(no_effect(&fpp_option, "there is no Bloom filter")),
            (_, Some(_)) if !on => Err(no_effect(&ndv_option, "there is no Bloom filter")),
            (Some(fpp), _) if !(fpp > 0.0 && fpp < 1.0) => {
                Err(bad(&fpp_option, "must be between 0 and 1"))
            }
            (_, Some(0)) => Err(bad(&ndv_option, "must be at least 1")),
            _ => Ok(()),
        }
    }

    /// The options in the engine's words, for a file with these leaf columns.
    pub(crate) fn engine(&self, leaves: &[String]) -> Result<TableParquetOptions, Error> {
        let defaults = ParquetOptions::default();
        let max_row_group_bytes = match self.max_row_group_bytes {
            Some(bytes) => Some(
                MaxRowGroupBytes::try_new(bytes)
                    .map_err(|error| bad("parquet.max_row_group_bytes", &error.to_string()))?,
            ),
            None => None,
        };
        let global = ParquetOptions {
            compression: self
                .compression
                .map(|codec| codec.text(self.compression_level))
                .or_else(|| {
                    self.compression_level.map(|level| ParquetCodec::Zstd.text(Some(level)))
                })
                .or(defaults.compression),
            statistics_enabled: Some(self.statistics.unwrap_or_default().as_str().to_owned()),
            statistics_truncate_length: self
                .statistics_truncate_bytes
                .or(defaults.statistics_truncate_length),
            column_index_truncate_length: self
                .column_index_truncate_bytes
                .or(defaults.column_index_truncate_length),
            dictionary_enabled: self.dictionary.or(defaults.dictionary_enabled),
            dictionary_page_size_limit: self
                .dictionary_page_bytes
                .unwrap_or(defaults.dictionary_page_size_limit),
            encoding: self.encoding.map(|encoding| encoding.as_str().to_owned()),
            max_row_group_size: self.max_row_group_rows.unwrap_or(defaults.max_row_group_size),
            max_row_group_bytes,
            data_pagesize_limit: self.data_page_bytes.unwrap_or(defaults.data_pagesize_limit),
            data_page_row_count_limit: self
                .data_page_rows
                .unwrap_or(defaults.data_page_row_count_limit),
            writer_version: self.version.unwrap_or_default().engine(),
            skip_arrow_metadata: self.skip_arrow_metadata.unwrap_or(defaults.skip_arrow_metadata),
            created_by: self.created_by.clone().unwrap_or(defaults.created_by),
            ..ParquetOptions::default()
        };
        let mut options = TableParquetOptions { global, ..TableParquetOptions::default() };
        // Bloom filters are always given for single columns: one that is on for the whole file
        // could not be switched off for a column.
        let none = ParquetColumnPolicy::default();
        for path in leaves {
            let column = self.column(self.columns.get(path).unwrap_or(&none));
            options.column_specific_options.insert(path.clone(), column);
        }
        for (key, value) in &self.metadata {
            options.key_value_metadata.insert(key.clone(), Some(value.clone()));
        }
        Ok(options)
    }

    fn column(&self, column: &ParquetColumnPolicy) -> ParquetColumnOptions {
        let codec = column
            .compression
            .or(column.compression_level.map(|_| self.compression.unwrap_or(ParquetCodec::Zstd)));
        let bloom = column.bloom_filter.or(self.bloom_filter) == Some(true);
        ParquetColumnOptions {
            compression: codec.map(|codec| codec.text(column.compression_level)),
            statistics_enabled: column.statistics.map(|statistics| statistics.as_str().to_owned()),
            bloom_filter_enabled: bloom.then_some(true),
            bloom_filter_fpp: column.bloom_filter_fpp.or(self.bloom_filter_fpp).filter(|_| bloom),
            bloom_filter_ndv: column.bloom_filter_ndv.or(self.bloom_filter_ndv).filter(|_| bloom),
            dictionary_enabled: column.dictionary,
            encoding: column.encoding.map(|encoding| encoding.as_str().to_owned()),
        }
    }
}

/// A level without a codec is one of Zstandard, the default.
fn codec(prefix: &str, codec: Option<ParquetCodec>, level: Option<u32>) -> Result<(), Error> {
    let option = format!("{prefix}compression_level");
    let Some(level) = level else { return Ok(()) };
    let range = match codec.unwrap_or(ParquetCodec::Zstd) {
        ParquetCodec::Gzip => 0..=9,
        ParquetCodec::Brotli => 0..=11,
        ParquetCodec::Zstd => 1..=22,
        ParquetCodec::Uncompressed | ParquetCodec::Snappy | ParquetCodec::Lz4 => {
            return Err(no_effect(&option, "the codec has no levels"));
        }
    };
    if range.contains(&level) {
        Ok(())
    } else {
        Err(bad(&option, &format!("must be {} to {}", range.start(), range.end())))
    }
}

/// A codec of Parquet pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParquetCodec {
    /// None.
    Uncompressed,
    /// Snappy.
    Snappy,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
    /// LZ4 blocks without frames, which every reader knows.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl ParquetCodec {
    fn text(self, level: Option<u32>) -> String {
        match self {
            Self::Uncompressed => "uncompressed".to_owned(),
            Self::Snappy => "snappy".to_owned(),
            Self::Lz4 => "lz4_raw".to_owned(),
            Self::Gzip => format!("gzip({})", level.unwrap_or(6)),
            Self::Brotli => format!("brotli({})", level.unwrap_or(1)),
            Self::Zstd => format!("zstd({})", level.unwrap_or(3)),
        }
    }
}

/// What a Parquet file tells about its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParquetStatistics {
    /// Nothing.
    None,
    /// Least and greatest value and NULLs of each column chunk.
    Chunk,
    /// The same of each page as well.
    #[default]
    Page,
}

impl ParquetStatistics {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Chunk => "chunk",
            Self::Page => "page",
        }
    }
}

/// How Parquet encodes values without a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParquetEncoding {
    /// One after another; for all types.
    Plain,
    /// Runs; for booleans.
    Rle,
    /// Differences; for integers, dates and times.
    DeltaBinaryPacked,
    /// Differences of lengths, then the texts.
    DeltaLengthByteArray,
    /// What differs from the text before.
    DeltaByteArray,
    /// First bytes first; for numbers and values of fixed length.
    ByteStreamSplit,
}

impl ParquetEncoding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Rle => "rle",
            Self::DeltaBinaryPacked => "delta_binary_packed",
            Self::DeltaLengthByteArray => "delta_length_byte_array",
            Self::DeltaByteArray => "delta_byte_array",
            Self::ByteStreamSplit => "byte_stream_split",
        }
    }

    const fn fits(self, stored: Type) -> bool {
        match self {
            Self::Plain => true,
            Self::Rle => matches!(stored, Type::BOOLEAN),
            Self::DeltaBinaryPacked => matches!(stored, Type::INT32 | Type::INT64),
            Self::DeltaLengthByteArray => matches!(stored, Type::BYTE_ARRAY),
            Self::DeltaByteArray => matches!(stored, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY),
            Self::ByteStreamSplit => matches!(
                stored,
                Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE | Type::FIXED_LEN_BYTE_ARRAY
            ),
        }
    }
}

/// The version of the Parquet format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParquetVersion {
    /// Data pages of version 1.
    #[default]
    #[serde(rename = "1.0")]
    V1,
    /// Data pages of version 2.
    #[serde(rename = "2.0")]
    V2,
}

impl ParquetVersion {
    const fn engine(self) -> DFParquetWriterVersion {
        match self {
            Self::V1 => DFParquetWriterVersion::V1_0,
            Self::V2 => DFParquetWriterVersion::V2_0,
        }
    }
}
