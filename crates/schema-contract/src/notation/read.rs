use std::sync::Arc;

use arrow_schema::{
    DataType, Field, FieldRef, Fields, IntervalUnit, TimeUnit, UnionFields, UnionMode,
};

use super::MAX_DEPTH;
use crate::valid;

/// Where a text stops being a type, and why.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) reason: String,
    pub(super) nearest: Option<&'static str>,
}

type Read<T> = Result<T, Wrong>;

pub(super) fn parse(text: &str) -> Read<DataType> {
    let mut reader = Reader::new(text);
    let data_type = reader.data_type()?;
    reader.space();
    if reader.rest().is_empty() { Ok(data_type) } else { reader.wrong("text after the type") }
}

const PLAIN: [(&str, DataType); 24] = [
    ("Null", DataType::Null),
    ("Boolean", DataType::Boolean),
    ("Int8", DataType::Int8),
    ("Int16", DataType::Int16),
    ("Int32", DataType::Int32),
    ("Int64", DataType::Int64),
    ("UInt8", DataType::UInt8),
    ("UInt16", DataType::UInt16),
    ("UInt32", DataType::UInt32),
    ("UInt64", DataType::UInt64),
    ("Float16", DataType::Float16),
    ("Float32", DataType::Float32),
    ("Float64", DataType::Float64),
    ("Date32", DataType::Date32),
    ("Date64", DataType::Date64),
    ("Utf8", DataType::Utf8),
    ("LargeUtf8", DataType::LargeUtf8),
    ("Utf8View", DataType::Utf8View),
    ("Binary", DataType::Binary),
    ("LargeBinary", DataType::LargeBinary),
    ("BinaryView", DataType::BinaryView),
    ("Interval(YearMonth)", DataType::Interval(IntervalUnit::YearMonth)),
    ("Interval(DayTime)", DataType::Interval(IntervalUnit::DayTime)),
    ("Interval(MonthDayNano)", DataType::Interval(IntervalUnit::MonthDayNano)),
];

const WITH_PARAMETERS: [&str; 19] = [
    "Timestamp",
    "Time32",
    "Time64",
    "Duration",
    "Interval",
    "FixedSizeBinary",
    "Decimal32",
    "Decimal64",
    "Decimal128",
    "Decimal256",
    "List",
    "LargeList",
    "ListView",
    "LargeListView",
    "FixedSizeList",
    "Struct",
    "Map",
    "Dictionary",
    "RunEndEncoded",
];

/// Reads a text from left to right.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong<T>(&self, reason: impl Into<String>) -> Read<T> {
        Err(Wrong { at: self.at, reason: reason.into(), nearest: None })
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes a token if it is next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        if self.take(token) { Ok(()) } else { self.wrong(format!("`{token}` is expected")) }
    }

    fn word(&mut self) -> &'a str {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn number<T: std::str::FromStr>(&mut self) -> Read<T> {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
        match rest[..end].parse() {
            Ok(number) => {
                self.at += end;
                Ok(number)
            }
            Err(_) => self.wrong("a number within its range is expected"),
        }
    }

    /// A text in double quotes, with its escapes.
    pub(super) fn string(&mut self) -> Read<String> {
        self.expect("\"")?;
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += index + 1;
                    return Ok(out);
                }
                '\\' => {
                    let escaped = match chars.next().map(|(_, c)| c) {
                        Some('n') => Some('\n'),
                        Some('r') => Some('\r'),
                        Some('t') => Some('\t'),
                        Some('0') => Some('\0'),
                        Some('u') => {
                            let hex: String =
                                chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
                            let hex = hex.strip_prefix('{').unwrap_or_default();
                            u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
                        }
                        Some(c @ ('"' | '\\' | '\'')) => Some(c),
                        _ => None,
                    };
                    let Some(escaped) = escaped else {
                        self.at += index;
                        return self.wrong("there is no such escape in a quoted text");
                    };
                    out.push(escaped);
                }
                c => out.push(c),
            }
        }
        self.wrong("the quote is never closed")
    }

    fn data_type(&mut self) -> Read<DataType> {
        if self.depth == MAX_DEPTH {
            return self.wrong(format!("a type nests at most {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        self.space();
        let start = self.at;
        let data_type = self.named()?;
        self.depth -= 1;
        match valid::why_not(&data_type) {
            None => Ok(data_type),
            Some(reason) => Err(Wrong { at: start, reason, nearest: None }),
        }
    }

    fn named(&mut self) -> Read<DataType> {
        use DataType as T;
        let start = self.at;
        let name = self.word();
        if let Some((_, plain)) = PLAIN.iter().find(|(known, _)| *known == name) {
            return Ok(plain.clone());
        }
        if name != "Union" && !WITH_PARAMETERS.contains(&name) {
            self.at = start;
            let known = PLAIN.iter().map(|(name, _)| *name).filter(|name| !name.contains('('));
            let nearest =
                viewlane_core::nearest(name, known.chain(WITH_PARAMETERS).chain(["Union"]));
            let reason = match name {
                "" => "the name of a type is expected".to_owned(),
                name => format!("there is no type `{name}`"),
            };
            return Err(Wrong { at: start, reason, nearest });
        }
        self.expect("(")?;
        let data_type = match name {
            "List" => T::List(self.item()?),
            "LargeList" => T::LargeList(self.item()?),
            "ListView" => T::ListView(self.item()?),
            "LargeListView" => T::LargeListView(self.item()?),
            "FixedSizeList" => {
                let size = self.number()?;
                self.expect("x")?;
                T::FixedSizeList(self.item()?, size)
            }
            "Struct" => T::Struct(self.fields()?),
            "Union" => self.union()?,
            "Map" => {
                let entries = self.field()?;
                self.expect(",")?;
                let sorted = match self.word() {
                    "sorted" => true,
                    "unsorted" => false,
                    _ => return self.wrong("`sorted` or `unsorted` is expected"),
                };
                T::Map(entries, sorted)
            }
            "Dictionary" => {
                let key = self.data_type()?;
                self.expect(",")?;
                T::Dictionary(Box::new(key), Box::new(self.data_type()?))
            }
            "RunEndEncoded" => {
                let ends = self.field()?;
                self.expect(",")?;
                T::RunEndEncoded(ends, self.field()?)
            }
            "Timestamp" => {
                let unit = self.unit()?;
                let zone = if self.take(",") { Some(self.string()?.into()) } else { None };
                T::Timestamp(unit, zone)
            }
            "Time32" => T::Time32(self.unit()?),
            "Time64" => T::Time64(self.unit()?),
            "Duration" => T::Duration(self.unit()?),
            "Interval" => {
                let unit = self.word();
                let named = PLAIN.iter().find(|(known, _)| *known == format!("Interval({unit})"));
                match named {
                    Some((_, interval)) => interval.clone(),
                    None => {
                        return self.wrong("`YearMonth`, `DayTime` or `MonthDayNano` is expected");
                    }
                }
            }
            "FixedSizeBinary" => T::FixedSizeBinary(self.number()?),
            decimal => {
                let precision = self.number()?;
                self.expect(",")?;
                let scale = self.number()?;
                match decimal {
                    "Decimal32" => T::Decimal32(precision, scale),
                    "Decimal64" => T::Decimal64(precision, scale),
                    "Decimal128" => T::Decimal128(precision, scale),
                    _ => T::Decimal256(precision, scale),
                }
            }
        };
        self.expect(")")?;
        Ok(data_type)
    }

    fn unit(&mut self) -> Read<TimeUnit> {
        match self.word() {
            "s" => Ok(TimeUnit::Second),
            "ms" => Ok(TimeUnit::Millisecond),
            "us" => Ok(TimeUnit::Microsecond),
            "ns" => Ok(TimeUnit::Nanosecond),
            // As Arrow prints it.
            "" if self.take("µs") => Ok(TimeUnit::Microsecond),
            _ => self.wrong("`s`, `ms`, `us` or `ns` is expected"),
        }
    }

    /// What a list holds: its name is said only when it is not `item`.
    fn item(&mut self) -> Read<FieldRef> {
        let nullable = self.nullable();
        let data_type = self.data_type()?;
        let mut name = Field::LIST_FIELD_DEFAULT_NAME.to_owned();
        let before = self.at;
        if self.take(",") && self.take("field") {
            self.expect(":")?;
            self.space();
            name = match self.take("'") {
                true => self.single_quoted()?,
                false => self.string()?,
            };
        } else {
            self.at = before;
        }
        let field = Field::new(name, data_type, nullable);
        Ok(Arc::new(self.metadata(field)?))
    }

    /// Arrow prints the name as it is between single quotes.
    fn single_quoted(&mut self) -> Read<String> {
        let Some(end) = self.rest().find('\'') else {
            return self.wrong("the quote is never closed");
        };
        let name = self.rest()[..end].to_owned();
        self.at += end + 1;
        Ok(name)
    }

    fn field(&mut self) -> Read<FieldRef> {
        let name = self.string()?;
        self.expect(":")?;
        let nullable = self.nullable();
        let data_type = self.data_type()?;
        let field = Field::new(name, data_type, nullable);
        Ok(Arc::new(self.metadata(field)?))
    }

    fn nullable(&mut self) -> bool {
        !self.take("non-null ")
    }

    fn metadata(&mut self, field: Field) -> Read<Field> {
        let before = self.at;
        if !(self.take(",") && self.take("metadata")) {
            self.at = before;
            return Ok(field);
        }
        self.expect(":")?;
        self.expect("{")?;
        let mut entries = Vec::new();
        loop {
            let key = self.string()?;
            self.expect(":")?;
            let value = self.string()?;
            if entries.iter().any(|(known, _)| *known == key) {
                return self.wrong(format!("metadata has the key `{key}` twice"));
            }
            entries.push((key, value));
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(field.with_metadata(entries.into_iter().collect()))
    }

    fn fields(&mut self) -> Read<Fields> {
        let mut fields = Vec::new();
        self.space();
        while self.rest().starts_with('"') {
            fields.push(self.field()?);
            if !self.take(",") {
                break;
            }
            self.space();
        }
        Ok(fields.into())
    }

    fn union(&mut self) -> Read<DataType> {
        let mode = match self.word() {
            "Sparse" => UnionMode::Sparse,
            "Dense" => UnionMode::Dense,
            _ => return self.wrong("`Sparse` or `Dense` is expected"),
        };
        let (mut ids, mut fields) = (Vec::new(), Vec::new());
        while self.take(",") {
            ids.push(self.number()?);
            self.expect(":")?;
            self.expect("(")?;
            fields.push(self.field()?);
            self.expect(")")?;
        }
        match UnionFields::try_new(ids, fields) {
            Ok(fields) => Ok(DataType::Union(fields, mode)),
            Err(error) => self.wrong(error.to_string()),
        }
    }
}
