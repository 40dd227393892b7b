use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, ListBuilder, StringArray, StringBuilder, new_empty_array},
    compute::cast,
    datatypes::{DataType, Int64Type},
};
use proptest::prelude::*;

use super::*;
use crate::{NormalForm, PARTS_NULL, normalize, stable_hash64, stable_hash128};

fn string_types() -> Vec<DataType> {
    let dictionary = |key, value| DataType::Dictionary(Box::new(key), Box::new(value));
    vec![
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        dictionary(DataType::Int32, DataType::Utf8),
        dictionary(DataType::UInt16, DataType::LargeUtf8),
    ]
}

fn texts(array: &ArrayRef) -> Vec<Option<String>> {
    let plain = cast(array, &DataType::Utf8).unwrap();
    plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

fn value() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some(PARTS_NULL.to_owned())),
        "[aé \u{1f}\u{1b}]{0,5}".prop_map(Some)
    ]
}

proptest! {
    /// Whatever kind of strings, whichever slice, every hash is that of one text at a time.
    #[test]
    fn columns_agree_with_one_text_at_a_time(
        values in prop::collection::vec((value(), value()), 0..12),
        kinds in (0_usize..5, 0_usize..5),
        cut in (0_usize..12, 0_usize..12),
    ) {
        let column = |values: Vec<Option<String>>, kind: usize| {
            let array: ArrayRef = Arc::new(StringArray::from(values));
            cast(&array, &string_types()[kind]).unwrap()
        };
        let start = cut.0.min(values.len());
        let rows = cut.1.min(values.len() - start);
        let one = column(values.iter().map(|v| v.0.clone()).collect(), kinds.0).slice(start, rows);
        let two = column(values.iter().map(|v| v.1.clone()).collect(), kinds.1).slice(start, rows);
        let (one, two) = (Argument::column(one), Argument::column(two));
        let values = &values[start..start + rows];

        let hashes = hash::stable_hash64(&one, rows).unwrap();
        let expected: Vec<_> = values.iter().map(|v| v.0.as_deref().map(stable_hash64)).collect();
        prop_assert_eq!(hashes.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), expected);

        let long = hash::stable_hash128(&one, rows).unwrap();
        let expected: Vec<_> = values.iter().map(|v| v.0.as_deref().map(stable_hash128)).collect();
        prop_assert_eq!(texts(&long), expected);

        let ids = hash::prefixed(&one, &two, rows, hash::Width::Bits128).unwrap();
        let expected: Vec<_> = values
            .iter()
            .map(|v| Some(format!("{}:{}", v.0.as_ref()?, stable_hash128(v.1.as_ref()?))))
            .collect();
        prop_assert_eq!(texts(&ids), expected);

        let parts = [one.clone(), two.clone()];
        let prefix = Argument::constant(Arc::new(StringArray::from(vec!["p"])));
        let ids = hash::prefixed_parts(&prefix, &parts, rows, hash::Width::Bits64).unwrap();
        let expected: Vec<_> = values
            .iter()
            .map(|v| {
                let parts = crate::Parts::of([v.0.as_deref(), v.1.as_deref()]);
                Some(format!("p:{}", crate::text::hash64(parts.as_bytes())))
            })
            .collect();
        prop_assert_eq!(texts(&ids), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Columns are hashed block by block; what is odd in one block has no effect on another, and
    /// rows keep their places over the bounds of blocks.
    #[test]
    fn long_columns_agree_with_one_row_at_a_time(
        ordinary in prop::collection::vec(prop::option::weighted(0.9, "[a-z]{0,9}"), 1..20),
        rows in 1000_usize..1100,
        odd in prop::collection::vec((0_usize..1000, value()), 0..3),
        canonical: bool,
    ) {
        let mut values: Vec<_> = ordinary.into_iter().cycle().take(rows).collect();
        for (at, value) in odd {
            values[at] = value;
        }
        let column = Argument::column(Arc::new(StringArray::from(values.clone())));
        let prefixes: Vec<_> = (0..rows).map(|row| (row % 7 > 0).then_some("p")).collect();
        let prefix = Argument::column(Arc::new(StringArray::from(prefixes.clone())));

        let parts = [column.clone(), prefix.clone()];
        let ids = hash::prefixed_parts(&prefix, &parts, rows, hash::Width::Bits128).unwrap();
        let expected = |row: usize| {
            let key = crate::Parts::of([values[row].as_deref(), prefixes[row]]);
            let key = str::from_utf8(key.as_bytes()).unwrap();
            Some(format!("{}:{}", prefixes[row]?, stable_hash128(key)))
        };
        for (row, id) in texts(&ids).into_iter().enumerate() {
            prop_assert_eq!(id, expected(row), "row {}", row);
        }

        let flag = Argument::constant(Arc::new(arrow::array::BooleanArray::from(vec![canonical])));
        let hashes = hash::stable_hash_any(&column, Some(&flag), None, rows).unwrap();
        let expected = |row: usize| {
            let Some(value) = &values[row] else { return stable_hash128(PARTS_NULL) };
            let text = match canonical {
                true => normalize(value, NormalForm::Nfkc, false, false),
                false => value.clone(),
            };
            let escape = text == PARTS_NULL || text.starts_with('\u{1b}');
            stable_hash128(&format!("{}{text}", if escape { "\u{1b}" } else { "" }))
        };
        for (row, hash) in texts(&hashes).into_iter().enumerate() {
            prop_assert_eq!(hash, Some(expected(row)), "row {}", row);
        }
    }
}

proptest! {
    /// A text is never taken for NULL, nor one list for another.
    #[test]
    fn any_two_values_of_one_type_have_two_hashes(
        lists in prop::collection::vec(prop::option::of(prop::collection::vec(value(), 0..3)), 2),
        plain in prop::collection::vec(value(), 2),
    ) {
        let no = Argument::constant(Arc::new(arrow::array::BooleanArray::from(vec![false])));
        let hash = |array: ArrayRef| {
            texts(&hash::stable_hash_any(&Argument::column(array), Some(&no), None, 2).unwrap())
        };
        let mut builder = ListBuilder::new(StringBuilder::new());
        for list in &lists {
            builder.append_option(list.clone());
        }
        let hashes = hash(Arc::new(builder.finish()));
        prop_assert_eq!(hashes[0] == hashes[1], lists[0] == lists[1]);

        let hashes = hash(Arc::new(StringArray::from(plain.clone())));
        prop_assert_eq!(hashes[0] == hashes[1], plain[0] == plain[1]);
    }
}

#[test]
fn empty_columns_and_empty_dictionaries_are_read() {
    for data_type in string_types() {
        let empty = Argument::column(new_empty_array(&data_type));
        assert_eq!(hash::stable_hash64(&empty, 0).unwrap().len(), 0);
        let nulls = Argument::column(arrow::array::new_null_array(&data_type, 3));
        let ids = hash::prefixed(&nulls, &nulls, 3, hash::Width::Bits64).unwrap();
        assert_eq!(ids.null_count(), 3, "{data_type}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let numbers = Argument::column(Arc::new(arrow::array::Int64Array::from(vec![1])));
    insta::assert_snapshot!(
        hash::stable_hash64(&numbers, 1).unwrap_err(),
        @"Invalid argument error: expected strings, found Int64"
    );
}

#[test]
fn the_chosen_row_is_the_first_by_key_then_by_value() {
    let value: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), Some("a"), None, Some("c")]));
    let key: ArrayRef =
        Arc::new(arrow::array::Int64Array::from(vec![Some(2), Some(2), Some(2), None]));
    let best = best::Best::new(&DataType::Utf8, &DataType::Int64, true, true).unwrap();
    let (rows, counts) = best.rows(&value, &key).unwrap();
    assert_eq!(counts, [true, true, true, false]);
    let mut counted = best::Counted::default();
    for row in 0..3 {
        counted.add(rows.row(row).as_ref());
    }
    let chosen = |counted: &best::Counted| {
        let (value, key) = best.columns([counted.first()].into_iter()).unwrap();
        (texts(&value)[0].clone(), key.is_null(0))
    };
    assert_eq!(chosen(&counted), (Some("a".to_owned()), false));
    counted.remove(rows.row(1).as_ref());
    assert_eq!(chosen(&counted), (Some("b".to_owned()), false));
    counted.remove(rows.row(0).as_ref());
    assert_eq!(chosen(&counted), (None, false));
    counted.remove(rows.row(2).as_ref());
    assert_eq!(chosen(&counted), (None, true));
    assert_eq!(counted.size(), 0);
}
