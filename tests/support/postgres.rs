//! Real PostgreSQL: one server for the whole test process, a fresh database for each test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::on_server::{self, Engine, run_on};
use super::portal::{self, Dialect};
use super::{block_on, program, server};

/// Everybody's role in these servers, the owner of all databases.
pub const USER: &str = "tikbook";
/// Its password, asked for over TCP only.
pub const PASSWORD: &str = "pg-secret";

const PACKAGE: &str = "postgresql";
/// The account that PostgreSQL's Debian package makes, because the server refuses root.
const ACCOUNT: &str = "postgres";
const TEMPLATE: &str = "portal_template";

/// A PostgreSQL server; the shared one of [`database`], or one that a test may stop and kill.
pub struct Server {
    server: server::Server,
    port: u16,
    template: OnceLock<()>,
    databases: AtomicUsize,
}

/// A database of a test, dropped with the value.
pub type Database = on_server::Database<Postgres>;

/// What is PostgreSQL's own.
pub struct Postgres;

/// A fresh, empty database on the shared server.
pub fn database() -> Database {
    shared().database()
}

/// A fresh database with the portal's empty tables on the shared server.
pub fn database_with_schema() -> Database {
    shared().database_with_schema()
}

impl Database {
    /// Fills the portal's tables from another oracle case, in place of all rows that there are. The
    /// tables are as new ones then: rows come in the order of the case.
    pub fn replace(&self, case: &Value) {
        let emptied = format!("TRUNCATE TABLE {} CASCADE;\n", portal::TABLES.join(", "));
        self.execute(&(emptied + portal::inserts(case, Dialect::Postgres).as_str()));
    }
}

impl Server {
    /// Starts a server of its own, for tests that stop it.
    pub fn start() -> Server {
        server::on_a_free_port(|port| Server::start_on(port, None))
    }

    /// Starts a server of its own that speaks TLS, with a certificate and its key in PEM.
    pub fn start_with_tls(certificate: &str, key: &str) -> Server {
        server::on_a_free_port(|port| Server::start_on(port, Some((certificate, key))))
    }

    /// A fresh, empty database.
    pub fn database(&self) -> Database {
        self.create("template1")
    }

    /// A fresh database with the portal's empty tables.
    pub fn database_with_schema(&self) -> Database {
        self.template.get_or_init(|| {
            let run = on_server::execute::<Postgres>;
            run(
                self.port,
                Postgres::HOME,
                &format!("CREATE DATABASE {TEMPLATE}"),
            );
            run(self.port, TEMPLATE, &portal::schema(Dialect::Postgres));
        });
        self.create(TEMPLATE)
    }

    /// The folder of the unix socket, as a URL's `host=` wants it.
    pub fn socket_folder(&self) -> &Path {
        self.server.folder()
    }

    /// Ends the server at once, all its connections with it.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    fn start_on(port: u16, tls: Option<(&str, &str)>) -> Result<Server, String> {
        let folder = server::folder("pg");
        let (certificate_file, key_file) = (folder.join("tls.crt"), folder.join("tls.key"));
        if let Some((certificate, key)) = tls {
            fs::write(&certificate_file, certificate).expect("the server's folder is writable");
            fs::write(&key_file, key).expect("the server's folder is writable");
            // The server refuses a key that others may read.
            fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600))
                .expect("the server's folder is writable");
        }
        initialise(&folder);
        let mut command = program::as_account(ACCOUNT, &program::find("postgres", PACKAGE));
        command
            .arg("-D")
            .arg(folder.join("data"))
            .arg("-k")
            .arg(&folder);
        command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // A test server may lose its data with the machine.
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=100",
        ] {
            command.args(["-c", setting]);
        }
        if tls.is_some() {
            command.args(["-c", "ssl=on"]);
            for (setting, file) in [
                ("ssl_cert_file", &certificate_file),
                ("ssl_key_file", &key_file),
            ] {
                command
                    .arg("-c")
                    .arg(format!("{setting}={}", file.display()));
            }
        }
        let ready = || block_on(connect(port, "postgres")).is_ok();
        let server = server::Server::start(command, folder, server::Stop::Process("QUIT"), ready)?;
        Ok(Server {
            server,
            port,
            template: OnceLock::new(),
            databases: AtomicUsize::new(0),
        })
    }

    fn create(&self, template: &str) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let like = format!("TEMPLATE {template}");
        Database::create(self.port, format!("test_{number}"), &like)
    }
}

fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(Server::start)
}

fn initialise(folder: &Path) {
    let password_file = folder.join("password");
    fs::write(&password_file, PASSWORD).expect("the server's folder is writable");
    if program::is_root() {
        program::must_succeed(
            std::process::Command::new("chown")
                .args(["-R", ACCOUNT])
                .arg(folder),
        );
    }
    let mut initdb = program::as_account(ACCOUNT, &program::find("initdb", PACKAGE));
    initdb
        .arg("-D")
        .arg(folder.join("data"))
        .arg("--pwfile")
        .arg(&password_file);
    initdb.args([
        "-U",
        USER,
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
    ]);
    initdb.args([
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]);
    program::must_succeed(initdb.current_dir(folder));
}

impl Engine for Postgres {
    const NAME: &'static str = "PostgreSQL";
    const DIALECT: Dialect = Dialect::Postgres;
    const SCHEME: &'static str = "postgresql+psycopg2";
    const LOGIN: (&'static str, &'static str) = (USER, PASSWORD);
    const HOME: &'static str = "postgres";
    const FORCE: &'static str = " WITH (FORCE)";

    fn run(port: u16, database: &str, sql: &str) -> Result<(), sqlx::Error> {
        run_on(connect(port, database), sql)
    }
}

async fn connect(port: u16, database: &str) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .database(database);
    PgConnection::connect_with(&options.username(USER).password(PASSWORD)).await
}
