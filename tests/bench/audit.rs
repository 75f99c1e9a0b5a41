//! What an audit of a large site costs beside what the portal's own script at least needs.
//!
//! The script itself belongs to the portal. It reads the router's rows by the Python package
//! `routeros-api` and loads the users as objects of SQLAlchemy, and only then compares them. The
//! peer here does these two readings and nothing else, so its time is a floor of the script's: the
//! real ratio is larger than the one printed. It needs a Python that has the packages, named by
//! `TIKBOOK_PYTHON`: `pip install routeros-api SQLAlchemy psycopg2-binary`.

use std::env;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use routeros_sim::{Options, Simulator, State};
use tempfile::TempDir;

use crate::measure::{Cost, median, milliseconds, run};
use crate::support::postgres;

const USERS: usize = 50_000;
const USER: &str = "audit";
const PASSWORD: &str = "s3cret";
const PEER: &str = "
import sys, routeros_api, sqlalchemy, sqlalchemy.orm, sqlalchemy.ext.automap
port, count, url = sys.argv[1:]
pool = routeros_api.RouterOsApiPool('127.0.0.1', username='audit', password='s3cret', port=int(port), plaintext_login=True)
rows = pool.get_api().get_resource('/ip/firewall/address-list').get(list='blocked')
assert len(rows) == int(count), len(rows)
engine = sqlalchemy.create_engine(url)
tables = sqlalchemy.ext.automap.automap_base()
tables.prepare(autoload_with=engine)
users = sqlalchemy.orm.Session(engine).query(tables.classes.users).filter_by(is_active=True).all()
assert len(users) == 50000, len(users)
";

/// Prints the comparison for `rows` blocked rows.
pub fn measure(rows: usize, rounds: usize) {
    let site = Site::start(rows);
    let (mut audits, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        audits.push(run(&mut site.audit()));
        peers.extend(site.peer(rows).map(|mut command| run(&mut command)));
    }
    println!(
        "audit of {rows} blocked rows against {USERS} users, medians of {rounds} interleaved rounds"
    );
    let audit = print("tikbook --json run audit", &audits);
    if peers.is_empty() {
        println!(
            "  set TIKBOOK_PYTHON to a Python with routeros-api, SQLAlchemy and psycopg2-binary to compare"
        );
        return;
    }
    let peer = print("Python, only reading rows and users", &peers);
    println!(
        "  the floor of the portal's script / audit  {:.1} (wanted: 20 at least)\n",
        peer / audit
    );
}

/// Prints the median time and the greatest memory, and returns the time in seconds.
fn print(name: &str, costs: &[Cost]) -> f64 {
    let time = median(costs.iter().map(|cost| cost.time).collect());
    let memory = costs
        .iter()
        .map(|cost| cost.memory)
        .max()
        .unwrap_or_default() as f64
        / 1e6;
    println!("  {name:36} {:>10}  {memory:.0} MB", milliseconds(time));
    time.as_secs_f64()
}

struct Site {
    folder: TempDir,
    database: postgres::Database,
    router: Simulator,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    fn start(rows: usize) -> Site {
        let database = postgres::database_with_schema();
        database.execute(&users());
        database.execute("ANALYZE");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = Options {
            user: USER.into(),
            password: PASSWORD.into(),
            state: State::from_json(&router(rows)).unwrap(),
            ..Options::default()
        };
        let router = runtime.block_on(Simulator::start(options)).unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("peer.py"), PEER).unwrap();
        Site {
            folder,
            database,
            router,
            _runtime: runtime,
        }
    }

    fn audit(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path());
        command.env("DATABASE_URL", self.database.url());
        command
            .env("MIKROTIK_HOST", "127.0.0.1")
            .env("MIKROTIK_PORT", self.port());
        command
            .env("MIKROTIK_USERNAME", USER)
            .env("MIKROTIK_PASSWORD", PASSWORD);
        command.args(["--json", "run", "audit"]);
        command
    }

    fn peer(&self, rows: usize) -> Option<Command> {
        let python = env::var_os("TIKBOOK_PYTHON")?;
        let imports = "import psycopg2, routeros_api, sqlalchemy";
        let complete = Command::new(&python).args(["-c", imports]).output();
        if !complete.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let mut command = Command::new(python);
        command.arg(self.folder.path().join("peer.py")).args([
            self.port(),
            rows.to_string(),
            self.database.url(),
        ]);
        Some(command)
    }

    fn port(&self) -> String {
        self.router.address().port().to_string()
    }
}

/// Every tenth user is not blocked, so a tenth of the rows is stale; every seventh owes more than
/// the limit.
fn users() -> String {
    let mut sql = String::from(
        "INSERT INTO application_settings (setting_key, setting_value) VALUES ('QUOTA_DEBT_LIMIT_MB', '500');\n\
         INSERT INTO users (id, phone_number, full_name, role, approval_status, is_active, is_blocked, \
         total_quota_purchased_mb, total_quota_used_mb) VALUES\n",
    );
    for user in 0..USERS {
        let (blocked, used) = (user % 10 != 0, if user % 7 == 0 { 6000 } else { 1000 });
        let end = if user + 1 == USERS { ';' } else { ',' };
        let (id, phone) = (id(user), phone(user));
        writeln!(
            sql,
            "('{id}', '+62{phone}', 'User {user}', 'USER', 'APPROVED', true, {blocked}, 5120, {used}.25){end}"
        )
        .unwrap();
    }
    sql
}

fn router(rows: usize) -> String {
    let mut json =
        String::from("{\"/ip/hotspot/ip-binding\": [],\n\"/ip/firewall/address-list\": [\n");
    for row in 0..rows {
        let (user, number) = (row % USERS, row + 1);
        let address = format!(
            "10.{}.{}.{}",
            number >> 16 & 255,
            number >> 8 & 255,
            number & 255
        );
        let (id, phone) = (id(user), phone(user));
        let end = if number == rows { "]}" } else { "," };
        writeln!(
            json,
            "{{\".id\": \"*{number:X}\", \"list\": \"blocked\", \"address\": \"{address}\", \
             \"creation-time\": \"2026-01-09 03:34:00\", \"dynamic\": \"false\", \"disabled\": \"false\", \
             \"comment\": \"lpsaring|status=blocked|user=0{phone}|uid={id}|role=USER|ip={address}\
             |date=04-07-2026|time=18:59:07\"}}{end}"
        )
        .unwrap();
    }
    json
}

fn id(user: usize) -> String {
    format!(
        "{:08x}-5a17-4e0d-9c3a-{user:012x}",
        (user as u32).wrapping_mul(2_654_435_761)
    )
}

/// A number without the country's code or the leading zero.
fn phone(user: usize) -> String {
    format!("8{:09}", 120_000_000 + user)
}
