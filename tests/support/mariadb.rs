//! Real MariaDB: one server for the whole test process, a fresh database for each test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::Connection;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};

use super::on_server::{self, Engine, run_on};
use super::portal::{self, Dialect};
use super::{block_on, program, server};

/// Everybody's account in these servers.
pub const USER: &str = "tikbook";
/// Its password.
pub const PASSWORD: &str = "maria-secret";

const PACKAGE: &str = "mariadb-server";

/// A MariaDB server; the shared one of [`database`], or one that a test may stop and kill.
pub struct Server {
    server: server::Server,
    port: u16,
    databases: AtomicUsize,
}

/// A database of a test, dropped with the value.
pub type Database = on_server::Database<Mariadb>;

/// What is MariaDB's own.
pub struct Mariadb;

/// A fresh, empty database on the shared server.
pub fn database() -> Database {
    shared().database()
}

/// A fresh database with the portal's empty tables on the shared server.
pub fn database_with_schema() -> Database {
    let database = database();
    database.execute(&portal::schema(Dialect::MariaDb));
    database
}

impl Server {
    /// Starts a server of its own, for tests that stop it.
    pub fn start() -> Server {
        Server::start_with(&[])
    }

    /// Starts a server of its own with more of its own options, such as `--lower-case-table-names`.
    pub fn start_with(options: &[&str]) -> Server {
        server::on_a_free_port(|port| Server::start_on(port, options))
    }

    /// A fresh, empty database.
    pub fn database(&self) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        Database::create(self.port, format!("test_{number}"), "CHARACTER SET utf8mb4")
    }

    /// Ends the server at once, all its connections with it.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    fn start_on(port: u16, options: &[&str]) -> Result<Server, String> {
        let folder = server::folder("my");
        initialise(&folder);
        let mut command = mariadb("mariadbd", &folder);
        command.arg(format!("--socket={}", folder.join("socket").display()));
        command.arg(format!("--pid-file={}", folder.join("pid").display()));
        command.args([
            &format!("--port={port}"),
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
        ]);
        // A test server may lose its data with the machine.
        command.args([
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
        ]);
        command.arg(format!("--init-file={}", folder.join("init.sql").display()));
        command.args(options);
        let ready = || block_on(connect(port, "mysql")).is_ok();
        let server = server::Server::start(command, folder, server::Stop::Process("KILL"), ready)?;
        Ok(Server {
            server,
            port,
            databases: AtomicUsize::new(0),
        })
    }
}

fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(Server::start)
}

fn initialise(folder: &Path) {
    fs::create_dir(temporary(folder)).expect("the server's folder is writable");
    let account = format!(
        "CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
    );
    fs::write(folder.join("init.sql"), account).expect("the server's folder is writable");
    let mut install = mariadb("mariadb-install-db", folder);
    install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    program::must_succeed(install.current_dir(folder));
}

/// A program of MariaDB on the data in `folder`, without the machine's own configuration.
fn mariadb(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(program::find(name, PACKAGE));
    command
        .arg("--no-defaults")
        .arg(format!("--datadir={}", folder.join("data").display()))
        .env("TMPDIR", temporary(folder));
    if program::is_root() {
        command.arg("--user=root");
    }
    command
}

/// In a folder that servers share, each removes at its start what others left, or still use.
fn temporary(folder: &Path) -> PathBuf {
    folder.join("tmp")
}

impl Engine for Mariadb {
    const NAME: &'static str = "MariaDB";
    const DIALECT: Dialect = Dialect::MariaDb;
    const SCHEME: &'static str = "mysql+pymysql";
    const LOGIN: (&'static str, &'static str) = (USER, PASSWORD);
    const HOME: &'static str = "mysql";
    const FORCE: &'static str = "";

    fn run(port: u16, database: &str, sql: &str) -> Result<(), sqlx::Error> {
        run_on(connect(port, database), sql)
    }
}

async fn connect(port: u16, database: &str) -> Result<MySqlConnection, sqlx::Error> {
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .database(database);
    MySqlConnection::connect_with(&options.username(USER).password(PASSWORD)).await
}
