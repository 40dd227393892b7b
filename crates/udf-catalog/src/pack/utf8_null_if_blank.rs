use std::sync::{Arc, LazyLock};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray},
        compute::{nullif, take},
        datatypes::{DataType, Field, FieldRef},
    },
    common::{Result, ScalarValue, exec_err, internal_err},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl,
        Signature, scalar_doc_sections::DOC_SECTION_STRING,
    },
};

use super::{aliases, documentation, one_string, row, strings};
use crate::is_blank;

const NAME: &str = "utf8_null_if_blank";

static DOCUMENTATION: LazyLock<Documentation> =
    LazyLock::new(|| documentation(row(NAME), DOC_SECTION_STRING));

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Utf8NullIfBlank {
    signature: Signature,
    aliases: Vec<String>,
}

impl Utf8NullIfBlank {
    pub(super) fn new() -> Self {
        let row = row(NAME);
        Self { signature: one_string(row), aliases: aliases(row) }
    }
}

impl ScalarUDFImpl for Utf8NullIfBlank {
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
        internal_err!("`return_field_from_args` is asked instead")
    }

    /// The type of the argument, and always nullable.
    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [field] => Ok(Arc::new(Field::new(NAME, field.data_type().clone(), true))),
            other => exec_err!("`{NAME}` takes one argument, not {}", other.len()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(array)] => Ok(ColumnarValue::Array(null_if_blank(array)?)),
            [ColumnarValue::Scalar(value)] => match value.try_as_str() {
                Some(Some(text)) if is_blank(text) => {
                    Ok(ColumnarValue::Scalar(ScalarValue::try_from(value.data_type())?))
                }
                Some(_) => Ok(ColumnarValue::Scalar(value.clone())),
                None => exec_err!("`{NAME}` takes a string, not {}", value.data_type()),
            },
            other => exec_err!("`{NAME}` takes one argument, not {}", other.len()),
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&DOCUMENTATION)
    }
}

/// Only validity changes: no text is copied, and a dictionary keeps its values.
fn null_if_blank(array: &ArrayRef) -> Result<ArrayRef> {
    let blank = match array.as_any_dictionary_opt() {
        Some(dictionary) => {
            let blank = strings::test(dictionary.values(), is_blank)?;
            take(&blank, dictionary.keys(), None)?.as_boolean().clone()
        }
        None => strings::test(array, is_blank)?,
    };
    match blank.has_true() {
        true => Ok(nullif(array, &blank)?),
        false => Ok(Arc::clone(array)),
    }
}
