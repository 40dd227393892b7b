use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use parquet::arrow::ArrowSchemaConverter;
use viewlane_core::nearest;

use super::{FileFormat, FileMode, WritePolicy};
use crate::{BagChecksum, Error};

pub(super) fn bad(option: &str, reason: &str) -> Error {
    Error::BadOption { option: option.to_owned(), reason: reason.to_owned() }
}

pub(super) fn no_effect(option: &str, why: &str) -> Error {
    Error::NoEffect { option: option.to_owned(), why: why.to_owned() }
}

impl WritePolicy {
    /// Checks the policy against the columns of the rows. [`write_files`](crate::write_files) does
    /// so itself, before it reads a row.
    ///
    /// # Errors
    ///
    /// The first option that is out of range, names no column, has no effect or asks for what files
    /// cannot do; or the first column that the format cannot hold (`VL-W0202` to `VL-W0207`).
    pub fn check(&self, schema: &SchemaRef) -> Result<(), Error> {
        self.check_mode()?;
        self.check_sections()?;
        self.check_folders(schema)?;
        self.check_order(schema)?;
        let none = RecordBatch::new_empty(Arc::clone(schema));
        for (column, field) in none.columns().iter().zip(schema.fields()) {
            if !BagChecksum::holds(column) {
                return Err(unsupported(field, "has no checksum, which every write tells"));
            }
        }
        self.check_columns(&self.file_schema(schema))
    }

    /// The columns that the files hold.
    pub(crate) fn file_schema(&self, schema: &SchemaRef) -> SchemaRef {
        if self.partition_by.is_empty() || self.keep_partition_columns {
            return Arc::clone(schema);
        }
        let fields = schema.fields().iter();
        let kept = fields.filter(|field| !self.partition_by.contains(field.name()));
        let kept: Vec<_> = kept.map(Arc::clone).collect();
        Arc::new(Schema::new_with_metadata(kept, schema.metadata().clone()))
    }

    /// What the names of files end in, after a dot.
    pub(crate) fn extension(&self) -> String {
        let codec = match self.format {
            FileFormat::Csv => self.csv.as_ref().map(|own| own.compression),
            FileFormat::Json => self.json.as_ref().map(|own| own.compression),
            FileFormat::Parquet | FileFormat::Arrow => None,
        };
        format!("{}{}", self.format.as_str(), codec.unwrap_or_default().extension())
    }

    fn check_mode(&self) -> Result<(), Error> {
        if self.replace_where.is_some() {
            let why =
                "`replace_where` needs a Delta table; files are replaced as a whole".to_owned();
            return Err(Error::UnsupportedMode { why });
        }
        if self.single_file && self.mode == FileMode::Append {
            let why = "rows cannot be appended to a single file; write to a folder".to_owned();
            return Err(Error::UnsupportedMode { why });
        }
        for (option, value) in
            [("target_file_bytes", self.target_file_bytes), ("max_file_rows", self.max_file_rows)]
        {
            match value {
                Some(0) => return Err(bad(option, "must be at least 1")),
                Some(_) if self.single_file => {
                    return Err(no_effect(option, "`single_file` asks for one file"));
                }
                _ => {}
            }
        }
        if self.single_file && !self.partition_by.is_empty() {
            return Err(no_effect("partition_by", "`single_file` asks for one file"));
        }
        if self.keep_partition_columns && self.partition_by.is_empty() {
            return Err(no_effect("keep_partition_columns", "there are no partition columns"));
        }
        Ok(())
    }

    fn check_sections(&self) -> Result<(), Error> {
        let sections = [
            (FileFormat::Parquet, self.parquet.is_some()),
            (FileFormat::Csv, self.csv.is_some()),
            (FileFormat::Json, self.json.is_some()),
            (FileFormat::Arrow, self.arrow.is_some()),
        ];
        for (format, given) in sections {
            if given && format != self.format {
                let why = format!("the format is {}", self.format.as_str());
                return Err(no_effect(format.as_str(), &why));
            }
        }
        match self.format {
            FileFormat::Parquet => self.parquet.as_ref().map_or(Ok(()), |own| own.validate()),
            FileFormat::Csv => self.csv.as_ref().map_or(Ok(()), |own| own.validate()),
            FileFormat::Json => self.json.as_ref().map_or(Ok(()), |own| own.validate()),
            FileFormat::Arrow => Ok(()),
        }
    }

    fn check_folders(&self, schema: &Schema) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for name in &self.partition_by {
            let field = column("partition_by", name, schema)?;
            if !seen.insert(name) {
                return Err(bad("partition_by", &format!("names the column `{name}` twice")));
            }
            // Readers compare the name in the path as it stands, without decoding.
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if name.is_empty() || !name.chars().all(plain) {
                let why =
                    "names the folder; only letters, digits, `_`, `-` and `.` may stand in it";
                return Err(bad("partition_by", &format!("has the column `{name}`, which {why}")));
            }
            if !names_folders(field.data_type()) {
                return Err(unsupported(field, "cannot name folders"));
            }
        }
        let all = seen.len() == schema.fields().len() && !self.keep_partition_columns;
        if all && !seen.is_empty() {
            return Err(Error::NoDataColumns { columns: self.partition_by.join(", ") });
        }
        Ok(())
    }

    fn check_order(&self, schema: &Schema) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for key in &self.sort_by {
            let field = column("sort_by", &key.column, schema)?;
            if !seen.insert(&key.column) {
                return Err(bad("sort_by", &format!("names the column `{}` twice", key.column)));
            }
            if self.partition_by.contains(&key.column) {
                let why = format!("`{}` has one value in each folder", key.column);
                return Err(no_effect("sort_by", &why));
            }
            if field.data_type().is_nested() {
                return Err(unsupported(field, "has no order"));
            }
        }
        Ok(())
    }

    fn check_columns(&self, stored: &SchemaRef) -> Result<(), Error> {
        for field in stored.fields() {
            let lone = Arc::new(Schema::new(vec![Arc::clone(field)]));
            let fits = match self.format {
                FileFormat::Parquet => ArrowSchemaConverter::new().convert(&lone).is_ok(),
                FileFormat::Csv => fits_csv(field.data_type()),
                // What its reader knows, its writer writes.
                FileFormat::Json => arrow::json::ReaderBuilder::new(lone).build_decoder().is_ok(),
                FileFormat::Arrow => true,
            };
            if !fits {
                let why = format!("has no form in {} files", self.format.as_str());
                return Err(unsupported(field, &why));
            }
        }
        let Some(options) = &self.parquet else { return Ok(()) };
        let descriptor = ArrowSchemaConverter::new()
            .convert(stored)
            .map_err(|error| bad("parquet", &error.to_string()))?;
        let leaves = descriptor.columns();
        let paths: Vec<_> = leaves.iter().map(|leaf| leaf.path().string()).collect();
        if let Some(path) = options.columns.keys().find(|path| !paths.contains(path)) {
            return Err(unknown("parquet.columns", path, paths.iter().map(String::as_str)));
        }
        leaves.iter().try_for_each(|leaf| options.validate_column(leaf))
    }
}

fn column<'a>(option: &str, name: &str, schema: &'a Schema) -> Result<&'a Field, Error> {
    schema.field_with_name(name).map_err(|_| {
        unknown(option, name, schema.fields().iter().map(|field| field.name().as_str()))
    })
}

fn unknown<'a>(option: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", known.collect::<Vec<_>>().join("`, `")),
    };
    Error::UnknownColumn { option: option.to_owned(), column: name.to_owned(), hint }
}

fn unsupported(field: &Field, why: &str) -> Error {
    Error::UnsupportedType {
        column: field.name().clone(),
        data_type: field.data_type().to_string(),
        why: why.to_owned(),
    }
}

/// Whether values have a text that reads back as the same value.
fn names_folders(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => names_folders(value),
        DataType::Null => false,
        // Decimals, numbers, dates, times and texts do; bytes need not be text.
        other => fits_csv(other),
    }
}

/// Whether CSV readers know the type.
fn fits_csv(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..)
        | DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => {
            matches!(**value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..)
        | DataType::Struct(_)
        | DataType::Map(..)
        | DataType::Union(..)
        | DataType::RunEndEncoded(..) => false,
    }
}
