//! What a runbook did in a test, for its assertions.

use rhai::{Array, Dynamic, Engine};
use serde_json::Value as Json;

use crate::host::rows::value_of_json;

/// The report of a runbook that a test ran; scripts read `done.report` and `done.findings(kind)`.
#[derive(Clone)]
pub struct Done {
    report: Json,
}

impl Done {
    /// The end of a run with this report, in the JSON form.
    pub fn new(report: Json) -> Self {
        Self { report }
    }

    /// The whole report.
    pub fn report(&self) -> Dynamic {
        value_of_json(&self.report).into_dynamic()
    }

    /// The findings of one kind.
    pub fn findings(&self, kind: &str) -> Array {
        self.all()
            .filter(|finding| finding["kind"] == kind)
            .map(|finding| value_of_json(finding).into_dynamic())
            .collect()
    }

    /// The subjects of the findings of one kind, in their order.
    pub fn subjects(&self, kind: &str) -> Array {
        let prefix = format!("{kind}:");
        self.all()
            .filter(|finding| finding["kind"] == kind)
            .filter_map(|finding| finding["id"].as_str()?.strip_prefix(&prefix))
            .map(|subject| Dynamic::from(subject.to_owned()))
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = &Json> {
        self.report["findings"].as_array().into_iter().flatten()
    }
}

/// Registers the type.
pub fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Done>("Done")
        .register_get("report", |done: &mut Done| done.report());
}
