//! A connection to one Redis whose answers are counted before the driver makes room for them.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionAddr, ConnectionInfo, RedisResult};
use redis_wire::answer::{Answers, TooLarge};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use site::config::RedisTls;

use super::tls;

/// Why an answer was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is larger than an answer may be.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// There is no room for it in what the run may hold.
    #[error(transparent)]
    NoRoom(#[from] memory::NoRoom),
}

/// Where a connection leaves why it took an answer no further.
pub type Refusal = Arc<OnceLock<Refused>>;

/// Connects to the server at the address of `info`, and logs in; `most` bytes are the most that one answer
/// may take.
///
/// # Errors
/// What the system, TLS or the server says.
pub async fn connect(
    info: &ConnectionInfo,
    tls: Option<&RedisTls>,
    config: AsyncConnectionConfig,
    most: usize,
) -> RedisResult<(MultiplexedConnection, Refusal)> {
    let refusal = Refusal::default();
    let stream = Guarded {
        stream: open(info.addr(), tls).await?,
        answers: Answers::new(most),
        refusal: refusal.clone(),
    };
    let (connection, driver) =
        MultiplexedConnection::new_with_config(info.redis_settings(), stream, config).await?;
    // It ends with the last clone of the connection.
    tokio::spawn(driver);
    Ok((connection, refusal))
}

async fn open(address: &ConnectionAddr, tls: Option<&RedisTls>) -> io::Result<Box<dyn Stream>> {
    let (host, port) = match address {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
            (host, *port)
        }
        ConnectionAddr::Unix(path) => return Ok(Box::new(UnixStream::connect(path).await?)),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    match tls {
        Some(tls) => Ok(Box::new(tls::handshake(stream, host, tls).await?)),
        None => Ok(Box::new(stream)),
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Gives on no bytes of an answer for which there is no room.
struct Guarded {
    stream: Box<dyn Stream>,
    answers: Answers,
    refusal: Refusal,
}

impl Guarded {
    fn admit(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let largest = self.answers.count(bytes)?;
        Ok(memory::room_for(largest)?)
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if let Err(refused) = self.admit(&buffer.filled()[before..]) {
            buffer.set_filled(before);
            // Nothing is read after the first one.
            let _ = self.refusal.set(refused);
            return Poll::Ready(Err(io::Error::other(refused)));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
