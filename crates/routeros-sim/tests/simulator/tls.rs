//! The service `api-ssl`.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use routeros_sim::rustls::pki_types::ServerName;
use routeros_sim::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use routeros_sim::{Options, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Both ends of TLS for a router called `router.test`.
fn configurations() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["router.test".to_owned()]).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let key = signing_key.serialize_der().try_into().unwrap();
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

#[tokio::test]
async fn the_protocol_is_served_over_tls() {
    let (server, client) = configurations();
    let options = Options {
        tls: Some(server),
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();

    let mut plain = TcpStream::connect(simulator.address()).await.unwrap();
    plain
        .write_all(b"\x06/login\x0b=name=admin\x0a=password=\x00")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let reading = plain.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(15), reading).await;
    assert!(ended.is_ok(), "the handshake has a limit");
    assert!(!answer.windows(5).any(|word| word == b"!done"));

    let socket = TcpStream::connect(simulator.address()).await.unwrap();
    let name = ServerName::try_from("router.test").unwrap();
    let mut socket = TlsConnector::from(client)
        .connect(name, socket)
        .await
        .unwrap();
    socket
        .write_all(b"\x06/login\x0b=name=admin\x0a=password=\x00\x05/quit\x00")
        .await
        .unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert_eq!(
        answer,
        b"\x05!done\x00\x06!fatal\x1dsession terminated on request\x00"
    );
}
