//! Verdicts in the words that programs rely on.

use indexmap::IndexMap;

use super::super::super::value::Value;
use portal::access::{Advice, Cause, Coming, Payment, Verdict, Wanted};

/// One field of a verdict; `None` where it has none of that name.
pub fn of_verdict(verdict: &Verdict, field: &str) -> Option<Value> {
    Some(match field {
        "effect" => word(verdict.effect.word()),
        "is_right" => Value::Bool(verdict.is_right),
        "cause" => cause(&verdict.cause),
        "cause_kind" => word(verdict.cause.kind.word()),
        "changed_by" => word(verdict.changed_by.word()),
        "when" => verdict.when.into(),
        "advice" => Value::Array(verdict.advice.iter().map(advice).collect()),
        _ => return None,
    })
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
    map([
        ("kind", word(cause.kind.word())),
        ("list", optional(cause.list.as_deref())),
        ("address", optional(cause.address.as_deref())),
        ("id", optional(cause.id.as_deref())),
        ("setting", optional(cause.setting)),
    ])
}

fn advice(advice: &Advice) -> Value {
    let (id, setting, least_mb) = match advice {
        Advice::RemoveListRow(id)
        | Advice::RemoveBinding { id, .. }
        | Advice::ResetHotspotUser(id) => (Some(id.as_str()), None, None),
        Advice::SetSetting(setting) => (None, Some(*setting), None),
        Advice::BuyQuota { least_mb } => (None, None, *least_mb),
        _ => (None, None, None),
    };
    map([
        ("kind", word(advice.word())),
        ("cost", word(advice.cost().word())),
        ("id", optional(id)),
        ("setting", optional(setting)),
        ("least_mb", least_mb.map_or(Value::Unit, Value::Int)),
    ])
}
