//! Celery workers that are none: they listen at the broker and answer remote control, and run nothing.

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Tasks of the portal that its workers know.
const REGISTERED: [&str; 7] = [
    "audit_mikrotik_reconciliation_task",
    "dlq_health_monitor_task",
    "enforce_overdue_debt_block_task",
    "policy_parity_guard_task",
    "send_whatsapp_invoice_task",
    "sync_hotspot_usage_task",
    "sync_unauthorized_hosts_task",
];

/// A worker as a fixture describes it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// `celery@host`.
    name: String,
    /// Tasks that it runs.
    #[serde(default)]
    active: Vec<Active>,
    /// False for one that listens and says nothing, or the questions that it answers.
    #[serde(default)]
    answers: Answered,
    /// The queues that it takes tasks from.
    #[serde(default = "usual_queue")]
    queues: Vec<String>,
    /// How many tasks it runs at once; the portal's workers run six.
    #[serde(default = "usual_processes")]
    processes: u32,
}

/// A task that a worker runs.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Active {
    id: String,
    name: String,
    /// Seconds of Unix time.
    started: Option<f64>,
}

/// Which questions a worker answers.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Answered {
    All(bool),
    Only(Vec<String>),
}

impl Default for Answered {
    fn default() -> Self {
        Self::All(true)
    }
}

impl Answered {
    fn has(&self, method: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Only(methods) => methods.iter().any(|known| known == method),
        }
    }
}

fn usual_queue() -> Vec<String> {
    vec!["celery".to_owned()]
}

fn usual_processes() -> u32 {
    6
}

impl Worker {
    /// A worker that answers and has nothing to do.
    pub fn idle(name: &str) -> Worker {
        Worker {
            name: name.to_owned(),
            active: Vec::new(),
            answers: Answered::default(),
            queues: usual_queue(),
            processes: usual_processes(),
        }
    }

    /// What it says to a question; nothing to one that it does not answer.
    pub fn answer(&self, method: &str) -> Option<Json> {
        self.answers.has(method).then(|| self.knows(method))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn knows(&self, method: &str) -> Json {
        match method {
            "ping" => json!({"ok": "pong"}),
            "active" => self.active.iter().map(Active::to_json).collect(),
            "reserved" | "scheduled" => json!([]),
            "registered" => json!(REGISTERED),
            "active_queues" => self
                .queues
                .iter()
                .map(|name| json!({"name": name}))
                .collect(),
            "stats" => json!({"uptime": 7300, "pool": {"max-concurrency": self.processes}}),
            other => json!({"error": format!("KeyError('{other}')")}),
        }
    }
}

impl Active {
    fn to_json(&self) -> Json {
        json!({"id": self.id, "name": self.name, "args": [], "kwargs": {},
            "time_start": self.started})
    }
}
