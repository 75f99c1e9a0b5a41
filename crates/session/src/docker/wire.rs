//! The way of a request to the Engine: one connection each, with limits on time and bytes, and only
//! for requests that read.
//!
//! The client's own ways have no limit on what an answer may hold, and take the reason of a failed
//! connection away.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bollard::BollardRequest;
use bollard::errors::Error;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Method, Response, Uri};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::tls;
use site::config::{DockerTarget, Limits};

/// What became of a request before the Engine had a say.
#[derive(Debug)]
pub(super) enum Fault {
    /// There was no connection.
    Connect(io::Error),
    /// No connection in time.
    ConnectTimeout,
    /// More bytes than an answer may have.
    TooMuch,
}

/// Where a request leaves what became of it.
pub(super) type Watch = Arc<OnceLock<Fault>>;

/// A client for one request to `target`.
///
/// # Errors
/// None that the client is known to have.
pub(super) fn client(
    target: &DockerTarget,
    limits: &Limits,
    watch: &Watch,
) -> Result<bollard::Docker, Error> {
    let (target, watch) = (target.clone(), watch.clone());
    let (limit, most) = (limits.connect, limits.answer);
    let transport = move |request| exchange(request, target.clone(), (limit, most), watch.clone());
    bollard::Docker::connect_with_custom_transport(
        transport,
        Some("http://docker"),
        // It wants whole seconds, and the caller's limit is the one that counts.
        limits.docker.as_secs().saturating_add(1),
        bollard::API_DEFAULT_VERSION,
    )
}

async fn exchange(
    request: BollardRequest,
    target: DockerTarget,
    (limit, most): (Duration, usize),
    watch: Watch,
) -> Result<Response<Incoming>, Error> {
    if request.method() != Method::GET {
        let reason = "only requests that read are sent to docker";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason).into());
    }
    let stream = match timeout(limit, open(&target)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(failed(&watch, Fault::Connect(error))),
        Err(_) => return Err(failed(&watch, Fault::ConnectTimeout)),
    };
    let metered = Metered {
        stream,
        left: most,
        watch,
    };
    let (mut sender, connection) = http1::handshake(metered).await?;
    // It ends with the answer, or when nobody waits for the answer; how, the answer says.
    tokio::spawn(connection);
    Ok(sender.send_request(in_origin_form(request)?).await?)
}

fn failed(watch: &Watch, fault: Fault) -> Error {
    // One request makes one connection, so there is no other fault yet.
    drop(watch.set(fault));
    io::Error::from(io::ErrorKind::NotConnected).into()
}

async fn open(target: &DockerTarget) -> io::Result<Box<dyn Stream>> {
    match target {
        DockerTarget::Socket(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        DockerTarget::Tcp {
            host,
            port,
            certificates,
        } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            match certificates {
                Some(folder) => Ok(Box::new(tls::handshake(stream, host, folder).await?)),
                None => Ok(Box::new(stream)),
            }
        }
    }
}

/// The path alone, as servers want it, and a host in its own header.
fn in_origin_form(mut request: BollardRequest) -> Result<BollardRequest, Error> {
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("docker"));
    Ok(request)
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that ends with an error beyond so many bytes.
struct Metered {
    stream: Box<dyn Stream>,
    left: usize,
    watch: Watch,
}

impl Metered {
    fn count(&mut self, bytes: usize) -> io::Result<()> {
        match self.left.checked_sub(bytes) {
            Some(left) if memory::room_for(bytes).is_ok() => {
                self.left = left;
                Ok(())
            }
            _ => {
                drop(self.watch.set(Fault::TooMuch));
                Err(io::Error::other("the answer is too long"))
            }
        }
    }
}

impl Read for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; 8192];
        let room = into.remaining().min(bytes.len());
        let mut buffer = ReadBuf::new(&mut bytes[..room]);
        std::task::ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        self.count(buffer.filled().len())?;
        into.put_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Metered {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_more_than_read_is_not_sent() {
        let target = DockerTarget::Socket("/nowhere/docker.sock".into());
        let watch = Watch::default();
        let client = client(&target, &Limits::default(), &watch).unwrap();
        for refused in [
            client.start_container("a", None).await,
            client.restart_container("a", None).await,
            client.remove_container("a", None).await,
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("only requests that read"), "{error}");
        }
        assert!(watch.get().is_none(), "no connection was tried");
    }
}
