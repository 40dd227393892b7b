//! Bytes of a piece of a query, by which two pieces are compared.
//!
//! The encoding is self-delimiting, as that of the fingerprint. It is never stored, so that fields
//! and variants go by their numbers, which are shorter than names. And it differs in what it takes
//! for the same: a column is written as what its alias stands for, an alias that only the
//! piece itself knows by its number, and the operands of an operator that takes them in any order
//! are sorted. Nothing here knows the kinds of nodes one by one, so that none can be forgotten.

use std::{collections::BTreeMap, fmt};

use serde::ser::{self, Serialize};

/// Says what names stand for that a piece uses and does not define.
pub(super) trait Names {
    /// Writes what stands for a FROM item around the piece, or for a column of it. Writes nothing
    /// and says `false` when there is no such item: then the alias is the piece's own.
    fn source(&mut self, alias: &str, column: Option<&str>, bytes: &mut Vec<u8>) -> bool;

    /// Writes what stands for a common table expression around the piece; `false` for others.
    fn common(&mut self, name: &str, bytes: &mut Vec<u8>) -> bool;

    /// Writes what such an expression is as a whole, for a reader that goes by positions.
    fn whole(&mut self, name: &str, bytes: &mut Vec<u8>);

    /// Notes that an alias of the piece's own reads a common table expression around it.
    fn own(&mut self, alias: &str, common: &str);

    /// Notes that the piece defines a name that is known around it.
    fn clash(&mut self);

    /// Writes a column of an alias of the piece's own.
    fn own_column(&mut self, alias: &str, column: &str, bytes: &mut Vec<u8>);

    /// Writes what stands for an output of the query around the piece; `false` where outputs
    /// cannot be named.
    fn output(&mut self, name: &str, bytes: &mut Vec<u8>) -> bool;
}

/// What an encoder needs besides names, kept from one piece to the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// The encoded piece.
    pub(super) bytes: Vec<u8>,
    /// Nodes that were encoded, all pieces together.
    pub(super) visited: usize,
    /// Identifiers that are being read, one behind the other, and where each ends.
    idents: String,
    ends: Vec<usize>,
}

/// The parts of a name.
#[derive(Clone, Copy)]
struct Parts<'i> {
    idents: &'i str,
    start: usize,
    ends: &'i [usize],
}

impl<'i> Parts<'i> {
    fn len(self) -> usize {
        self.ends.len()
    }

    /// The first part, and those behind it.
    fn split(self) -> Option<(&'i str, Self)> {
        let (end, ends) = self.ends.split_first()?;
        Some((&self.idents[self.start..*end], Self { start: *end, ends, ..self }))
    }

    /// The only part, if there is one alone.
    fn only(self) -> Option<&'i str> {
        let (first, rest) = self.split()?;
        (rest.len() == 0).then_some(first)
    }

    /// Appends how many parts there are, and each.
    fn write(mut self, bytes: &mut Vec<u8>) {
        number(bytes, self.len() as u64);
        while let Some((part, rest)) = self.split() {
            text(bytes, part);
            self = rest;
        }
    }
}

impl Room {
    /// Appends a piece to the room's own bytes.
    pub(super) fn encode<T: Serialize + ?Sized>(&mut self, names: &mut dyn Names, piece: &T) {
        let mut encoder = Encoder {
            room: self,
            names,
            wanted: false,
            field: false,
            unordered: false,
            defines: false,
            depth: 0,
            common: None,
            aliases: BTreeMap::new(),
            tables: BTreeMap::new(),
        };
        encoder.value(piece).expect("the encoder accepts every value of a tree");
    }

    /// Appends a piece to bytes of others.
    pub(super) fn append<T: Serialize + ?Sized>(
        &mut self,
        names: &mut dyn Names,
        piece: &T,
        bytes: &mut Vec<u8>,
    ) {
        std::mem::swap(&mut self.bytes, bytes);
        self.encode(names, piece);
        std::mem::swap(&mut self.bytes, bytes);
    }

    /// The bytes of one piece alone.
    pub(super) fn piece<T: Serialize + ?Sized>(
        &mut self,
        names: &mut dyn Names,
        piece: &T,
    ) -> Vec<u8> {
        self.bytes.clear();
        self.encode(names, piece);
        self.bytes.as_slice().to_vec()
    }
}

pub(super) fn number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(super) fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Operands longer than this stay where they are: sorting a long chain again for each of its
/// operators would not be linear.
const SORTED: usize = 4096;

/// Every so many steps down the tree it is asked whether there is enough stack for as many more.
const LEVELS: u32 = 4;

/// Stands for a value that is left out.
const NOTHING: u8 = b'-';
const NONE: u8 = b'n';
const FALSE: u8 = b'f';
const LIST: u8 = b'[';
const LIST_END: u8 = b']';

struct Encoder<'e> {
    room: &'e mut Room,
    names: &'e mut dyn Names,
    /// Whether the places of identifiers are noted.
    wanted: bool,
    /// Whether an identifier is the name of a field.
    field: bool,
    /// Whether the order of the next list says nothing.
    unordered: bool,
    /// Whether the next table alias is the name of a common table expression.
    defines: bool,
    /// Steps down the tree.
    depth: u32,
    /// The common table expression around the piece that the FROM item at hand reads.
    common: Option<String>,
    aliases: BTreeMap<String, u64>,
    tables: BTreeMap<String, u64>,
}

impl Encoder<'_> {
    fn push(&mut self, byte: u8) {
        self.room.bytes.push(byte);
    }

    fn text(&mut self, value: &str) {
        text(&mut self.room.bytes, value);
    }

    fn number(&mut self, value: u64) {
        number(&mut self.room.bytes, value);
    }

    fn named<T: Serialize + ?Sized>(&mut self, place: u8, value: &T) -> fmt::Result {
        let before = self.room.bytes.len();
        self.room.bytes.extend([b':', place]);
        let start = self.room.bytes.len();
        self.value(value)?;
        if matches!(self.room.bytes[start..], [NOTHING | NONE | FALSE] | [LIST, LIST_END]) {
            self.room.bytes.truncate(before);
        }
        Ok(())
    }

    /// Every step down the tree comes past here.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.room.visited += 1;
        self.depth += 1;
        let encoded = if self.depth.is_multiple_of(LEVELS) {
            self.deeper(value)
        } else {
            value.serialize(&mut *self)
        };
        self.depth -= 1;
        encoded
    }

    #[recursive::recursive]
    fn deeper<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    /// Which variant of an enumeration it is.
    fn variant(&mut self, byte: u8, variant: u32) {
        self.push(byte);
        self.number(variant.into());
    }

    /// Hands the identifiers of a value to `write` instead of encoding it.
    fn idents<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        write: impl FnOnce(&mut Self, Parts<'_>),
    ) -> fmt::Result {
        let written = self.room.bytes.len();
        let (start, first) = (self.room.idents.len(), self.room.ends.len());
        let outer = std::mem::replace(&mut self.wanted, true);
        let encoded = self.value(value);
        self.wanted = outer;
        encoded?;
        self.room.bytes.truncate(written);
        let mut idents = std::mem::take(&mut self.room.idents);
        let mut ends = std::mem::take(&mut self.room.ends);
        write(self, Parts { idents: &idents, start, ends: &ends[first..] });
        idents.truncate(start);
        ends.truncate(first);
        (self.room.idents, self.room.ends) = (idents, ends);
        Ok(())
    }

    fn ident(&mut self, ident: &str) {
        self.room.idents.push_str(ident);
        self.room.ends.push(self.room.idents.len());
    }

    fn column(&mut self, names: Parts<'_>) {
        let Some((alias, rest)) = names.split() else { return };
        self.push(b'C');
        let (column, fields) = match rest.split() {
            Some((column, fields)) => (Some(column), fields),
            None => (None, rest),
        };
        if !self.names.source(alias, column, &mut self.room.bytes) {
            self.alias(alias);
            match column {
                Some(column) => self.names.own_column(alias, column, &mut self.room.bytes),
                None => self.push(NOTHING),
            }
        }
        fields.write(&mut self.room.bytes);
    }

    /// An alias of the piece's own: the first one is number 0, and so on.
    fn alias(&mut self, alias: &str) {
        let next = self.aliases.len() as u64;
        let number = *self.aliases.entry(alias.to_owned()).or_insert(next);
        self.push(b'L');
        self.number(number);
    }

    /// A table's name, or that of a common table expression.
    fn table(&mut self, names: Parts<'_>) {
        self.common = None;
        if let Some(name) = names.only() {
            if self.names.common(name, &mut self.room.bytes) {
                self.common = Some(name.to_owned());
                return;
            }
            if let Some(number) = self.tables.get(name).copied() {
                self.push(b'T');
                self.number(number);
                return;
            }
        }
        self.push(b'N');
        names.write(&mut self.room.bytes);
    }

    /// Sorts the operands of an operator that takes them in any order, and turns `a > b` around.
    fn operands(&mut self, start: usize, op: usize, right: usize) {
        let bytes = &mut self.room.bytes;
        if op - start > SORTED || bytes.len() - right > SORTED {
            return;
        }
        if matches!(&bytes[op..right], b"e\x03And" | b"e\x02Or") {
            chain(bytes, start, op, right);
            return;
        }
        let turned: &[u8] = match &bytes[op..right] {
            b"e\x02Gt" => b"e\x02Lt",
            b"e\x04GtEq" => b"e\x04LtEq",
            b"e\x02Eq" | b"e\x05NotEq" | b"e\x04Plus" | b"e\x08Multiply"
                if bytes[right..] < bytes[start..op] =>
            {
                b""
            }
            _ => return,
        };
        bytes[op..right][..turned.len()].copy_from_slice(turned);
        let (left, middle) = (op - start, right - op);
        bytes[start..].rotate_left(left);
        // Now the operator, the right operand, the left one.
        let operands = bytes.len() - left;
        bytes[start..operands].rotate_left(middle);
    }
}

/// Writes AND or OR as the sorted list of all operands of the chain: `start` is just behind the
/// byte that opens the operation.
fn chain(bytes: &mut Vec<u8>, start: usize, op: usize, right: usize) {
    let mut operands = Vec::new();
    let name = &bytes[op..right];
    for mut operand in [&bytes[start..op], &bytes[right..]] {
        let inner = operand.strip_prefix(b"A").and_then(|inner| inner.strip_prefix(name));
        let Some(inner) = inner else {
            operands.push(operand.to_vec());
            continue;
        };
        operand = inner;
        while let Some((length, rest)) = operand.split_first_chunk() {
            let (one, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
            if one.is_empty() {
                break;
            }
            operands.push(one.to_vec());
            operand = rest;
        }
    }
    operands.sort_unstable();
    let name = name.to_vec();
    bytes.truncate(start - 1);
    bytes.push(b'A');
    bytes.extend(name);
    // No operand is empty, so an empty one ends the list.
    for operand in operands.iter().map(Vec::as_slice).chain([&[][..]]) {
        bytes.extend((operand.len() as u32).to_le_bytes());
        bytes.extend(operand);
    }
}

impl<'a, 'e> ser::Serializer for &'a mut Encoder<'e> {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = List<'a, 'e>;
    type SerializeTuple = List<'a, 'e>;
    type SerializeTupleStruct = List<'a, 'e>;
    type SerializeTupleVariant = List<'a, 'e>;
    type SerializeMap = List<'a, 'e>;
    type SerializeStruct = Fields<'a, 'e>;
    type SerializeStructVariant = Fields<'a, 'e>;

    fn serialize_bool(self, value: bool) -> fmt::Result {
        self.push(if value { b't' } else { FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> fmt::Result {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> fmt::Result {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> fmt::Result {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> fmt::Result {
        self.push(b'i');
        self.number(((value << 1) ^ (value >> 63)) as u64);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> fmt::Result {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> fmt::Result {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> fmt::Result {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> fmt::Result {
        self.push(b'u');
        self.number(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> fmt::Result {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> fmt::Result {
        self.push(b'd');
        self.room.bytes.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> fmt::Result {
        self.push(b'c');
        self.number(u32::from(value).into());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> fmt::Result {
        if self.wanted {
            self.ident(value);
        } else {
            self.push(b'"');
            self.text(value);
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> fmt::Result {
        self.push(b'b');
        self.number(value.len() as u64);
        self.room.bytes.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> fmt::Result {
        self.push(NONE);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> fmt::Result {
        self.push(b's');
        self.value(value)
    }

    fn serialize_unit(self) -> fmt::Result {
        self.push(b'v');
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        place: u32,
        variant: &'static str,
    ) -> fmt::Result {
        if name == "BinaryOperator" {
            self.push(b'e');
            self.text(variant);
        } else {
            self.variant(b'e', place);
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> fmt::Result {
        if name == "AttachedToken" {
            self.push(NOTHING);
            return Ok(());
        }
        self.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        place: u32,
        variant: &'static str,
        value: &T,
    ) -> fmt::Result {
        match (name, variant) {
            ("Expr", "CompoundIdentifier") => {
                self.idents(value, |encoder, names| encoder.column(names))
            }
            ("Expr", "Identifier") => self.idents(value, |encoder, names| {
                let name = names.only().unwrap_or_default();
                if encoder.field || !encoder.names.output(name, &mut encoder.room.bytes) {
                    encoder.push(b'I');
                    encoder.text(name);
                }
            }),
            ("AccessExpr", "Dot") => {
                self.variant(b'E', place);
                let outer = std::mem::replace(&mut self.field, true);
                let encoded = self.value(value);
                self.field = outer;
                encoded
            }
            _ => {
                self.variant(b'E', place);
                self.value(value)
            }
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a, 'e>, fmt::Error> {
        Ok(List::new(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a, 'e>, fmt::Error> {
        Ok(List::new(self))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a, 'e>, fmt::Error> {
        Ok(List::new(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        place: u32,
        _: &'static str,
        _: usize,
    ) -> Result<List<'a, 'e>, fmt::Error> {
        self.variant(b'E', place);
        Ok(List::new(self))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<List<'a, 'e>, fmt::Error> {
        Ok(List::new(self))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a, 'e>, fmt::Error> {
        let node = match name {
            "Span" => Node::LeftOut,
            "Ident" if self.wanted => Node::Ident,
            "TableAlias" => Node::Alias,
            "WindowSpec" => Node::Window,
            _ => Node::Plain,
        };
        if name == "Cte" {
            self.defines = true;
        }
        match node {
            Node::LeftOut => self.push(NOTHING),
            Node::Ident => {}
            _ => self.push(b'{'),
        }
        Ok(Fields { encoder: self, node, place: 0 })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        place: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a, 'e>, fmt::Error> {
        let node = match (name, variant) {
            ("Expr", "BinaryOp") => {
                self.push(b'B');
                Node::Operation { start: self.room.bytes.len(), op: 0, right: 0 }
            }
            _ => {
                self.variant(b'E', place);
                self.push(b'{');
                if (name, variant) == ("TableFactor", "Table") {
                    Node::Table { name: String::new() }
                } else {
                    Node::Plain
                }
            }
        };
        Ok(Fields { encoder: self, node, place: 0 })
    }
}

/// Items, each after a comma, closed by a bracket. No item starts with a bracket's byte.
struct List<'a, 'e> {
    encoder: &'a mut Encoder<'e>,
    /// Where items start, if their order says nothing.
    starts: Option<Vec<usize>>,
}

impl<'a, 'e> List<'a, 'e> {
    fn new(encoder: &'a mut Encoder<'e>) -> Self {
        encoder.push(LIST);
        let starts = std::mem::take(&mut encoder.unordered).then(Vec::new);
        Self { encoder, starts }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        if let Some(starts) = &mut self.starts {
            starts.push(self.encoder.room.bytes.len());
        }
        self.encoder.push(b',');
        self.encoder.value(value)
    }

    fn close(self) -> fmt::Result {
        let Self { encoder, starts } = self;
        if let Some(starts) = starts
            && let Some(first) = starts.first()
        {
            let bytes = &mut encoder.room.bytes;
            let ends = starts[1..].iter().copied().chain([bytes.len()]);
            let mut items: Vec<_> =
                starts.iter().zip(ends).map(|(start, end)| bytes[*start..end].to_vec()).collect();
            items.sort_unstable();
            bytes.truncate(*first);
            items.iter().for_each(|item| bytes.extend(item));
        }
        encoder.push(LIST_END);
        Ok(())
    }
}

impl ser::SerializeSeq for List<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.item(value)
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

impl ser::SerializeTuple for List<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.item(value)
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

impl ser::SerializeTupleStruct for List<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.item(value)
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

impl ser::SerializeTupleVariant for List<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.item(value)
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

impl ser::SerializeMap for List<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> fmt::Result {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.item(value)
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

/// Nodes whose fields are not all written as they are.
enum Node {
    Plain,
    LeftOut,
    /// An identifier that is wanted, not encoded.
    Ident,
    Window,
    Alias,
    /// `name` is that of a FROM item of one part.
    Table {
        name: String,
    },
    /// Where the three parts of an operation start.
    Operation {
        start: usize,
        op: usize,
        right: usize,
    },
}

/// Named fields, each after a colon, closed by a brace.
struct Fields<'a, 'e> {
    encoder: &'a mut Encoder<'e>,
    node: Node,
    /// The number of the next field.
    place: u8,
}

impl Fields<'_, '_> {
    fn field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> fmt::Result {
        let encoder = &mut *self.encoder;
        let place = self.place;
        self.place += 1;
        match (&mut self.node, field) {
            (Node::Ident, "value") => value.serialize(encoder),
            (Node::LeftOut | Node::Ident, _) | (Node::Alias, "explicit") => Ok(()),
            (Node::Alias, "name") => encoder.idents(value, |encoder, names| {
                let name = names.only().unwrap_or_default();
                if std::mem::take(&mut encoder.defines) {
                    if encoder.names.common(name, &mut encoder.room.bytes) {
                        encoder.names.clash();
                    }
                    let next = encoder.tables.len() as u64;
                    encoder.tables.insert(name.to_owned(), next);
                    encoder.push(b'T');
                    encoder.number(next);
                    return;
                }
                if encoder.names.source(name, None, &mut encoder.room.bytes) {
                    encoder.names.clash();
                }
                encoder.alias(name);
                if let Some(common) = &encoder.common {
                    encoder.names.own(name, common);
                }
            }),
            (Node::Alias, "columns") => {
                let start = encoder.room.bytes.len();
                encoder.named(place, value)?;
                if encoder.room.bytes.len() > start
                    && let Some(common) = encoder.common.take()
                {
                    encoder.names.whole(&common, &mut encoder.room.bytes);
                }
                Ok(())
            }
            (Node::Table { name }, "name") => encoder.idents(value, |encoder, names| {
                if let Some(only) = names.only() {
                    only.clone_into(name);
                }
                encoder.table(names);
            }),
            (Node::Table { name }, "args") => {
                let start = encoder.room.bytes.len();
                encoder.named(place, value)?;
                // A table function, whatever common table expression has its name.
                if encoder.room.bytes.len() > start {
                    text(&mut encoder.room.bytes, name);
                }
                Ok(())
            }
            (Node::Window, "partition_by") => {
                encoder.unordered = true;
                encoder.named(place, value)
            }
            (Node::Operation { op, right, .. }, _) => {
                match field {
                    "op" => *op = encoder.room.bytes.len(),
                    "right" => *right = encoder.room.bytes.len(),
                    _ => {}
                }
                encoder.value(value)
            }
            (Node::Plain | Node::Window | Node::Alias | Node::Table { .. }, _) => {
                encoder.named(place, value)
            }
        }
    }

    fn close(self) -> fmt::Result {
        let Self { encoder, node, place: _ } = self;
        match node {
            Node::LeftOut | Node::Ident => {}
            Node::Operation { start, op, right } => encoder.operands(start, op, right),
            Node::Table { .. } => {
                encoder.common = None;
                encoder.push(b'}');
            }
            Node::Plain | Node::Window | Node::Alias => encoder.push(b'}'),
        }
        Ok(())
    }
}

impl ser::SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &T,
    ) -> fmt::Result {
        self.field(field, value)
    }

    fn skip_field(&mut self, _: &'static str) -> fmt::Result {
        self.place += 1;
        Ok(())
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}

impl ser::SerializeStructVariant for Fields<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &T,
    ) -> fmt::Result {
        self.field(field, value)
    }

    fn skip_field(&mut self, _: &'static str) -> fmt::Result {
        self.place += 1;
        Ok(())
    }

    fn end(self) -> fmt::Result {
        self.close()
    }
}
