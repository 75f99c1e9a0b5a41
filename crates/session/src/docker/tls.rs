//! TLS to an Engine, with the certificates that the `docker` command uses.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Wraps `stream` in TLS: the Engine's certificate is signed by `ca.pem` of `folder`, and this side
/// shows `cert.pem` where there is one.
pub(super) async fn handshake(
    stream: TcpStream,
    host: &str,
    folder: &Path,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let config = config(folder)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

fn config(folder: &Path) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&folder.join("ca.pem"))? {
        roots.add(certificate).map_err(io::Error::other)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let own = folder.join("cert.pem");
    if !own.exists() {
        return Ok(config.with_no_client_auth());
    }
    let key = folder.join("key.pem");
    let secret = PrivateKeyDer::from_pem_file(&key).map_err(|error| unusable(&key, &error))?;
    config
        .with_client_auth_cert(certificates(&own)?, secret)
        .map_err(io::Error::other)
}

fn certificates(file: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("cannot use {}: {error}", file.display()))
}
