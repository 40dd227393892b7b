//! BLAKE2b digests: of one text, and of the texts of many rows side by side.

#[cfg(feature = "kernels")]
use blake2b_simd::many::{HashManyJob, MAX_DEGREE, hash_many};
use blake2b_simd::{Hash, Params};

/// How many rows are handed over at once. Several times what is hashed side by side, so that long
/// texts among short ones still find company.
#[cfg(feature = "kernels")]
const GROUP: usize = 16 * MAX_DEGREE;

/// The number of a text: its digest of 8 bytes, never negative.
pub(crate) fn hash64(bytes: &[u8]) -> i64 {
    number(digest(bytes))
}

/// The digits of a text: its digest of 16 bytes in hexadecimal.
pub(crate) fn hex128(bytes: &[u8]) -> [u8; 32] {
    hex(digest(bytes))
}

/// Gives `take` the digest of each row's key, row by row. A row without a key has no digest.
///
/// Keys of at most 128 bytes, one block, go best: they are hashed four at a time where the
/// processor has AVX2.
#[cfg(feature = "kernels")]
pub(crate) fn digest_rows<'a, const BYTES: usize>(
    rows: std::ops::Range<usize>,
    key: impl Fn(usize) -> Option<&'a [u8]>,
    mut take: impl FnMut(usize, Option<[u8; BYTES]>),
) {
    let params = params::<BYTES>();
    let mut jobs: [_; GROUP] = std::array::from_fn(|_| HashManyJob::new(&params, &[]));
    let mut present = [false; GROUP];
    for start in rows.clone().step_by(GROUP) {
        let group = start..rows.end.min(start + GROUP);
        let mut count = 0;
        for (row, present) in group.clone().zip(&mut present) {
            let key = key(row);
            *present = key.is_some();
            if let Some(key) = key {
                jobs[count] = HashManyJob::new(&params, key);
                count += 1;
            }
        }
        hash_many(&mut jobs[..count]);
        let mut done = jobs[..count].iter();
        for (row, present) in group.zip(present) {
            let job = if present { done.next() } else { None };
            take(row, job.map(|job| digest_of(&job.to_hash())));
        }
    }
}

/// A digest as a big-endian number without its highest bit.
pub(crate) fn number(digest: [u8; 8]) -> i64 {
    i64::from_be_bytes(digest) & i64::MAX
}

/// A digest in lower-case hexadecimal digits.
pub(crate) fn hex(digest: [u8; 16]) -> [u8; 32] {
    // Reckoned, not looked up: the compiler makes it one calculation over all digits.
    let digit = |half: u8| half + if half > 9 { b'a' - 10 } else { b'0' };

    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(digest) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
    digits
}

fn digest<const BYTES: usize>(bytes: &[u8]) -> [u8; BYTES] {
    digest_of(&params::<BYTES>().hash(bytes))
}

fn params<const BYTES: usize>() -> Params {
    let mut params = Params::new();
    params.hash_length(BYTES);
    params
}

fn digest_of<const BYTES: usize>(hash: &Hash) -> [u8; BYTES] {
    hash.as_bytes().try_into().expect("a hash is as long as its parameters say")
}

#[cfg(test)]
mod tests;
