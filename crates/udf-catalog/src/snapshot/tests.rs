use super::*;

#[test]
fn every_fact_moves_the_fingerprint_and_no_text_does() {
    let snapshot = FunctionSnapshot::own();
    let changed = |change: &dyn Fn(&mut FunctionEntry)| {
        let mut functions = snapshot.functions().to_vec();
        change(functions.iter_mut().find(|entry| entry.name == "stable_id").unwrap());
        FunctionSnapshot::new(functions).fingerprint()
    };
    let facts: [&dyn Fn(&mut FunctionEntry); 12] = [
        &|entry| entry.name.push('_'),
        &|entry| entry.aliases.push("other".to_owned()),
        &|entry| entry.kind = FunctionKind::Table,
        &|entry| entry.tier = Tier::Builtin,
        &|entry| entry.pack = Pack::Delta,
        &|entry| entry.lanes.push(Lane::Rewrite),
        &|entry| entry.volatility = Volatility::Stable,
        &|entry| entry.fallible = !entry.fallible,
        &|entry| entry.parameters.push("other".to_owned()),
        &|entry| entry.signatures.push("()".to_owned()),
        &|entry| entry.returns.push('?'),
        &|entry| entry.tags.clear(),
    ];
    for (number, change) in facts.iter().enumerate() {
        assert_ne!(changed(change), snapshot.fingerprint(), "fact {number}");
    }
    assert_eq!(changed(&|entry| entry.description.clear()), snapshot.fingerprint());
}

#[test]
fn order_of_making_does_not_matter() {
    let mut functions = FunctionSnapshot::own().functions().to_vec();
    functions.reverse();
    assert_eq!(FunctionSnapshot::new(functions), FunctionSnapshot::own());
    assert_eq!(FunctionSnapshot::own().nearest("stabel_id"), Some("stable_id"));
}
