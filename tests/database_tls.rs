//! TLS to a real PostgreSQL: which certificate is accepted by which `sslmode`, as libpq does.

use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tikbook::config::{DatabaseTarget, Limits};
use tikbook::kind::Kind;
use tikbook::session::database::Database;

use crate::support::postgres;
use crate::support::tikbook::Tikbook;

/// The only name in the certificate of the server.
const NAME: &str = "localhost";

struct Site {
    database: postgres::Database,
    /// The certificate of the authority that signed the server's.
    right: PathBuf,
    /// That of another one.
    other: PathBuf,
    _server: postgres::Server,
    _folder: TempDir,
}

fn site() -> Site {
    let folder = TempDir::with_prefix("tikbook-tls-").unwrap();
    let (right, other) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new([NAME.to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &right).unwrap();
    let server = postgres::Server::start_with_tls(&certificate.pem(), &key.serialize_pem());
    let file = |name: &str, authority: &CertifiedIssuer<'_, KeyPair>| {
        let path = folder.path().join(name);
        std::fs::write(&path, authority.pem()).unwrap();
        path
    };
    Site {
        database: server.database(),
        right: file("right.pem", &right),
        other: file("other.pem", &other),
        _server: server,
        _folder: folder,
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Site {
    fn url(&self, host: &str, options: &str) -> String {
        let url = self.database.url().replace("127.0.0.1", host);
        format!("{url}?{options}")
    }
}

#[tokio::test]
async fn a_root_file_makes_every_mode_from_require_on_check_the_certificate() {
    let site = site();
    let absent = site.right.with_extension("absent");
    let (right, other) = (Some(&site.right), Some(&site.other));
    for (mode, root, host, accepted) in [
        ("require", None, "127.0.0.1", true),
        ("require", right, "127.0.0.1", true),
        ("require", other, "127.0.0.1", false),
        ("require", other, NAME, false),
        ("require", Some(&absent), NAME, false),
        ("verify-ca", right, "127.0.0.1", true),
        ("verify-ca", other, NAME, false),
        ("verify-ca", None, NAME, false),
        ("verify-full", right, NAME, true),
        ("verify-full", right, "127.0.0.1", false),
        ("verify-full", other, NAME, false),
        ("prefer", other, "127.0.0.1", true),
        ("disable", other, "127.0.0.1", true),
    ] {
        let mut options = format!("sslmode={mode}");
        if let Some(root) = root {
            options.push_str(&format!("&sslrootcert={}", root.display()));
        }
        let url = site.url(host, &options);
        let limits = Limits {
            connect: Duration::from_secs(30),
            ..Limits::default()
        };
        let target = DatabaseTarget::parse(&url).unwrap();
        match Database::connect(&target, &limits).await {
            Ok(database) => {
                assert!(accepted, "{host} {options}");
                let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
                let rows = database.rows(sql, vec![]).await.unwrap();
                let encrypted = tikbook::session::database::SqlValue::Bool(mode != "disable");
                assert_eq!(rows.value(0, 0).unwrap(), encrypted, "{host} {options}");
            }
            Err(error) => {
                assert!(!accepted, "{host} {options}: {error}");
                assert_eq!(error.kind(), Kind::Unreachable, "{error}");
            }
        }
    }
}

#[test]
fn the_root_file_is_looked_for_where_libpq_looks() {
    let site = site();
    let url = site.url("127.0.0.1", "sslmode=require");
    let read = || {
        let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"db\"] };\n\
                      fn run(args) { #{ one: db::value(\"SELECT 1\") } }\n";
        Tikbook::new()
            .file("reads.rhai", script)
            .args(["run", "./reads.rhai", "--json"])
            .env("DATABASE_URL", &url)
    };
    let pem = |path: &PathBuf| std::fs::read(path).unwrap();
    let default = ".postgresql/root.crt";
    read().run().code(0);
    read().file(default, pem(&site.right)).run().code(0);
    let refused = read().file(default, pem(&site.other)).run().code(4);
    assert!(refused.stderr.contains("certificate"), "{refused}");
    read().env("PGSSLROOTCERT", &site.right).run().code(0);
    read().env("PGSSLROOTCERT", &site.other).run().code(4);
    // The nearer one counts.
    read()
        .file(default, pem(&site.other))
        .env("PGSSLROOTCERT", &site.right)
        .run()
        .code(0);
    let named = site.url(
        "127.0.0.1",
        &format!("sslmode=require&sslrootcert={}", site.other.display()),
    );
    let nearest = read().env("DATABASE_URL", named);
    nearest.env("PGSSLROOTCERT", &site.right).run().code(4);
    // Who turns TLS off is not asked for a root file.
    let off = site.url("127.0.0.1", "sslmode=disable");
    let off = read().env("DATABASE_URL", off);
    off.env("PGSSLROOTCERT", &site.other).run().code(0);
}
