use std::sync::{Arc, LazyLock};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray},
        compute::take,
        datatypes::{DataType, Field, FieldRef},
    },
    common::{Result, ScalarValue, exec_err},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl,
        Signature, scalar_doc_sections::DOC_SECTION_HASHING,
    },
};

use super::{aliases, documentation, one_string, row, strings};
use crate::stable_hash64;

const NAME: &str = "stable_hash64";

static DOCUMENTATION: LazyLock<Documentation> =
    LazyLock::new(|| documentation(row(NAME), DOC_SECTION_HASHING));

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct StableHash64 {
    signature: Signature,
    aliases: Vec<String>,
}

impl StableHash64 {
    pub(super) fn new() -> Self {
        let row = row(NAME);
        Self { signature: one_string(row), aliases: aliases(row) }
    }
}

impl ScalarUDFImpl for StableHash64 {
    fn name(&self) -> &str {
        NAME
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    /// A text that is never NULL has a hash that is never NULL, so that it can be a key.
    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(NAME, DataType::Int64, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(array)] => Ok(ColumnarValue::Array(hash(array)?)),
            [ColumnarValue::Scalar(value)] => match value.try_as_str() {
                Some(text) => {
                    Ok(ColumnarValue::Scalar(ScalarValue::Int64(text.map(stable_hash64))))
                }
                None => exec_err!("`{NAME}` takes a string, not {}", value.data_type()),
            },
            other => exec_err!("`{NAME}` takes one argument, not {}", other.len()),
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&DOCUMENTATION)
    }
}

fn hash(array: &ArrayRef) -> Result<ArrayRef> {
    match array.as_any_dictionary_opt() {
        // Each distinct text is hashed once. A NULL key and a NULL value both give NULL.
        Some(dictionary) => {
            let hashes = strings::map_to_i64(dictionary.values(), stable_hash64)?;
            Ok(take(&hashes, dictionary.keys(), None)?)
        }
        None => Ok(Arc::new(strings::map_to_i64(array, stable_hash64)?)),
    }
}
