//! What the functions compute, on one text, without an engine.

use blake2::{
    Blake2b, Digest,
    digest::consts::{U8, U16},
};

mod column;
mod normal;
mod parts;

pub use column::{ColumnError, ColumnUnit, col_to_byte};
pub use normal::{NormalForm, normalize};
pub use parts::{PARTS_NULL, Parts};

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

pub(crate) fn hash64(bytes: &[u8]) -> i64 {
    let digest: [u8; 8] = Blake2b::<U8>::digest(bytes).into();
    i64::from_be_bytes(digest) & i64::MAX
}

pub(crate) fn hex128(bytes: &[u8]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    let digest: [u8; 16] = Blake2b::<U16>::digest(bytes).into();
    let mut hex = [0; 32];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(digest) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    hex
}

#[cfg(test)]
mod tests;
