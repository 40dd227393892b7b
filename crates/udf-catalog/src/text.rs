//! What the functions compute, on one text, without an engine.

mod column;
mod digest;
mod normal;
mod parts;

pub use column::{ColumnError, ColumnUnit, col_to_byte};
#[cfg(feature = "kernels")]
pub(crate) use digest::{digest_rows, hex, number};
pub(crate) use digest::{hash64, hex128};
pub use normal::{NormalForm, normalize};
pub use parts::{PARTS_NULL, Parts};
#[cfg(feature = "kernels")]
pub(crate) use parts::{push_ordinary_part, push_part, special_bytes};

/// What the SQL function `stable_hash64` gives for a text.
///
/// ```
/// assert_eq!(viewlane_udf_catalog::stable_hash64("alpha"), 5_982_700_193_828_047_002);
/// ```
pub fn stable_hash64(text: &str) -> i64 {
    hash64(text.as_bytes())
}

/// What the SQL function `stable_hash128` gives for a text.
///
/// ```
/// assert_eq!(viewlane_udf_catalog::stable_hash128("alpha"), "b52f7e54cd313e691148cc2c80345831");
/// ```
pub fn stable_hash128(text: &str) -> String {
    String::from_utf8(hex128(text.as_bytes()).to_vec()).expect("hexadecimal digits are ASCII")
}

/// Whether a text is empty or has nothing but white space, as Unicode defines it.
///
/// ```
/// assert!(viewlane_udf_catalog::is_blank("\u{a0}\t"));
/// assert!(!viewlane_udf_catalog::is_blank("\u{200b}")); // zero width, but not white space
/// ```
pub fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// What the SQL function `cdf_change_rank` gives: the greatest of the changes of one row in one
/// version is the row's state.
///
/// ```
/// use viewlane_udf_catalog::change_rank;
///
/// assert!(change_rank("update_postimage") > change_rank("delete"));
/// assert_eq!(change_rank("merge"), -1);
/// ```
pub fn change_rank(change_type: &str) -> i32 {
    match change_type {
        "update_postimage" => 3,
        "insert" => 2,
        "delete" => 1,
        "update_preimage" => 0,
        _ => -1,
    }
}

#[cfg(test)]
mod tests;
