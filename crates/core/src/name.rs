use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The name of a view, seed or source: one to three parts, as in `schema.table`.
///
/// Invariant: parts are already normalised as DataFusion does it: ASCII lower case when they were
/// unquoted, verbatim when quoted, never empty. Two names are the same relation exactly when they
/// are equal. `Display` quotes what would not survive a round trip.
///
/// ```
/// use viewlane_core::RelationName;
///
/// let name: RelationName = r#"Staging."Order Lines""#.parse()?;
/// assert_eq!(name.parts(), ["staging", "Order Lines"]);
/// assert_eq!(name.to_string(), r#"staging."Order Lines""#);
/// # Ok::<(), viewlane_core::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RelationName(Vec<String>);

impl RelationName {
    /// A name from parts that are already normalised.
    ///
    /// # Errors
    ///
    /// [`NameError`] when there are no parts, more than three, or an empty one.
    pub fn from_parts(
        parts: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, NameError> {
        let parts: Vec<String> = parts.into_iter().map(Into::into).collect();
        if parts.is_empty() || parts.iter().any(String::is_empty) {
            return Err(NameError::EmptyPart);
        }
        if parts.len() > 3 {
            return Err(NameError::TooManyParts(parts.len()));
        }
        Ok(Self(parts))
    }

    /// The parts, from the outermost to the relation's own.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// The last part.
    pub fn table(&self) -> &str {
        self.0.last().expect("a name has at least one part")
    }

    /// The part before the last, if any.
    pub fn schema(&self) -> Option<&str> {
        self.0.len().checked_sub(2).map(|index| self.0[index].as_str())
    }

    /// The first of three parts, if there are three.
    pub fn catalog(&self) -> Option<&str> {
        (self.0.len() == 3).then(|| self.0[0].as_str())
    }
}

/// Why a text is not a relation name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The text or one of its parts is empty.
    #[error("a name and each of its parts must not be empty")]
    EmptyPart,
    /// More parts than catalog, schema and table.
    #[error("a name has at most three parts, this one has {0}")]
    TooManyParts(usize),
    /// A quote that is never closed, or text right after a closing quote.
    #[error("misplaced quote in name `{0}`")]
    Quote(String),
}

impl FromStr for RelationName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        loop {
            let mut part = String::new();
            if chars.next_if_eq(&'"').is_some() {
                loop {
                    match chars.next() {
                        Some('"') if chars.next_if_eq(&'"').is_some() => part.push('"'),
                        Some('"') => break,
                        Some(c) => part.push(c),
                        None => return Err(NameError::Quote(text.to_owned())),
                    }
                }
            } else {
                while let Some(c) = chars.next_if(|c| *c != '.') {
                    if c == '"' {
                        return Err(NameError::Quote(text.to_owned()));
                    }
                    part.push(c.to_ascii_lowercase());
                }
            }
            parts.push(part);
            match chars.next() {
                None => return Self::from_parts(parts),
                Some('.') => {}
                Some(_) => return Err(NameError::Quote(text.to_owned())),
            }
        }
    }
}

impl TryFrom<String> for RelationName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RelationName> for String {
    fn from(name: RelationName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            let survives = !part.contains(['.', '"'])
                && !part.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_whitespace());
            if survives {
                f.write_str(part)?;
            } else {
                write!(f, "\"{}\"", part.replace('"', "\"\""))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn malformed_names_are_refused() {
        let refuse = |text: &str| text.parse::<RelationName>().unwrap_err().to_string();
        assert_eq!(refuse(""), "a name and each of its parts must not be empty");
        assert_eq!(refuse("a."), "a name and each of its parts must not be empty");
        assert_eq!(refuse("a.b.c.d"), "a name has at most three parts, this one has 4");
        assert_eq!(refuse("a\"b"), "misplaced quote in name `a\"b`");
        assert_eq!(refuse("\"a\"b"), "misplaced quote in name `\"a\"b`");
        assert_eq!(refuse("\"a"), "misplaced quote in name `\"a`");
    }

    proptest! {
        /// What is printed is read back as the same name, whatever the parts hold.
        #[test]
        fn display_round_trips(parts in prop::collection::vec("[a-zA-Z0-9_.\" é]{1,8}", 1..=3)) {
            let name = RelationName::from_parts(parts).unwrap();
            prop_assert_eq!(name.to_string().parse::<RelationName>().unwrap(), name);
        }
    }
}
