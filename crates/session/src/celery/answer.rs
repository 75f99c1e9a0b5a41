//! What the workers' answers mean.

use serde_json::Value as Json;

use redis_wire::celery::Reply;

/// What all workers said to one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// How many were listening.
    pub subscribed: usize,
    /// What those said that answered, by their name.
    pub replies: Vec<Reply>,
}

/// A task of a worker, without its arguments: they may hold secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// The worker.
    pub worker: String,
    /// The id of the task.
    pub id: Option<String>,
    /// The name of the task.
    pub task: Option<String>,
    /// When it began, in seconds of Unix time by the worker's clock.
    pub started: Option<f64>,
    /// Not to be begun before.
    pub eta: Option<String>,
}

/// A worker's own account of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The worker.
    pub worker: String,
    /// How many tasks it runs at once.
    pub processes: Option<i64>,
    /// Seconds since its start.
    pub uptime: Option<i64>,
}

impl Answers {
    /// What the workers said, each with its name; those that said an error are left out.
    fn said(&self) -> impl Iterator<Item = (&str, &Json)> {
        let said = self.replies.iter();
        said.filter(|reply| reply.answer.get("error").is_none())
            .map(|reply| (reply.worker.as_str(), &reply.answer))
    }

    /// How many workers answered the question.
    pub fn answered(&self) -> usize {
        self.said().count()
    }

    /// How many workers did not answer, or with an error: nothing can be said of them.
    pub fn no_answer(&self) -> usize {
        self.subscribed.saturating_sub(self.answered())
    }

    /// What the workers said that could not answer: their name and their error.
    pub fn errors(&self) -> Vec<(String, String)> {
        let error = |answer: &Json| Some(answer.get("error")?.as_str()?.to_owned());
        let replies = self.replies.iter();
        replies
            .filter_map(|reply| Some((reply.worker.clone(), error(&reply.answer)?)))
            .collect()
    }

    /// The answers to `ping`: worker and word.
    pub fn pings(&self) -> Vec<(String, String)> {
        let word = |answer: &Json| match &answer["ok"] {
            Json::String(word) => word.clone(),
            other => other.to_string(),
        };
        self.said()
            .map(|(worker, answer)| (worker.to_owned(), word(answer)))
            .collect()
    }

    /// The answers to `active`, `reserved` and `scheduled`.
    pub fn tasks(&self) -> Vec<Task> {
        self.each_item(|worker, item| {
            // What is scheduled stands beside the time that it is scheduled for.
            let request = item.get("request").unwrap_or(item);
            if !request.is_object() {
                return None;
            }
            let text = |json: &Json| json.as_str().map(str::to_owned);
            Some(Task {
                worker: worker.to_owned(),
                id: text(&request["id"]),
                task: text(&request["name"]),
                started: request["time_start"].as_f64(),
                eta: text(&item["eta"]),
            })
        })
    }

    /// The answers to `registered`: worker and name of a task.
    pub fn registered(&self) -> Vec<(String, String)> {
        self.each_item(|worker, item| {
            // `name [rate_limit=…]`
            let name = item.as_str()?.split(' ').next()?;
            Some((worker.to_owned(), name.to_owned()))
        })
    }

    /// The answers to `active_queues`: worker and name of a queue.
    pub fn queues(&self) -> Vec<(String, String)> {
        self.each_item(|worker, item| Some((worker.to_owned(), item["name"].as_str()?.to_owned())))
    }

    /// The answers to `stats`.
    pub fn stats(&self) -> Vec<Stats> {
        let stats = |(worker, answer): (&str, &Json)| {
            let pool = &answer["pool"];
            let processes = pool["processes"].as_array().map(Vec::len);
            Stats {
                worker: worker.to_owned(),
                processes: processes
                    .and_then(|processes| i64::try_from(processes).ok())
                    // Pools of threads have no processes.
                    .or_else(|| pool["max-concurrency"].as_i64()),
                uptime: answer["uptime"].as_i64(),
            }
        };
        self.said().map(stats).collect()
    }

    /// What `read` makes of each element of the workers' lists; what is no list has none.
    fn each_item<T>(&self, read: impl Fn(&str, &Json) -> Option<T>) -> Vec<T> {
        self.said()
            .flat_map(|(worker, answer)| {
                let items = answer.as_array().into_iter().flatten();
                items.map(move |item| (worker, item))
            })
            .filter_map(|(worker, item)| read(worker, item))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers(replies: &[(&str, Json)]) -> Answers {
        let reply = |(worker, answer): &(&str, Json)| Reply {
            ticket: "t".to_owned(),
            worker: (*worker).to_owned(),
            answer: answer.clone(),
        };
        Answers {
            subscribed: replies.len(),
            replies: replies.iter().map(reply).collect(),
        }
    }

    #[test]
    fn a_worker_that_answers_with_an_error_has_not_answered() {
        let answers = answers(&[
            ("w1", json!([])),
            ("w2", json!({"error": "KeyError('active')"})),
        ]);
        assert_eq!((answers.answered(), answers.no_answer()), (1, 1));
        let error = ("w2".to_owned(), "KeyError('active')".to_owned());
        assert_eq!(answers.errors(), [error]);
    }

    #[test]
    fn tasks_come_without_their_arguments() {
        let active = json!([{"id": "7d4e", "name": "sync_task", "args": ["secret"],
            "kwargs": {"password": "secret"}, "time_start": 1795334060.25, "worker_pid": 7}]);
        let scheduled = json!([{"eta": "2026-05-31T12:00:00+00:00", "priority": 6,
            "request": {"id": "8e5f", "name": "hosts_task", "time_start": null}}]);
        let expected = |id: &str, task: &str| Task {
            worker: "w".to_owned(),
            id: Some(id.to_owned()),
            task: Some(task.to_owned()),
            ..Task::default()
        };
        assert_eq!(
            answers(&[("w", active)]).tasks(),
            [Task {
                started: Some(1_795_334_060.25),
                ..expected("7d4e", "sync_task")
            }]
        );
        assert_eq!(
            answers(&[("w", scheduled)]).tasks(),
            [Task {
                eta: Some("2026-05-31T12:00:00+00:00".to_owned()),
                ..expected("8e5f", "hosts_task")
            }]
        );
    }

    #[test]
    fn answers_of_another_form_give_nothing_and_do_no_harm() {
        for answer in [
            json!(null),
            json!(3),
            json!({"ok": [1]}),
            json!([[], 3, null]),
        ] {
            let answers = answers(&[("w", answer)]);
            assert_eq!(answers.pings().len(), 1);
            assert_eq!(answers.tasks(), []);
            assert_eq!(answers.registered(), []);
            assert_eq!(answers.queues(), []);
            assert_eq!(answers.stats()[0].processes, None);
        }
    }

    #[test]
    fn names_queues_and_stats_are_read_as_celery_writes_them() {
        let registered = answers(&[("w", json!(["a_task", "b_task [rate_limit=5/m]"]))]);
        let names: Vec<String> = registered
            .registered()
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        assert_eq!(names, ["a_task", "b_task"]);
        let queues = answers(&[("w", json!([{"name": "celery", "routing_key": "celery"}]))]);
        assert_eq!(queues.queues(), [("w".to_owned(), "celery".to_owned())]);
        let stats = json!({"uptime": 61, "pool": {"max-concurrency": 2, "processes": [11, 12]}});
        assert_eq!(
            answers(&[("w", stats)]).stats(),
            [Stats {
                worker: "w".to_owned(),
                processes: Some(2),
                uptime: Some(61)
            }]
        );
    }
}
