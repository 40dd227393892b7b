use super::*;
use crate::Profile;

#[test]
fn tables_are_sorted_and_name_every_key_once() {
    let sorted = |keys: Vec<&str>| keys.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(sorted(EngineOption::all().iter().map(|option| option.key).collect()));
    assert!(sorted(RefusedOption::all().iter().map(|refused| refused.key).collect()));
    assert!(EngineOption::all().iter().all(|option| option.key.starts_with(ENGINE)));
}

/// A default is spelled as reading would spell it, so that saying it changes nothing.
#[test]
fn defaults_are_read_as_they_stand() {
    for option in EngineOption::all() {
        if let Some(default) = option.default {
            let read = option.read(&Raw::Untyped(default)).unwrap();
            assert_eq!(read, default, "`{}`", option.key);
            let profile = Profile::builder().set(option.key, default).unwrap().build().unwrap();
            assert_eq!(profile, Profile::default(), "`{}`", option.key);
        }
    }
}

#[test]
fn every_refused_option_says_why() {
    for refused in RefusedOption::all() {
        let error = Profile::builder().set(refused.key, "1").unwrap_err();
        assert!(error.to_string().ends_with(refused.reason), "{error}");
    }
    for knob in
        Knob::all().iter().filter(|knob| knob.key.is_some_and(|key| key.starts_with(ENGINE)))
    {
        let error = Profile::builder().set(knob.key.unwrap(), knob.example).unwrap_err();
        assert!(error.to_string().ends_with(&format!("it is the knob `{}`", knob.name)), "{error}");
    }
}
