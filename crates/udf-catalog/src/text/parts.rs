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
        if self.count > 0 {
            self.bytes.push(SEPARATOR);
        }
        self.count += 1;
        let Some(part) = part else {
            self.bytes.extend_from_slice(PARTS_NULL.as_bytes());
            return;
        };
        if part == PARTS_NULL {
            self.bytes.push(ESCAPE);
        }
        // Neither byte occurs within a character of several bytes.
        if part.bytes().any(|byte| byte == SEPARATOR || byte == ESCAPE) {
            for byte in part.bytes() {
                match byte {
                    SEPARATOR => self.bytes.extend_from_slice(&[ESCAPE, b's']),
                    ESCAPE => self.bytes.extend_from_slice(&[ESCAPE, ESCAPE]),
                    other => self.bytes.push(other),
                }
            }
        } else {
            self.bytes.extend_from_slice(part.as_bytes());
        }
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
