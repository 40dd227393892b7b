//! Packages that cost minutes to compile and that a light crate must not bring along.

/// A name, or a beginning of names if it ends with `*`.
///
/// `arrow-schema` is not among them on purpose: it is types only. `arrow-array` is where
/// the kernels, and the compile time, begin.
const HEAVY: [&str; 5] = ["datafusion*", "deltalake*", "tokio", "parquet", "arrow-array"];

pub(crate) fn is_heavy(package: &str) -> bool {
    HEAVY.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => package.starts_with(beginning),
        None => package == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_count_as_a_whole_and_types_alone_do_not() {
        for heavy in ["datafusion", "datafusion-expr", "deltalake-core", "arrow-array"] {
            assert!(is_heavy(heavy), "{heavy}");
        }
        for light in ["arrow-schema", "tokio-macros", "sqlparser", "viewlane-core"] {
            assert!(!is_heavy(light), "{light}");
        }
    }
}
