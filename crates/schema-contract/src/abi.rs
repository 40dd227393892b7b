use arrow_schema::{DataType, Field, Schema};
use viewlane_core::{Fingerprint, FingerprintBuilder, RelationName, SchemaSource};

/// Digest of a schema: names, types at every depth, nullability and metadata, in order.
///
/// ```
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_schema_contract::fingerprint;
///
/// let one = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
/// let two = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
/// assert_ne!(fingerprint(&one), fingerprint(&two));
/// ```
pub fn fingerprint(schema: &Schema) -> Fingerprint {
    let mut builder = Fingerprint::builder("schema");
    for field in schema.fields() {
        builder.add("field", field_digest(field).as_bytes());
    }
    metadata(&mut builder, schema.metadata().iter());
    builder.finish()
}

/// Digest of the schemas of several relations, by name. A relation that does not exist counts as
/// such, so that its appearance is a change.
pub fn fingerprint_of<'a>(
    source: &dyn SchemaSource,
    relations: impl IntoIterator<Item = &'a RelationName>,
) -> Fingerprint {
    let mut builder = Fingerprint::builder("schemas");
    for relation in relations {
        builder.add("relation", relation.to_string());
        match source.schema(relation) {
            Some(schema) => builder.add("schema", fingerprint(&schema).as_bytes()),
            None => builder.add("absent", []),
        }
    }
    builder.finish()
}

fn field_digest(field: &Field) -> Fingerprint {
    let mut builder = Fingerprint::builder("field")
        .field("name", field.name())
        .field("nullable", [u8::from(field.is_nullable())]);
    type_digest(&mut builder, field.data_type());
    metadata(&mut builder, field.metadata().iter());
    builder.finish()
}

fn metadata<'a>(
    builder: &mut FingerprintBuilder,
    entries: impl Iterator<Item = (&'a String, &'a String)>,
) {
    // Arrow keeps metadata in a hash map: sorted, so that its order never shows.
    let mut entries: Vec<_> = entries.collect();
    entries.sort();
    for (key, value) in entries {
        builder.add("metadata-key", key);
        builder.add("metadata-value", value);
    }
}

/// Nested types go in field by field; the others by the name Arrow prints, which carries every
/// parameter of the type.
fn type_digest(builder: &mut FingerprintBuilder, data_type: &DataType) {
    use DataType as T;
    let mut nested = |kind: &str, fields: &[&Field]| {
        builder.add("nested", kind);
        for field in fields {
            builder.add("child", field_digest(field).as_bytes());
        }
    };
    match data_type {
        T::List(f) => nested("list", &[f]),
        T::LargeList(f) => nested("large-list", &[f]),
        T::ListView(f) => nested("list-view", &[f]),
        T::LargeListView(f) => nested("large-list-view", &[f]),
        T::FixedSizeList(f, size) => nested(&format!("fixed-size-list({size})"), &[f]),
        T::Map(f, sorted) => nested(&format!("map({sorted})"), &[f]),
        T::Struct(fields) => {
            nested("struct", &fields.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        }
        T::RunEndEncoded(ends, values) => nested("run-end", &[ends, values]),
        T::Union(fields, mode) => {
            builder.add("nested", format!("union({mode:?})"));
            for (id, field) in fields.iter() {
                builder.add("id", id.to_le_bytes());
                builder.add("child", field_digest(field).as_bytes());
            }
        }
        T::Dictionary(key, value) => {
            builder.add("nested", "dictionary");
            type_digest(builder, key);
            type_digest(builder, value);
        }
        leaf => builder.add("type", leaf.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use arrow_schema::{Fields, TimeUnit};
    use proptest::prelude::*;

    use super::*;

    fn data_type() -> impl Strategy<Value = DataType> {
        let leaf = prop_oneof![
            Just(DataType::Int32),
            Just(DataType::Int64),
            Just(DataType::Utf8),
            Just(DataType::Decimal128(10, 2)),
            Just(DataType::Decimal128(10, 3)),
            Just(DataType::Timestamp(TimeUnit::Microsecond, None)),
            Just(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        ];
        leaf.prop_recursive(5, 24, 3, |inner| {
            let field =
                (inner, any::<bool>(), "[ab]").prop_map(|(t, n, s)| Arc::new(Field::new(s, t, n)));
            prop_oneof![
                field.clone().prop_map(DataType::List),
                prop::collection::vec(field, 1..3).prop_map(|f| DataType::Struct(Fields::from(f))),
            ]
        })
    }

    proptest! {
        /// Two schemas hash the same exactly when they are equal, at any depth.
        #[test]
        fn digest_is_equality(a in data_type(), b in data_type(), name in "[ab]", null in any::<bool>()) {
            let one = Schema::new(vec![Field::new("a", a.clone(), true)]);
            let two = Schema::new(vec![Field::new(name, b, null)]);
            prop_assert_eq!(fingerprint(&one) == fingerprint(&two), one == two);
            prop_assert_eq!(fingerprint(&one), fingerprint(&one.clone()));
        }
    }

    #[test]
    fn metadata_counts_and_its_order_does_not() {
        let with = |pairs: &[(&str, &str)]| {
            let map = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            fingerprint(&Schema::new(vec![
                Field::new("a", DataType::Int32, true).with_metadata(map),
            ]))
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
}
