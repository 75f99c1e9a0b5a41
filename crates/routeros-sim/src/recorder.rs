//! What clients ask, handed on as it comes.

use std::fmt;
use std::sync::Arc;

use routeros_proto::Request;
use routeros_schema::is_secret;

/// Is handed every request that comes, in the order in which they come, logins among them.
#[derive(Clone)]
pub struct Recorder(Arc<dyn Fn(Vec<String>) + Send + Sync>);

impl Recorder {
    /// Calls `record` with the words of each request, while its connection waits. Bytes that are not ASCII are
    /// written as `\\xNN`, and values of secrets as `***`.
    pub fn new(record: impl Fn(Vec<String>) + Send + Sync + 'static) -> Recorder {
        Recorder(Arc::new(record))
    }

    pub(crate) fn record(&self, request: &Request) {
        let words = request.sentence().words().map(word);
        (self.0)(words.collect());
    }
}

fn word(word: &[u8]) -> String {
    let attribute = word.strip_prefix(b"=").or_else(|| word.strip_prefix(b"?"));
    let name = attribute.and_then(|rest| rest.split(|byte| *byte == b'=').next());
    match name.filter(|name| is_secret(name) && name.len() + 1 < word.len()) {
        Some(name) => format!("{}{}=***", char::from(word[0]), name.escape_ascii()),
        None => word.escape_ascii().to_string(),
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}
