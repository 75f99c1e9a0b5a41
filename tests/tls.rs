//! TLS to the router, from the command line: what is trusted, and what is said when it is not.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use routeros_sim::{Options, Simulator, State};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::runtime::Runtime;

use crate::support::tikbook::Tikbook;

struct Router {
    simulator: Simulator,
    certificate: String,
    _runtime: Runtime,
}

fn router() -> Router {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let runtime = Runtime::new().unwrap();
    let simulator = runtime
        .block_on(Simulator::start(Options {
            user: "audit".to_owned(),
            password: "s3cret".to_owned(),
            state: State::from_json("{\"/system/identity\": [{\"name\": \"gw\"}]}").unwrap(),
            tls: Some(Arc::new(tls)),
            ..Options::default()
        }))
        .unwrap();
    Router {
        simulator,
        certificate: cert.pem(),
        _runtime: runtime,
    }
}

impl Router {
    fn address(&self) -> String {
        self.simulator.address().to_string()
    }

    /// Reads the router's name over TLS.
    fn read(&self) -> Tikbook {
        let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                      fn run(args) { #{ name: mikrotik::rows(\"/system/identity\")[0].name } }\n";
        self.site()
            .file("reads.rhai", script)
            .args(["run", "./reads.rhai", "--json"])
    }

    /// A `tikbook` that knows the router, and not yet what to trust.
    fn site(&self) -> Tikbook {
        Tikbook::new()
            .env("MIKROTIK_HOST", "127.0.0.1")
            .env("MIKROTIK_PORT", self.simulator.address().port().to_string())
            .env("MIKROTIK_USERNAME", "audit")
            .env("MIKROTIK_PASSWORD", "s3cret")
            .env("MIKROTIK_USE_SSL", "True")
            .env("TIKBOOK_TIMEOUT", "5s")
            .file("ca.pem", &self.certificate)
    }
}

#[test]
fn the_fingerprint_that_is_shown_can_be_pinned() {
    let router = router();
    let shown = Tikbook::new()
        .args(["fingerprint", &router.address()])
        .run()
        .code(0)
        .stdout;
    assert_eq!(shown.trim().split(':').count(), 32, "{shown}");
    let output = router
        .read()
        .env("MIKROTIK_TLS_PIN_SHA256", shown.trim())
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["name"], "gw");
}

#[test]
fn another_certificate_than_the_pinned_one_is_refused_and_both_are_shown() {
    let router = router();
    let pin = ["AB"; 32].join(":");
    let output = router
        .read()
        .env("MIKROTIK_TLS_PIN_SHA256", &pin)
        .run()
        .code(4);
    let shown = Tikbook::new()
        .args(["fingerprint", &router.address()])
        .run()
        .code(0)
        .stdout;
    // Whole, so that they can be compared and copied.
    assert!(output.stderr.contains(&pin), "{}", output.stderr);
    assert!(output.stderr.contains(shown.trim()), "{}", output.stderr);
}

#[test]
fn the_doctor_tells_a_certificate_that_has_changed_from_a_dead_router() {
    let router = router();
    let output = router
        .site()
        .env("MIKROTIK_TLS_PIN_SHA256", ["AB"; 32].join(":"))
        .args(["--json", "doctor"])
        .run()
        .code(4);
    let report = output.stdout_json();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == "router").unwrap();
    assert_eq!(check["status"], "fail");
    let evidence = check["evidence"].as_str().unwrap();
    assert!(evidence.contains("AB:AB"), "the pin: {evidence}");
    let advice = check["advice"].as_str().unwrap();
    assert!(advice.contains("certificate"), "{advice}");
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_named_and_not_otherwise() {
    let router = router();
    let output = router
        .read()
        .env("MIKROTIK_TLS_CA_FILE", "ca.pem")
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["name"], "gw");
    let output = router
        .read()
        .env("MIKROTIK_SSL_VERIFY", "True")
        .run()
        .code(4);
    assert!(output.stderr.contains("fingerprint"), "{}", output.stderr);
}

#[test]
fn tls_that_nobody_checks_is_refused_with_the_way_to_pin() {
    let router = router();
    let output = router.read().run().code(2);
    assert!(
        output.stderr.contains("tikbook fingerprint"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_setting_of_tls_that_says_nothing_is_refused_before_anything_is_sent() {
    let router = router();
    for (name, value, words) in [
        ("MIKROTIK_USE_SSL", "enabled", "True or False"),
        ("MIKROTIK_TLS_PIN_SHA256", "", "it is empty"),
        ("MIKROTIK_TLS_CA_FILE", "", "it is empty"),
    ] {
        let output = router.read().env(name, value).run().code(2);
        for words in [name, words] {
            assert!(output.stderr.contains(words), "{}", output.stderr);
        }
    }
}

#[test]
fn a_port_with_tls_that_is_spoken_to_without_it_is_named() {
    let router = router();
    let output = router.read().env("MIKROTIK_USE_SSL", "False").run().code(4);
    assert!(
        output.stderr.contains("this port speaks TLS"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_port_without_tls_has_no_fingerprint() {
    let runtime = Runtime::new().unwrap();
    let plain = runtime
        .block_on(Simulator::start(Options::default()))
        .unwrap();
    let output = Tikbook::new()
        .args([
            "fingerprint",
            &plain.address().to_string(),
            "--timeout",
            "5s",
        ])
        .run()
        .code(4);
    for words in ["this port speaks the API without TLS", "8729"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
}
