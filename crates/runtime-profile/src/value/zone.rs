use std::str::FromStr;

use super::{KnobValue, Raw, Refusal, text};

/// A time zone: `UTC`, an offset such as `+02:00`, or an IANA name such as `Europe/Berlin`.
///
/// Invariant: well-formed. Whether an IANA name exists is known to the engine only, and checked
/// when a session is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// Coordinated universal time, spelled as Delta Lake stores it.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The zone as the engine takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text does not look like a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeZoneError {
    /// Another spelling of `UTC`.
    #[error("Delta Lake stores this zone only under the name `UTC`")]
    OtherUtc,
    /// Neither an offset nor a name.
    #[error("it is neither `UTC`, nor an offset, nor the IANA name of a zone")]
    Form,
}

impl FromStr for TimeZone {
    type Err = TimeZoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let other_utc = ["z", "utc", "gmt", "+00:00", "-00:00", "+0000", "+00", "etc/utc"];
        let bytes = text.as_bytes();
        if text == "UTC" {
            Ok(Self::utc())
        } else if other_utc.contains(&text.to_ascii_lowercase().as_str()) {
            Err(TimeZoneError::OtherUtc)
        } else if let [b'+' | b'-', h1, h0, b':', m1, m0] = bytes {
            let valid = matches!((h1, h0), (b'0', b'0'..=b'9') | (b'1', b'0'..=b'4'))
                && matches!((m1, m0), (b'0'..=b'5', b'0'..=b'9'));
            valid.then(|| Self(text.to_owned())).ok_or(TimeZoneError::Form)
        } else {
            let named = bytes.first().is_some_and(u8::is_ascii_uppercase)
                && text.contains('/')
                && text.split('/').all(|part| !part.is_empty())
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"/_-+".contains(b));
            named.then(|| Self(text.to_owned())).ok_or(TimeZoneError::Form)
        }
    }
}

impl KnobValue for TimeZone {
    const ACCEPTS: &'static str = "a time zone such as \"UTC\", \"+02:00\" or \"Europe/Berlin\"";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let text = text(raw)?;
        text.parse().map_err(|error: TimeZoneError| Refusal::NotAccepted {
            value: text.to_owned(),
            reason: error.to_string(),
            help: match error {
                TimeZoneError::OtherUtc => "write \"UTC\"".to_owned(),
                TimeZoneError::Form => {
                    "write \"UTC\", an offset such as \"+02:00\", or a name such as \"Europe/Berlin\""
                        .to_owned()
                }
            },
        })
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}
