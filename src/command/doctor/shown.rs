//! How a check is shown: as a row of a table, as a step, as JSON.

use serde_json::{Value as Json, json};

use session::probe::{Check, Status};

/// The check as a row of a table.
pub fn cells(check: &Check) -> Vec<String> {
    vec![
        word(check.status).to_owned(),
        check.id.clone(),
        check.evidence.clone(),
    ]
}

/// What to do about it, as a step.
pub fn step(check: &Check) -> Option<String> {
    (!check.advice.is_empty()).then(|| format!("{}: {}", check.id, check.advice))
}

/// The check for programs.
pub fn to_json(check: &Check) -> Json {
    json!({
        "id": check.id,
        "status": word(check.status),
        "evidence": check.evidence,
        "advice": check.advice,
    })
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Warn => "warn",
        Status::Fail => "fail",
        Status::Unknown => "unknown",
    }
}
