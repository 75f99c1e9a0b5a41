//! Real Redis: a server for each test, because its databases are few and a start is quick.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::tikbook::Tikbook;
use super::{program, server};

const PACKAGE: &str = "redis-server";

/// A Redis server, gone with the value.
pub struct Server {
    server: server::Server,
    port: u16,
}

impl Server {
    /// Starts an empty server without a password.
    pub fn start() -> Server {
        Server::start_with(&[])
    }

    /// Starts an empty server with more of its own options, such as `--requirepass`.
    pub fn start_with(options: &[&str]) -> Server {
        server::on_a_free_port(|port| Server::start_on(port, options))
    }

    /// Starts a cluster of one server, with all its slots.
    pub fn cluster() -> Server {
        let bus = server::free_port().to_string();
        let options = ["--cluster-enabled", "yes", "--cluster-port", &bus];
        let server = Server::start_with(&options);
        server.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
        let start = Instant::now();
        while !server
            .command(&["CLUSTER", "INFO"])
            .contains("cluster_state:ok")
        {
            assert!(start.elapsed() < Duration::from_secs(30), "no cluster");
        }
        server
    }

    /// The URL of database `number`.
    pub fn url(&self, number: u8) -> String {
        format!("redis://127.0.0.1:{}/{number}", self.port)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends one command to database 0 and returns the server's answer as it came; an error answer
    /// fails the test.
    pub fn command(&self, words: &[&str]) -> String {
        let answer = exchange(self.port, words).expect("the server answers");
        assert!(
            !answer.starts_with('-'),
            "Redis refused {words:?}: {answer}"
        );
        answer
    }

    /// The names of all keys of database `number`, in their order.
    pub fn keys(&self, number: u8) -> Vec<String> {
        let answer = self.command_in(number, &["KEYS", "*"]);
        let lines = answer.split("\r\n").skip(1);
        let names = lines.filter(|line| !line.starts_with('$') && !line.is_empty());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names
    }

    /// The same as [`Server::command`] in database `number`; an error answer is returned.
    pub fn command_in(&self, number: u8, words: &[&str]) -> String {
        let select = ["SELECT", &number.to_string()];
        let answers = talk(self.port, &[&select, words]).expect("the server answers");
        let rest = answers.strip_prefix("+OK\r\n");
        rest.expect("there is this database").to_owned()
    }

    /// `tikbook` with this Redis as its site's, and its journals in `state`.
    pub fn tikbook(&self, state: &Path) -> Tikbook {
        Tikbook::new()
            .env("REDIS_URL", self.url(0))
            .env("XDG_STATE_HOME", state)
    }

    /// Every command that anybody sends while `work` goes on, a line each.
    pub fn commands_during(&self, work: impl FnOnce()) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server is there");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a length of time");
        stream
            .write_all(request(&["MONITOR"]).as_bytes())
            .expect("the server reads");
        let mut lines = BufReader::new(stream).lines();
        let mut next = || lines.next().expect("no end").expect("the server tells");
        assert_eq!(next(), "+OK");
        work();
        self.command(&["ECHO", "the end of the work"]);
        std::iter::from_fn(|| Some(next()).filter(|line| !line.contains("the end of the work")))
            .collect()
    }

    /// Ends the server at once, all its connections with it.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Makes the server fall silent with its connections open, until [`Server::resume`].
    pub fn pause(&self) {
        self.server.pause();
    }

    /// Ends a [`Server::pause`].
    pub fn resume(&self) {
        self.server.resume();
    }

    fn start_on(port: u16, options: &[&str]) -> Result<Server, String> {
        let mut command = Command::new(program::find("redis-server", PACKAGE));
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        command
            .args(["--save", "", "--appendonly", "no"])
            .args(options);
        // A server with a password answers as well, with an error.
        let ready =
            || exchange(port, &["PING"]).is_ok_and(|answer| !answer.starts_with("-LOADING"));
        let server = server::Server::start(
            command,
            server::folder("redis"),
            server::Stop::Process("KILL"),
            ready,
        )?;
        Ok(Server { server, port })
    }
}

/// A Sentinel that watches `master` under the name `portal`, and its port.
pub fn sentinel_of(master: &Server) -> (server::Server, u16) {
    let mut port = 0;
    let started = (0..4).find_map(|_| {
        port = server::free_port();
        let folder = server::folder("sentinel");
        let watched = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor portal 127.0.0.1 {} 1\nsentinel auth-pass portal right\n",
            master.port()
        );
        std::fs::write(folder.join("sentinel.conf"), watched).expect("the folder is writable");
        let mut command = Command::new(program::find("redis-server", PACKAGE));
        command.args(["sentinel.conf", "--sentinel"]);
        let ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        server::Server::start(command, folder, server::Stop::Process("KILL"), ready).ok()
    });
    (started.expect("a sentinel starts"), port)
}

/// One command, one answer that fits into one segment.
fn exchange(port: u16, words: &[&str]) -> std::io::Result<String> {
    talk(port, &[words])
}

/// Commands on one connection, and their answers, which fit into one segment each.
fn talk(port: u16, commands: &[&[&str]]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut answers = String::new();
    for words in commands {
        stream.write_all(request(words).as_bytes())?;
        let mut answer = vec![0; 64 * 1024];
        let length = stream.read(&mut answer)?;
        answers.push_str(&String::from_utf8_lossy(&answer[..length]));
    }
    Ok(answers)
}

fn request(words: &[&str]) -> String {
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    request
}
