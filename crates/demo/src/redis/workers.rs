//! Celery workers that are none: they listen at the stand-in's broker and answer remote control, and
//! run nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::data::Value;
use super::store::{Connection, Store};
use super::wire::{Reply, count};

/// The database of the broker.
pub const BROKER: usize = 1;
const CHANNEL: &str = "/1.celery.pidbox";
const REPLY_BINDINGS: &str = "_kombu.binding.reply.celery.pidbox";
const SEPARATOR: &str = "\u{6}\u{16}";

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

    fn answer(&self, method: &str) -> Json {
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

impl Store {
    /// `PUBLISH`: the number of workers that listen; those that answer have answered.
    pub(super) fn publish(&mut self, words: &[&str]) -> Reply {
        if words[1] != CHANNEL {
            return Reply::Integer(0);
        }
        if let Some(question) = Question::read(words[2]) {
            let workers = self.workers.clone();
            for worker in workers
                .iter()
                .filter(|worker| worker.answers.has(&question.method))
            {
                self.reply(&question, worker);
            }
        }
        count(self.workers.len())
    }

    /// Puts a worker's answer where the bindings lead it.
    fn reply(&mut self, question: &Question, worker: &Worker) {
        let broker = Connection::to(BROKER);
        let start = format!("{}{SEPARATOR}{SEPARATOR}", question.address);
        let queues: Vec<String> = match self.value(&broker, REPLY_BINDINGS) {
            Some(Value::Set(bindings)) => bindings
                .iter()
                .filter_map(|binding| Some(binding.strip_prefix(&start)?.to_owned()))
                .collect(),
            _ => Vec::new(),
        };
        let body = json!({ &worker.name: worker.answer(&question.method) }).to_string();
        let reply = json!({
            "body": STANDARD.encode(body),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"ticket": question.ticket, "clock": 1},
            "properties": {"body_encoding": "base64"},
        });
        for queue in queues {
            self.push(&broker, &["lpush", &queue, &reply.to_string()], true);
        }
    }
}

struct Question {
    method: String,
    ticket: String,
    address: String,
}

impl Question {
    fn read(message: &str) -> Option<Question> {
        let envelope: Json = serde_json::from_str(message).ok()?;
        let body = STANDARD.decode(envelope["body"].as_str()?).ok()?;
        let body: Json = serde_json::from_slice(&body).ok()?;
        let text = |value: &Json| value.as_str().map(str::to_owned);
        Some(Question {
            method: text(&body["method"])?,
            ticket: text(&body["ticket"])?,
            address: text(&body["reply_to"]["routing_key"])?,
        })
    }
}
