/// What stands for a part that is NULL.
pub const PARTS_NULL: &str = "__NULL__";

const SEPARATOR: u8 = 0x1f;
const ESCAPE: u8 = 0x1b;

/// Puts the parts of a key together, so that two lists of parts have one text only if they are equal.
///
/// Ordinary parts are joined with U+001F, as the predecessor of this function did, so that keys
/// computed there are found here. What could be mistaken for something else is escaped with U+001B.
///
/// ```
/// use viewlane_udf_catalog::Parts;
///
/// let text = |parts: &[Option<&str>]| Parts::of(parts.iter().copied()).as_bytes().to_vec();
/// assert_eq!(text(&[Some("a"), Some("b")]), b"a\x1fb");
/// assert_ne!(text(&[Some("a\u{1f}b")]), text(&[Some("a"), Some("b")]));
/// assert_ne!(text(&[Some("__NULL__")]), text(&[None]));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Parts {
    bytes: Vec<u8>,
    count: usize,
}

impl Parts {
    /// The text of a list of parts.
    pub fn of<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.push(part);
        }
        all
    }

    /// Adds one part.
    pub fn push(&mut self, part: Option<&str>) {
        push_part(&mut self.bytes, self.count, part);
        self.count += 1;
    }

    /// Starts over, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// What is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Writes the part that so many others of its list stand before.
pub(crate) fn push_part(bytes: &mut Vec<u8>, before: usize, part: Option<&str>) {
    let Some(part) = part.filter(|part| part.bytes().any(is_special)) else {
        return push_ordinary_part(bytes, before, part);
    };
    if before > 0 {
        bytes.push(SEPARATOR);
    }
    // Neither byte occurs within a character of several bytes.
    for byte in part.bytes() {
        match byte {
            SEPARATOR => bytes.extend_from_slice(&[ESCAPE, b's']),
            ESCAPE => bytes.extend_from_slice(&[ESCAPE, ESCAPE]),
            other => bytes.push(other),
        }
    }
}

/// The same for a part without special bytes.
pub(crate) fn push_ordinary_part(bytes: &mut Vec<u8>, before: usize, part: Option<&str>) {
    if before > 0 {
        bytes.push(SEPARATOR);
    }
    if part == Some(PARTS_NULL) {
        bytes.push(ESCAPE);
    }
    bytes.extend_from_slice(part.unwrap_or(PARTS_NULL).as_bytes());
}

/// How many separators and escapes there are.
#[cfg(feature = "kernels")]
pub(crate) fn special_bytes(bytes: &[u8]) -> usize {
    // Few enough at a time that their number is a byte, so that many are counted at once.
    let some = |bytes: &[u8]| bytes.iter().map(|byte| u8::from(is_special(*byte))).sum::<u8>();
    bytes.chunks(255).map(some).map(usize::from).sum()
}

fn is_special(byte: u8) -> bool {
    byte == SEPARATOR || byte == ESCAPE
}
