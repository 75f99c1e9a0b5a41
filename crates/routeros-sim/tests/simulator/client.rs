//! A client that knows nothing but words and sentences.

use std::time::Duration;

use bytes::BytesMut;
use routeros_proto::{Batch, Decoder, Limits, Sentence};
use routeros_sim::{Options, Simulator, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A sentence as text, each byte that is not ASCII escaped.
pub type Words = Vec<String>;

pub struct Client {
    pub socket: TcpStream,
    decoder: Decoder,
    ready: std::collections::VecDeque<Words>,
}

/// Nothing of a test may take longer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

impl Client {
    /// Connects without logging in.
    pub async fn connect(simulator: &Simulator) -> Client {
        let socket = TcpStream::connect(simulator.address()).await.unwrap();
        Client {
            socket,
            decoder: Decoder::new(Limits::default()),
            ready: Default::default(),
        }
    }

    /// Connects and logs in as `admin` without a password.
    pub async fn log_in(simulator: &Simulator) -> Client {
        let mut client = Client::connect(simulator).await;
        let answer = client.talk(&["/login", "=name=admin", "=password="]).await;
        assert_eq!(answer, [["!done"]]);
        client
    }

    pub async fn send(&mut self, words: &[&str]) {
        let mut sentence = Sentence::new();
        for word in words {
            sentence.word(word.as_bytes());
        }
        self.send_bytes(&sentence.finish()).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    /// The next sentence, `None` at the end of the connection or at bytes that are no protocol.
    pub async fn next(&mut self) -> Option<Words> {
        tokio::time::timeout(LONGEST_WAIT, self.read())
            .await
            .expect("an answer in time")
    }

    async fn read(&mut self) -> Option<Words> {
        while self.ready.is_empty() {
            // A fault that came together with the last sentences.
            self.decoder.receive(&[]).ok()?;
            let mut received = BytesMut::new();
            if self.socket.read_buf(&mut received).await.ok()? == 0 {
                return None;
            }
            let batches = self.decoder.receive(&received).ok()?;
            self.ready.extend(batches.iter().flat_map(sentences));
        }
        self.ready.pop_front()
    }

    /// Sends a command without a tag and gives its answer up to `!done`, or the end of the connection.
    pub async fn talk(&mut self, words: &[&str]) -> Vec<Words> {
        self.send(words).await;
        self.until_done().await
    }

    pub async fn until_done(&mut self) -> Vec<Words> {
        let mut answer = Vec::new();
        while let Some(sentence) = self.next().await {
            let is_last = sentence[0] == "!done";
            answer.push(sentence);
            if is_last {
                break;
            }
        }
        answer
    }

    /// The rows that a print answers, as sentences without `!re`.
    pub async fn rows(&mut self, words: &[&str]) -> Vec<Words> {
        let answer = self.talk(words).await;
        let rows = answer.into_iter().filter(|sentence| sentence[0] == "!re");
        rows.map(|row| row[1..].to_vec()).collect()
    }

    /// The messages of the traps that a command answers.
    pub async fn traps(&mut self, words: &[&str]) -> Vec<String> {
        let answer = self.talk(words).await;
        assert_eq!(answer.last().unwrap()[0], "!done", "{answer:?}");
        let traps = answer.iter().filter(|sentence| sentence[0] == "!trap");
        traps
            .filter_map(|trap| trap.iter().find_map(|word| word.strip_prefix("=message=")))
            .map(str::to_owned)
            .collect()
    }
}

fn sentences(batch: &Batch) -> Vec<Words> {
    let text = |word: &[u8]| word.escape_ascii().to_string();
    batch
        .iter()
        .map(|sentence| sentence.words().map(text).collect())
        .collect()
}

/// A simulator with this state, and a client that is logged in.
pub async fn simulate(state: &str) -> (Simulator, Client) {
    start(state, Options::default()).await
}

/// The like with other options; their state is replaced.
pub async fn start(state: &str, options: Options) -> (Simulator, Client) {
    let state = State::from_json(state).unwrap();
    let simulator = Simulator::start(Options { state, ..options })
        .await
        .unwrap();
    let client = Client::log_in(&simulator).await;
    (simulator, client)
}

/// A list of `count` addresses.
pub fn addresses(count: usize) -> String {
    let row = |number: usize| {
        format!(
            r#"{{"list": "blocked", "address": "10.{}.{}.{}"}}"#,
            number >> 16,
            number >> 8 & 255,
            number & 255
        )
    };
    let rows: Vec<String> = (0..count).map(row).collect();
    format!(r#"{{"/ip/firewall/address-list": [{}]}}"#, rows.join(","))
}
