use std::collections::BTreeSet;

use super::*;

/// Does not compile when a kind is added: then it belongs into `ALL` and into the number here.
const fn known(deviation: Deviation) -> usize {
    match deviation {
        Deviation::WindowInheritance
        | Deviation::WindowAlias
        | Deviation::NamedWindowOutsideProjection
        | Deviation::NamedWindowInSubquery
        | Deviation::FetchFirst
        | Deviation::Top
        | Deviation::Minus
        | Deviation::BareSemiAnti
        | Deviation::GroupByWithRollup
        | Deviation::GroupByWithCube
        | Deviation::FromWithoutSelect
        | Deviation::StarIlike
        | Deviation::StarRename
        | Deviation::BareUsingKey
        | Deviation::UsingLeftJoin
        | Deviation::UsingRightJoin
        | Deviation::UsingFullJoin
        | Deviation::CteShadowing
        | Deviation::UnnamedOutputs => 19,
    }
}

#[test]
fn the_list_is_complete_and_in_order() {
    let kinds: BTreeSet<_> = Deviation::ALL.into_iter().collect();
    assert_eq!(kinds.len(), known(Deviation::Top));
    assert!(Deviation::ALL.is_sorted());
    let codes: BTreeSet<_> = Deviation::ALL.into_iter().map(Deviation::code).collect();
    assert_eq!(codes.len(), Deviation::ALL.len());
}

#[test]
fn each_says_what_it_is() {
    for deviation in Deviation::ALL {
        let code = deviation.code();
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        assert!(deviation.rescues() || deviation.corrects(), "{code}");
        let description = deviation.description();
        assert!(description.starts_with(char::is_lowercase), "{description}");
        assert!(!description.ends_with('.') && !description.contains("  "), "{description}");
    }
}
