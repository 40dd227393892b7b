use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::DataType;
use proptest::prelude::*;

use super::*;
use crate::testing;

proptest! {
    /// A schema is what its encoding decodes to, names, nested types and all metadata included.
    #[test]
    fn decode_undoes_encode(schema in testing::schema()) {
        prop_assert_eq!(decode(&encode(&schema)).unwrap(), schema);
    }

    /// Two schemas have the same digest exactly when they are equal, at any depth.
    #[test]
    fn digest_is_equality(schema in testing::schema(), pick in any::<prop::sample::Index>()) {
        let others = testing::mutations(&schema);
        let (other, ..) = &others[pick.index(others.len())];
        prop_assert_ne!(fingerprint(&schema), fingerprint(other));
        prop_assert_eq!(fingerprint(&schema), fingerprint(&schema.clone()));
    }

    /// Each schema has one encoding: bytes that were tampered with are refused, or are the encoding
    /// of another schema.
    #[test]
    fn encodings_are_canonical(
        schema in testing::schema(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = encode(&schema);
        let place = place.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] = byte }
        if let Ok(decoded) = decode(&bytes) {
            prop_assert_eq!(encode(&decoded), bytes);
        }
    }

    /// Any bytes have an outcome.
    #[test]
    fn any_bytes_are_answered(rest in prop::collection::vec(any::<u8>(), 0..64)) {
        let bytes = [MAGIC, &[0; 8], &rest].concat();
        if let Ok(decoded) = decode(&bytes) {
            prop_assert_eq!(encode(&decoded), bytes);
        }
    }
}

/// Encodings and digests outlive a release: a change here is a change of every stored one.
#[test]
fn the_encoding_is_pinned() {
    let item = Field::new("item", DataType::Decimal128(10, 2), false);
    let list = Field::new("a", DataType::List(Arc::new(item)), true)
        .with_metadata([("k".to_owned(), "v".to_owned())].into());
    let schema = Schema::new(vec![list]);
    let hex: String = encode(&schema).iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!(hex.replace("00000000000000", "0~"));
    insta::assert_snapshot!(fingerprint(&schema).to_string());
}

#[test]
fn bytes_that_nest_without_end_are_refused() {
    let mut bytes = encode(&Schema::empty());
    let end = bytes.len() - 8;
    bytes.truncate(end);
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend([0; 9]);
    for _ in 0..1_000_000 {
        bytes.push(27);
        bytes.extend([0; 9]);
    }
    let error = decode(&bytes).unwrap_err().to_string();
    assert!(error.ends_with("a type nests at most 128 levels"), "{error}");
}

#[test]
fn metadata_counts_and_its_order_does_not() {
    let with = |pairs: &[(&str, &str)]| {
        let map = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        fingerprint(&Schema::new(vec![Field::new("a", DataType::Int32, true).with_metadata(map)]))
    };
    assert_eq!(with(&[("k", "v"), ("l", "w")]), with(&[("l", "w"), ("k", "v")]));
    assert_ne!(with(&[("k", "v")]), with(&[("k", "w")]));
    assert_ne!(with(&[("k", "v")]), with(&[]));
}

#[test]
fn a_relation_that_appears_is_a_change() {
    let names: Vec<RelationName> = vec!["a".parse().unwrap(), "b".parse().unwrap()];
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Int32, true)]));
    let mut known = BTreeMap::from([(names[0].clone(), Arc::clone(&schema))]);
    let before = fingerprint_of(&known, &names);
    known.insert(names[1].clone(), schema);
    assert_ne!(before, fingerprint_of(&known, &names));
}
