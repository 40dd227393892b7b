//! What the functions compute, on one text, without an engine.

use blake2::{Blake2b, Digest, digest::consts::U8};

/// What the SQL function `stable_hash64` gives for a text.
///
/// ```
/// assert_eq!(viewlane_udf_catalog::stable_hash64("alpha"), 5_982_700_193_828_047_002);
/// ```
pub fn stable_hash64(text: &str) -> i64 {
    let digest: [u8; 8] = Blake2b::<U8>::digest(text.as_bytes()).into();
    i64::from_be_bytes(digest) & i64::MAX
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of the system this one succeeds: keys computed there must be found here.
    #[test]
    fn hashes_are_those_of_the_reference() {
        for (text, hash) in [
            ("", 7252660547403494068),
            ("alpha", 5982700193828047002),
            ("éclair", 5951269960789405296),
            ("a\u{1f}b", 8668388485945676816),
            ("a\u{1f}__NULL__", 8982507147066422756),
        ] {
            assert_eq!(stable_hash64(text), hash, "{text:?}");
        }
    }
}
