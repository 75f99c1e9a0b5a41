//! What the protocol is spoken over.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
#[cfg(feature = "tls")]
use tokio_rustls::TlsAcceptor;

use crate::Options;
use crate::connection::Shared;
use crate::session;

/// The service `api`, or `api-ssl`.
#[derive(Clone)]
pub(crate) enum Transport {
    Plain,
    #[cfg(feature = "tls")]
    Tls(TlsAcceptor),
}

impl Transport {
    #[cfg(feature = "tls")]
    pub(crate) fn of(options: &Options) -> Transport {
        match options.tls.clone() {
            Some(configuration) => Transport::Tls(TlsAcceptor::from(configuration)),
            None => Transport::Plain,
        }
    }

    #[cfg(not(feature = "tls"))]
    pub(crate) fn of(_: &Options) -> Transport {
        Transport::Plain
    }

    /// Serves one client until it goes or is sent away.
    pub(crate) async fn serve(self, shared: Arc<Shared>, socket: TcpStream, client: IpAddr) {
        match self {
            Transport::Plain => session::serve(shared, socket, client).await,
            #[cfg(feature = "tls")]
            Transport::Tls(acceptor) => serve_tls(acceptor, shared, socket, client).await,
        }
    }
}

#[cfg(feature = "tls")]
async fn serve_tls(acceptor: TlsAcceptor, shared: Arc<Shared>, socket: TcpStream, client: IpAddr) {
    /// How long a client may take for its handshake.
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(10);

    match tokio::time::timeout(LONGEST, acceptor.accept(socket)).await {
        Ok(Ok(socket)) => session::serve(shared, socket, client).await,
        failed => tracing::debug!(?failed, "a TLS handshake failed"),
    }
}
