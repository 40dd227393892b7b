use std::str::FromStr;

/// What a column of a line of text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnUnit {
    /// Bytes; a column may lie within a character.
    Byte,
    /// Bytes at which a character starts.
    Utf8,
    /// Units of UTF-16.
    Utf16,
    /// Characters.
    Utf32,
}

/// Why a column has no byte.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// No such unit.
    #[error("unknown unit of columns `{0}`: use `byte`, `utf8` (1), `utf16` (2) or `utf32` (3)")]
    Unit(String),
    /// The column lies within a character.
    #[error("column {column} lies within a character, counted in {unit}")]
    Within {
        /// The column.
        column: i64,
        /// What it counts.
        unit: &'static str,
    },
}

impl FromStr for ColumnUnit {
    type Err = ColumnError;

    /// `utf8`, `UTF-8`, `utf_8` and the number 1 are one unit; case does not matter.
    fn from_str(text: &str) -> Result<Self, ColumnError> {
        let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        match plain.to_ascii_lowercase().as_str() {
            "byte" | "bytes" => Ok(Self::Byte),
            "utf8" | "1" => Ok(Self::Utf8),
            "utf16" | "2" => Ok(Self::Utf16),
            "utf32" | "3" => Ok(Self::Utf32),
            _ => Err(ColumnError::Unit(text.to_owned())),
        }
    }
}

/// What the SQL function `col_to_byte` gives: the byte at which a column of a line starts. Negative
/// columns are 0, those behind the end are the end.
///
/// ```
/// use viewlane_udf_catalog::{ColumnUnit, col_to_byte};
///
/// assert_eq!(col_to_byte("éclair", 1, ColumnUnit::Utf32), Ok(2));
/// assert!(col_to_byte("éclair", 1, ColumnUnit::Utf8).is_err());
/// ```
pub fn col_to_byte(line: &str, column: i64, unit: ColumnUnit) -> Result<i64, ColumnError> {
    let end = line.len();
    let wanted = usize::try_from(column.max(0)).unwrap_or(usize::MAX);
    let byte = match unit {
        ColumnUnit::Byte => wanted.min(end),
        ColumnUnit::Utf8 if wanted >= end => end,
        ColumnUnit::Utf8 if line.is_char_boundary(wanted) => wanted,
        ColumnUnit::Utf8 => return Err(ColumnError::Within { column, unit: "utf8" }),
        ColumnUnit::Utf16 => {
            let mut units = 0;
            let mut byte = end;
            for (start, character) in line.char_indices() {
                if units == wanted {
                    byte = start;
                    break;
                }
                if units > wanted {
                    return Err(ColumnError::Within { column, unit: "utf16" });
                }
                units += character.len_utf16();
            }
            if byte == end && units > wanted {
                return Err(ColumnError::Within { column, unit: "utf16" });
            }
            byte
        }
        ColumnUnit::Utf32 => line.char_indices().nth(wanted).map_or(end, |(start, _)| start),
    };
    Ok(i64::try_from(byte).expect("a text is shorter than 2^63 bytes"))
}
