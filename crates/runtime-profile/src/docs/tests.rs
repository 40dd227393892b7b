use super::*;

#[test]
fn the_document_in_the_repository_is_the_one_that_the_tables_give() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/profile.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, profile_document()).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == profile_document(),
        "write it: UPDATE_DOCS=1 cargo test -p viewlane-runtime-profile docs"
    );
}

#[test]
fn every_knob_every_option_and_every_refused_setting_is_in_the_document() {
    let text = profile_document();
    for knob in Knob::all() {
        assert!(text.contains(&format!("\n#### `{}`\n", knob.name)), "`{}`", knob.name);
    }
    for option in EngineOption::all() {
        assert!(text.contains(&format!("\n| `{}` |", option.name())), "`{}`", option.key);
    }
    for refused in RefusedOption::all() {
        assert!(text.contains(&format!("\n| `{}` |", refused.key)), "`{}`", refused.key);
    }
}
