//! A port of this machine on which something stands in for a server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// More than the clients of a run, and few enough for a small machine.
const MOST_CONNECTIONS: usize = 64;

/// An open port; it and its connections are closed when it is dropped.
pub(super) struct Port {
    address: SocketAddr,
    // Dropping the set ends its task, which owns the connections.
    _server: JoinSet<()>,
}

impl Port {
    /// Opens a free port of 127.0.0.1, on which `converse` talks with each client.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn open<Conversation>(
        converse: impl Fn(TcpStream) -> Conversation + Send + 'static,
    ) -> io::Result<Self>
    where
        Conversation: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut server = JoinSet::new();
        server.spawn(serve(listener, converse));
        Ok(Self {
            address,
            _server: server,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve<Conversation>(listener: TcpListener, converse: impl Fn(TcpStream) -> Conversation)
where
    Conversation: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MOST_CONNECTIONS {
            connections.join_next().await;
        }
        // An accept fails for reasons of the client or of the moment; the next one may succeed.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(converse(stream));
        }
    }
}
