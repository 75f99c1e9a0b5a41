//! Values as scripts have them: what becomes of a service's value there, and what a script's value is
//! as a key, in JSON, for people.

use catalogue::Said;
use rhai::{Array, Dynamic, ImmutableString, Map};
use serde_json::Value as Json;

use super::decimal::Decimal;
use super::docs;
use super::error::HostError;
use super::moment::Moment;
use super::rows::{Row, Rows, value_of_json};
use super::secret::{self, Secret};
use super::value::{Value, decimal_json};
use super::written::Written;

impl Value {
    /// The value as a script sees it.
    pub fn into_dynamic(self) -> Dynamic {
        match self {
            Self::Unit => Dynamic::UNIT,
            Self::Bool(flag) => Dynamic::from_bool(flag),
            Self::Int(number) => Dynamic::from_int(number),
            Self::Float(number) => Dynamic::from_float(number),
            Self::Decimal(number) => Dynamic::from(number),
            Self::Text(text) => Dynamic::from(text),
            Self::Secret(secret) => Dynamic::from(secret),
            Self::Bytes(bytes) => Dynamic::from_blob(bytes),
            Self::Time(time) => Dynamic::from(Moment(time)),
            Self::Said(Said::Plain(text)) => Dynamic::from(text),
            Self::Said(said) => Dynamic::from(said),
            Self::Array(values) => {
                Dynamic::from_array(values.into_iter().map(Self::into_dynamic).collect())
            }
            Self::Map(values) => Dynamic::from_map(
                values
                    .into_iter()
                    .map(|(name, value)| (name.into(), value.into_dynamic()))
                    .collect(),
            ),
            Self::Rows(rows) => Dynamic::from(Rows::of(rows)),
        }
    }
}

/// A script's own value as one of a row: as its JSON is, and messages as they are, which become words when they
/// are shown. Fails with kind `invalid` for what has no JSON form.
pub fn value_of(value: &Dynamic) -> Result<Value, HostError> {
    if let Some(said) = value.read_lock::<Said>() {
        return Ok(Value::Said(said.clone()));
    }
    if let Some(array) = value.read_lock::<Array>()
        && array.iter().any(Dynamic::is::<Said>)
    {
        return array
            .iter()
            .map(value_of)
            .collect::<Result<_, _>>()
            .map(Value::Array);
    }
    json_of(value).map(|json| value_of_json(&json))
}

/// The text by which a script's value is compared as a key; see [`Value::key`].
pub fn key_of(value: &Dynamic) -> String {
    if value.is_unit() {
        return String::new();
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) => text.to_string(),
        None => secret::exposed(value).unwrap_or_else(|| value.to_string()),
    }
}

/// A script's value for people: text as it is, all else as JSON, and what has none by its kind.
pub fn shown(value: &Dynamic) -> String {
    match json_of(value) {
        Ok(Json::String(text)) => text,
        Ok(json) => json.to_string(),
        Err(_) if value.is_float() => value.to_string(),
        Err(_) => format!("a value of the type {}", type_of(value)),
    }
}

/// A text in an error is shown up to here.
const SHORT: usize = 60;

/// A text for an error, in quotation marks and no longer than a line.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The type of a value, by the name that scripts know.
pub fn type_of(value: &Dynamic) -> String {
    let rust = value.type_name();
    docs::script_type(rust.rsplit("::").next().unwrap_or(rust))
}

/// How deep arrays and maps may nest in JSON: what readers of JSON commonly take.
const DEPTH: usize = 100;

/// A script's value in JSON. Fails with kind `invalid` for values that have no JSON form, such as
/// functions and numbers that are not finite, and for values that nest too deep. A message is its English text.
pub fn json_of(value: &Dynamic) -> Result<Json, HostError> {
    json_within(value, RowForm::AsScriptsSee, DEPTH)
}

/// The same as a part of a report: lengths of time of a router's rows are in seconds.
pub fn json_in_report(value: &Dynamic) -> Result<Json, HostError> {
    json_within(value, RowForm::OfReports, DEPTH)
}

/// What becomes of the fields of rows.
#[derive(Clone, Copy)]
enum RowForm {
    /// The values that a script sees.
    AsScriptsSee,
    /// What they are by their kinds.
    OfReports,
}

fn json_within(value: &Dynamic, rows: RowForm, depth: usize) -> Result<Json, HostError> {
    let within = |value: &Dynamic| match depth.checked_sub(1) {
        Some(depth) => json_within(value, rows, depth),
        None => Err(HostError::invalid(format!(
            "the value nests deeper than {DEPTH} levels, which has no JSON form"
        ))),
    };
    if value.is_unit() {
        return Ok(Json::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Json::Bool(flag));
    }
    if let Ok(number) = value.as_int() {
        return Ok(Json::from(number));
    }
    if let Ok(number) = value.as_float() {
        return serde_json::Number::from_f64(number)
            .map(Json::Number)
            .ok_or_else(|| HostError::invalid(format!("the number {number} has no JSON form")));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(Json::String(text.to_string()));
    }
    if let Ok(character) = value.as_char() {
        return Ok(Json::String(character.to_string()));
    }
    if let Some(secret) = value.read_lock::<Secret>() {
        return Ok(Json::String(secret.to_string()));
    }
    if let Some(number) = value.read_lock::<Decimal>() {
        return Ok(decimal_json(&number));
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(Json::String(moment.0.to_string()));
    }
    if let Some(said) = value.read_lock::<Said>() {
        return Ok(Json::String(said.to_string()));
    }
    if let Some(array) = value.read_lock::<Array>() {
        return array.iter().map(within).collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map
            .iter()
            .map(|(name, value)| Ok((name.to_string(), within(value)?)))
            .collect();
    }
    if let Some(written) = value.read_lock::<Written>() {
        return written.to_json();
    }
    if let Some(row) = value.read_lock::<Row>() {
        return match rows {
            RowForm::AsScriptsSee => row.to_json(),
            RowForm::OfReports => row.in_report(),
        };
    }
    if let Some(all) = value.read_lock::<Rows>() {
        return match rows {
            RowForm::AsScriptsSee => all.to_json(),
            RowForm::OfReports => all.in_report(),
        };
    }
    if let Some(blob) = value.read_lock::<rhai::Blob>() {
        return Ok(Value::Bytes(blob.clone()).to_json());
    }
    Err(HostError::invalid(format!(
        "a value of type `{}` has no JSON form",
        type_of(value)
    )))
}
