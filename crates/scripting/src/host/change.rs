//! `change::` what a writer gives back: one write, planned or done.

use std::rc::Rc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use serde_json::{Value as Json, json};

use super::call::{self, CallResult};
use super::error::HostError;
use super::primitive::primitives;
use super::rows::Row;
use super::secret;
use super::value::type_of;
use change::fields::Fields;
use change::planned::{Difference, Done, Status};

/// A change as scripts see it: `status`, `id`, `target`, `action`, `why`, `reason`, `differences`.
#[derive(Clone)]
pub struct Written(Rc<Done>);

impl Written {
    /// The change with what became of it.
    pub fn new(done: Done) -> Self {
        Self(Rc::new(done))
    }

    /// The change as a JSON object.
    pub fn to_json(&self) -> Json {
        to_json(&self.0)
    }

    fn id(&self) -> ImmutableString {
        let Done { change, outcome } = &*self.0;
        let id = change.id.as_deref().or(outcome.id.as_deref());
        id.unwrap_or_default().into()
    }

    fn differences(&self) -> Array {
        let differences = self.0.outcome.differences.iter();
        differences.map(difference_map).collect()
    }
}

/// A change with what became of it, for reports.
pub fn to_json(done: &Done) -> Json {
    let Done { change, outcome } = done;
    json!({
        "status": outcome.status.as_str(),
        "action": change.action.as_str(),
        "target": change.target.to_string(),
        "id": change.id.as_deref().or(outcome.id.as_deref()),
        "subject": change.describe(),
        "why": change.reason,
        "reason": outcome.why,
        "differences": outcome.differences,
    })
}

fn difference_map(difference: &Difference) -> Dynamic {
    let text = |value: &Option<String>| value.clone().map_or(Dynamic::UNIT, Dynamic::from);
    let mut map = Map::new();
    map.insert("field".into(), difference.field.clone().into());
    map.insert("expected".into(), text(&difference.expected));
    map.insert("found".into(), text(&difference.found));
    Dynamic::from_map(map)
}

/// Registers the type and its fields.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Written>("Change")
        .register_get("status", |written: &mut Written| {
            ImmutableString::from(written.0.outcome.status.as_str())
        })
        .register_get("id", |written: &mut Written| written.id())
        .register_get("target", |written: &mut Written| {
            written.0.change.target.to_string()
        })
        .register_get("action", |written: &mut Written| {
            ImmutableString::from(written.0.change.action.as_str())
        })
        .register_get("subject", |written: &mut Written| {
            written.0.change.describe()
        })
        .register_get("why", |written: &mut Written| {
            written.0.change.reason.clone()
        })
        .register_get("reason", |written: &mut Written| {
            written.0.outcome.why.clone().unwrap_or_default()
        })
        .register_get("differences", |written: &mut Written| written.differences());
}

primitives! {
    _: () = plain applies();
    _: () = plain count(Value, Status);
    _: () = plain of(Value, Status);
}

/// What writers give back. `status` is `planned` without --apply, else `applied`, `conflict` (it is
/// not as it was expected), `failed` (refused, or without effect), `unknown` (no answer came, and it
/// could not be read again), `skipped` (nothing to do, or not sent) or `protected` (a guard refused).
/// `id`, `target`, `action` and `subject` say what was changed, `why` is the runbook's own word for it,
/// `reason` says why the status is what it is, `differences` how a row is not as it was expected.
#[export_module]
pub mod change_module {
    use super::*;

    /// Does this run make its changes (`--apply`), or only plan them?
    ///
    /// ```rhai
    /// assert(!change::applies(), "examples only plan");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn applies(context: NativeCallContext) -> CallResult<bool> {
        Ok(call::host(&context)?.gate().applies())
    }

    /// How many of these changes have a status.
    ///
    /// ```rhai
    /// let done = [mikrotik::add("/ip/firewall/address-list", #{ list: "vip", address: "10.0.0.9" })];
    /// assert_eq(change::count(done, "planned"), 1);
    /// assert_eq(change::count(done, "failed"), 0);
    /// ```
    pub fn count(changes: Array, status: &str) -> INT {
        with_status(changes, status).len() as INT
    }

    /// Those of these changes that have a status.
    ///
    /// ```rhai
    /// let done = [mikrotik::add("/ip/firewall/address-list", #{ list: "vip", address: "10.0.0.9" })];
    /// assert_eq(change::of(done, "planned")[0].action, "add");
    /// ```
    #[rhai_fn(name = "of")]
    pub fn of(changes: Array, status: &str) -> Array {
        with_status(changes, status)
    }
}

fn with_status(changes: Array, status: &str) -> Array {
    let has_status = |change: &Dynamic| {
        change
            .read_lock::<Written>()
            .is_some_and(|written| written.0.outcome.status.as_str() == status)
    };
    changes.into_iter().filter(has_status).collect()
}

/// A status that the operator must look at, and what it means for the run.
pub fn is_trouble(status: Status) -> bool {
    matches!(status, Status::Conflict | Status::Failed | Status::Unknown)
}

/// The fields a script gives: text, numbers, truth values, blobs. `()` is an empty value.
///
/// # Errors
/// Kind `invalid` for anything else, and for a name that no field can have.
pub fn fields_of(map: &Map) -> Result<Fields, HostError> {
    map.iter()
        .map(|(name, value)| Ok((field_name(name)?, bytes_of(name, value)?)))
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

fn bytes_of(name: &str, value: &Dynamic) -> Result<Vec<u8>, HostError> {
    if value.is_unit() {
        return Ok(Vec::new());
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(bytes) = value.read_lock::<rhai::Blob>() {
        return Ok(bytes.clone());
    }
    if let Some(text) = secret::exposed(value) {
        return Ok(text.into_bytes());
    }
    if value.is_int() || value.is_float() || value.is_bool() || value.is_char() {
        return Ok(value.to_string().into_bytes());
    }
    let message = format!("the field `{name}` cannot be a {}", type_of(value));
    Err(HostError::invalid(message).hint("fields are text, numbers, truth values and blobs"))
}

/// A row's id, and the fields of it that are known: of a row, of a map with `.id`, of an id alone.
///
/// # Errors
/// Kind `invalid` for anything else.
pub fn row_of(value: &Dynamic) -> Result<(String, Fields), HostError> {
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
            .map(|(name, value)| Ok((name.to_string(), bytes_of(name, value)?)))
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
