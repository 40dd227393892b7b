use proptest::prelude::*;

use super::*;

/// Vectors of the system this one succeeds: keys computed there must be found here.
#[test]
fn hashes_are_those_of_the_reference() {
    for (text, hash, long) in [
        ("", 7252660547403494068, "cae66941d9efbd404e4d88758ea67670"),
        ("alpha", 5982700193828047002, "b52f7e54cd313e691148cc2c80345831"),
        ("éclair", 5951269960789405296, "2be1a87b9474ddf42688bffcba914d33"),
        ("a\u{1f}b", 8668388485945676816, "065ab5741cdfad44687cf119c1eb4ec9"),
        ("a\u{1f}__NULL__", 8982507147066422756, "e572d4f485d45f5df562e024a5aa26e5"),
    ] {
        assert_eq!(stable_hash64(text), hash, "{text:?}");
        assert_eq!(stable_hash128(text), long, "{text:?}");
    }
    let parts = Parts::of([Some("a"), None]);
    assert_eq!(hash64(parts.as_bytes()), 8982507147066422756);
}

#[test]
fn columns_are_those_of_the_reference() {
    use ColumnUnit::{Byte, Utf8, Utf16, Utf32};
    for (line, column, unit, byte) in [
        ("abc", 1, Utf32, Some(1)),
        ("éclair", 2, Utf8, Some(2)),
        ("éclair", 1, Utf32, Some(2)),
        ("éclair", 1, Utf8, None),
        ("😀a", 2, Utf16, Some(4)),
        ("😀a", 1, Utf16, None),
        ("a😀", 2, Utf16, None),
        ("a😀", 3, Utf16, Some(5)),
        ("abc", 99, Byte, Some(3)),
        ("abc", -1, Utf32, Some(0)),
        ("", i64::MAX, Utf16, Some(0)),
    ] {
        assert_eq!(col_to_byte(line, column, unit).ok(), byte, "{line} {column} {unit:?}");
    }
    for name in ["utf8", "UTF-8", "Utf_8", "1"] {
        assert_eq!(name.parse(), Ok(Utf8));
    }
    assert!("utf".parse::<ColumnUnit>().is_err());
}

#[test]
fn texts_are_normalised_as_asked() {
    use NormalForm::{Nfc, Nfkc};
    assert_eq!(normalize("  Ａb \t C ", Nfkc, true, true), "ab c");
    assert_eq!(normalize("  Ａb \t C ", Nfc, true, true), "ａb c");
    assert_eq!(normalize(" A \t B ", Nfkc, false, false), "A \t B");
    assert_eq!(normalize(" \u{a0} ", Nfkc, true, true), "");
    assert!("NFX".parse::<NormalForm>().is_err());
}

proptest! {
    /// Two lists of parts that differ in anything, the place of a separator or a NULL included, are
    /// two texts. The alphabet is what could be mistaken.
    #[test]
    fn lists_of_parts_do_not_collide(
        one in prop::collection::vec(part(), 1..4),
        other in prop::collection::vec(part(), 1..4),
    ) {
        let text = |parts: &[Option<String>]| {
            Parts::of(parts.iter().map(Option::as_deref)).as_bytes().to_vec()
        };
        prop_assert_eq!(text(&one) == text(&other), one == other);
    }

    /// Ordinary parts are what the predecessor hashed.
    #[test]
    fn ordinary_parts_are_joined_as_they_are(parts in prop::collection::vec("[a-zé_:]{0,9}", 1..4)) {
        prop_assume!(parts.iter().all(|part| part != PARTS_NULL));
        let text = Parts::of(parts.iter().map(|part| Some(part.as_str())));
        let joined = parts.join("\u{1f}");
        prop_assert_eq!(text.as_bytes(), joined.as_bytes());
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in any::<String>(), fold: bool, collapse: bool) {
        for form in [NormalForm::Nfc, NormalForm::Nfd, NormalForm::Nfkc, NormalForm::Nfkd] {
            let once = normalize(&text, form, fold, collapse);
            prop_assert_eq!(&normalize(&once, form, fold, collapse), &once);
        }
    }

    /// Where a character starts, every unit finds it.
    #[test]
    fn every_character_is_found_in_every_unit(line in "[aé€😀]{0,8}") {
        let mut utf16 = 0;
        for (number, (byte, character)) in line.char_indices().enumerate() {
            let byte = byte as i64;
            prop_assert_eq!(col_to_byte(&line, byte, ColumnUnit::Utf8), Ok(byte));
            prop_assert_eq!(col_to_byte(&line, utf16, ColumnUnit::Utf16), Ok(byte));
            prop_assert_eq!(col_to_byte(&line, number as i64, ColumnUnit::Utf32), Ok(byte));
            utf16 += character.len_utf16() as i64;
        }
    }
}

fn part() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some(PARTS_NULL.to_owned())),
        "[\u{1f}\u{1b}sa_]{0,4}".prop_map(Some),
        "\u{1b}?__NULL__".prop_map(Some),
    ]
}
