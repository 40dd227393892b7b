use std::sync::Arc;

use arrow_schema::{
    DataType, Field, FieldRef, IntervalUnit, Schema, TimeUnit, UnionFields, UnionMode,
};

use super::MAGIC;
use crate::{Error, notation::MAX_DEPTH, valid};

type Read<T> = Result<T, Error>;

pub(super) fn schema(bytes: &[u8]) -> Read<Schema> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    if reader.take(MAGIC.len()).ok() != Some(MAGIC) {
        return Err(Error::Abi {
            at: 0,
            reason: "they do not start as an encoding of version 1".into(),
        });
    }
    let metadata = reader.metadata()?;
    let fields = reader.fields()?;
    if reader.at < bytes.len() {
        return reader.wrong("bytes after the last column");
    }
    Ok(Schema::new_with_metadata(fields, metadata.into_iter().collect()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn wrong<T>(&self, reason: impl Into<String>) -> Read<T> {
        Err(Error::Abi { at: self.at, reason: reason.into() })
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.bytes[self.at..].get(..count) {
            Some(taken) => {
                self.at += count;
                Ok(taken)
            }
            None => self.wrong("they end too early"),
        }
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("that many were taken"))
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => self.wrong(format!("{other} is neither no nor yes")),
        }
    }

    fn length(&mut self) -> Read<usize> {
        let length = u64::from_le_bytes(self.array()?);
        // Whatever is counted takes at least a byte each, so no length makes room for more.
        match usize::try_from(length) {
            Ok(length) if length <= self.bytes.len() - self.at => Ok(length),
            _ => self.wrong(format!("a length of {length} goes beyond the end")),
        }
    }

    fn text(&mut self) -> Read<String> {
        let length = self.length()?;
        match str::from_utf8(self.take(length)?) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => self.wrong("a text is not UTF-8"),
        }
    }

    fn metadata(&mut self) -> Read<Vec<(String, String)>> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for _ in 0..self.length()? {
            let key = self.text()?;
            if entries.last().is_some_and(|(last, _)| *last >= key) {
                return self.wrong(format!("the metadata key `{key}` is out of order"));
            }
            entries.push((key, self.text()?));
        }
        Ok(entries)
    }

    fn fields(&mut self) -> Read<Vec<FieldRef>> {
        (0..self.length()?).map(|_| self.field()).collect()
    }

    fn field(&mut self) -> Read<FieldRef> {
        let name = self.text()?;
        let nullable = self.flag()?;
        let data_type = self.data_type()?;
        let metadata = self.metadata()?.into_iter().collect();
        Ok(Arc::new(Field::new(name, data_type, nullable).with_metadata(metadata)))
    }

    fn data_type(&mut self) -> Read<DataType> {
        if self.depth == MAX_DEPTH {
            return self.wrong(format!("a type nests at most {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let data_type = self.tagged()?;
        self.depth -= 1;
        match valid::why_not(&data_type) {
            None => Ok(data_type),
            Some(reason) => self.wrong(reason),
        }
    }

    fn tagged(&mut self) -> Read<DataType> {
        use DataType as T;
        Ok(match self.byte()? {
            0 => T::Null,
            1 => T::Boolean,
            2 => T::Int8,
            3 => T::Int16,
            4 => T::Int32,
            5 => T::Int64,
            6 => T::UInt8,
            7 => T::UInt16,
            8 => T::UInt32,
            9 => T::UInt64,
            10 => T::Float16,
            11 => T::Float32,
            12 => T::Float64,
            13 => {
                let unit = self.unit()?;
                let zone = if self.flag()? { Some(self.text()?.into()) } else { None };
                T::Timestamp(unit, zone)
            }
            14 => T::Date32,
            15 => T::Date64,
            16 => T::Time32(self.unit()?),
            17 => T::Time64(self.unit()?),
            18 => T::Duration(self.unit()?),
            19 => T::Interval(match self.byte()? {
                0 => IntervalUnit::YearMonth,
                1 => IntervalUnit::DayTime,
                2 => IntervalUnit::MonthDayNano,
                other => return self.wrong(format!("{other} is no unit of an interval")),
            }),
            20 => T::Binary,
            21 => T::FixedSizeBinary(i32::from_le_bytes(self.array()?)),
            22 => T::LargeBinary,
            23 => T::BinaryView,
            24 => T::Utf8,
            25 => T::LargeUtf8,
            26 => T::Utf8View,
            27 => T::List(self.field()?),
            28 => T::ListView(self.field()?),
            29 => {
                let size = i32::from_le_bytes(self.array()?);
                T::FixedSizeList(self.field()?, size)
            }
            30 => T::LargeList(self.field()?),
            31 => T::LargeListView(self.field()?),
            32 => T::Struct(self.fields()?.into()),
            33 => self.union()?,
            34 => {
                let key = self.data_type()?;
                T::Dictionary(Box::new(key), Box::new(self.data_type()?))
            }
            tag @ 35..=38 => {
                let (precision, scale) = (self.byte()?, i8::from_le_bytes(self.array()?));
                match tag {
                    35 => T::Decimal32(precision, scale),
                    36 => T::Decimal64(precision, scale),
                    37 => T::Decimal128(precision, scale),
                    _ => T::Decimal256(precision, scale),
                }
            }
            39 => {
                let sorted = self.flag()?;
                T::Map(self.field()?, sorted)
            }
            40 => {
                let ends = self.field()?;
                T::RunEndEncoded(ends, self.field()?)
            }
            other => return self.wrong(format!("there is no type of number {other}")),
        })
    }

    fn unit(&mut self) -> Read<TimeUnit> {
        Ok(match self.byte()? {
            0 => TimeUnit::Second,
            1 => TimeUnit::Millisecond,
            2 => TimeUnit::Microsecond,
            3 => TimeUnit::Nanosecond,
            other => return self.wrong(format!("{other} is no unit of time")),
        })
    }

    fn union(&mut self) -> Read<DataType> {
        let mode = if self.flag()? { UnionMode::Dense } else { UnionMode::Sparse };
        let (mut ids, mut fields) = (Vec::new(), Vec::new());
        for _ in 0..self.length()? {
            ids.push(i8::from_le_bytes(self.array()?));
            fields.push(self.field()?);
        }
        match UnionFields::try_new(ids, fields) {
            Ok(fields) => Ok(DataType::Union(fields, mode)),
            Err(error) => self.wrong(error.to_string()),
        }
    }
}
