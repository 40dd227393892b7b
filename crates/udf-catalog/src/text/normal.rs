use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

/// One of Unicode's normal forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormalForm {
    /// Composed.
    Nfc,
    /// Decomposed.
    Nfd,
    /// Composed, with compatible characters made one.
    Nfkc,
    /// Decomposed, with compatible characters made one.
    Nfkd,
}

impl FromStr for NormalForm {
    type Err = String;

    /// The name in any case. The error says what is accepted.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "NFC" => Ok(Self::Nfc),
            "NFD" => Ok(Self::Nfd),
            "NFKC" => Ok(Self::Nfkc),
            "NFKD" => Ok(Self::Nfkd),
            _ => Err(format!("unknown normal form `{text}`: use `NFC`, `NFD`, `NFKC` or `NFKD`")),
        }
    }
}

impl NormalForm {
    fn apply(self, text: &str) -> String {
        match self {
            Self::Nfc => text.nfc().collect(),
            Self::Nfd => text.nfd().collect(),
            Self::Nfkc => text.nfkc().collect(),
            Self::Nfkd => text.nfkd().collect(),
        }
    }
}

/// What the SQL function `utf8_normalize` gives for a text, empty where that gives NULL. Normalising
/// again changes nothing.
///
/// ```
/// use viewlane_udf_catalog::{NormalForm, normalize};
///
/// assert_eq!(normalize("  Ｃafé \n NOIR ", NormalForm::Nfkc, true, true), "café noir");
/// ```
pub fn normalize(text: &str, form: NormalForm, casefold: bool, collapse_ws: bool) -> String {
    if text.is_ascii() {
        // Every form leaves ASCII as it is.
        let lower = match casefold {
            true => std::borrow::Cow::Owned(text.to_ascii_lowercase()),
            false => std::borrow::Cow::Borrowed(text),
        };
        return trim(&lower, collapse_ws);
    }
    let mut normal = form.apply(text);
    if casefold {
        // Lower case of a normal text need not be normal, nor a normal form of it in lower case.
        loop {
            let again = form.apply(&normal.to_lowercase());
            if again == normal {
                break;
            }
            normal = again;
        }
    }
    trim(&normal, collapse_ws)
}

fn trim(text: &str, collapse_ws: bool) -> String {
    match collapse_ws {
        true => {
            let mut out = String::with_capacity(text.len());
            for word in text.split_whitespace() {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(word);
            }
            out
        }
        false => text.trim().to_owned(),
    }
}
