//! Options of stores, by the names that the stores themselves give them.

#[cfg(any(feature = "s3", feature = "gcs", feature = "azure", feature = "http"))]
use std::{collections::BTreeMap, error::Error};

use viewlane_core::{PortError, nearest};

use crate::codes;

/// The names that people write; each store knows more spellings of them.
const NAMES: &[(&str, bool)] = &[
    ("allow_http", cfg!(any(feature = "s3", feature = "gcs", feature = "azure", feature = "http"))),
    ("timeout", cfg!(any(feature = "s3", feature = "gcs", feature = "azure", feature = "http"))),
    ("proxy_url", cfg!(any(feature = "s3", feature = "gcs", feature = "azure", feature = "http"))),
    ("aws_access_key_id", cfg!(feature = "s3")),
    ("aws_secret_access_key", cfg!(feature = "s3")),
    ("aws_session_token", cfg!(feature = "s3")),
    ("aws_region", cfg!(feature = "s3")),
    ("aws_endpoint_url", cfg!(feature = "s3")),
    ("aws_virtual_hosted_style_request", cfg!(feature = "s3")),
    ("aws_skip_signature", cfg!(feature = "s3")),
    ("google_service_account", cfg!(feature = "gcs")),
    ("google_service_account_key", cfg!(feature = "gcs")),
    ("google_application_credentials", cfg!(feature = "gcs")),
    ("azure_storage_account_name", cfg!(feature = "azure")),
    ("azure_storage_account_key", cfg!(feature = "azure")),
    ("azure_storage_sas_token", cfg!(feature = "azure")),
    ("azure_storage_use_emulator", cfg!(feature = "azure")),
];

/// Refuses names that no store of this build knows.
pub(super) fn check<'n>(names: impl Iterator<Item = &'n String>) -> Result<(), PortError> {
    for name in names {
        if is_known(name) {
            continue;
        }
        let built = NAMES.iter().filter(|(_, built)| *built).map(|(name, _)| *name);
        let advice = match nearest(name, built) {
            Some(nearest) => format!("; `{nearest}` is one"),
            None => String::new(),
        };
        let message = format!("no store of this build knows the option `{name}`{advice}");
        return Err(PortError::new(codes::STORE_OPTION, message));
    }
    Ok(())
}

fn is_known(name: &str) -> bool {
    // Without any store there is nothing to ask.
    let _ = name;
    #[cfg(feature = "s3")]
    if name.parse::<object_store::aws::AmazonS3ConfigKey>().is_ok() {
        return true;
    }
    #[cfg(feature = "gcs")]
    if name.parse::<object_store::gcp::GoogleConfigKey>().is_ok() {
        return true;
    }
    #[cfg(feature = "azure")]
    if name.parse::<object_store::azure::AzureConfigKey>().is_ok() {
        return true;
    }
    #[cfg(feature = "http")]
    if name.parse::<object_store::ClientConfigKey>().is_ok() {
        return true;
    }
    false
}

#[cfg(any(feature = "s3", feature = "gcs", feature = "azure", feature = "http"))]
type Built<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Settings for a builder: the environment first, so that options win. Names that it does not know
/// are settings of something else.
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
fn settings<'o, K: std::str::FromStr>(
    options: &'o BTreeMap<String, String>,
    environment: &'o BTreeMap<String, String>,
) -> impl Iterator<Item = (K, &'o String)> {
    let all = environment.iter().chain(options);
    all.filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value)))
}

#[cfg(feature = "s3")]
pub(super) fn s3(
    url: &url::Url,
    options: &BTreeMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> Built<object_store::aws::AmazonS3> {
    use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(url.host_str().unwrap_or_default())
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    for (key, value) in settings(options, environment) {
        builder = builder.with_config(key, value);
    }
    Ok(builder.build()?)
}

#[cfg(feature = "gcs")]
pub(super) fn gcs(
    url: &url::Url,
    options: &BTreeMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> Built<object_store::gcp::GoogleCloudStorage> {
    let mut builder = object_store::gcp::GoogleCloudStorageBuilder::new()
        .with_bucket_name(url.host_str().unwrap_or_default());
    for (key, value) in settings(options, environment) {
        builder = builder.with_config(key, value);
    }
    Ok(builder.build()?)
}

#[cfg(feature = "azure")]
pub(super) fn azure(
    url: &url::Url,
    options: &BTreeMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> Built<object_store::azure::MicrosoftAzure> {
    let mut builder = object_store::azure::MicrosoftAzureBuilder::new().with_url(url.as_str());
    for (key, value) in settings(options, environment) {
        builder = builder.with_config(key, value);
    }
    Ok(builder.build()?)
}

#[cfg(feature = "http")]
pub(super) fn http(
    root: &str,
    options: &BTreeMap<String, String>,
) -> Built<object_store::http::HttpStore> {
    let mut builder = object_store::http::HttpBuilder::new().with_url(root);
    for (name, value) in options {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok(builder.build()?)
}
