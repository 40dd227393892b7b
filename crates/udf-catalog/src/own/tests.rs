use super::*;

#[test]
fn optional_and_repeated_parameters_are_marked_in_the_syntax() {
    let syntax = |name| OwnFunction::named(name).unwrap().syntax();
    assert_eq!(syntax("stable_id"), "stable_id(prefix, text)");
    assert_eq!(syntax("stable_id_parts"), "stable_id_parts(prefix, part, …)");
    assert_eq!(syntax("utf8_normalize"), "utf8_normalize(text[, form[, casefold[, collapse_ws]]])");
    assert_eq!(syntax("row_index"), "row_index()");
    assert_eq!(
        OwnFunction::named("map_normalize").unwrap().signatures(),
        ["(map)", "(map, string)", "(map, string, boolean)"]
    );
}

#[test]
fn every_row_is_complete() {
    for function in OwnFunction::all() {
        let name = function.name;
        assert!(!function.description.is_empty() && !function.example.is_empty(), "{name}");
        assert!(!function.lanes.is_empty(), "{name}");
        assert!(function.tags.is_sorted() && !function.tags.is_empty(), "{name}");
        // Left out from the right only, so that what follows the first default has one, too.
        assert!(function.parameters.is_sorted_by_key(|p| p.default.is_some()), "{name}");
        let repeated = function.parameters.iter().rev().skip(1).any(|p| p.repeated);
        assert!(!repeated, "{name}: only the last parameter can be given several times");
        assert_eq!(function.tier == Tier::Async, function.pack == Pack::Async, "{name}");
        assert_eq!(function.tier == Tier::Builtin, function.pack == Pack::Engine, "{name}");
    }
}
