//! TLS: whom the client trusts, and what it says if it does not.

#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use routeros_api::{
    CertificateCheck, Class, ClientError, Fault, KeyExchange, Router, Tls, TlsFault, fingerprint,
    fingerprint_text,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use support::{Peer, check_points_to_the_address_filter, options, print, router_that};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
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

/// Listens, and answers every first word of a client with what `answer` makes of it.
async fn peer_that(answer: fn(&[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut said = vec![0; 4096];
                let length = stream.read(&mut said).await.unwrap_or(0);
                let _ = stream.write_all(&answer(&said[..length])).await;
                // Who closes with bytes unread takes his own answer back.
                let _ = stream.read(&mut said).await;
            });
        }
    });
    address
}

/// A server of TLS 1.2 that knows one suite, up to where it chose it; else the alert `handshake_failure`.
fn one_suite(hello: &[u8], suite: u16) -> Vec<u8> {
    let session = usize::from(hello[43]);
    let suites = &hello[44 + session..];
    let length = usize::from(u16::from_be_bytes([suites[0], suites[1]]));
    let known = suites[2..2 + length].chunks(2);
    let mut known = known.map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    if !known.any(|known| known == suite) {
        return b"\x15\x03\x03\x00\x02\x02\x28".to_vec();
    }
    let mut answer = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03".to_vec();
    answer.extend([9; 32]);
    answer.push(0);
    answer.extend(suite.to_be_bytes());
    answer.push(0);
    answer
}

#[tokio::test]
async fn routers_that_exchange_keys_in_old_ways_are_told_apart() {
    for (answer, exchange, hint) in [
        (
            (|hello| one_suite(hello, 0x0034)) as fn(&[u8]) -> Vec<u8>,
            KeyExchange::Anonymous,
            "set api-ssl certificate=",
        ),
        (
            |hello| one_suite(hello, 0x009F),
            KeyExchange::DiffieHellman,
            "RouterOS 7",
        ),
        (
            |hello| one_suite(hello, 0x0035),
            KeyExchange::Rsa,
            "RouterOS 7",
        ),
    ] {
        let address = peer_that(answer).await;
        let connected = connect_to(address, CertificateCheck::WellKnown).await;
        let looked = fingerprint("127.0.0.1", address.port(), Duration::from_secs(5)).await;
        for error in [connected.unwrap_err(), looked.unwrap_err()] {
            let fault = tls_fault(&error);
            assert!(
                matches!(fault, TlsFault::KeyExchange { exchange: found, .. } if *found == exchange),
                "{exchange:?}: {error}"
            );
            assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
            assert_eq!(error.class(), Class::Connection);
        }
    }
}

#[tokio::test]
async fn tls_where_there_is_none_and_none_where_there_is_are_named() {
    // What RouterOS says to a command before the login, and to bytes that are none it can be silent.
    let plain = peer_that(|said| match said.first() {
        Some(5) => b"\x06!fatal\x0dnot logged in\x00".to_vec(),
        _ => Vec::new(),
    })
    .await;
    let mut wanted = options(plain);
    wanted.connect_timeout = Duration::from_secs(4);
    wanted.tls = Some(Tls {
        check: CertificateCheck::WellKnown,
        server_name: None,
    });
    let error = Router::connect(&wanted).await.unwrap_err();
    assert!(
        matches!(tls_fault(&error), TlsFault::SpeaksPlain),
        "{error}"
    );
    assert_eq!(error.class(), Class::Protocol);
    assert!(error.hint().unwrap().contains("8728"), "{:?}", error.hint());

    // A server of TLS ends with an alert, or without a word, as RouterOS does ("ssl overflow").
    for alert in [true, false] {
        let answer: fn(&[u8]) -> Vec<u8> = match alert {
            true => |said| match said.first() {
                Some(0x16) => b"\x15\x03\x03\x00\x02\x02\x28".to_vec(),
                _ => b"\x15\x03\x01\x00\x02\x02\x46".to_vec(),
            },
            false => |said| match said.first() {
                Some(0x16) => one_suite(said, 0xC02F),
                _ => Vec::new(),
            },
        };
        let mut wanted = options(peer_that(answer).await);
        wanted.login_timeout = Duration::from_millis(300);
        let error = Router::connect(&wanted).await.unwrap_err();
        assert!(
            matches!(error.fault(), Fault::SpeaksTls),
            "{alert}: {error}"
        );
        assert_eq!(error.class(), Class::Protocol);
        assert!(error.hint().unwrap().contains("8729"), "{:?}", error.hint());
    }
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
