//! `change::` what writers gave back, counted and sorted; and a change as JSON.

use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, INT};
use serde_json::{Value as Json, json};

use super::call;
use super::error::{CallResult, HostError};
use super::primitive::primitives;
use super::written::Written;
use plan::change::Change;
use plan::comments::Comments;
use plan::fields::Fields;
use plan::outcome::{Done, Status};

/// A change with what became of it, for reports.
pub fn to_json(done: &Done) -> Json {
    let Done { change, outcome } = done;
    let mut written = json!({
        "status": outcome.status.as_str(),
        "action": change.action().as_str(),
        "target": change.target().to_string(),
        "stage": change.stage(),
        "id": change.id().or(outcome.id.as_deref()),
        "subject": change.describe(Comments::Written).to_string(),
        "whose": whose(change),
        "before": shown_row(change, change.before()),
        "after": shown_row(change, change.after()),
        "changes": changes(change),
        "why": change.reason,
        "reason": outcome.why,
        "differences": outcome.differences,
    });
    if let Some(command) = change.router_command() {
        let arguments = command.shown_arguments();
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value.into()));
        written["arguments"] = Json::Object(arguments.collect());
    }
    if let Some(group) = &change.group {
        written["group"] = group.why.as_str().into();
    }
    written
}

/// The user whom its row names; nothing where it names nobody.
fn whose(change: &Change) -> Json {
    let whose = change.whose();
    whose
        .spoken()
        .map(|_| json!({ "user": whose.user, "uid": whose.uid }))
        .into()
}

/// A row that a change is about, its secrets as `***`.
fn shown_row(change: &Change, row: Option<&Fields>) -> Option<Json> {
    let (write, row) = change.about().zip(row)?;
    let fields = row
        .iter()
        .map(|(name, value)| (name.to_owned(), write.shown(name, value).into()));
    Some(Json::Object(fields.collect()))
}

/// Every field that is written: `[before, after]`.
fn changes(change: &Change) -> Json {
    let fields = change.field_changes().into_iter();
    let fields = fields.map(|field| (field.field, json!([field.before, field.after])));
    Json::Object(fields.collect())
}

primitives! {
    _: () = plain count(Value, Status);
    _: () = plain of(Value, Status);
    _: () = plain together(Reason, Value);
}

/// What writers give back, and what `after(args, done, report)` gets as `done`. In `run` a change is
/// only planned: its `status` is `planned`, `conflict` (it is not as it was expected), `skipped` (nothing
/// to do) or `protected` (a guard refuses). The router is asked when one of them is first looked at, for
/// all changes before it at once, so look at them after the loop that makes them. In `after` it may be `applied`, `failed` (refused, or without
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
    #[rhai_fn(return_raw)]
    pub fn count(changes: Array, status: &str) -> CallResult<INT> {
        Ok(with_status(changes, status)?.len() as INT)
    }

    /// Those of these changes that have a status.
    ///
    /// ```rhai
    /// let done = [mikrotik::add("/ip/firewall/address-list", #{ list: "vip", address: "10.0.0.9" })];
    /// assert_eq(change::of(done, "planned")[0].action, "add");
    /// ```
    #[rhai_fn(name = "of", return_raw)]
    pub fn of(changes: Array, status: &str) -> CallResult<Array> {
        with_status(changes, status)
    }

    /// Joins the changes that `members` asks for, of several rows or services, in a group that is shown
    /// with its `why`, left out, and made whole or not at all: where one of them cannot be made none is,
    /// and once one has failed the later ones are not sent. Gives back what `members` does. What becomes
    /// of its changes is known afterwards; where `members` fails none of them is planned.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let moved = change::together("a guest has two devices", || ["10.0.0.8", "10.0.0.9"].map(|address|
    ///     mikrotik::add(menu, #{ list: "vip", address: address })
    /// ));
    /// assert_eq(change::count(moved, "planned"), 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn together(context: NativeCallContext, why: &str, members: FnPtr) -> CallResult<Dynamic> {
        call::together(&context, why, &members)
    }
}

fn with_status(changes: Array, status: &str) -> CallResult<Array> {
    let mut found = Array::new();
    for change in changes {
        let written = change.read_lock::<Written>().map(|written| written.clone());
        let done = written.map(|written| written.done()).transpose();
        let done = done.map_err(HostError::raise)?;
        if done.is_some_and(|done| done.outcome.status.as_str() == status) {
            found.push(change);
        }
    }
    Ok(found)
}

/// A status that the operator must look at, and what it means for the run.
pub fn is_trouble(status: Status) -> bool {
    matches!(status, Status::Conflict | Status::Failed | Status::Unknown)
}
