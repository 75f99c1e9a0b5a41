//! TLS: whom the client trusts, and what it says if it does not.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use routeros_api::{
    CertificateCheck, Class, ClientError, Fault, Router, Tls, TlsFault, fingerprint,
    fingerprint_text,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use support::{Peer, check_points_to_the_address_filter, options, print, router_that};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

/// A certificate for 127.0.0.1, the authority that signed it, and the key.
struct Identity {
    authority: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

fn identity() -> Identity {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params =
        CertificateParams::new(vec!["127.0.0.1".to_owned(), "router.test".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    Identity {
        authority: authority.pem(),
        certificate: certificate.der().clone(),
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    }
}

impl Identity {
    fn fingerprint(&self) -> [u8; 32] {
        ring::digest::digest(&ring::digest::SHA256, &self.certificate)
            .as_ref()
            .try_into()
            .unwrap()
    }

    /// Serves one connection: anyone may log in, and gets two rows.
    async fn serve(&self) -> SocketAddr {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (address, _acting) = router_that(async move |peer: Peer| {
            let Ok(stream) = acceptor.accept(peer.stream).await else {
                return;
            };
            let mut peer = Peer::new(stream);
            let Some(login) = peer.next_request().await else {
                return;
            };
            peer.answer(&login, 0).await;
            let request = peer.request().await;
            peer.answer(&request, 2).await;
            peer.next_request().await;
        })
        .await;
        address
    }
}

async fn connect_to(address: SocketAddr, check: CertificateCheck) -> Result<Router, ClientError> {
    let mut options = options(address);
    options.connect_timeout = Duration::from_secs(5);
    options.tls = Some(Tls {
        check,
        server_name: None,
    });
    Router::connect(&options).await
}

/// A PEM file that is removed with the value.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("routeros-api-{}-{name}.pem", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tls_fault(error: &ClientError) -> &TlsFault {
    match error.fault() {
        Fault::Tls(fault) => fault,
        other => panic!("{other}"),
    }
}

/// The error when the peer says `bytes` whatever it hears, and stays.
async fn error_after(bytes: &'static [u8]) -> ClientError {
    let (address, _acting) = router_that(async move |mut peer: Peer| {
        peer.stream.write_all(bytes).await.unwrap();
        peer.next_request_bytes().await;
    })
    .await;
    let connected = connect_to(address, CertificateCheck::WellKnown).await;
    connected.unwrap_err()
}

#[tokio::test]
async fn an_authority_of_the_users_own_is_trusted() {
    let identity = identity();
    let file = File::new("own", &identity.authority);
    let router = connect_to(
        identity.serve().await,
        CertificateCheck::CaFile(file.0.clone()),
    )
    .await
    .unwrap();
    assert_eq!(router.rows(&print()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_pinned_certificate_is_trusted() {
    let identity = identity();
    let pin = CertificateCheck::PinSha256(identity.fingerprint());
    let router = connect_to(identity.serve().await, pin).await.unwrap();
    assert_eq!(router.rows(&print()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_told_with_both_fingerprints() {
    let identity = identity();
    let error = connect_to(identity.serve().await, CertificateCheck::PinSha256([7; 32]))
        .await
        .unwrap_err();
    assert!(
        matches!(tls_fault(&error), TlsFault::PinMismatch { .. }),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains(&fingerprint_text(&[7; 32])), "{text}");
    assert!(
        text.contains(&fingerprint_text(&identity.fingerprint())),
        "{text}"
    );
    assert_eq!(error.class(), Class::Connection);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_told_with_its_fingerprint() {
    let (shown, other) = (identity(), identity());
    let file = File::new("other", &other.authority);
    for check in [
        CertificateCheck::CaFile(file.0.clone()),
        CertificateCheck::WellKnown,
    ] {
        let error = connect_to(shown.serve().await, check).await.unwrap_err();
        assert!(
            matches!(tls_fault(&error), TlsFault::Untrusted { .. }),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains(&fingerprint_text(&shown.fingerprint())),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let identity = identity();
    let file = File::new("name", &identity.authority);
    for (name, trusted) in [("router.test", true), ("other.test", false)] {
        let mut options = options(identity.serve().await);
        options.tls = Some(Tls {
            check: CertificateCheck::CaFile(file.0.clone()),
            server_name: Some(name.to_owned()),
        });
        match Router::connect(&options).await {
            Ok(_) => assert!(trusted, "{name}"),
            Err(error) => assert!(
                !trusted && matches!(tls_fault(&error), TlsFault::Untrusted { .. }),
                "{error}"
            ),
        }
    }
}

#[tokio::test]
async fn the_fingerprint_of_first_contact_is_that_of_the_certificate() {
    let identity = identity();
    let address = identity.serve().await;
    let seen = fingerprint("127.0.0.1", address.port(), Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(seen, identity.fingerprint());
}

#[tokio::test]
async fn a_router_without_a_certificate_is_explained() {
    // What a server answers that shares no cipher with the client: the alert `handshake_failure`.
    let error = error_after(b"\x15\x03\x03\x00\x02\x02\x28").await;
    assert!(
        error
            .to_string()
            .contains("no certificate offers anonymous Diffie-Hellman only"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("/ip/service set api-ssl certificate="),
        "{error}"
    );
}

#[tokio::test]
async fn a_peer_that_closes_or_is_silent_points_to_the_address_filter() {
    let (closing, _acting) = router_that(async |peer: Peer| drop(peer)).await;
    let (silent, _acting) =
        router_that(async |mut peer: Peer| peer.next_request_bytes().await).await;
    for address in [closing, silent] {
        let mut options = options(address);
        options.connect_timeout = Duration::from_millis(300);
        options.tls = Some(Tls {
            check: CertificateCheck::WellKnown,
            server_name: None,
        });
        let error = Router::connect(&options).await.unwrap_err();
        assert!(
            matches!(
                tls_fault(&error),
                TlsFault::Cut { .. } | TlsFault::Timeout { .. }
            ),
            "{error}"
        );
        check_points_to_the_address_filter(&error);
    }
}

#[tokio::test]
async fn a_peer_without_tls_is_shown_by_its_words() {
    let error = error_after(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(
        matches!(tls_fault(&error), TlsFault::NotTls { seen } if seen.starts_with("HTTP/1.1 400")),
        "{error}"
    );
    assert_eq!(error.class(), Class::Protocol);
}

#[tokio::test]
async fn a_file_without_certificates_is_the_callers_fault() {
    let file = File::new("empty", "nothing");
    let identity = identity();
    for path in [file.0.clone(), PathBuf::from("/does/not/exist.pem")] {
        let error = connect_to(identity.serve().await, CertificateCheck::CaFile(path))
            .await
            .unwrap_err();
        assert_eq!(error.class(), Class::Caller, "{error}");
    }
}
