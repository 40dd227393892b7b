use std::path::Path;

use url::Url;
use viewlane_core::{PortError, TableLocation};

use crate::codes;

/// Schemes, the feature that each needs, and whether this build has it.
const SCHEMES: &[(&str, &str, bool)] = &[
    ("file", "", true),
    ("memory", "", cfg!(test)),
    ("s3", "s3", cfg!(feature = "s3")),
    ("gs", "gcs", cfg!(feature = "gcs")),
    ("az", "azure", cfg!(feature = "azure")),
    ("abfs", "azure", cfg!(feature = "azure")),
    ("abfss", "azure", cfg!(feature = "azure")),
    ("http", "http", cfg!(feature = "http")),
    ("https", "http", cfg!(feature = "http")),
];

/// The canonical URL of a location, with a closing slash, so that paths below it can be joined.
///
/// Two spellings of one place give one URL: scheme and host are in lower case, `s3a` and `s3n` are
/// `s3`, `.` and `..` and doubled slashes are resolved, and each character is encoded or not in one
/// way only. What may hold a secret (a password, a query) is refused and never repeated in a
/// message.
pub(crate) fn resolve(location: &TableLocation) -> Result<Url, PortError> {
    let text = location.as_str();
    if !text.contains("://") {
        let path = Path::new(text);
        let invalid = |why: &str| invalid(text, why);
        if !path.is_absolute() {
            return Err(invalid("an absolute path or a URL is expected"));
        }
        let url =
            Url::from_directory_path(path).map_err(|()| invalid("the path has no URL form"))?;
        return normal(url, text);
    }
    let mut url = Url::parse(text).map_err(|error| invalid(shown(text), &error.to_string()))?;
    if url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        let why = "it holds a password, a query or a fragment; credentials belong in the storage \
                   options";
        return Err(invalid(shown(text), why));
    }
    if matches!(url.scheme(), "s3a" | "s3n") {
        url.set_scheme("s3").map_err(|()| invalid(text, "its scheme cannot be changed to `s3`"))?;
    }
    let known = SCHEMES.iter().find(|(scheme, ..)| *scheme == url.scheme());
    let (scheme, feature, built) = known.ok_or_else(|| {
        let built = SCHEMES.iter().filter(|(_, _, built)| *built).map(|(scheme, ..)| *scheme);
        let built: Vec<_> = built.collect();
        let why = format!("this build opens {} and local paths", built.join(", "));
        invalid(text, &why)
    })?;
    if !built {
        let why = format!("`{scheme}` needs the feature `{feature}`, which this build is without");
        return Err(invalid(text, &why));
    }
    if let Some(host) = url.host_str().map(str::to_lowercase)
        && url.host_str() != Some(&host)
    {
        url.set_host(Some(&host)).map_err(|error| invalid(text, &error.to_string()))?;
    }
    let without_host = matches!(*scheme, "file" | "memory");
    if without_host != url.host_str().is_none_or(str::is_empty) {
        let why = if without_host { "it names a host" } else { "it names no bucket or host" };
        return Err(invalid(text, why));
    }
    normal(url, text)
}

/// The URL with each segment of its path encoded in one way, and a closing slash.
fn normal(mut url: Url, text: &str) -> Result<Url, PortError> {
    let segments: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.is_empty())
        .map(|segment| match percent_encoding::percent_decode_str(segment).decode_utf8() {
            Ok(decoded) => decoded.into_owned(),
            Err(_) => segment.to_owned(),
        })
        .collect();
    // The library decodes names twice.
    if let Some(name) = segments.iter().find(|name| is_encoded(name)) {
        return Err(invalid(text, &format!("the name `{name}` would be read as another one")));
    }
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(segments).push("");
    }
    Ok(url)
}

/// Whether a name holds what looks like an encoded character.
fn is_encoded(name: &str) -> bool {
    name.as_bytes()
        .windows(3)
        .any(|three| three[0] == b'%' && three[1..].iter().all(u8::is_ascii_hexdigit))
}

/// What tells one place from another: the canonical URL without a closing slash.
pub(crate) fn identity(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// A location as far as it holds no secret.
fn shown(text: &str) -> &str {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let plain = &text[..end];
    match plain.find('@') {
        Some(_) => plain.split("://").next().unwrap_or_default(),
        None => plain,
    }
}

fn invalid(shown: &str, why: &str) -> PortError {
    PortError::new(codes::LOCATION, format!("`{shown}` is not a table location: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match resolve(&TableLocation::new(text)) {
            Ok(url) => identity(&url).to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_place_has_one_identity() {
        for text in
            ["/lake/a b/t", "/lake/a b/t/", "file:///lake/a%20b/t", "FILE:///lake//a b/./t/"]
        {
            assert_eq!(told(text), "file:///lake/a%20b/t", "{text}");
        }
        assert_eq!(told("/lake/100%"), "file:///lake/100%25");
        assert_eq!(told("file:///lake/%7Et/x/.."), "file:///lake/~t");
        assert_eq!(
            told("file:///a%2Fb/t"),
            "file:///a%2Fb/t",
            "an encoded slash separates nothing"
        );
    }

    #[test]
    fn what_is_no_place_for_a_table_is_refused() {
        insta::assert_snapshot!(
            ["lake/t", "file://host/t", "://", "/lake/a%20b"].map(told).join("\n"),
            @"
        `lake/t` is not a table location: an absolute path or a URL is expected
        `file://host/t` is not a table location: it names a host
        `://` is not a table location: relative URL without a base
        `/lake/a%20b` is not a table location: the name `a%20b` would be read as another one
        "
        );
        let told = told("ftp://host/t");
        assert!(told.starts_with("`ftp://host/t` is not a table location: this build opens file,"));
    }

    #[test]
    fn a_secret_in_a_location_is_not_repeated() {
        for text in [
            "https://account.blob.core.windows.net/c/t?sig=SECRET",
            "s3://key:SECRET@bucket/t",
            "az://c/t#SECRET",
        ] {
            let told = told(text);
            assert!(told.contains("credentials belong in the storage options"), "{told}");
            assert!(!told.contains("SECRET") && !told.contains("key"), "{told}");
        }
    }

    #[cfg(feature = "s3")]
    #[test]
    fn spellings_of_s3_are_one() {
        for text in ["s3://bucket/a/t", "s3a://Bucket/a/t/", "S3N://BUCKET/a//t"] {
            assert_eq!(told(text), "s3://bucket/a/t", "{text}");
        }
        assert_eq!(
            told("s3:///t"),
            "`s3:///t` is not a table location: it names no bucket or host"
        );
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn a_scheme_that_was_not_built_says_which_feature_it_needs() {
        insta::assert_snapshot!(told("s3://bucket/t"), @"`s3://bucket/t` is not a table location: `s3` needs the feature `s3`, which this build is without");
    }
}
