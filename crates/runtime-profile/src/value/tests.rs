use std::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
};

use proptest::prelude::*;

use super::*;

#[track_caller]
fn size(text: &str) -> String {
    match text.parse::<ByteSize>() {
        Ok(size) => format!("{} = {size}", size.bytes()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn sizes_are_whole_numbers_with_a_binary_unit() {
    insta::assert_snapshot!(size("1B"), @"1 = 1B");
    insta::assert_snapshot!(size("1536MiB"), @"1610612736 = 1536MiB");
    insta::assert_snapshot!(size("007GiB"), @"7516192768 = 7GiB");
    insta::assert_snapshot!(size("16777215TiB"), @"18446742974197923840 = 16777215TiB");
}

#[test]
fn what_is_nearly_a_size_is_refused() {
    for text in [
        "", "GiB", "4", "4 GiB", " 4GiB", "4gib", "1.5GiB", "-1GiB", "+1GiB", "1_000B", "4PiB",
        "٤GiB",
    ] {
        assert_eq!(text.parse::<ByteSize>(), Err(ByteSizeError::Form), "{text:?}");
    }
    for text in ["4GB", "4G", "4 gb", "4mb"] {
        assert_eq!(text.parse::<ByteSize>(), Err(ByteSizeError::AmbiguousUnit), "{text:?}");
    }
    assert_eq!("0GiB".parse::<ByteSize>(), Err(ByteSizeError::Zero));
    for text in ["16777216TiB", "18446744073709551616B", "99999999999999999999999TiB"] {
        assert_eq!(text.parse::<ByteSize>(), Err(ByteSizeError::TooLarge), "{text:?}");
    }
}

#[test]
fn time_zones_are_checked_for_their_form() {
    for text in [
        "UTC",
        "+02:00",
        "-11:30",
        "+14:00",
        "Europe/Berlin",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+3",
    ] {
        assert_eq!(
            text.parse::<TimeZone>().map(|zone| zone.as_str().to_owned()),
            Ok(text.to_owned())
        );
    }
    for text in ["Z", "utc", "GMT", "+00:00", "-00:00", "Etc/UTC"] {
        assert_eq!(text.parse::<TimeZone>(), Err(TimeZoneError::OtherUtc), "{text:?}");
    }
    for text in [
        "",
        "+2",
        "+02:60",
        "+15:00",
        "Berlin",
        "europe/berlin",
        "Europe/",
        "/x",
        "Europe/Berlin;x",
        "+0²:00",
    ] {
        assert_eq!(text.parse::<TimeZone>(), Err(TimeZoneError::Form), "{text:?}");
    }
}

#[track_caller]
fn read<T: KnobValue>(text: &str) -> String {
    match T::read(&Raw::Untyped(text)) {
        Ok(value) => value.show(),
        Err(Refusal::NotAccepted { reason, help, .. }) => format!("{reason}; {help}"),
        Err(Refusal::WrongType(found)) => found.to_owned(),
    }
}

#[test]
fn times_are_whole_numbers_with_a_unit() {
    assert_eq!(read::<TimeToLive>("120s"), "2m");
    assert_eq!(read::<TimeToLive>("90s"), "90s");
    assert_eq!(read::<TimeToLive>("60m"), "1h");
    assert_eq!(read::<TimeToLive>("forever"), "forever");
    for text in ["", "m", "2", "2 m", "1.5m", "-1s", "2min", "1d"] {
        assert!(read::<TimeToLive>(text).starts_with("a time is a whole number"), "{text:?}");
    }
    assert!(read::<TimeToLive>("0s").starts_with("it must not be zero"));
    assert!(read::<TimeToLive>("99999999999h").starts_with("it is too long"));
    assert!(read::<TimeToLive>("2000000h").starts_with("it is too long"));
}

#[test]
fn codecs_have_the_levels_they_have() {
    for text in ["snappy", "uncompressed", "lz4_raw", "zstd(22)", "gzip(0)", "brotli(11)"] {
        assert_eq!(read::<ParquetCompression>(text), text);
    }
    insta::assert_snapshot!(read::<ParquetCompression>("zstd"), @r#"the level is not one of this codec; write "zstd(1)" to "zstd(22)""#);
    insta::assert_snapshot!(read::<ParquetCompression>("zstd(0)"), @r#"the level is not one of this codec; write "zstd(1)" to "zstd(22)""#);
    insta::assert_snapshot!(read::<ParquetCompression>("snappy(1)"), @r#"the level is not one of this codec; write "snappy""#);
    insta::assert_snapshot!(read::<ParquetCompression>("zst(3)"), @"it is none of `brotli`, `gzip`, `lz4`, `lz4_raw`, `snappy`, `uncompressed`, `zstd`; did you mean `zstd`?");
    for text in ["zstd(+3)", "zstd(3", "zstd()", "snappy(", "gzip(10)"] {
        assert!(read::<ParquetCompression>(text).starts_with("the level"), "{text:?}");
    }
}

#[test]
fn caches_can_be_off_and_budgets_follow_memory() {
    assert_eq!(read::<CacheLimit>("off"), "off");
    assert_eq!(CacheLimit::Off.bytes(), 0);
    assert_eq!(read::<CacheLimit>("1024KiB"), "1MiB");
    assert_eq!(in_bytes("off"), Some(0));
    assert_eq!(in_bytes("auto"), None);
    let one = Limit::Bytes(ByteSize::from_bytes(3).unwrap());
    assert_eq!(Budget::Auto.under(one), one);
    assert_eq!(Budget::Auto.under(Limit::Unbounded), Limit::Unbounded);
}

proptest! {
    /// What is shown is read back as the same size, and one size has one spelling.
    #[test]
    fn sizes_round_trip(bytes in 1_u64.., unit in 0_usize..5, count in 1_u64..2000) {
        let size = ByteSize::from_bytes(bytes).unwrap();
        prop_assert_eq!(size.to_string().parse(), Ok(size));

        let (unit, shift) = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)][unit];
        let size: ByteSize = format!("{count}{unit}").parse().unwrap();
        prop_assert_eq!(size.bytes(), count << shift);
        prop_assert_eq!(format!("{}B", count << shift).parse::<ByteSize>().unwrap().to_string(), size.to_string());
    }

    /// No text at all makes the reader of any kind of knob panic, and what it takes it takes again.
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        fn again<T: KnobValue + PartialEq + fmt::Debug>(text: &str) -> Result<(), TestCaseError> {
            if let Ok(value) = T::read(&Raw::Untyped(text)) {
                let shown = value.show();
                let back = T::read(&Raw::Untyped(&shown)).ok();
                prop_assert_eq!(back, Some(value));
            }
            Ok(())
        }
        again::<ByteSize>(&text)?;
        again::<Limit>(&text)?;
        again::<Parallelism>(&text)?;
        again::<NonZeroUsize>(&text)?;
        again::<bool>(&text)?;
        again::<Vec<PathBuf>>(&text)?;
        again::<AtMost>(&text)?;
        again::<NonZeroU64>(&text)?;
        again::<CacheLimit>(&text)?;
        again::<Budget>(&text)?;
        again::<TimeToLive>(&text)?;
        again::<ParquetCompression>(&text)?;
        again::<Determinism>(&text)?;
        again::<TimeZone>(&text)?;
        again::<MemoryPool>(&text)?;
    }
}
