//! An Engine behind TLS, found as the `docker` command finds it.

use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tikbook::config::{self, Limits, Sources, Variables};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::docker::{Docker, DockerError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn certified(name: &str) -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed([name.to_owned()]).unwrap()
}

/// A port that answers everything with a version, to those who show a certificate that `client`
/// signed.
async fn engine(
    server: &CertifiedKey<rcgen::KeyPair>,
    client: &CertifiedKey<rcgen::KeyPair>,
) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(client.cert.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let key = PrivateKeyDer::try_from(server.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![server.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // One who is not let in has nothing to be told.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 4096]).await;
                let body = r#"{"Version": "26.1.5"}"#;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all((head + body).as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    port
}

/// A folder of certificates: what is trusted, and what is shown.
fn folder(
    trusted: &CertifiedKey<rcgen::KeyPair>,
    shown: Option<&CertifiedKey<rcgen::KeyPair>>,
) -> TempDir {
    let folder = TempDir::with_prefix("tikbook-tls-").unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("ca.pem", trusted.cert.pem());
    if let Some(shown) = shown {
        write("cert.pem", shown.cert.pem());
        write("key.pem", shown.signing_key.serialize_pem());
    }
    folder
}

async fn open(port: u16, certificates: Option<&Path>) -> Result<String, DockerError> {
    let mut variables = vec![("DOCKER_HOST".to_owned(), format!("tcp://127.0.0.1:{port}"))];
    if let Some(folder) = certificates {
        variables.push(("DOCKER_TLS_VERIFY".to_owned(), "1".to_owned()));
        variables.push(("DOCKER_CERT_PATH".to_owned(), folder.display().to_string()));
    }
    let sources = Sources {
        environment: Variables::new(variables.into_iter().collect()),
        ..Sources::default()
    };
    let site = config::load(sources).unwrap();
    let docker = Docker::connect(&site.docker, None, &Limits::default()).await?;
    Ok(docker.describe().to_string())
}

#[tokio::test]
async fn an_engine_behind_tls_is_asked_with_the_certificates_of_docker() {
    let (server, client) = (certified("127.0.0.1"), certified("client"));
    let port = engine(&server, &client).await;
    let good = folder(&server, Some(&client));
    let said = open(port, Some(good.path())).await.unwrap();
    assert_eq!(said, format!("docker 26.1.5 at 127.0.0.1:{port}"));
}

#[tokio::test]
async fn one_that_is_not_trusted_or_does_not_trust_is_told() {
    let (server, client) = (certified("127.0.0.1"), certified("client"));
    let port = engine(&server, &client).await;
    let stranger = folder(&client, Some(&client));
    let error = open(port, Some(stranger.path())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.to_string().contains("certificate"), "{error}");
    let nobody = folder(&server, None);
    let error = open(port, Some(nobody.path())).await.unwrap_err();
    assert!(error.kind().is_unreachable(), "{error}");
    let empty = TempDir::with_prefix("tikbook-tls-").unwrap();
    let error = open(port, Some(empty.path())).await.unwrap_err();
    assert!(error.to_string().contains("ca.pem"), "{error}");
    let plain = open(port, None).await.unwrap_err();
    assert!(plain.hint().unwrap().to_string().contains("TLS"), "{plain}");
}
