use arrow_schema::{
    DECIMAL32_MAX_PRECISION, DECIMAL64_MAX_PRECISION, DECIMAL128_MAX_PRECISION,
    DECIMAL256_MAX_PRECISION, DataType, TimeUnit,
};

/// Why Arrow has no values of a type, or `None` if it has. Looks at the outermost level only:
/// whoever reads a type asks for each level as it is read.
pub(crate) fn why_not(data_type: &DataType) -> Option<String> {
    use DataType as T;
    match data_type {
        T::Decimal32(p, s) => decimal(*p, *s, DECIMAL32_MAX_PRECISION),
        T::Decimal64(p, s) => decimal(*p, *s, DECIMAL64_MAX_PRECISION),
        T::Decimal128(p, s) => decimal(*p, *s, DECIMAL128_MAX_PRECISION),
        T::Decimal256(p, s) => decimal(*p, *s, DECIMAL256_MAX_PRECISION),
        T::FixedSizeBinary(size) | T::FixedSizeList(_, size) if *size < 0 => {
            Some(format!("a size is not negative, this one is {size}"))
        }
        T::Time32(unit) if !matches!(unit, TimeUnit::Second | TimeUnit::Millisecond) => {
            Some("`Time32` counts in `s` or `ms`".to_owned())
        }
        T::Time64(unit) if !matches!(unit, TimeUnit::Microsecond | TimeUnit::Nanosecond) => {
            Some("`Time64` counts in `us` or `ns`".to_owned())
        }
        T::Map(entries, _) => match entries.data_type() {
            T::Struct(fields) if fields.len() == 2 => None,
            _ => Some("the entries of a map are a struct of a key and a value".to_owned()),
        },
        T::Dictionary(key, _) if !key.is_dictionary_key_type() => {
            Some("the key of a dictionary is an integer".to_owned())
        }
        T::RunEndEncoded(ends, _)
            if !matches!(ends.data_type(), T::Int16 | T::Int32 | T::Int64) =>
        {
            Some("run ends are `Int16`, `Int32` or `Int64`".to_owned())
        }
        _ => None,
    }
}

fn decimal(precision: u8, scale: i8, most: u8) -> Option<String> {
    let range = (1..=most).contains(&precision);
    let fits =
        range && i16::from(scale) <= i16::from(precision) && i16::from(scale) >= -i16::from(most);
    (!fits).then(|| {
        format!(
            "a decimal of this width has 1 to {most} digits, and no more of them after the point"
        )
    })
}
