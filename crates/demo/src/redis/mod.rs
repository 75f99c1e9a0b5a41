//! A stand-in for Redis with demo data: it speaks the protocol over TCP, and what is changed in it is
//! gone with it.

mod command;
pub(super) mod contents;
mod glob;
mod publish;
mod read;
mod store;
pub(super) mod value;
mod wire;
pub(super) mod worker;
mod write;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::store::{Connection, Store};
use self::wire::{Reply, read_request};
use super::port::Port;
use super::{Contents, DemoError, StandIn};

/// The databases by number, as the portal divides them: its own keys, Celery's broker, Celery's results.
pub const OWN_KEYS: u8 = 0;
pub const BROKER: u8 = 1;
pub const RESULTS: u8 = 2;

/// A client that asks nothing for so long is let go.
const IDLE_LIMIT: Duration = Duration::from_secs(3600);
/// A client that does not take its answer for so long is let go.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// A running stand-in; its port and its connections are closed when it is dropped.
pub struct DemoRedis {
    port: Port,
    store: Arc<Mutex<Store>>,
}

impl StandIn for DemoRedis {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`DemoError::Redis`] if no port can be had.
    async fn start(contents: &Contents) -> Result<Self, DemoError> {
        let stands = contents.now.map(|now| {
            let seconds = u64::try_from(now.as_second()).unwrap_or_default();
            Duration::from_secs(seconds)
        });
        let store = Store::new(contents.databases(), contents.workers(), stands);
        let store = Arc::new(Mutex::new(store));
        let shared = Arc::clone(&store);
        let port = Port::open(move |stream| converse(stream, Arc::clone(&shared)))
            .await
            .map_err(DemoError::Redis)?;
        Ok(DemoRedis { port, store })
    }
}

impl DemoRedis {
    /// Moves a standing clock forward, and shortens the lifetimes of keys by that.
    pub fn advance(&self, time: Duration) {
        self.store
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .advance(time);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }
}

async fn converse(mut stream: TcpStream, store: Arc<Mutex<Store>>) {
    // The end of one conversation, of whatever kind, is nothing to the others.
    if let Err(error) = exchange(&mut stream, &store).await
        && error.kind() == io::ErrorKind::InvalidData
    {
        let _ = send(
            &mut stream,
            &[Reply::Error(format!("ERR Protocol error: {error}"))],
        )
        .await;
    }
}

async fn exchange(stream: &mut TcpStream, store: &Mutex<Store>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::default();
    let mut stream = BufReader::new(stream);
    while let Some(request) = timeout(IDLE_LIMIT, read_request(&mut stream)).await?? {
        let reply = store
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answer(&mut connection, &request);
        send(stream.get_mut(), &[reply]).await?;
    }
    Ok(())
}

async fn send(stream: &mut TcpStream, replies: &[Reply]) -> io::Result<()> {
    let mut out = Vec::new();
    replies.iter().for_each(|reply| reply.write(&mut out));
    timeout(WRITE_LIMIT, stream.write_all(&out)).await?
}

#[cfg(test)]
mod command_tests;

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn talk(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn requests_sent_together_are_answered_in_order() {
        let redis = DemoRedis::start(&Contents::default()).await.unwrap();
        let answer = talk(
            redis.address(),
            b"*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n*2\r\n$3\r\nGET\r\n$2\r\nhi\r\n",
        )
        .await;
        assert_eq!(answer, "+OK\r\n$-1\r\n");
    }

    #[tokio::test]
    async fn a_stranger_is_told_so_and_the_others_are_served() {
        let redis = DemoRedis::start(&Contents::default()).await.unwrap();
        assert!(
            talk(redis.address(), b"GET / HTTP/1.1\r\n\r\n")
                .await
                .starts_with("-ERR Protocol error")
        );
        assert_eq!(
            talk(redis.address(), b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n").await,
            "+OK\r\n"
        );
    }

    #[tokio::test]
    async fn info_says_that_this_is_demo_data() {
        let redis = DemoRedis::start(&Contents::default()).await.unwrap();
        assert!(
            talk(redis.address(), b"*1\r\n$4\r\nINFO\r\n")
                .await
                .contains("tikbook demo data")
        );
    }

    #[tokio::test]
    async fn the_port_is_closed_with_the_value() {
        let redis = DemoRedis::start(&Contents::default()).await.unwrap();
        let address = redis.address();
        let mut open = TcpStream::connect(address).await.unwrap();
        drop(redis);
        assert_eq!(open.read(&mut [0; 8]).await.unwrap_or(0), 0);
        assert!(TcpStream::connect(address).await.is_err());
    }
}
