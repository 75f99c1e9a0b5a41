//! What each mode of each service's TLS checks: every certificate a server may show, and a server without
//! TLS, by every mode.
//!
//! PostgreSQL as libpq's manual has it ("SSL Support", table "SSL Mode Descriptions"), MariaDB as
//! `--ssl-mode` of MySQL's manual has it, Redis as redis-py has it, the router as `routeros-api` says.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use routeros_sim::{Options, Simulator, State};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::redis::Server;
use crate::support::tikbook::Tikbook;
use crate::support::{mariadb, postgres, server};

/// What a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Signed by the authority that is trusted, for the name by which the server is asked, valid now.
    Right,
    Expired,
    /// Valid from a later day on.
    Future,
    /// Signed by another authority.
    Foreign,
    WrongHost,
    /// It does not speak TLS at all.
    Plain,
}

use Shown::{Expired, Foreign, Future, Plain, Right, WrongHost};

const SHOWN: [Shown; 6] = [Right, Expired, Future, Foreign, WrongHost, Plain];
/// Any certificate.
const ANY: &[Shown] = &[Right, Expired, Future, Foreign, WrongHost];
/// Any certificate, and none.
const ALL: &[Shown] = &SHOWN;

/// The only name in a certificate that is right.
const NAME: &str = "localhost";

struct Authority {
    right: CertifiedIssuer<'static, KeyPair>,
    other: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

/// A certificate with its key, as files and in PEM.
struct Pair {
    certificate: String,
    key: String,
    certificate_file: PathBuf,
    key_file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        let issuer = || {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let folder = TempDir::with_prefix("tikbook-tls-").unwrap();
        let right = issuer();
        fs::write(folder.path().join("ca.pem"), right.pem()).unwrap();
        Self {
            right,
            other: issuer(),
            folder,
        }
    }

    /// The file of what is trusted.
    fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// What a server with this certificate has; a plain one has nothing of it.
    fn pair(&self, shown: Shown) -> Pair {
        let name = match shown {
            WrongHost => "elsewhere.example",
            _ => NAME,
        };
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        match shown {
            Expired => {
                params.not_before = date_time_ymd(2019, 1, 1);
                params.not_after = date_time_ymd(2020, 1, 1);
            }
            Future => {
                params.not_before = date_time_ymd(2190, 1, 1);
                params.not_after = date_time_ymd(2200, 1, 1);
            }
            _ => {}
        }
        let issuer = match shown {
            Foreign => &self.other,
            _ => &self.right,
        };
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap().pem();
        let key = key.serialize_pem();
        let file = |end: &str, text: &str| {
            let path = self.folder.path().join(format!("{shown:?}.{end}"));
            fs::write(&path, text).unwrap();
            path
        };
        Pair {
            certificate_file: file("crt", &certificate),
            key_file: file("key", &key),
            certificate,
            key,
        }
    }
}

impl Pair {
    fn config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Arc::new(config)
    }

    /// The fingerprint of the certificate, as a pin is written.
    fn pin(&self) -> String {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        hex::encode(Sha256::digest(&certificate))
    }
}

/// What became of an attempt is what `accepted` says; a refusal is one of a service that was not reached.
fn judge(tikbook: Tikbook, mode: impl fmt::Display, shown: Shown, accepted: &[Shown]) {
    // Who speaks without TLS to a port that wants it is not answered.
    let (expected, limit) = match accepted.contains(&shown) {
        true => (0, "60s"),
        false => (4, "3s"),
    };
    let output = tikbook.env("TIKBOOK_TIMEOUT", limit).run();
    let code = output.status.code();
    assert_eq!(code, Some(expected), "{mode} and {shown:?}: {output}");
}

#[test]
fn postgresql_checks_what_libpqs_modes_say() {
    let authority = Authority::new();
    let root = authority.file();
    for shown in SHOWN {
        let server = match shown {
            Plain => postgres::Server::start(),
            _ => {
                let pair = authority.pair(shown);
                postgres::Server::start_with_tls(&pair.certificate, &pair.key)
            }
        };
        let database = server.database();
        for (mode, root, accepted) in [
            ("disable", Some(&root), ALL),
            ("allow", Some(&root), ALL),
            ("prefer", Some(&root), ALL),
            ("require", None, ANY),
            ("require", Some(&root), &[Right, WrongHost]),
            ("verify-ca", Some(&root), &[Right, WrongHost]),
            ("verify-full", Some(&root), &[Right]),
            // Nothing of a test is signed by a public authority.
            ("verify-ca", None, &[]),
            ("verify-full", None, &[]),
        ] {
            let root = root.map_or(String::new(), |root| format!("&sslrootcert={root}"));
            let url = database.url().replace("127.0.0.1", NAME);
            let url = format!("{url}?sslmode={mode}{root}");
            let tikbook = Tikbook::new().args(["run", "-e", "db::value(\"SELECT 1\")"]);
            let mode = format!("sslmode={mode}{root}");
            judge(tikbook.env("DATABASE_URL", url), mode, shown, accepted);
        }
    }
}

#[test]
fn mariadb_checks_what_mysqls_modes_say() {
    let authority = Authority::new();
    let root = authority.file();
    let own = authority.folder.path().join("own");
    fs::create_dir(&own).unwrap();
    let [certificate, key] = ["crt", "key"].map(|end| own.join(end));
    let put = |pair: &Pair| {
        fs::copy(&pair.certificate_file, &certificate).unwrap();
        fs::copy(&pair.key_file, &key).unwrap();
    };
    put(&authority.pair(Right));
    let with_tls = mariadb::Server::start_with(&[
        &format!("--ssl-cert={}", certificate.display()),
        &format!("--ssl-key={}", key.display()),
    ]);
    let without = mariadb::Server::start_with(&["--skip-ssl"]);
    for shown in SHOWN {
        let server = match shown {
            Plain => &without,
            _ => {
                put(&authority.pair(shown));
                with_tls.database().execute("FLUSH SSL");
                &with_tls
            }
        };
        let database = server.database();
        for (mode, root, accepted) in [
            ("DISABLED", Some(&root), ALL),
            ("PREFERRED", Some(&root), ALL),
            ("REQUIRED", None, ANY),
            ("REQUIRED", Some(&root), &[Right, WrongHost]),
            ("VERIFY_CA", Some(&root), &[Right, WrongHost]),
            ("VERIFY_IDENTITY", Some(&root), &[Right]),
            ("VERIFY_IDENTITY", None, &[]),
        ] {
            let root = root.map_or(String::new(), |root| format!("&ssl_ca={root}"));
            let url = database.url().replace("127.0.0.1", NAME);
            let url = format!("{url}?ssl_mode={mode}{root}");
            let tikbook = Tikbook::new().args(["run", "-e", "db::value(\"SELECT 1\")"]);
            let mode = format!("ssl_mode={mode}{root}");
            judge(tikbook.env("DATABASE_URL", url), mode, shown, accepted);
        }
    }
}

#[test]
fn redis_checks_what_redis_py_does() {
    let authority = Authority::new();
    let root = authority.file();
    for shown in SHOWN {
        let pair = authority.pair(shown);
        let port = server::free_port();
        let file = |path: &Path| path.display().to_string();
        let running = match shown {
            Plain => Server::start(),
            _ => Server::start_with(&[
                "--tls-port",
                &port.to_string(),
                "--tls-cert-file",
                &file(&pair.certificate_file),
                "--tls-key-file",
                &file(&pair.key_file),
                "--tls-ca-cert-file",
                &root,
                "--tls-auth-clients",
                "no",
            ]),
        };
        let port = match shown {
            Plain => running.port(),
            _ => port,
        };
        for (scheme, options, accepted) in [
            ("redis", String::new(), &[Plain][..]),
            ("rediss", "?ssl_cert_reqs=none".to_owned(), ANY),
            (
                "rediss",
                format!("?ssl_cert_reqs=none&ssl_ca_certs={root}"),
                ANY,
            ),
            ("rediss", format!("?ssl_ca_certs={root}"), &[Right]),
            (
                "rediss",
                format!("?ssl_cert_reqs=required&ssl_ca_certs={root}"),
                &[Right],
            ),
            ("rediss", String::new(), &[]),
        ] {
            let url = format!("{scheme}://{NAME}:{port}/0{options}");
            let tikbook = Tikbook::new().args(["run", "-e", "redis::exists(\"x\")"]);
            judge(tikbook.env("REDIS_URL", &url), url, shown, accepted);
        }
    }
}

#[test]
fn a_router_is_checked_by_authority_or_by_pin() {
    let authority = Authority::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for shown in SHOWN {
        let pair = authority.pair(shown);
        let options = Options {
            user: "audit".to_owned(),
            password: "s3cret".to_owned(),
            state: State::from_json("{\"/system/identity\": [{\"name\": \"gw\"}]}").unwrap(),
            tls: (shown != Plain).then(|| pair.config()),
            ..Options::default()
        };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let port = simulator.address().port();
        for (tls, accepted) in [
            ("false".to_owned(), &[Plain][..]),
            ("true".to_owned(), &[]),
            (
                format!("{{ ca_file = \"{}\" }}", authority.file()),
                &[Right],
            ),
            // Whoever has the key of this certificate is the router.
            (format!("{{ pin_sha256 = \"{}\" }}", pair.pin()), ANY),
            (format!("{{ pin_sha256 = \"{}\" }}", "0".repeat(64)), &[]),
        ] {
            let config = format!(
                "[sites.n.routers.gw]\nhost = \"{NAME}\"\nport = {port}\nuser = \"audit\"\n\
                 password_env = \"ROUTER\"\ntls = {tls}\n"
            );
            let tikbook = Tikbook::new()
                .file("tikbook.toml", config)
                .env("ROUTER", "s3cret")
                .args(["run", "-e", "mikrotik::rows(\"/system/identity\")[0].name"]);
            judge(tikbook, format!("tls = {tls}"), shown, accepted);
        }
    }
}

#[test]
fn an_engine_is_checked_as_the_docker_command_does() {
    let authority = Authority::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for shown in SHOWN {
        let pair = authority.pair(shown);
        let port = runtime.block_on(engine((shown != Plain).then(|| pair.config())));
        for (checks, accepted) in [(true, &[Right][..]), (false, &[Plain])] {
            let mut tikbook = Tikbook::new()
                .args(["run", "-e", "docker::containers().len()"])
                .env("DOCKER_HOST", format!("tcp://{NAME}:{port}"));
            if checks {
                let folder = authority.folder.path();
                tikbook = tikbook
                    .env("DOCKER_TLS_VERIFY", "1")
                    .env("DOCKER_CERT_PATH", folder);
            }
            judge(
                tikbook,
                format!("DOCKER_TLS_VERIFY: {checks}"),
                shown,
                accepted,
            );
        }
    }
}

/// The port of an Engine that has no containers.
async fn engine(tls: Option<Arc<ServerConfig>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let Some(config) = &tls else {
                tokio::spawn(async move { answer(&mut stream).await });
                continue;
            };
            let acceptor = TlsAcceptor::from(config.clone());
            tokio::spawn(async move {
                // One that is not trusted is left.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    answer(&mut stream).await;
                }
            });
        }
    });
    port
}

async fn answer(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) {
    let mut asked = [0; 4096];
    let length = stream.read(&mut asked).await.unwrap_or_default();
    let is_list = String::from_utf8_lossy(&asked[..length]).contains("/containers/");
    let body = match is_list {
        true => "[]",
        false => "{\"Version\": \"26.1.5\"}",
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all((head + body).as_bytes()).await;
    let _ = stream.shutdown().await;
}
