use blake2::{
    Blake2b, Digest,
    digest::consts::{U8, U16},
};
use proptest::prelude::*;

use super::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..=400)
}

proptest! {
    /// Another implementation of the same standard gives the same digests, for keys of any length.
    #[test]
    fn digests_are_those_of_another_implementation(bytes in bytes()) {
        let short: [u8; 8] = Blake2b::<U8>::digest(&bytes).into();
        let long: [u8; 16] = Blake2b::<U16>::digest(&bytes).into();
        prop_assert_eq!(digest::<8>(&bytes), short);
        prop_assert_eq!(digest::<16>(&bytes), long);
        prop_assert_eq!(hash64(&bytes), i64::from_be_bytes(short) & i64::MAX);
        let digits: String = long.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(String::from_utf8(hex128(&bytes).to_vec()).unwrap(), digits);
    }
}

#[cfg(feature = "kernels")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Side by side, whatever the lengths beside each other and wherever keys are missing, every row
    /// has its own digest, and comes in its turn.
    #[test]
    fn rows_side_by_side_agree_with_one_at_a_time(
        keys in prop::collection::vec(prop::option::weighted(0.8, bytes()), 0..=3 * GROUP),
        start in 0_usize..9,
    ) {
        fn check<const BYTES: usize>(
            keys: &[Option<Vec<u8>>],
            start: usize,
            digest: impl Fn(&[u8]) -> [u8; BYTES],
        ) {
            let mut found = Vec::new();
            let rows = start..start + keys.len();
            digest_rows(
                rows.clone(),
                |row| keys[row - start].as_deref(),
                |row, digest: Option<[u8; BYTES]>| found.push((row, digest)),
            );
            let one = |row: usize| (row, keys[row - start].as_deref().map(&digest));
            assert_eq!(found, rows.map(one).collect::<Vec<_>>());
        }
        check(&keys, start, |key| Blake2b::<U8>::digest(key).into());
        check(&keys, start, |key| Blake2b::<U16>::digest(key).into());
    }
}
