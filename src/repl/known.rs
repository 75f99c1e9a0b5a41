//! Names that the site itself knows: menus of the router, columns of the database, keys of Redis.
//! They are asked for in the background, so that typing never waits for a service.

use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use session::{Session, SessionError};

/// How long a completion waits for an answer that is not there yet.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long a service may take to answer at all.
const LIMIT: Duration = Duration::from_secs(5);
/// After this time keys are asked for again, and so is what could not be answered.
const FRESH: Duration = Duration::from_secs(10);
/// How many keys are offered.
const MOST_KEYS: usize = 500;

/// What a site knows, asked for once.
pub struct Known {
    session: Session,
    runtime: Handle,
    answers: Arc<Mutex<HashMap<Question, Answer>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    Children(String),
    Columns,
    Keys(String),
}

struct Answer {
    /// Nothing while it is under way, and where the service could not answer.
    names: Option<Vec<String>>,
    asked: Instant,
}

impl Known {
    /// Names of the site of `session`; nothing is asked yet.
    pub fn new(session: &Session, runtime: &Handle) -> Self {
        Self {
            session: session.clone(),
            runtime: runtime.clone(),
            answers: Arc::default(),
        }
    }

    /// What the router has below a path such as `/ip/hotspot`: the names of menus end in `/`, those
    /// of commands and arguments do not. Nothing if it has not said so yet.
    pub fn children(&self, path: &str) -> Option<Vec<String>> {
        let session = self.session.clone();
        let path = path.to_owned();
        self.ask(Question::Children(path.clone()), async move {
            session.menu_children(&path).await
        })
    }

    /// The tables and columns of the database, each once.
    pub fn columns(&self) -> Option<Vec<String>> {
        let session = self.session.clone();
        self.ask(Question::Columns, async move {
            let mut names = session.database_names().await?;
            names.sort();
            names.dedup();
            Ok(names)
        })
    }

    /// Keys of Redis that begin with `prefix`, some of them where there are many.
    pub fn keys(&self, prefix: &str) -> Option<Vec<String>> {
        let session = self.session.clone();
        let pattern = format!("{}*", literal(prefix));
        self.ask(Question::Keys(prefix.to_owned()), async move {
            let redis = session.redis().await?;
            let keys = redis.scan(pattern.as_bytes(), MOST_KEYS).await?;
            let keys = keys
                .into_iter()
                .filter_map(|key| String::from_utf8(key).ok());
            let mut keys: Vec<String> = keys.collect();
            keys.sort();
            Ok(keys)
        })
    }

    fn ask(
        &self,
        question: Question,
        answer: impl Future<Output = Result<Vec<String>, SessionError>> + Send + 'static,
    ) -> Option<Vec<String>> {
        if let Some(answer) = self.remembered(&question) {
            return answer;
        }
        let (sender, receiver) = mpsc::channel();
        let answers = self.answers.clone();
        let asked = question.clone();
        self.runtime.spawn(async move {
            let names = tokio::time::timeout(LIMIT, answer).await;
            let names = names.ok().and_then(Result::ok);
            let answer = Answer {
                names: names.clone(),
                asked: Instant::now(),
            };
            lock(&answers).insert(asked, answer);
            // The one who asked may have stopped waiting.
            drop(sender.send(names));
        });
        receiver.recv_timeout(PATIENCE).ok().flatten()
    }

    /// An answer that is there, or is under way.
    fn remembered(&self, question: &Question) -> Option<Option<Vec<String>>> {
        let mut answers = lock(&self.answers);
        if let Some(answer) = answers.get(question) {
            let lasts = answer.names.is_some() && !matches!(question, Question::Keys(_));
            if lasts || answer.asked.elapsed() < FRESH {
                return Some(answer.names.clone());
            }
        }
        let under_way = Answer {
            names: None,
            asked: Instant::now(),
        };
        answers.insert(question.clone(), under_way);
        None
    }
}

fn lock(
    answers: &Mutex<HashMap<Question, Answer>>,
) -> std::sync::MutexGuard<'_, HashMap<Question, Answer>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A prefix as a pattern that means itself (Redis, "KEYS": special characters are escaped by `\`).
fn literal(prefix: &str) -> String {
    let mut pattern = String::new();
    for letter in prefix.chars() {
        if "*?[]\\^".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_means_itself() {
        assert_eq!(literal("a*[b]"), "a\\*\\[b\\]");
    }
}
