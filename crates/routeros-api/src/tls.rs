//! TLS to a router: a CA, a pin, or just a look at the certificate.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ring::digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as RustlsError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::io::InspectReader;

use crate::error::{Fault, TlsFault};
use crate::options::{CertificateCheck, Tls};

/// Wraps `stream` in TLS within `limit`, once the certificate has passed the check.
pub(crate) async fn handshake(
    stream: TcpStream,
    host: &str,
    tls: &Tls,
    limit: Duration,
) -> Result<TlsStream<Watched>, Fault> {
    let trust = match &tls.check {
        CertificateCheck::PinSha256(pin) => Trust::Pin(*pin),
        CertificateCheck::CaFile(path) => Trust::Authorities(authorities(read_roots(path)?)?),
        CertificateCheck::WellKnown => Trust::Authorities(authorities(well_known_roots())?),
    };
    let name = tls.server_name.as_deref().unwrap_or(host);
    Ok(shake_hands(stream, name, trust, limit).await?.0)
}

/// The SHA-256 fingerprint of the certificate the peer shows, and proves to have the key of.
pub(crate) async fn look(
    stream: TcpStream,
    host: &str,
    limit: Duration,
) -> Result<[u8; 32], Fault> {
    // The name is of no interest here, but TLS wants one.
    let name = if server_name(host).is_ok() {
        host
    } else {
        "router"
    };
    Ok(shake_hands(stream, name, Trust::Anyone, limit).await?.1)
}

async fn shake_hands(
    stream: TcpStream,
    name: &str,
    trust: Trust,
    limit: Duration,
) -> Result<(TlsStream<Watched>, [u8; 32]), Fault> {
    let name = server_name(name)?;
    let provider = Arc::new(default_provider());
    let guard = Arc::new(Guard {
        trust,
        provider: provider.clone(),
        seen: OnceLock::new(),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(io::Error::other(error)))?
        .dangerous()
        .with_custom_certificate_verifier(guard.clone())
        .with_no_client_auth();
    // The first bytes, to say what a peer sent that does not speak TLS.
    let first = Arc::new(OnceLock::new());
    let kept = first.clone();
    let keep = move |read: &[u8]| {
        if !read.is_empty() {
            kept.get_or_init(|| routeros_proto::excerpt(read));
        }
    };
    let stream = Watched::new(stream, Box::new(keep));
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let seen = || first.get().cloned().unwrap_or_default();
    match timeout(limit, connecting).await {
        Err(_) => Err(TlsFault::Timeout {
            after: limit,
            seen: seen(),
        }
        .into()),
        Ok(Err(error)) => Err(explain(error, &guard, seen()).into()),
        Ok(Ok(stream)) => Ok((stream, guard.seen.get().copied().unwrap_or_default())),
    }
}

/// What the error of a handshake means. `seen` are the first bytes of the peer.
fn explain(error: io::Error, guard: &Guard, seen: String) -> TlsFault {
    let Some(inner) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<RustlsError>())
    else {
        let source = Arc::new(error);
        return if seen.is_empty() {
            TlsFault::Cut { source }
        } else {
            TlsFault::Handshake { source }
        };
    };
    match (inner, guard.seen.get(), &guard.trust) {
        (RustlsError::InvalidMessage(_), None, _) => TlsFault::NotTls { seen },
        (RustlsError::InvalidCertificate(_), Some(&seen), Trust::Pin(expected))
            if seen != *expected =>
        {
            TlsFault::PinMismatch {
                expected: *expected,
                seen,
            }
        }
        (RustlsError::InvalidCertificate(_), Some(&fingerprint), _) => TlsFault::Untrusted {
            fingerprint,
            source: Arc::new(error),
        },
        _ => failed(error),
    }
}

fn failed(error: io::Error) -> TlsFault {
    TlsFault::Handshake {
        source: Arc::new(error),
    }
}

fn server_name(name: &str) -> Result<ServerName<'static>, TlsFault> {
    ServerName::try_from(name.to_owned()).map_err(|_| TlsFault::ServerName {
        name: name.to_owned(),
    })
}

fn read_roots(path: &std::path::Path) -> Result<RootCertStore, TlsFault> {
    let fault = |reason: String| TlsFault::CaFile {
        path: path.to_owned(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(fault("there are none in it".to_owned()));
    }
    Ok(roots)
}

fn well_known_roots() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

fn authorities(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, TlsFault> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()))
        .build()
        .map_err(|error| failed(io::Error::other(error)))
}

#[derive(Debug)]
enum Trust {
    Authorities(Arc<WebPkiServerVerifier>),
    Pin([u8; 32]),
    /// For a look at the certificate only: nothing is sent over such a connection.
    Anyone,
}

/// Checks the certificate, and remembers its fingerprint for the error message.
#[derive(Debug)]
struct Guard {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    seen: OnceLock<[u8; 32]>,
}

impl ServerCertVerifier for Guard {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        let fingerprint = sha256(certificate);
        let _ = self.seen.set(fingerprint);
        match &self.trust {
            Trust::Authorities(verifier) => {
                verifier.verify_server_cert(certificate, intermediates, name, ocsp, now)
            }
            Trust::Pin(pin) if !same(pin, &fingerprint) => Err(RustlsError::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            )),
            Trust::Pin(_) | Trust::Anyone => Ok(ServerCertVerified::assertion()),
        }
    }

    // The peer must have the key of its certificate, whatever the certificate is trusted for.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    fingerprint
}

/// Compares in a time that does not depend on where the difference is.
fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter()
        .zip(other)
        .fold(0, |difference, (a, b)| difference | (a ^ b))
        == 0
}

/// A connection of which somebody sees what it receives.
pub(crate) type Watched = InspectReader<TcpStream, Box<dyn FnMut(&[u8]) + Send>>;
