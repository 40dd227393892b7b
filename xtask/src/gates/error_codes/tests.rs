use super::*;

fn check(sources: &[&str], document: &str) -> Vec<String> {
    let mut found = Found::default();
    for (index, source) in sources.iter().enumerate() {
        found.scan(&format!("crates/a/src/{index}.rs"), source);
    }
    judge(&found, &outline(document)).iter().map(ToString::to_string).collect()
}

const SOURCE: &str = r#"
/// const EXAMPLE: Code = Code::new("VL-X0001", ErrorKind::Invalid);
const DENIED: Code = Code::new("VL-P0101", ErrorKind::Denied);
const TEMPLATE: Code = Code::new(
    "VL-P0102",
    ErrorKind::Invalid,
);

#[cfg(test)]
mod tests {
    const OTHER: Code = Code::new("VL-P0199", ErrorKind::Invalid);
}
"#;

#[test]
fn declared_once_and_explained_once_passes() {
    assert!(check(&[SOURCE], "### VL-P0101\n### VL-P0102: template\n").is_empty());
}

#[test]
fn a_code_without_a_section_is_named_with_its_place() {
    let failures = check(&[SOURCE], "### VL-P0101\n");

    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].starts_with("`VL-P0102` is not explained in docs/errors.md"));
    assert!(failures[0].contains("crates/a/src/0.rs:4"), "{failures:?}");
}

#[test]
fn a_section_without_a_code_is_named() {
    let failures = check(&[SOURCE], "### VL-P0101\n### `VL-P0102`\n\n### VL-Q0001\n");

    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].starts_with("`VL-Q0001` is explained and declared nowhere"));
    assert!(failures[0].contains("docs/errors.md:4"), "{failures:?}");
}

#[test]
fn a_second_declaration_fails_also_in_another_crate() {
    let failures = check(
        &[SOURCE, "pub const AGAIN: Code = Code::new(\"VL-P0101\", ErrorKind::Io);\n"],
        "### VL-P0101\n### VL-P0102\n",
    );

    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("first in crates/a/src/0.rs:3"));
    assert!(failures[0].contains("at: crates/a/src/1.rs:1"));
}

#[test]
fn a_literal_that_nothing_declares_fails() {
    let failures = check(&["let code = \"VL-P0300\";\nlet again = \"VL-P0300\";"], "");

    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].starts_with("`VL-P0300` is used and declared nowhere"));
}

#[test]
fn the_shape_of_a_code_is_checked_where_it_is_declared() {
    let failures = check(&["Code::new(\"VL-101\", kind); ErrorCode::new(\"E1\")"], "");

    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].starts_with("`VL-101` is not an error code"));
}

#[test]
fn tests_may_make_codes_of_their_own() {
    assert!(is_test("crates/core/src/diagnostic/tests.rs"));
    assert!(is_test("crates/core/src/tests/codes.rs"));
    assert!(!is_test("crates/engine/src/audit.rs"));
}
