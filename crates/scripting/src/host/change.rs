//! `change::` what a writer gives back: one write, planned or done.

use std::rc::Rc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use serde_json::{Value as Json, json};

use super::primitive::primitives;
use change::fields::Fields;
use change::planned::{Change, Difference, Done, Status};

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
        "before": change.before.as_ref().map(|row| shown_row(change, row)),
        "after": change.after.as_ref().map(|row| shown_row(change, row)),
        "changes": changes(change),
        "why": change.reason,
        "reason": outcome.why,
        "differences": outcome.differences,
    })
}

/// A row, its secrets as `***`.
fn shown_row(change: &Change, row: &Fields) -> Json {
    let fields = row
        .iter()
        .map(|(name, value)| (name.to_owned(), change.shown(name, value).into()));
    Json::Object(fields.collect())
}

/// Every field that is written: `[before, after]`.
fn changes(change: &Change) -> Json {
    let fields = change.field_changes().into_iter();
    let fields = fields.map(|field| (field.field, json!([field.before, field.after])));
    Json::Object(fields.collect())
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
        .register_get("differences", |written: &mut Written| written.differences())
        .register_fn("to_string", |written: &mut Written| {
            written.to_json().to_string()
        })
        .register_fn("to_debug", |written: &mut Written| {
            written.to_json().to_string()
        });
}

primitives! {
    _: () = plain count(Value, Status);
    _: () = plain of(Value, Status);
}

/// What writers give back, and what `after(args, done, report)` gets as `done`. In `run` a change is
/// only planned: its `status` is `planned`, `conflict` (it is not as it was expected), `skipped` (nothing
/// to do) or `protected` (a guard refuses). In `after` it may be `applied`, `failed` (refused, or without
/// effect) or `unknown` (no answer came, and it could not be read again) as well.
/// `id`, `target`, `action` and `subject` say what was changed, `why` is the runbook's own word for it,
/// `reason` says why the status is what it is, `differences` how a row is not as it was expected.
#[export_module]
pub mod change_module {
    use super::*;

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
