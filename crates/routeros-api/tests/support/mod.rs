//! A router that does what a test tells it, over real TCP.

#![allow(dead_code, reason = "each test crate uses its own part of it")]

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use routeros_api::{Class, ClientError, Options, Print, Router, Secret};
use routeros_proto::{Limits, Request, Server, TagPlace};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const NOTHING: [(&str, &str); 0] = [];

/// One connection as the router sees it.
pub struct Peer<Stream = TcpStream> {
    pub stream: Stream,
    pub server: Server,
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> Peer<Stream> {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            server: Server::new(Limits::default(), TagPlace::default()),
        }
    }

    /// The next command of the client; a panic if there is none.
    pub async fn request(&mut self) -> Request {
        self.next_request().await.expect("a command")
    }

    /// The next command of the client; `None` at the end of the connection.
    pub async fn next_request(&mut self) -> Option<Request> {
        loop {
            if let Some(request) = self.server.poll_request() {
                return Some(request);
            }
            match self.stream.read_buf(&mut self.server.spare()).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => self.server.received().unwrap(),
            }
        }
    }

    /// Waits for bytes of whatever kind, or the end.
    pub async fn next_request_bytes(&mut self) {
        let _ = self.stream.read(&mut [0; 4096]).await;
        let _ = self.stream.read(&mut [0; 4096]).await;
    }

    /// Lets anyone in.
    pub async fn let_in(&mut self) {
        let request = self.request().await;
        assert_eq!(request.path(), b"/login");
        self.server.done(request.tag(), NOTHING);
        self.send().await;
    }

    /// Sends the replies written to `server`. The client may be gone.
    pub async fn send(&mut self) {
        if let Some(bytes) = self.server.poll_transmit() {
            let _ = self.stream.write_all(&bytes).await;
        }
    }

    /// Answers a command with rows that hold `n`, and its end.
    pub async fn answer(&mut self, request: &Request, rows: usize) {
        for n in 0..rows {
            self.server.row(request.tag(), [("n", n.to_string())]);
        }
        self.server.done(request.tag(), NOTHING);
        self.send().await;
    }
}

/// The error of a router that says nothing: its list of addresses may be why.
pub fn check_points_to_the_address_filter(error: &ClientError) {
    let said = error.to_string();
    assert!(said.contains("`address` list of /ip/service"), "{said}");
    assert_eq!(error.class(), Class::Connection);
}

/// Listens on a free port and does `act` with the first connection.
pub async fn router_that<Act, Acting, Output>(act: Act) -> (SocketAddr, JoinHandle<Output>)
where
    Act: FnOnce(Peer) -> Acting + Send + 'static,
    Acting: Future<Output = Output> + Send,
    Output: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acting = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that never says what the part waits for must not hang the test.
        let acting = tokio::time::timeout(Duration::from_secs(30), act(Peer::new(stream)));
        acting.await.expect("the part to come to its end")
    });
    (address, acting)
}

/// Options for `address` with limits that are never reached in a test that passes.
pub fn options(address: SocketAddr) -> Options {
    let mut options = Options::new(address.ip().to_string(), "admin", Secret::new("hunter2"));
    options.port = address.port();
    options.connect_timeout = Duration::from_secs(20);
    options.login_timeout = Duration::from_secs(20);
    options.command_timeout = Duration::from_secs(20);
    options
}

pub async fn connect(address: SocketAddr) -> Router {
    Router::connect(&options(address)).await.unwrap()
}

pub fn print() -> Print {
    Print::new("/ip/arp")
}
