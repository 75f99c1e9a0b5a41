//! TLS to real PostgreSQL and MariaDB: which certificate is accepted by which options of the URL, as
//! libpq does, and SQLAlchemy with PyMySQL.

use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tikbook::config::{DatabaseTarget, Limits, Secrets};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::database::Database;

use crate::support::tikbook::{Output, Tikbook};
use crate::support::{mariadb, postgres};

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

/// The database, or nothing where its certificate is not trusted.
async fn connected(url: &str) -> Option<Database> {
    let limits = Limits {
        connect: Duration::from_secs(30),
        ..Limits::default()
    };
    let target = DatabaseTarget::parse(url, &Secrets::default()).unwrap();
    let connecting = Database::connect(&target, &limits).await;
    if let Err(error) = &connecting {
        assert_eq!(error.kind(), Kind::Unreachable, "{url}: {error}");
    }
    connecting.ok()
}

#[tokio::test]
async fn a_root_file_makes_every_mode_from_require_on_check_the_certificate() {
    let site = site();
    let absent = site.right.with_extension("absent");
    let (right, other) = (Some(&site.right), Some(&site.other));
    for (mode, root, host, accepted) in [
        // Without a mode the file is not named in vain.
        ("", right, "127.0.0.1", true),
        ("", other, "127.0.0.1", false),
        ("allow", None, "127.0.0.1", true),
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
        let mode_option = (!mode.is_empty()).then(|| format!("sslmode={mode}"));
        let root = root.map(|root| format!("sslrootcert={}", root.display()));
        let options: Vec<String> = mode_option.into_iter().chain(root).collect();
        let options = options.join("&");
        let url = site.url(host, &options);
        let database = connected(&url).await;
        assert_eq!(database.is_some(), accepted, "{host} {options}");
        if let Some(database) = database {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let rows = database.rows(sql, vec![]).await.unwrap();
            let encrypted = tikbook::session::database::SqlValue::Bool(mode != "disable");
            assert_eq!(rows.value(0, 0).unwrap(), encrypted, "{host} {options}");
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

/// `db::value` on this database.
fn read(url: &str) -> Tikbook {
    Tikbook::new()
        .args(["run", "-e", "db::value(\"SELECT 1\")"])
        .env("DATABASE_URL", url)
}

/// The error as it was before it was broken into lines.
fn said(output: &Output) -> String {
    output.stderr.replace(
        "
  │ ", " ",
    )
}

#[test]
fn what_the_url_does_not_say_comes_from_libpqs_variables() {
    let site = site();
    let plain = postgres::database();
    let (right, other) = (
        site.right.display().to_string(),
        site.other.display().to_string(),
    );
    let (mode, root) = ("PGSSLMODE", "PGSSLROOTCERT");
    let url = site.database.url();
    let disabled = site.url("127.0.0.1", "sslmode=disable");
    let preferred = site.url("127.0.0.1", "sslmode=prefer");
    for (url, variables, code) in [
        (&url, &[(mode, "verify-full"), (root, &*other)][..], 4),
        (&url, &[(mode, "require"), (root, &*other)], 4),
        (&url, &[(mode, "require"), (root, &*right)], 0),
        (&url, &[(root, &*other)], 4),
        (&url, &[(root, &*right)], 0),
        (&url, &[(mode, "prefer"), (root, &*other)], 0),
        (&plain.url(), &[(mode, "require")], 4),
        (&plain.url(), &[(mode, "prefer")], 0),
        (&disabled, &[(mode, "verify-full"), (root, &*other)], 0),
        (&preferred, &[(mode, "verify-full"), (root, &*other)], 0),
        (&url, &[(mode, "verify-everything")], 2),
    ] {
        let tikbook = variables
            .iter()
            .fold(read(url), |tikbook, (name, value)| tikbook.env(name, value));
        let output = tikbook.run();
        let found = output.status.code();
        assert_eq!(found, Some(code), "{url} {variables:?}\n{output}");
    }
}

#[test]
fn what_a_database_url_or_libpqs_variables_ask_for_in_vain_is_refused() {
    let site = site();
    let right = site.right.display();
    let checked = site.url(NAME, &format!("sslmode=verify-full&sslrootcert={right}"));
    read(&checked).run().code(0);
    for (option, named) in [
        ("sslcrl=/nowhere.pem", "`sslcrl`"),
        ("channel_binding=require", "`channel_binding`"),
        ("require_auth=scram-sha-256", "`require_auth`"),
        (
            "ssl_min_protocol_version=TLSv1.3",
            "`ssl_min_protocol_version`",
        ),
        ("sslmod=verify-full", "did you mean `sslmode`?"),
        ("sslrootcrt=/nowhere.pem", "did you mean `sslrootcert`?"),
    ] {
        let refused = read(&format!("{checked}&{option}")).run().code(2);
        assert!(said(&refused).contains(named), "{option}: {refused}");
    }
    for (variable, value) in [
        ("PGSSLCRL", "/nowhere.pem"),
        ("PGCHANNELBINDING", "require"),
        ("PGREQUIREAUTH", "scram-sha-256"),
        ("PGSSLMINPROTOCOLVERSION", "TLSv1.3"),
    ] {
        let refused = read(&checked).env(variable, value).run().code(2);
        assert!(refused.stderr.contains(variable), "{refused}");
    }
    let revoked = ".postgresql/root.crl";
    let refused = read(&checked).file(revoked, "").run().code(2);
    assert!(refused.stderr.contains("root.crl"), "{refused}");
    // Where nothing is checked, nothing is looked up in it.
    let unchecked = site.url(NAME, "sslmode=require");
    read(&unchecked).file(revoked, "").run().code(0);
    for option in ["ssl_crl=/nowhere.pem", "tls=true", "ssl_moed=REQUIRED"] {
        let name = option.split('=').next().unwrap();
        let refused = read(&format!("mysql://u:p@127.0.0.1/d?{option}"));
        let refused = refused.run().code(2);
        assert!(refused.stderr.contains(&format!("`{name}`")), "{refused}");
    }
    // What only tunes a driver is not minded.
    let tuned = "application_name=portal&connect_timeout=5&target_session_attrs=any";
    read(&format!("{checked}&{tuned}")).run().code(0);
}

#[test]
fn a_root_file_that_is_missing_is_named() {
    let site = site();
    let url = site.url(
        NAME,
        "sslmode=verify-full&sslrootcert=/nowhere/authority.pem",
    );
    let mysql = "mysql://u:p@127.0.0.1:9/d?ssl_ca=/nowhere/authority.pem";
    for url in [url.as_str(), mysql] {
        let run = read(url).run().code(4);
        // The path itself may be broken at a slash.
        let said = run.stderr.replace("\n  │ ", "");
        assert!(said.contains("/nowhere/authority.pem"), "{run}");
        let doctor = Tikbook::new()
            .args(["--json", "doctor"])
            .env("DATABASE_URL", url)
            .run();
        assert!(doctor.stdout.contains("/nowhere/authority.pem"), "{doctor}");
    }
}

#[test]
fn on_a_unix_socket_there_is_no_tls_to_ask_for() {
    let server = postgres::Server::start();
    let database = server.database();
    let url = database.url();
    let (front, port_and_name) = url.split_once("@127.0.0.1:").unwrap();
    let (port, name) = port_and_name.split_once('/').unwrap();
    let folder = server.socket_folder().display();
    let options = "sslmode=verify-full&sslrootcert=/nowhere.pem";
    let url = format!("{front}@/{name}?host={folder}&port={port}&{options}");
    read(&url).env("PGSSLCRL", "/nowhere.pem").run().code(0);
}

#[test]
fn the_roots_of_the_system_check_the_host_too_and_no_weaker_mode_goes_with_them() {
    let site = site();
    let read = |url: String| read(&url);
    // No authority of the system signed it.
    for url in [
        site.url(NAME, "sslrootcert=system"),
        site.url(NAME, "sslrootcert=system&sslmode=verify-full"),
    ] {
        let refused = read(url).run().code(4);
        assert!(refused.stderr.contains("certificate"), "{refused}");
    }
    let by_variable = read(site.url(NAME, "sslmode=require"));
    by_variable.env("PGSSLROOTCERT", "system").run().code(4);
    let off = read(site.url(NAME, "sslmode=disable"));
    off.env("PGSSLROOTCERT", "system").run().code(0);
    let weak = read(site.url(NAME, "sslrootcert=system&sslmode=require"));
    let weak = weak.run().code(2);
    assert!(weak.stderr.contains("sslmode=verify-full"), "{weak}");
}

#[tokio::test]
async fn a_file_of_authorities_makes_mariadb_be_checked_by_it() {
    let folder = TempDir::with_prefix("tikbook-tls-").unwrap();
    let (right, other) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new([NAME.to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &right).unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let certificate = file("server.pem", certificate.pem());
    let key = file("server.key", key.serialize_pem());
    let (right, other) = (
        file("right.pem", right.pem()),
        file("other.pem", other.pem()),
    );
    let (certificate, key) = (
        format!("--ssl-cert={certificate}"),
        format!("--ssl-key={key}"),
    );
    let server = mariadb::Server::start_with(&[&certificate, &key]);
    let database = server.database();
    for (options, host, accepted) in [
        ("ssl_ca=RIGHT", NAME, true),
        ("ssl_ca=RIGHT", "127.0.0.1", false),
        ("ssl_ca=OTHER", NAME, false),
        ("ssl-ca=OTHER", NAME, false),
        ("sslmode=required&ssl_ca=OTHER", NAME, false),
        ("ssl_ca=RIGHT&ssl_check_hostname=false", "127.0.0.1", true),
        ("ssl_ca=OTHER&ssl_check_hostname=false", "127.0.0.1", false),
        ("ssl_ca=RIGHT&ssl_mode=REQUIRED", "127.0.0.1", true),
        ("ssl_ca=OTHER&ssl_mode=REQUIRED", "127.0.0.1", false),
        ("ssl_ca=RIGHT&ssl_verify_cert=true", "127.0.0.1", true),
        ("ssl_ca=OTHER&ssl_verify_cert=true", "127.0.0.1", false),
        (
            "ssl_verify_cert=true&ssl_ca=OTHER&ssl_mode=REQUIRED",
            NAME,
            false,
        ),
        ("ssl_ca=RIGHT&ssl_verify_identity=true", "127.0.0.1", false),
        ("ssl_mode=VERIFY_IDENTITY&ssl_ca=RIGHT", NAME, true),
        ("ssl_verify_cert=true", NAME, false),
        ("ssl=true", "127.0.0.1", true),
        ("ssl_check_hostname=true", "127.0.0.1", true),
        ("ssl-verify-server-cert=true&ssl_ca=RIGHT", NAME, true),
        ("ssl-verify-server-cert=true&ssl_ca=OTHER", NAME, false),
        ("ssl-verify-server-cert=true", NAME, false),
        ("ssl_ca=OTHER&ssl_disabled=true", "127.0.0.1", true),
    ] {
        let options = options.replace("RIGHT", &right).replace("OTHER", &other);
        let url = format!("{}?{options}", database.url().replace("127.0.0.1", host));
        let database = connected(&url).await;
        assert_eq!(database.is_some(), accepted, "{host} {options}");
        if let Some(database) = database {
            let cipher = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
            let rows = database.rows(cipher, vec![]).await.unwrap();
            let cipher = rows.value(0, 1).unwrap().text().unwrap_or_default();
            let is_off = options.contains("ssl_disabled");
            assert_eq!(cipher.is_empty(), is_off, "{host} {options}: {cipher}");
        }
    }
}
