//! Verdicts in the words that programs rely on.

use indexmap::IndexMap;

use super::super::super::value::Value;
use portal::access::{Advice, Cause, Coming, OtherCause, Payment, Verdict, Wanted};

/// One field of a verdict; `None` where it has none of that name.
pub fn of_verdict(verdict: &Verdict, field: &str) -> Option<Value> {
    Some(match field {
        "effect" => word(verdict.effect.word()),
        "is_right" => Value::Bool(verdict.is_right),
        "cause" => cause(&verdict.cause),
        "cause_kind" => word(verdict.cause.kind.word()),
        "changed_by" => word(verdict.changed_by.word()),
        "when" => verdict.when.into(),
        "other_makers" => Value::Array(verdict.other_causes.iter().map(other_maker).collect()),
        "other_causes" => Value::Array(verdict.other_causes.iter().map(other_cause).collect()),
        _ => return None,
    })
}

/// The same as `other_causes` in a word each: a list with an address, or the id of what else it is.
fn other_maker(other: &OtherCause) -> Value {
    let cause = &other.cause;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match &cause.list {
        Some(list) => word(&format!("{list}/{}", text(&cause.address))),
        None => word(&text(&cause.id)),
    }
}

/// What the portal wants of a user.
pub fn wanted(wanted: &Wanted) -> Value {
    map([
        ("status", word(wanted.status.word())),
        ("block", optional(wanted.block.map(|reason| reason.word()))),
        ("list", word(wanted.list.word())),
        ("binding", word(wanted.binding.word())),
        ("profile", word(&wanted.profile)),
        ("is_synced", Value::Bool(wanted.is_synced)),
    ])
}

/// What tasks will do to a user.
pub fn coming(coming: &[Coming]) -> Value {
    let coming = coming.iter();
    let coming = coming.map(|each| map([("by", word(each.by.word())), ("at", each.at.into())]));
    Value::Array(coming.collect())
}

/// What became of a payment.
pub fn payment(payment: &Payment) -> Value {
    map([
        ("state", word(payment.state.word())),
        ("order_id", word(&payment.order_id)),
        ("amount_rp", Value::Int(payment.amount_rp)),
        ("at", payment.at.into()),
    ])
}

/// Values by name.
pub fn map<'name>(entries: impl IntoIterator<Item = (&'name str, Value)>) -> Value {
    let entries = entries.into_iter();
    let entries = entries.map(|(name, value)| (name.to_owned(), value));
    Value::Map(entries.collect::<IndexMap<_, _>>())
}

/// Texts in order.
pub fn words<'text>(texts: impl IntoIterator<Item = &'text str>) -> Value {
    Value::Array(texts.into_iter().map(word).collect())
}

/// A text, or nothing.
pub fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Unit, word)
}

/// A text.
pub fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn cause(cause: &Cause) -> Value {
    map(of_cause(cause))
}

fn other_cause(other: &OtherCause) -> Value {
    let changed_by = ("changed_by", word(other.changed_by.word()));
    map(of_cause(&other.cause).into_iter().chain([changed_by]))
}

fn of_cause(cause: &Cause) -> [(&'static str, Value); 5] {
    [
        ("kind", word(cause.kind.word())),
        ("list", optional(cause.list.as_deref())),
        ("address", optional(cause.address.as_deref())),
        ("id", optional(cause.id.as_deref())),
        ("setting", optional(cause.setting.as_deref())),
    ]
}

/// A step. `row` gives of the row of a list with an id its list, its address, and over how many devices it lies.
pub fn advice<'model>(
    advice: &'model Advice,
    row: impl FnOnce(&str) -> Option<(&'model str, &'model str, usize)>,
) -> Value {
    let mut step = Step::default();
    match advice {
        Advice::RemoveListRow(id) => {
            step.id = Some(id);
            if let Some((list, address, devices)) = row(id) {
                (step.list, step.address) = (Some(list), Some(address));
                step.devices = i64::try_from(devices).ok();
            }
        }
        Advice::RemoveBinding { id, .. } | Advice::ResetHotspotUser(id) => step.id = Some(id),
        Advice::SetBindingType { id, to, .. } => {
            step.id = Some(id);
            step.binding = Some(to.word());
        }
        Advice::SetSetting(setting) => step.setting = Some(setting),
        Advice::BuyQuota { least_mb } => step.least_mb = *least_mb,
        _ => {}
    }
    let number = |number: Option<i64>| number.map_or(Value::Unit, Value::Int);
    map([
        ("kind", word(advice.word())),
        ("cost", word(advice.cost().word())),
        ("id", optional(step.id)),
        ("list", optional(step.list)),
        ("address", optional(step.address)),
        ("setting", optional(step.setting)),
        ("least_mb", number(step.least_mb)),
        ("binding", optional(step.binding)),
        ("devices", number(step.devices)),
    ])
}

/// What a step is about.
#[derive(Default)]
struct Step<'advice> {
    id: Option<&'advice str>,
    list: Option<&'advice str>,
    address: Option<&'advice str>,
    setting: Option<&'advice str>,
    least_mb: Option<i64>,
    binding: Option<&'static str>,
    devices: Option<i64>,
}
