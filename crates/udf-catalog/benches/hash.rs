//! What the hash functions cost against hashing the same bytes in a bare loop, and what
//! `stable_id_parts` costs against one row at a time. Figures are ratios of the best of several rounds.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(clippy::print_stdout, reason = "figures are for people")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{hint::black_box, sync::Arc, time::Instant};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray, StringViewArray},
    compute::cast,
    datatypes::DataType,
    util::display::array_value_to_string,
};
use blake2::{
    Blake2b, Digest,
    digest::consts::{U8, U16},
};
use viewlane_udf_catalog::kernels::{
    Argument,
    hash::{Width, prefixed, prefixed_parts, stable_hash64, stable_hash128},
};

const STRINGS: usize = 10_000_000;
const BATCH: usize = 8192;
const ROUNDS: usize = 3;

fn main() {
    let strings =
        std::env::var("VIEWLANE_BENCH_ROWS").map_or(STRINGS, |rows| rows.parse().unwrap());
    let batches: Vec<StringArray> = (0..strings)
        .step_by(BATCH)
        .map(|start| {
            let end = (start + BATCH).min(strings);
            (start..end)
                .map(|row| Some(format!("customer/{:08}/order", row * 7919 % strings)))
                .collect()
        })
        .collect();
    println!("{strings} strings, batches of {BATCH}, best of {ROUNDS} rounds");

    let bare64 = best(|| {
        for batch in &batches {
            for row in 0..batch.len() {
                black_box(Blake2b::<U8>::digest(batch.value(row).as_bytes()));
            }
        }
    });
    let bare128 = best(|| {
        for batch in &batches {
            for row in 0..batch.len() {
                black_box(Blake2b::<U16>::digest(batch.value(row).as_bytes()));
            }
        }
    });
    println!("bare loop: 64 bits {bare64:.3} s, 128 bits {bare128:.3} s");

    let columns: Vec<Argument> =
        batches.iter().map(|batch| Argument::column(Arc::new(batch.clone()))).collect();
    let views: Vec<Argument> = batches
        .iter()
        .map(|batch| Argument::column(Arc::new(StringViewArray::from(batch))))
        .collect();
    let prefix = Argument::constant(Arc::new(StringArray::from(vec!["node"])));
    let run = |columns: &[Argument], kernel: &dyn Fn(&Argument, usize) -> ArrayRef| {
        best(|| {
            for column in columns {
                black_box(kernel(column, column.array().len()));
            }
        })
    };
    let figures: [(&str, f64, f64); 6] = [
        ("stable_hash64", run(&columns, &|c, n| stable_hash64(c, n).unwrap()), bare64),
        ("stable_hash64, views", run(&views, &|c, n| stable_hash64(c, n).unwrap()), bare64),
        ("stable_hash128", run(&columns, &|c, n| stable_hash128(c, n).unwrap()), bare128),
        (
            "prefixed_hash64",
            run(&columns, &|c, n| prefixed(&prefix, c, n, Width::Bits64).unwrap()),
            bare64,
        ),
        (
            "stable_id",
            run(&columns, &|c, n| prefixed(&prefix, c, n, Width::Bits128).unwrap()),
            bare128,
        ),
        (
            "stable_id, views",
            run(&views, &|c, n| prefixed(&prefix, c, n, Width::Bits128).unwrap()),
            bare128,
        ),
    ];
    for (name, seconds, bare) in figures {
        println!("{name}: {seconds:.3} s, {:.2} of the bare loop (may be 1.5)", seconds / bare);
    }

    let parts: Vec<[Argument; 3]> = columns
        .iter()
        .map(|column| {
            let rows = column.array().len() as i64;
            let numbers: ArrayRef =
                Arc::new((0..rows).map(Some).collect::<arrow::array::Int64Array>());
            let sparse: ArrayRef =
                Arc::new((0..rows).map(|n| (n % 3 > 0).then_some("x")).collect::<StringArray>());
            [column.clone(), Argument::column(numbers), Argument::column(sparse)]
        })
        .collect();
    let vectorised = best(|| {
        for parts in &parts {
            let rows = parts[0].array().len();
            black_box(prefixed_parts(&prefix, parts, rows, Width::Bits128).unwrap());
        }
    });
    let scalar = best(|| {
        for parts in &parts {
            black_box(one_row_at_a_time("node", parts));
        }
    });
    println!(
        "stable_id_parts, 3 parts: {vectorised:.3} s; one row at a time {scalar:.3} s: {:.1} times",
        scalar / vectorised
    );
}

/// As a function would be written that takes each row's values out of their arrays, makes each a
/// text, and joins them.
fn one_row_at_a_time(prefix: &str, parts: &[Argument]) -> StringArray {
    (0..parts[0].array().len())
        .map(|row| {
            let texts: Vec<String> = parts
                .iter()
                .map(|part| {
                    let value: ArrayRef = part.array().slice(row, 1);
                    match value.is_null(0) {
                        true => "__NULL__".to_owned(),
                        false => {
                            let text = cast(&value, &DataType::Utf8).unwrap();
                            debug_assert!(array_value_to_string(&text, 0).is_ok());
                            text.as_string::<i32>().value(0).to_owned()
                        }
                    }
                })
                .collect();
            let digest = Blake2b::<U16>::digest(texts.join("\u{1f}").as_bytes());
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("{prefix}:{hex}"))
        })
        .collect()
}

fn best(mut run: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
