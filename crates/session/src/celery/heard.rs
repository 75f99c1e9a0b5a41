//! The answers to one question while they come in.

use std::collections::BTreeMap;

use super::answer::Answers;
use redis_wire::celery::{self as wire, Reply};

/// What came so far.
#[derive(Default)]
pub(super) struct Heard {
    /// Elements of the queue that were looked at, answers or not.
    pub(super) elements: usize,
    /// Each try: its ticket, how many it reached, and what they said.
    tries: Vec<(String, usize, Vec<Reply>)>,
}

impl Heard {
    /// A question went out with this ticket, to so many workers.
    pub(super) fn asked(&mut self, ticket: String, subscribed: usize) {
        self.tries.push((ticket, subscribed, Vec::new()));
    }

    /// Takes the answers among `elements` to questions that were asked.
    pub(super) fn take(&mut self, elements: &[Vec<u8>]) {
        self.elements += elements.len();
        for reply in elements.iter().filter_map(|element| wire::reply(element)) {
            let mut tries = self.tries.iter_mut();
            if let Some((_, _, replies)) = tries.find(|(ticket, ..)| *ticket == reply.ticket) {
                replies.push(reply);
            }
        }
    }

    /// Has one of the tries an answer of everybody whom it reached?
    pub(super) fn is_settled(&self) -> bool {
        self.tries
            .iter()
            .any(|(_, subscribed, replies)| replies.len() >= *subscribed)
    }

    /// Can no answer come any more?
    pub(super) fn is_complete(&self) -> bool {
        self.tries
            .iter()
            .all(|(_, subscribed, replies)| replies.len() >= *subscribed)
    }

    /// For each name what it said last. Two workers of one name are two in each try.
    pub(super) fn answers(&self) -> Answers {
        let mut by_name: BTreeMap<&str, Vec<&Reply>> = BTreeMap::new();
        for (_, _, replies) in &self.tries {
            let mut of_try: BTreeMap<&str, Vec<&Reply>> = BTreeMap::new();
            for reply in replies {
                of_try.entry(&reply.worker).or_default().push(reply);
            }
            for (worker, replies) in of_try {
                let known = by_name.entry(worker).or_default();
                if replies.len() >= known.len() {
                    *known = replies;
                }
            }
        }
        let replies: Vec<Reply> = by_name.into_values().flatten().cloned().collect();
        let subscribed = self
            .tries
            .last()
            .map_or(0, |(_, subscribed, _)| *subscribed);
        Answers {
            // One that ended after it answered is no longer subscribed.
            subscribed: subscribed.max(replies.len()),
            replies,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn element(ticket: &str, worker: &str) -> Vec<u8> {
        let body = json!({ worker: {"ok": "pong"} }).to_string();
        json!({"body": body, "headers": {"ticket": ticket}})
            .to_string()
            .into_bytes()
    }

    fn heard(asked: &[(&str, usize)], elements: &[Vec<u8>]) -> Heard {
        let mut heard = Heard::default();
        for (ticket, subscribed) in asked {
            heard.asked((*ticket).to_owned(), *subscribed);
        }
        heard.take(elements);
        heard
    }

    fn names(heard: &Heard) -> Vec<String> {
        let replies = heard.answers().replies.into_iter();
        replies.map(|reply| reply.worker).collect()
    }

    #[test]
    fn answers_to_other_questions_and_garbage_do_not_count() {
        let heard = heard(&[("a", 1)], &[element("b", "w1"), b"{}".to_vec()]);
        assert!(!heard.is_settled());
        assert_eq!(heard.elements, 2);
        assert_eq!(heard.answers().subscribed, 1);
    }

    #[test]
    fn without_a_worker_there_is_nothing_to_wait_for() {
        assert!(heard(&[("a", 0)], &[]).is_settled());
    }

    #[test]
    fn a_worker_that_answers_both_tries_is_one_worker() {
        let both = [element("a", "w1"), element("b", "w1"), element("b", "w2")];
        let heard = heard(&[("a", 2), ("b", 2)], &both);
        assert!(heard.is_settled() && !heard.is_complete());
        assert_eq!(names(&heard), ["w1", "w2"]);
        assert_eq!(heard.answers().subscribed, 2);
    }

    #[test]
    fn two_workers_of_one_name_are_two() {
        let heard = heard(&[("a", 2)], &[element("a", "w"), element("a", "w")]);
        assert!(heard.is_complete());
        assert_eq!(names(&heard), ["w", "w"]);
    }

    #[test]
    fn a_worker_that_ended_meanwhile_has_answered() {
        let heard = heard(
            &[("a", 2), ("b", 1)],
            &[element("a", "w1"), element("b", "w2")],
        );
        assert_eq!(heard.answers().subscribed, 2);
    }
}
