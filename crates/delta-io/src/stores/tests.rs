#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "s3")]
mod server;

use super::*;

fn options(names: &[(&str, &str)]) -> BTreeMap<String, String> {
    names.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_option_that_nothing_knows_is_refused() {
    let error = Stores::new(options(&[("colour", "red")]), BTreeMap::new()).unwrap_err();
    insta::assert_snapshot!(error, @"no store of this build knows the option `colour`");
}

#[cfg(feature = "s3")]
#[test]
fn the_nearest_option_is_named() {
    let error = Stores::new(options(&[("aws_regio", "x")]), BTreeMap::new()).unwrap_err();
    insta::assert_snapshot!(error, @"no store of this build knows the option `aws_regio`; `aws_region` is one");
}

#[cfg(feature = "s3")]
#[test]
fn no_secret_is_ever_shown() {
    let secrets = options(&[
        ("aws_access_key_id", "SECRET"),
        ("aws_secret_access_key", "SECRET"),
        ("aws_region", "nowhere"),
    ]);
    let stores = Stores::new(secrets, options(&[("AWS_SESSION_TOKEN", "SECRET")])).unwrap();
    let location = TableLocation::new("s3://bucket/t");
    let url = crate::location::resolve(&location).unwrap();
    let log_store = stores.log_store(&url, &location).unwrap();
    let shown = format!("{stores:?} {:?} {}", log_store.config(), log_store.name());
    assert!(shown.contains("aws_secret_access_key") && !shown.contains("SECRET"), "{shown}");
}

/// One store for each bucket, however many tables it has.
#[test]
fn a_store_is_made_once() {
    let stores = Stores::default();
    for name in ["/lake/a", "/lake/b"] {
        let location = TableLocation::new(name);
        let url = crate::location::resolve(&location).unwrap();
        stores.log_store(&url, &location).unwrap();
    }
    assert_eq!(stores.roots.lock().unwrap().len(), 1);
}
