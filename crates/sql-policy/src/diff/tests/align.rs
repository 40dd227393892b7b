use super::super::align::{Known, Pair, align};

/// Pairs lists of words; `word:label` has a label, and `~` says that pairs may cross.
fn pairs(old: &str, new: &str) -> String {
    let (old, anywhere) = (old.trim_start_matches('~'), old.starts_with('~'));
    let known = |list: &'static str| -> Vec<Known<'static>> {
        let words = list.split_whitespace().map(|word| match word.split_once(':') {
            None => Known { key: word.as_bytes(), label: None },
            Some((_, label)) => Known { key: word.as_bytes(), label: Some(label.to_owned()) },
        });
        words.collect()
    };
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let pairs = align(&known(leak(old)), &known(leak(new)), anywhere);
    let shown = pairs.iter().map(|pair| match pair {
        Pair::Both(old, new) => format!("{old}={new}"),
        Pair::Old(old) => format!("-{old}"),
        Pair::New(new) => format!("+{new}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_the_same_is_paired() {
    assert_eq!(pairs("a b c", "a b c"), "0=0 1=1 2=2");
    assert_eq!(pairs("a b c", "a x b c"), "0=0 +1 1=2 2=3");
    assert_eq!(pairs("a b c", "b c"), "-0 1=0 2=1");
    assert_eq!(pairs("a b c d", "a x c d"), "-1 0=0 +1 2=2 3=3");
    assert_eq!(pairs("a a", "a a a"), "0=0 1=1 +2");
    assert_eq!(pairs("", "a"), "+0");
    assert_eq!(pairs("a", ""), "-0");
    assert_eq!(pairs("a b c d e", "x b y d z"), "-0 -2 -4 +0 1=1 +2 3=3 +4");
}

#[test]
fn pairs_cross_only_where_they_may() {
    assert_eq!(pairs("~a b", "b a"), "1=0 0=1");
    assert_eq!(pairs("a b", "b a"), "-0 1=0 +1");
    assert_eq!(pairs("~a b c", "c x a b"), "2=0 +1 0=2 1=3");
}

#[test]
fn what_changed_is_paired_by_label_then_by_place() {
    assert_eq!(pairs("a x1:x c", "a x2:x c"), "0=0 1=1 2=2");
    assert_eq!(pairs("x1:x b", "n b x2:x"), "-0 +0 1=1 +2");
    assert_eq!(pairs("~x1:x b", "n b x2:x"), "+0 1=1 0=2");
    assert_eq!(pairs("a x1:x c", "a x2:y c"), "0=0 1=1 2=2");
    assert_eq!(pairs("a x1:x c", "a y:p z:q c"), "-1 0=0 +1 +2 2=3");
    assert_eq!(pairs("a b c", "a y:p c"), "-1 0=0 +1 2=2");
}
