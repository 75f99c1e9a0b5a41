//! `PUBLISH`: a question to the workers, whose answers are there when it is answered.

use redis_wire::celery::{self, REPLY_BINDINGS, bound, channel, question};

use super::BROKER;
use super::store::{Connection, Store};
use super::value::Value;
use super::wire::{Answer, Reply, count};

impl Store {
    /// The number of workers that listen; those that answer have answered.
    pub(super) fn publish(&mut self, _: &mut Connection, words: &[&str]) -> Answer {
        if words[1] != channel(BROKER) {
            return Ok(Reply::Integer(0));
        }
        if let Some(question) = question(words[2].as_bytes()) {
            let answers: Vec<String> = self
                .workers
                .iter()
                .filter_map(|worker| {
                    let answer = celery::Reply {
                        ticket: question.ticket.clone(),
                        worker: worker.name().to_owned(),
                        answer: worker.answer(&question.method)?,
                    };
                    Some(answer.to_element())
                })
                .collect();
            self.put_answers(&question.address, &answers);
        }
        Ok(count(self.workers.len()))
    }

    /// Puts what the workers say where the bindings lead it, the last one at the head.
    fn put_answers(&mut self, address: &str, answers: &[String]) {
        let broker = Connection::to(BROKER);
        let Some(Value::Set(bindings)) = self.value(&broker, REPLY_BINDINGS) else {
            return;
        };
        let queues = bindings
            .iter()
            .filter_map(|binding| bound(binding, address));
        let queues: Vec<String> = queues.map(str::to_owned).collect();
        for queue in queues.iter().filter(|_| !answers.is_empty()) {
            let empty = Value::List(Vec::new());
            if let Value::List(list) = self.value_mut(&broker, queue, empty) {
                list.splice(0..0, answers.iter().rev().cloned());
            }
        }
    }
}
