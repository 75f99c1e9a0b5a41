//! What scripts give to be written: fields, and rows, by themselves or by their ids; and their bytes in
//! the encoding of the router.

use std::borrow::Cow;

use plan::fields::Fields;
use rhai::{Dynamic, ImmutableString, Map};
use routeros_schema::{RouterText, Unwritable};

use super::dynamic::type_of;
use super::error::HostError;
use super::rows::Row;
use super::secret;

/// The fields a script gives: text, numbers, truth values, blobs. `()` is an empty value.
///
/// # Errors
/// Kind `invalid` for anything else, and for a name that no field can have.
pub fn fields_of(map: &Map, text: RouterText) -> Result<Fields, HostError> {
    map.iter()
        .map(|(name, value)| Ok((field_name(name)?, field(name, value, text)?)))
        .collect::<Result<Vec<_>, HostError>>()
        .map(|fields| fields.into_iter().collect())
}

fn field_name(name: &str) -> Result<String, HostError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    // A name with a dot in front addresses rows, and one with `!` or `=` would be another word.
    match !name.is_empty() && !name.starts_with('.') && name.chars().all(plain) {
        true => Ok(name.to_owned()),
        false => Err(HostError::invalid(format!(
            "`{name}` is not a field that can be written"
        ))),
    }
}

fn field(name: &str, value: &Dynamic, text: RouterText) -> Result<Vec<u8>, HostError> {
    if value.is_unit() {
        return Ok(Vec::new());
    }
    bytes_of(value, text)?.ok_or_else(|| {
        let message = format!("the field `{name}` cannot be a {}", type_of(value));
        HostError::invalid(message).hint("fields are text, numbers, truth values and blobs")
    })
}

/// The bytes of a script's value in the encoding of the router's texts: of text, a secret, a blob, a
/// number, a truth value. None of anything else.
///
/// # Errors
/// Kind `invalid` for a text that the encoding cannot write.
pub fn bytes_of(value: &Dynamic, text: RouterText) -> Result<Option<Vec<u8>>, HostError> {
    let written = |given: &str| text.written(given).map(Cow::into_owned).map_err(unwritable);
    if let Some(given) = value.read_lock::<ImmutableString>() {
        return written(&given).map(Some);
    }
    if let Some(bytes) = value.read_lock::<rhai::Blob>() {
        return Ok(Some(bytes.clone()));
    }
    if let Some(given) = secret::exposed(value) {
        return written(&given).map(Some);
    }
    if value.is_int() || value.is_float() || value.is_bool() || value.is_char() {
        return written(&value.to_string()).map(Some);
    }
    Ok(None)
}

/// A text that the router's encoding cannot write.
pub fn unwritable(error: Unwritable) -> HostError {
    HostError::invalid(error.to_string())
        .hint("write it in other words, or set the site's `router_text` to what its router holds")
}

/// A row's id, and the fields of it that are known: of a row, of a map with `.id`, of an id alone.
///
/// # Errors
/// Kind `invalid` for anything else.
pub fn row_of(value: &Dynamic, text: RouterText) -> Result<(String, Fields), HostError> {
    if let Some(id) = value.read_lock::<ImmutableString>() {
        return Ok((id.to_string(), Fields::default()));
    }
    if let Some(row) = value.read_lock::<Row>() {
        return id_and_fields(fields_of_row(&row));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let fields = map
            .iter()
            .filter(|(_, value)| !value.is_unit())
            .map(|(name, value)| Ok((name.to_string(), field(name, value, text)?)))
            .collect::<Result<Vec<_>, HostError>>()?;
        return id_and_fields(fields.into_iter().collect());
    }
    Err(HostError::invalid(format!(
        "a row is named by itself or by its id, not by a {}",
        type_of(value)
    ))
    .hint("give a row of mikrotik::rows, or an id such as \"*1F\""))
}

/// A row as the router sent it, without what was joined to it from elsewhere.
pub fn fields_of_row(row: &Row) -> Fields {
    let own = |name: &String| name.starts_with('.') || !name.contains('.');
    row.fields()
        .into_iter()
        .filter(own)
        .filter_map(|name| {
            let bytes = row.bytes(&name)?;
            Some((name, bytes))
        })
        .collect()
}

fn id_and_fields(fields: Fields) -> Result<(String, Fields), HostError> {
    match fields.text(".id") {
        "" => Err(HostError::invalid("the row has no field .id").hint(
            "read it with the field \".id\", without which nobody can say which row is meant",
        )),
        id => Ok((id.to_owned(), fields)),
    }
}
