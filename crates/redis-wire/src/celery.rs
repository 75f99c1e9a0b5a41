//! The wire form of Celery's remote control and of its messages, as kombu 5.3 to 5.7 writes them to
//! Redis (seen in the field). Pure: bytes in, values out. What is not of the form is `None`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// What stands between the parts of a binding, and between a queue's name and its priority.
pub const SEPARATOR: &str = "\u{6}\u{16}";
/// The priorities that kombu keeps apart, in the order in which workers take them.
pub const PRIORITIES: [u8; 4] = [0, 3, 6, 9];
/// The set of the queues that wait for answers of workers.
pub const REPLY_BINDINGS: &str = "_kombu.binding.reply.celery.pidbox";
/// The set of the queues that tasks are sent to.
pub const QUEUE_BINDINGS: &str = "_kombu.binding.celery";
/// The hash of the messages that workers have taken and not acknowledged, by their delivery tags.
pub const UNACKED: &str = "unacked";
/// The sorted set of these tags, by the times at which the messages were taken.
pub const UNACKED_INDEX: &str = "unacked_index";
/// The keys of results begin with it, and end with the id of the task.
pub const RESULT: &str = "celery-task-meta-";
/// A longer answer of a worker is not looked into.
const LONGEST: usize = 8 << 20;

/// What workers can be asked. These only tell; the methods that stop a worker, or change what it
/// does, cannot be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Are you there?
    Ping,
    /// Tasks at work.
    Active,
    /// Tasks taken from the queue and not begun.
    Reserved,
    /// Tasks taken from the queue that wait for their time.
    Scheduled,
    /// Tasks that it knows.
    Registered,
    /// Queues that it takes tasks from.
    ActiveQueues,
    /// Its processes and its age.
    Stats,
}

impl Method {
    /// The word of Celery.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Active => "active",
            Self::Reserved => "reserved",
            Self::Scheduled => "scheduled",
            Self::Registered => "registered",
            Self::ActiveQueues => "active_queues",
            Self::Stats => "stats",
        }
    }
}

/// The channel on which the workers of the broker in `database` hear questions.
pub fn channel(database: impl fmt::Display) -> String {
    format!("/{database}.celery.pidbox")
}

/// The name of the list in which the answers for `address` arrive.
pub fn reply_queue(address: &str) -> String {
    format!("{address}.reply.celery.pidbox")
}

/// The member of [`REPLY_BINDINGS`] that leads the answers for `address` to their queue.
pub fn reply_binding(address: &str) -> String {
    binding(address, &reply_queue(address))
}

/// The member of a set of bindings that leads what is sent to `address` to `queue`.
pub fn binding(address: &str, queue: &str) -> String {
    format!("{address}{SEPARATOR}{SEPARATOR}{queue}")
}

/// The queue to which `binding` leads what is sent to `address`, if it does.
pub fn bound<'a>(binding: &'a str, address: &str) -> Option<&'a str> {
    let rest = binding.strip_prefix(address)?;
    rest.strip_prefix(SEPARATOR)?.strip_prefix(SEPARATOR)
}

/// The list of `queue` that holds the messages of one priority.
pub fn list_of(queue: &str, priority: u8) -> String {
    match priority {
        0 => queue.to_owned(),
        _ => format!("{queue}{SEPARATOR}{priority}"),
    }
}

/// The question `method` to all workers. Their answers carry `ticket` and go to `address`.
pub fn request(method: Method, address: &str, ticket: &str, expires: f64) -> Vec<u8> {
    let body = json!({
        "method": method.as_str(),
        "arguments": {},
        "destination": null,
        "pattern": null,
        "matcher": null,
        "ticket": ticket,
        "reply_to": { "exchange": "reply.celery.pidbox", "routing_key": address },
    });
    json!({
        "body": STANDARD.encode(body.to_string()),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": { "clock": 1, "expires": expires },
        "properties": {
            "delivery_mode": 2,
            "delivery_info": { "exchange": "celery.pidbox", "routing_key": "" },
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": ticket,
        },
    })
    .to_string()
    .into_bytes()
}

/// A question, as a worker reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The word of its method.
    pub method: String,
    /// What the answer is to carry.
    pub ticket: String,
    /// Where it is to go.
    pub address: String,
}

/// Reads what was published on a [`channel`].
pub fn question(bytes: &[u8]) -> Option<Question> {
    let body = body(&serde_json::from_slice(bytes).ok()?)?;
    let text = |value: &Json| value.as_str().map(str::to_owned);
    Some(Question {
        method: text(&body["method"])?,
        ticket: text(&body["ticket"])?,
        address: text(&body["reply_to"]["routing_key"])?,
    })
}

/// One worker's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The question that it answers.
    pub ticket: String,
    /// The name of the worker.
    pub worker: String,
    /// What it says.
    pub answer: Json,
}

impl Reply {
    /// The answer as an element of a reply queue.
    pub fn to_element(&self) -> String {
        let body = json!({ &self.worker: self.answer }).to_string();
        json!({
            "body": STANDARD.encode(body),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": { "ticket": self.ticket, "clock": 1 },
            "properties": { "body_encoding": "base64" },
        })
        .to_string()
    }
}

/// Reads an element of a reply queue.
pub fn reply(bytes: &[u8]) -> Option<Reply> {
    if bytes.len() > LONGEST {
        return None;
    }
    let envelope: Json = serde_json::from_slice(bytes).ok()?;
    let ticket = envelope["headers"]["ticket"].as_str()?.to_owned();
    let Json::Object(said) = body(&envelope)? else {
        return None;
    };
    let (worker, answer) = said.into_iter().next()?;
    Some(Reply {
        ticket,
        worker,
        answer,
    })
}

fn body(envelope: &Json) -> Option<Json> {
    let text = envelope["body"].as_str()?;
    if envelope["properties"]["body_encoding"] == "base64" {
        return serde_json::from_slice(&STANDARD.decode(text).ok()?).ok();
    }
    serde_json::from_str(text).ok()
}

/// A message of a queue, without the arguments of its task: they may hold secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The id of the task.
    pub id: Option<String>,
    /// The name of the task.
    pub task: Option<String>,
    /// Was it sent by beat? Versions of Celery before the mark `celery_beat_task` do not tell.
    pub from_beat: bool,
    /// Not to be begun before (RFC 3339, or as Celery wrote it).
    pub eta: Option<String>,
    /// Its priority.
    pub priority: Option<i64>,
}

/// Reads an element of a queue; what is not of the form gives a message of which nothing is known.
pub fn message(bytes: &[u8]) -> Message {
    serde_json::from_slice(bytes).map_or_else(|_| Message::default(), |json| message_of(&json))
}

fn message_of(envelope: &Json) -> Message {
    let headers = &envelope["headers"];
    let text = |name: &str| headers[name].as_str().map(str::to_owned);
    Message {
        id: text("id"),
        task: text("task"),
        from_beat: headers["celery_beat_task"] == true,
        eta: text("eta"),
        priority: envelope["properties"]["priority"].as_i64(),
    }
}

/// A message that a worker has taken and not acknowledged, and the queue it came from.
pub fn unacknowledged(bytes: &[u8]) -> (Message, Option<String>) {
    // [message, exchange, routing key]; without an exchange the routing key is the queue's name.
    let Ok(Json::Array(parts)) = serde_json::from_slice::<Json>(bytes) else {
        return (Message::default(), None);
    };
    let queue = parts.get(2).and_then(Json::as_str).map(str::to_owned);
    let message = parts.first().map(message_of).unwrap_or_default();
    (message, queue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_the_form_that_kombu_sends() {
        let bytes = request(Method::ActiveQueues, "me", "t-1", 1_795_334_060.5);
        let text = String::from_utf8(bytes).unwrap();
        let (before, rest) = text.split_once("{\"body\":\"").unwrap();
        assert_eq!(before, "");
        let (body, rest) = rest.split_once('"').unwrap();
        assert_eq!(
            String::from_utf8(STANDARD.decode(body).unwrap()).unwrap(),
            "{\"method\":\"active_queues\",\"arguments\":{},\"destination\":null,\"pattern\":null,\
             \"matcher\":null,\"ticket\":\"t-1\",\"reply_to\":{\"exchange\":\"reply.celery.pidbox\",\
             \"routing_key\":\"me\"}}"
        );
        assert_eq!(
            rest,
            ",\"content-encoding\":\"utf-8\",\"content-type\":\"application/json\",\
             \"headers\":{\"clock\":1,\"expires\":1795334060.5},\"properties\":{\"delivery_mode\":2,\
             \"delivery_info\":{\"exchange\":\"celery.pidbox\",\"routing_key\":\"\"},\"priority\":0,\
             \"body_encoding\":\"base64\",\"delivery_tag\":\"t-1\"}}"
        );
    }

    #[test]
    fn a_worker_reads_a_question_as_it_was_asked_and_its_answer_is_read_again() {
        let asked = question(&request(Method::Ping, "me", "t-1", 1.0)).unwrap();
        assert_eq!(asked.method, Method::Ping.as_str());
        assert_eq!((&*asked.ticket, &*asked.address), ("t-1", "me"));
        let said = Reply {
            ticket: asked.ticket,
            worker: "w1@vm".to_owned(),
            answer: json!({"ok": "pong"}),
        };
        assert_eq!(reply(said.to_element().as_bytes()), Some(said));
    }

    #[test]
    fn a_binding_leads_to_the_queue_of_the_answers() {
        assert_eq!(
            reply_binding("me").as_bytes(),
            b"me\x06\x16\x06\x16me.reply.celery.pidbox"
        );
        assert_eq!(
            bound(&reply_binding("me"), "me"),
            Some("me.reply.celery.pidbox")
        );
        assert_eq!(bound(&reply_binding("me"), "m"), None);
        assert_eq!(channel(3), "/3.celery.pidbox");
        assert_eq!(list_of("celery", 0), "celery");
        assert_eq!(list_of("celery", 6).as_bytes(), b"celery\x06\x166");
    }

    #[test]
    fn an_answer_is_read_as_workers_write_it() {
        // {"w1@vm": {"ok": "pong"}}
        let bytes =
            br#"{"body": "eyJ3MUB2bSI6IHsib2siOiAicG9uZyJ9fQ==", "content-encoding": "utf-8",
            "content-type": "application/json", "headers": {"ticket": "t-1", "clock": 12},
            "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "reply.celery.pidbox",
            "routing_key": "me"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "x"}}"#;
        let reply = reply(bytes).unwrap();
        assert_eq!(reply.ticket, "t-1");
        assert_eq!(reply.worker, "w1@vm");
        assert_eq!(reply.answer, json!({"ok": "pong"}));
    }

    #[test]
    fn what_is_no_answer_is_passed_over() {
        let hostile: [&[u8]; 9] = [
            b"",
            b"\xff\xfe",
            b"[]",
            b"{}",
            br#"{"body": "!!", "headers": {"ticket": "t"}, "properties": {"body_encoding": "base64"}}"#,
            br#"{"body": "{}", "headers": {"ticket": "t"}}"#,
            br#"{"body": "[1]", "headers": {"ticket": "t"}}"#,
            br#"{"body": "{\"w\": 1}", "headers": {"ticket": 5}}"#,
            br#"{"body": {"w": 1}, "headers": {"ticket": "t"}}"#,
        ];
        for bytes in hostile {
            assert_eq!(reply(bytes), None, "{}", String::from_utf8_lossy(bytes));
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(reply(deep.as_bytes()), None);
        assert_eq!(reply(&vec![b' '; LONGEST + 1]), None);
    }

    #[test]
    fn a_message_is_read_without_its_arguments() {
        let bytes = br#"{"body": "W1tdLCB7fSwge31d", "headers": {"lang": "py", "task": "sync_task",
            "id": "7d4e", "eta": "2026-05-31T12:00:00+00:00", "argsrepr": "('secret',)",
            "celery_beat_task": true}, "properties": {"priority": 6, "delivery_tag": "9f0c"}}"#;
        let expected = Message {
            id: Some("7d4e".to_owned()),
            task: Some("sync_task".to_owned()),
            from_beat: true,
            eta: Some("2026-05-31T12:00:00+00:00".to_owned()),
            priority: Some(6),
        };
        assert_eq!(message(bytes), expected);
        let taken = [b"[".as_slice(), bytes, br#", "", "celery"]"#].concat();
        assert_eq!(
            unacknowledged(&taken),
            (expected, Some("celery".to_owned()))
        );
    }

    #[test]
    fn a_message_of_another_form_is_one_of_which_nothing_is_known() {
        for bytes in [b"".as_slice(), b"3", b"[[]]", br#"{"headers": {"id": 7}}"#] {
            assert_eq!(message(bytes), Message::default());
            assert_eq!(unacknowledged(bytes).0, Message::default());
        }
    }
}
