//! What a runbook did in a test, for its assertions.

use std::rc::Rc;

use rhai::{Array, Dynamic, Engine};
use serde_json::{Value as Json, json};

use plan::outcome::Done as Changed;
use scripting::host::rows::value_of_json;
use scripting::host::written::Written;

/// What a runbook that a test ran reported and changed; scripts read `done.report`, `done.changes`
/// and `done.findings(kind)`.
#[derive(Clone)]
pub struct Done {
    report: Json,
    changes: Rc<[Changed]>,
}

impl Done {
    /// The end of a run with this report, in the JSON form, and these changes.
    pub fn new(report: Json, changes: Vec<Changed>) -> Self {
        Self {
            report,
            changes: changes.into(),
        }
    }

    /// The end of a run that only made changes.
    pub fn of_changes(changes: Vec<Changed>) -> Self {
        Self::new(json!({}), changes)
    }

    /// Its changes with what became of them.
    pub fn changes(&self) -> &[Changed] {
        &self.changes
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

/// Changes in the form in which writers give them to runbooks.
fn written(changes: &[Changed]) -> Array {
    let written = changes.iter().cloned().map(Written::new);
    written.map(Dynamic::from).collect()
}

/// Registers the type.
pub fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Done>("Done")
        .register_get("report", |done: &mut Done| done.report())
        .register_get("changes", |done: &mut Done| written(&done.changes));
}
