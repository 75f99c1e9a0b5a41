//! The examples, on a simulated router.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../examples/leases.rs"]
mod leases;
#[path = "../examples/listen.rs"]
mod listen;
#[path = "../examples/many.rs"]
mod many;
#[cfg(feature = "tls")]
#[path = "../examples/pinned.rs"]
mod pinned;

use routeros_api::{Options, Router, Secret};
use routeros_sim::{Simulator, State};

const STATE: &str = r#"{
    "/ip/dhcp-server/lease": [
        {"address": "10.0.0.5", "host-name": "phone", "status": "bound"},
        {"address": "10.0.0.6", "status": "bound"},
        {"address": "10.0.0.7", "host-name": "printer", "status": "waiting"}
    ],
    "/ip/firewall/address-list": [
        {"list": "old", "address": "10.1.0.1"}, {"list": "old", "address": "10.1.0.2"},
        {"list": "blocked", "address": "10.2.0.1"}
    ]
}"#;

async fn simulated(change: impl FnOnce(&mut routeros_sim::Options)) -> (Simulator, Options) {
    let mut simulated = routeros_sim::Options {
        state: State::from_json(STATE).unwrap(),
        ..routeros_sim::Options::default()
    };
    change(&mut simulated);
    let simulator = Simulator::start(simulated).await.unwrap();
    let mut options = Options::new("127.0.0.1", "admin", Secret::new(""));
    options.port = simulator.address().port();
    (simulator, options)
}

#[tokio::test]
async fn leases_that_are_bound_are_listed() {
    let (_simulator, options) = simulated(|_| {}).await;
    let lines = leases::leases(&options).await.unwrap();
    assert_eq!(lines, ["10.0.0.5 phone", "10.0.0.6 -"]);
}

#[tokio::test]
async fn changes_of_a_list_are_heard() {
    let (simulator, options) = simulated(|_| {}).await;
    let router = Router::connect(&options).await.unwrap();
    let mut heard = Vec::new();
    let listening = listen::listen(&router, |change| {
        heard.push(change);
        heard.len() < 2
    });
    let changing = async {
        let other = Router::connect(&options).await.unwrap();
        // A listener hears what changes after it was heard itself.
        while simulator
            .received()
            .of("/ip/firewall/address-list", "listen")
            == 0
        {
            tokio::task::yield_now().await;
        }
        let menu = "/ip/firewall/address-list";
        let id = other
            .add(menu, [("list", "blocked"), ("address", "10.2.0.9")])
            .await
            .unwrap();
        other.remove(menu, &id).await.unwrap();
        id
    };
    let (listened, id) = tokio::join!(listening, changing);
    listened.unwrap();
    assert_eq!(
        heard,
        [format!("{id} is 10.2.0.9"), format!("{id} is gone")]
    );
}

#[tokio::test]
async fn many_rows_are_removed_at_once() {
    let (simulator, options) = simulated(|_| {}).await;
    let router = Router::connect(&options).await.unwrap();
    assert_eq!(many::remove_old(&router).await.unwrap(), 2);
    assert_eq!(simulator.rows("/ip/firewall/address-list").len(), 1);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn the_certificate_that_was_seen_is_pinned() {
    use std::sync::Arc;

    use routeros_sim::rustls::ServerConfig;
    use routeros_sim::rustls::crypto::ring::default_provider;
    use routeros_sim::rustls::pki_types::PrivateKeyDer;

    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["router".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let (_simulator, options) = simulated(|options| options.tls = Some(Arc::new(tls))).await;
    let limit = std::time::Duration::from_secs(10);
    let seen = routeros_api::fingerprint("127.0.0.1", options.port, limit)
        .await
        .unwrap();
    let written = routeros_api::fingerprint_text(&seen);
    assert_eq!(pinned::pin(&written), Some(seen));
    assert!(pinned::pin("AB").is_none());
    let good = pinned::pinned(options.clone(), seen);
    assert!(Router::connect(&good).await.is_ok());
    let other = pinned::pinned(options, [7; 32]);
    assert!(Router::connect(&other).await.is_err());
}
