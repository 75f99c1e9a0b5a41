//! From an address to a connection that is logged in.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use routeros_proto::{Connection, Credentials, Login, LoginError, Step, excerpt};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Options;
use crate::error::Fault;

/// Connects to `host` within `limit`: looking up the name counts, and so does every address it has.
pub(crate) async fn tcp(host: &str, port: u16, limit: Duration) -> Result<TcpStream, Fault> {
    let stream = match timeout(limit, TcpStream::connect((host, port))).await {
        Err(_) => return Err(Fault::ConnectTimeout { after: limit }),
        Ok(connected) => connected.and_then(tuned),
    };
    stream.map_err(|error| Fault::Unreachable {
        source: Arc::new(error),
    })
}

/// Sends commands at once, and notices a peer that is gone: firewalls drop idle connections silently.
fn tuned(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

/// Logs in over `stream` within the limit of `options`.
pub(crate) async fn login<Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream,
    options: &Options,
) -> Result<Connection, Fault> {
    let credentials = Credentials {
        user: options.user.clone(),
        password: options.password.reveal().as_bytes().to_vec(),
    };
    let mut login = Some(Login::new(
        credentials,
        options.challenge_login,
        options.limits,
    ));
    match timeout(
        options.login_timeout,
        steps(stream, &mut login, &options.user),
    )
    .await
    {
        Ok(result) => result,
        Err(_) => Err(Fault::LoginTimeout {
            after: options.login_timeout,
            seen: seen(&login),
        }),
    }
}

/// `state` holds the login between reads, so that its bytes can be told when time is up.
async fn steps<Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream,
    state: &mut Option<Login>,
    user: &str,
) -> Result<Connection, Fault> {
    while let Some(login) = state {
        let sent = login.poll_transmit();
        let read = exchange(stream, sent, login).await;
        match read {
            Ok(0) => {
                return Err(Fault::LoginCut {
                    seen: seen(state),
                    source: None,
                });
            }
            Err(error) => {
                return Err(Fault::LoginCut {
                    seen: seen(state),
                    source: Some(Arc::new(error)),
                });
            }
            Ok(_) => {}
        }
        match state.take().map(Login::advance) {
            Some(Ok(Step::LoggedIn(connection))) => return Ok(connection),
            Some(Ok(Step::Waiting(login))) => *state = Some(login),
            Some(Err(error)) => return Err(refused(error, user)),
            None => {}
        }
    }
    Err(Fault::LoginCut {
        seen: String::new(),
        source: None,
    })
}

async fn exchange<Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream,
    bytes: Option<bytes::Bytes>,
    login: &mut Login,
) -> io::Result<usize> {
    if let Some(bytes) = bytes {
        stream.write_all(&bytes).await?;
        stream.flush().await?;
    }
    stream.read_buf(&mut login.spare()).await
}

fn seen(login: &Option<Login>) -> String {
    login
        .as_ref()
        .map(|login| excerpt(login.pending()))
        .unwrap_or_default()
}

fn refused(error: LoginError, user: &str) -> Fault {
    let user = user.to_owned();
    match error {
        LoginError::Refused { traps } => Fault::LoginRefused { user, traps },
        LoginError::Fatal { reason } => Fault::LoginEnded { user, reason },
        LoginError::ChallengeRefused => Fault::ChallengeRefused { user },
        LoginError::Challenge { seen } => Fault::Answer {
            command: "/login".to_owned(),
            what: format!("the challenge `{seen}`, which is not hexadecimal"),
        },
        LoginError::Protocol(source) => Fault::NotRouterOs { source },
    }
}
