use datafusion::common::{
    config::CsvOptions,
    file_options::csv_writer::CsvWriterOptions,
    parsers::{CompressionTypeVariant, CsvQuoteStyle},
};
use serde::{Deserialize, Serialize};

use super::rules::{bad, no_effect};
use crate::Error;

/// Options of CSV files. Times without a format of their own are written as ISO 8601.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CsvPolicy {
    /// Whether the first line of each file names the columns. Default: yes.
    pub header: Option<bool>,
    /// What stands between values; one ASCII character. Default: `,`.
    pub delimiter: Option<char>,
    /// What stands around values that need it; one ASCII character. Default: `"`.
    pub quote: Option<char>,
    /// Which values are quoted. Default: those that need it.
    pub quote_style: Option<QuoteStyle>,
    /// Whether a quote within a quoted value is doubled rather than escaped. Default: yes.
    pub double_quote: Option<bool>,
    /// What stands before a quote within a quoted value when quotes are not doubled; one ASCII
    /// character. Default: `\`.
    pub escape: Option<char>,
    /// What stands for NULL. Default: nothing, in which case NULL and the empty text look alike.
    pub null_value: Option<String>,
    /// How dates are written, in the words of `strftime`.
    pub date_format: Option<String>,
    /// How values of type `Date64` are written, in the words of `strftime`.
    pub datetime_format: Option<String>,
    /// How times of day are written, in the words of `strftime`.
    pub time_format: Option<String>,
    /// How timestamps without a zone are written, in the words of `strftime`.
    pub timestamp_format: Option<String>,
    /// How timestamps with a zone are written, in the words of `strftime`.
    pub timestamp_tz_format: Option<String>,
    /// Whether blanks before a text are left out. Default: no.
    pub trim_leading: Option<bool>,
    /// Whether blanks after a text are left out. Default: no.
    pub trim_trailing: Option<bool>,
    /// How each file is compressed as a whole. Default: not at all.
    pub compression: TextCodec,
    /// The level of the compression: gzip and xz 0 to 9, bzip2 1 to 9, zstd 1 to 22. Default: that of
    /// the codec.
    pub compression_level: Option<u32>,
}

impl CsvPolicy {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let characters = [
            ("csv.delimiter", self.delimiter),
            ("csv.quote", self.quote),
            ("csv.escape", self.escape),
        ];
        for (option, character) in characters {
            let fits = |c: char| c.is_ascii() && !matches!(c, '\n' | '\r' | '\0');
            if character.is_some_and(|character| !fits(character)) {
                return Err(bad(option, "must be one ASCII character and no line break"));
            }
        }
        if self.delimiter.unwrap_or(',') == self.quote.unwrap_or('"') {
            return Err(bad("csv.quote", "must differ from the delimiter"));
        }
        if self.escape.is_some() && self.double_quote != Some(false) {
            return Err(no_effect("csv.escape", "quotes are doubled; set `double_quote = false`"));
        }
        self.compression.validate("csv.compression_level", self.compression_level)
    }

    pub(crate) fn writer(&self) -> Result<CsvWriterOptions, Error> {
        let byte = |character: Option<char>| character.and_then(|c| u8::try_from(c).ok());
        let defaults = CsvOptions::default();
        let options = CsvOptions {
            has_header: self.header,
            delimiter: byte(self.delimiter).unwrap_or(defaults.delimiter),
            quote: byte(self.quote).unwrap_or(defaults.quote),
            quote_style: self.quote_style.map_or(defaults.quote_style, QuoteStyle::engine),
            double_quote: self.double_quote,
            escape: byte(self.escape),
            null_value: self.null_value.clone(),
            date_format: self.date_format.clone(),
            datetime_format: self.datetime_format.clone(),
            time_format: self.time_format.clone(),
            timestamp_format: self.timestamp_format.clone(),
            timestamp_tz_format: self.timestamp_tz_format.clone(),
            ignore_leading_whitespace: self.trim_leading,
            ignore_trailing_whitespace: self.trim_trailing,
            ..defaults
        };
        CsvWriterOptions::try_from(&options).map_err(|error| bad("csv", &error.to_string()))
    }
}

/// Which values of a CSV file stand in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteStyle {
    /// Those that could not be read back without.
    Necessary,
    /// All.
    Always,
    /// All but numbers.
    NonNumeric,
}

impl QuoteStyle {
    const fn engine(self) -> CsvQuoteStyle {
        match self {
            Self::Necessary => CsvQuoteStyle::Necessary,
            Self::Always => CsvQuoteStyle::Always,
            Self::NonNumeric => CsvQuoteStyle::NonNumeric,
        }
    }
}

/// Options of JSON files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JsonPolicy {
    /// How each file is compressed as a whole. Default: not at all.
    pub compression: TextCodec,
    /// The level of the compression: gzip and xz 0 to 9, bzip2 1 to 9, zstd 1 to 22. Default: that of
    /// the codec.
    pub compression_level: Option<u32>,
}

impl JsonPolicy {
    pub(super) fn validate(&self) -> Result<(), Error> {
        self.compression.validate("json.compression_level", self.compression_level)
    }
}

/// How a file of text is compressed as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextCodec {
    /// Not at all.
    #[default]
    None,
    /// gzip; files end in `.gz`.
    Gzip,
    /// Zstandard; files end in `.zst`.
    Zstd,
    /// bzip2; files end in `.bz2`.
    Bzip2,
    /// xz; files end in `.xz`.
    Xz,
}

impl TextCodec {
    fn validate(self, option: &str, level: Option<u32>) -> Result<(), Error> {
        let range = match self {
            Self::None if level.is_some() => {
                return Err(no_effect(option, "nothing is compressed"));
            }
            Self::None => return Ok(()),
            Self::Zstd => 1..=22,
            Self::Gzip | Self::Xz => 0..=9,
            Self::Bzip2 => 1..=9,
        };
        match level {
            Some(level) if !range.contains(&level) => {
                Err(bad(option, &format!("must be {} to {}", range.start(), range.end())))
            }
            _ => Ok(()),
        }
    }

    pub(crate) const fn engine(self) -> CompressionTypeVariant {
        match self {
            Self::None => CompressionTypeVariant::UNCOMPRESSED,
            Self::Gzip => CompressionTypeVariant::GZIP,
            Self::Zstd => CompressionTypeVariant::ZSTD,
            Self::Bzip2 => CompressionTypeVariant::BZIP2,
            Self::Xz => CompressionTypeVariant::XZ,
        }
    }

    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
        }
    }
}

/// Options of Arrow IPC files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArrowPolicy {
    /// How buffers are compressed. Default: LZ4.
    pub compression: ArrowCodec,
}

/// How the buffers of an Arrow IPC file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArrowCodec {
    /// Not at all.
    None,
    /// LZ4 frames.
    #[default]
    Lz4,
    /// Zstandard.
    Zstd,
}
