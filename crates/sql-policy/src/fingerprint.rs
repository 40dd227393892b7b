//! The fifth stage: a digest of the tree by names, not by positions.
//!
//! The encoding is compact and self-delimiting: a tag byte for each value, LEB128 for lengths and
//! numbers, names for fields and variants. Places (`Span`), the tokens the parser attaches for
//! them and fields that hold nothing (`None`, `false`, an empty list) are left out, so that an
//! optional field that a later parser adds changes no digest.

use std::fmt;

use serde::ser::{self, Serialize};
use sqlparser::ast::Query;
use viewlane_core::Fingerprint;

/// Raised when the encoding changes.
const FORMAT: u8 = 1;

/// The digest of a tree.
pub(crate) fn of(query: &Query) -> Fingerprint {
    Fingerprint::builder("ast").field("format", [FORMAT]).field("tree", encode(query)).finish()
}

pub(crate) fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut encoder = Encoder { bytes: Vec::with_capacity(1024) };
    value.serialize(&mut encoder).expect("the encoder accepts every value of a tree");
    encoder.bytes
}

struct Encoder {
    bytes: Vec<u8>,
}

/// Stands for a value that is left out.
const NOTHING: u8 = b'-';
const NONE: u8 = b'n';
const FALSE: u8 = b'f';
const LIST: u8 = b'[';

impl Encoder {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failed> {
        let before = self.bytes.len();
        self.bytes.push(b':');
        self.text(name);
        let start = self.bytes.len();
        self.value(value)?;
        if matches!(self.bytes[start..], [NOTHING | NONE | FALSE] | [LIST, 0]) {
            self.bytes.truncate(before);
        }
        Ok(())
    }

    /// Every step down the tree comes past here.
    #[recursive::recursive]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }
}

/// Never made: nothing in a tree can fail to be encoded.
#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'a> ser::Serializer for &'a mut Encoder {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = List<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        self.bytes.push(if value { b't' } else { FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Failed> {
        self.bytes.push(b'i');
        self.number(((value << 1) ^ (value >> 63)) as u64);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Failed> {
        self.bytes.push(b'u');
        self.number(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failed> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failed> {
        self.bytes.push(b'd');
        self.bytes.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Failed> {
        self.bytes.push(b'c');
        self.number(u32::from(value).into());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failed> {
        self.bytes.push(b'"');
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failed> {
        self.bytes.push(b'b');
        self.number(value.len() as u64);
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failed> {
        self.bytes.push(NONE);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        self.bytes.push(b's');
        self.value(value)
    }

    fn serialize_unit(self) -> Result<(), Failed> {
        self.bytes.push(b'v');
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failed> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Failed> {
        self.bytes.push(b'e');
        self.text(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        if name == "AttachedToken" {
            self.bytes.push(NOTHING);
            return Ok(());
        }
        self.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.bytes.push(b'E');
        self.text(variant);
        self.value(value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Failed> {
        Ok(List::new(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Failed> {
        Ok(List::new(self))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Failed> {
        Ok(List::new(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Failed> {
        self.bytes.push(b'E');
        self.text(variant);
        Ok(List::new(self))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<List<'a>, Failed> {
        Ok(List::new(self))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, Failed> {
        let left_out = name == "Span";
        self.bytes.push(if left_out { NOTHING } else { b'{' });
        Ok(Fields { encoder: self, left_out })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Failed> {
        self.bytes.push(b'E');
        self.text(variant);
        self.bytes.push(b'{');
        Ok(Fields { encoder: self, left_out: false })
    }
}

/// Items, each after a comma, closed by a bracket. No item starts with a bracket's byte.
struct List<'a> {
    encoder: &'a mut Encoder,
    start: usize,
    items: u64,
}

impl<'a> List<'a> {
    fn new(encoder: &'a mut Encoder) -> Self {
        encoder.bytes.push(LIST);
        let start = encoder.bytes.len();
        Self { encoder, start, items: 0 }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.items += 1;
        self.encoder.value(value)
    }

    /// Puts the count before the items, which are self-delimiting.
    fn close(self) {
        let Self { encoder, start, items } = self;
        let end = encoder.bytes.len();
        encoder.number(items);
        let count = encoder.bytes.len() - end;
        encoder.bytes[start..].rotate_right(count);
    }
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.item(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.item(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.item(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTupleVariant for List<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.item(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeMap for List<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.item(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

/// Named fields, each after a colon, closed by a brace.
struct Fields<'a> {
    encoder: &'a mut Encoder,
    left_out: bool,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failed> {
        if self.left_out { Ok(()) } else { self.encoder.field(name, value) }
    }

    fn close(self) {
        if !self.left_out {
            self.encoder.bytes.push(b'}');
        }
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeStructVariant for Fields<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
