use std::path::{Path, PathBuf};

use url::Url;
use viewlane_core::{PortError, TableLocation};

use crate::codes;

/// The URL of a location, with a closing slash, so that paths below it can be joined.
pub(crate) fn resolve(location: &TableLocation) -> Result<Url, PortError> {
    let text = location.as_str();
    let invalid = |why: &str| {
        PortError::new(codes::LOCATION, format!("`{text}` is not a table location: {why}"))
    };
    if text.contains("://") {
        let mut url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        if url.scheme() != "file" {
            return Err(invalid("this build opens local tables only"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        return Ok(url);
    }
    let path = Path::new(text);
    if !path.is_absolute() {
        return Err(invalid("an absolute path or a URL is expected"));
    }
    Url::from_directory_path(path).map_err(|()| invalid("the path has no URL form"))
}

/// The local folder of a URL.
pub(crate) fn folder(url: &Url) -> Result<PathBuf, PortError> {
    url.to_file_path().map_err(|()| {
        PortError::new(codes::LOCATION, format!("`{url}` does not name a local folder"))
    })
}
