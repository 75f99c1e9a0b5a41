//! Statements that write, on real servers: how many rows they may change, and of which table.

use std::fmt::Display;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{mariadb, postgres, sqlite};

/// A database of a test, whichever server it is on.
enum Database {
    Postgres(postgres::Database),
    Mariadb(mariadb::Database),
    Sqlite(sqlite::Database),
}

impl Database {
    fn url(&self) -> String {
        match self {
            Self::Postgres(database) => database.url(),
            Self::Mariadb(database) => database.url(),
            Self::Sqlite(database) => database.url(),
        }
    }

    fn execute(&self, sql: &str) {
        match self {
            Self::Postgres(database) => database.execute(sql),
            Self::Mariadb(database) => database.execute(sql),
            Self::Sqlite(database) => database.execute(sql),
        }
    }

    /// A table `guests` of `count` rows, numbered from 1, and an empty table `others`.
    fn with_guests(self, count: usize) -> Self {
        for table in ["guests", "others"] {
            self.execute(&format!("CREATE TABLE {table} (number int, seen int)"));
        }
        let rows: Vec<String> = (1..=count).map(|n| format!("({n}, 0)")).collect();
        self.execute(&format!("INSERT INTO guests VALUES {}", rows.join(", ")));
        self
    }
}

/// A fresh database of each kind.
fn databases() -> [Database; 3] {
    [
        Database::Postgres(postgres::database()),
        Database::Mariadb(mariadb::database()),
        Database::Sqlite(sqlite::database()),
    ]
}

/// Says what became of the first statement.
const AFTER: &str = "fn after(args, done, report) {
    if done.len() > 0 { report.set(\"status\", done[0].status); report.set(\"said\", done[0].reason); }
}\n";

/// Runs the body of a runbook that may write `writes`.
fn run(database: &Database, writes: &[&str], body: &str, flags: &[&str]) -> Output {
    run_at(&database.url(), writes, body, flags)
}

/// Runs it as the account of `url`.
fn run_at(url: &str, writes: &[&str], body: &str, flags: &[&str]) -> Output {
    let script = format!(
        "//! Statements.\nconst RUNBOOK = #{{ reads: [\"db\"], writes: {writes:?} }};\n\
         fn run(args) {{ {body} }}\n{AFTER}"
    );
    Tikbook::new()
        .env("DATABASE_URL", url)
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai"])
        .args(flags)
        .run()
}

/// Executes one statement on `guests` or `others`.
fn execute(database: &Database, sql: &str, flags: &[&str]) -> Output {
    execute_at(&database.url(), sql, flags)
}

/// Executes it as the account of `url`.
fn execute_at(url: &str, sql: &str, flags: &[&str]) -> Output {
    let body = format!(
        "let done = db::execute({sql:?}, []); #{{ status: done.status, said: done.reason }}"
    );
    run_at(url, &["db:guests", "db:others"], &body, flags)
}

/// Applies a plan file.
fn apply(database: &Database, plan: &str, flags: &[&str]) -> Output {
    Tikbook::new()
        .env("DATABASE_URL", database.url())
        .args(["apply", plan, "--foreign"])
        .args(flags)
        .run()
}

/// How many rows were seen, how many guests and how many others there are.
fn counts(database: &Database) -> Value {
    let body = "[db::value(\"SELECT count(*) FROM guests WHERE seen > 0\"), \
                db::value(\"SELECT count(*) FROM guests\"), \
                db::value(\"SELECT count(*) FROM others\")]";
    let output = run(database, &[], &format!("#{{ counts: {body} }}"), &[]);
    output.code(0).stdout_json()["counts"].take()
}

const APPLY: [&str; 2] = ["--apply", "--yes"];

fn at_most(changes: &'static str) -> [&'static str; 4] {
    ["--apply", "--yes", "--max-changes", changes]
}

#[test]
fn a_statement_of_more_rows_than_are_allowed_is_refused_and_changes_nothing() {
    let update = "UPDATE guests SET seen = 1 WHERE number <= 60";
    let delete = "DELETE FROM guests WHERE number <= 60";
    let insert =
        "INSERT INTO others (number, seen) SELECT number, 0 FROM guests WHERE number <= 60";
    for database in databases().map(|database| database.with_guests(200)) {
        for sql in [update, delete, insert] {
            let planned = execute(&database, sql, &[]).code(0).stdout_json();
            assert_eq!(
                planned["said"],
                "how many rows is known when it is applied, those of cascades and triggers among them"
            );
            let output = execute(&database, sql, &APPLY).code(6);
            assert!(
                output.stderr.contains("60 rows, and 50 are allowed"),
                "{output}"
            );
            assert!(output.stderr.contains("--max-changes 60"), "{output}");
            execute(&database, sql, &at_most("59")).code(6);
            assert_eq!(counts(&database), json!([0, 200, 0]), "{sql}");
        }
        for (sql, left) in [
            (update, json!([60, 200, 0])),
            (insert, json!([60, 200, 60])),
            (delete, json!([0, 140, 60])),
        ] {
            let made = execute(&database, sql, &at_most("60"))
                .code(0)
                .stdout_json();
            assert_eq!(made["status"], "applied");
            assert_eq!(made["said"], "60 rows");
            assert_eq!(counts(&database), left, "{sql}");
        }
        let fifty = "UPDATE guests SET seen = 1 WHERE number <= 110";
        execute(&database, fifty, &APPLY).code(0);
        assert_eq!(counts(&database), json!([50, 140, 60]));
        let none = "UPDATE guests SET seen = 1 WHERE number < 0";
        let made = execute(&database, none, &APPLY).code(0).stdout_json();
        assert_eq!(made["said"], "0 rows");
    }
}

#[test]
fn more_than_half_of_a_table_wants_a_number_too() {
    for database in databases().map(|database| database.with_guests(10)) {
        let five = "UPDATE guests SET seen = 1 WHERE number <= 5";
        execute(&database, five, &APPLY).code(0);
        let six = "UPDATE guests SET seen = 0 WHERE number <= 6";
        let output = execute(&database, six, &APPLY).code(6);
        assert!(
            output
                .stderr
                .contains("6 of the 10 rows of the table `guests`"),
            "{output}"
        );
        assert_eq!(counts(&database), json!([5, 10, 0]));
        // Rows that are added are no part of what was there.
        let add =
            "INSERT INTO others (number, seen) SELECT number, 0 FROM guests WHERE number <= 3";
        execute(&database, add, &APPLY).code(0);
        // Of a handful of rows half says nothing.
        execute(&database, "DELETE FROM others", &APPLY).code(0);
        execute(&database, "DELETE FROM guests", &at_most("10")).code(0);
        assert_eq!(counts(&database), json!([0, 0, 0]));
    }
}

/// A trigger `name` that does `body` for each row, as `when` says.
fn trigger(database: &Database, name: &str, when: &str, body: &str) {
    database.execute(&match database {
        Database::Postgres(_) => format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN {body}; RETURN NULL; END $$;
             CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()"
        ),
        Database::Mariadb(_) => format!("CREATE TRIGGER {name} {when} FOR EACH ROW {body}"),
        Database::Sqlite(_) => format!("CREATE TRIGGER {name} {when} BEGIN {body}; END"),
    });
}

#[test]
fn half_of_a_table_counts_also_where_cascades_and_triggers_change_it() {
    for database in databases().map(|database| database.with_guests(20)) {
        let rows = |count: usize| {
            let rows = (1..=count).map(|n| format!("({n}, 1)"));
            rows.collect::<Vec<_>>().join(", ")
        };
        database.execute(&format!(
            "CREATE TABLE halls (id int PRIMARY KEY, seen int);
             CREATE TABLE seats (id int PRIMARY KEY, hall int,
                 FOREIGN KEY (hall) REFERENCES halls (id) ON DELETE CASCADE);
             CREATE TABLE wiped (id int PRIMARY KEY, seen int);
             CREATE TABLE log (id int, seen int);
             INSERT INTO halls VALUES {}; INSERT INTO seats VALUES {};
             INSERT INTO wiped VALUES {}; INSERT INTO log VALUES {}",
            rows(20),
            rows(9),
            rows(10),
            rows(5),
        ));
        trigger(
            &database,
            "wipe",
            "AFTER DELETE ON guests",
            "DELETE FROM wiped",
        );
        let told = "INSERT INTO log VALUES (1, 1)";
        trigger(&database, "tell", "AFTER UPDATE ON guests", told);
        let state = || {
            let count = |table| format!("db::value(\"SELECT count(*) FROM {table}\")");
            let tables = ["halls", "seats", "guests", "wiped", "log"].map(count);
            let body = format!("#{{ state: [{}] }}", tables.join(", "));
            let output = run(&database, &[], &body, &[]).code(0);
            output.stdout_json()["state"].take()
        };
        let execute = |sql: &str, flags: &[&str]| {
            let tables = ["halls", "seats", "guests", "wiped", "log"];
            let tables = tables.map(|table| format!("db:{table}"));
            let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
            let body = format!("#{{ said: db::execute({sql:?}, []).reason }}");
            run(&database, &tables, &body, flags)
        };
        for (sql, said) in [
            (
                "DELETE FROM halls WHERE id = 1",
                "9 of the 9 rows of the table `seats`",
            ),
            (
                "DELETE FROM guests WHERE number = 1",
                "10 of the 10 rows of the table `wiped`",
            ),
        ] {
            let output = execute(sql, &APPLY).code(6);
            assert!(flowing(&output).contains(said), "{sql}: {output}");
            assert_eq!(state(), json!([20, 9, 20, 10, 5]), "{sql}");
        }
        // What a trigger adds to a table leaves alone what is there.
        execute("UPDATE guests SET seen = 1 WHERE number <= 4", &APPLY).code(0);
        execute("DELETE FROM halls WHERE id = 1", &at_most("10")).code(0);
        execute("DELETE FROM guests WHERE number = 1", &at_most("11")).code(0);
        assert_eq!(state(), json!([19, 0, 19, 0, 9]));
    }
}

#[test]
fn half_of_a_table_counts_also_where_a_row_is_added() {
    for database in databases() {
        // MariaDB lets no trigger write its own table.
        if matches!(database, Database::Mariadb(_)) {
            continue;
        }
        let database = database.with_guests(20);
        let update = "UPDATE guests SET seen = 7 WHERE number <= 20";
        trigger(&database, "see", "AFTER INSERT ON guests", update);
        let output = execute(&database, "INSERT INTO guests VALUES (21, 0)", &APPLY).code(6);
        let said = "20 of the 20 rows of the table `guests`";
        assert!(flowing(&output).contains(said), "{output}");
        assert_eq!(counts(&database), json!([0, 20, 0]));
    }
    let database = Database::Postgres(postgres::database()).with_guests(20);
    database.execute("CREATE RULE wipe AS ON INSERT TO guests DO INSTEAD DELETE FROM guests");
    let output = execute(&database, "INSERT INTO guests VALUES (21, 0)", &APPLY).code(6);
    let said = "20 of the 20 rows of the table `guests`";
    assert!(flowing(&output).contains(said), "{output}");
    assert_eq!(counts(&database), json!([0, 20, 0]));
}

#[test]
fn half_of_a_table_of_sqlite_counts_also_where_sqlite_tells_of_no_row() {
    for (table, wipe) in [
        (
            "(id int PRIMARY KEY) WITHOUT ROWID",
            "DELETE FROM wiped WHERE id > 4",
        ),
        (
            "(id int PRIMARY KEY) WITHOUT ROWID",
            "UPDATE wiped SET id = id + 100 WHERE id > 4",
        ),
        ("(id int PRIMARY KEY)", "DELETE FROM wiped"),
        (
            "(id int PRIMARY KEY)",
            "UPDATE wiped SET id = id + 100 WHERE id > 4",
        ),
    ] {
        let database = Database::Sqlite(sqlite::database()).with_guests(20);
        database.execute(&format!("CREATE TABLE wiped {table}"));
        database.execute("INSERT INTO wiped SELECT number FROM guests WHERE number <= 10");
        trigger(&database, "wipe", "AFTER DELETE ON guests", wipe);
        let body = "db::execute(\"DELETE FROM guests WHERE number = 1\", []); #{}";
        let tables = ["db:guests", "db:wiped"];
        let output = run(&database, &tables, body, &APPLY).code(6);
        let said = "of the 10 rows of the table `wiped`";
        assert!(flowing(&output).contains(said), "{table}, {wipe}: {output}");
        run(&database, &tables, body, &at_most("11")).code(0);
    }
}

#[test]
fn half_of_a_table_is_half_of_what_it_was_before_the_run_by_whatever_name() {
    for database in databases().map(|database| database.with_guests(10)) {
        let qualified = match &database {
            Database::Postgres(_) => "public.guests".to_owned(),
            Database::Mariadb(database) => format!("{}.guests", database.name()),
            Database::Sqlite(_) => "main.guests".to_owned(),
        };
        let both = ["db:guests", &format!("db:{qualified}")];
        for (first, second, left) in [
            (
                "DELETE FROM guests WHERE number <= 5".to_owned(),
                format!("DELETE FROM {qualified} WHERE number IN (6, 7)"),
                5,
            ),
            (
                format!(
                    "INSERT INTO {qualified} (number, seen) SELECT number + 100, 0 FROM guests"
                ),
                "DELETE FROM guests WHERE number <= 10 AND number > 6".to_owned(),
                10,
            ),
        ] {
            let body = format!("db::execute({first:?}, []); db::execute({second:?}, []); #{{}}");
            let output = run(&database, &both, &body, &APPLY).code(5);
            assert!(output.stderr.contains("--max-changes"), "{output}");
            let rows = counts(&database);
            assert_eq!(rows, json!([0, left, 0]), "{second}");
        }
    }
}

#[test]
fn a_row_that_moves_to_another_partition_is_one_row() {
    let database = Database::Postgres(postgres::database());
    database.execute(
        "CREATE TABLE parts (number int, seen int) PARTITION BY RANGE (number);
         CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (100);
         CREATE TABLE high PARTITION OF parts FOR VALUES FROM (100) TO (1000);
         INSERT INTO parts SELECT number, 0 FROM generate_series(1, 80) AS number",
    );
    let body = "#{ said: db::execute(\"UPDATE parts SET number = number + 70 \
                WHERE number > 20 AND number <= 55\", []).reason, \
                moved: db::value(\"SELECT count(*) FROM high\") }";
    let output = run(&database, &["db:parts"], body, &APPLY).code(0);
    assert_eq!(output.stdout_json()["said"], "35 rows", "{output}");
}

#[test]
fn where_nobody_can_count_a_table_any_change_of_its_rows_wants_a_number() {
    let database = postgres::database();
    let name = database.name().to_owned();
    let url = format!(
        "postgresql://{name}:teller-secret@127.0.0.1:{}/{name}",
        database.port()
    );
    let database = Database::Postgres(database).with_guests(20);
    database.execute(&format!(
        "CREATE ROLE {name} LOGIN PASSWORD 'teller-secret';
         GRANT INSERT, DELETE ON guests TO {name}"
    ));
    let delete = "DELETE FROM guests";
    let insert = "INSERT INTO guests VALUES (21, 0)";
    let uncounted = "row of the table `guests`, and nobody can count";
    execute_at(&url, insert, &APPLY).code(0);
    let output = execute_at(&url, delete, &APPLY).code(6);
    assert!(
        flowing(&output).contains("21 rows of the table"),
        "{output}"
    );
    // What the account does not see of a table may be the most of it.
    database.execute(&format!(
        "GRANT SELECT ON guests TO {name}; ALTER TABLE guests ENABLE ROW LEVEL SECURITY;
         CREATE POLICY one ON guests USING (number = 1)"
    ));
    let output = execute_at(&url, delete, &APPLY).code(6);
    assert!(flowing(&output).contains(uncounted), "{output}");
    execute_at(&url, delete, &at_most("1")).code(0);
    assert_eq!(counts(&database), json!([0, 20, 0]));
    database.execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
}

#[test]
fn numbers_that_a_table_of_sqlite_gives_by_itself_are_no_change_of_another_table() {
    let database = Database::Sqlite(sqlite::database()).with_guests(1);
    database.execute("DROP TABLE others");
    database.execute("CREATE TABLE others (number integer PRIMARY KEY AUTOINCREMENT, seen int)");
    execute(&database, "INSERT INTO others (seen) VALUES (1)", &APPLY).code(0);
    assert_eq!(counts(&database), json!([0, 1, 1]));
}

#[test]
fn an_account_that_may_not_see_what_a_trigger_or_a_view_does_is_told_so() {
    let database = mariadb::database();
    let name = database.name().to_owned();
    let url = format!(
        "mysql+pymysql://{name}:teller-secret@127.0.0.1:{}/{name}",
        database.port()
    );
    let database = Database::Mariadb(database).with_guests(20);
    database.execute(&format!(
        "CREATE USER '{name}'@'%' IDENTIFIED BY 'teller-secret';
         GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO '{name}'@'%';
         CREATE TABLE hidden (id int); {WIPE};
         CREATE VIEW wiped AS SELECT wipe() AS n;
         CREATE VIEW few AS SELECT number AS n FROM guests WHERE number <= 2;
         CREATE TRIGGER look BEFORE UPDATE ON guests FOR EACH ROW SET @n = NEW.seen;
         CREATE TRIGGER add_one AFTER INSERT ON others FOR EACH ROW SET @n = wipe()"
    ));
    let update = "UPDATE guests SET seen = 1 WHERE number = 1";
    let insert = "INSERT INTO others VALUES (1, 1)";
    let by_view = |view: &str| format!("DELETE FROM guests WHERE number IN (SELECT n FROM {view})");
    for (sql, grant, said) in [
        (update, "", "(GRANT TRIGGER shows it)"),
        (&by_view("few"), "", "(GRANT SHOW VIEW shows it)"),
        (insert, "TRIGGER", "it calls the function `wipe`"),
        (
            &by_view("wiped"),
            "SHOW VIEW",
            "it calls the function `wipe`",
        ),
        (update, "TRIGGER", "1 row"),
        (&by_view("few"), "SHOW VIEW", "2 rows"),
    ] {
        if !grant.is_empty() {
            database.execute(&format!("GRANT {grant} ON {name}.* TO '{name}'@'%'"));
        }
        let output = execute_at(&url, sql, &APPLY);
        assert!(flowing(&output).contains(said), "{sql}, {grant}: {output}");
        // That is said of rows of a router.
        assert!(!output.stderr.contains("protected"), "{sql}: {output}");
    }
    assert_eq!(counts(&database), json!([0, 18, 0]));
}

#[test]
fn the_rows_of_all_statements_of_a_run_count_together() {
    let body = r#"
        let statement = "UPDATE guests SET seen = 1 WHERE number > $1 AND number <= $2";
        for part in [[0, 30], [30, 60], [60, 80]] { db::execute(statement, part); }
        #{}"#;
    for database in databases().map(|database| database.with_guests(200)) {
        // After the one that is too much none is sent.
        let output = run(&database, &["db:guests"], body, &APPLY).code(5);
        assert!(output.stderr.contains("--max-changes"), "{output}");
        assert_eq!(counts(&database), json!([30, 200, 0]));
    }
    for database in databases().map(|database| database.with_guests(10)) {
        let body = body.replace("[[0, 30], [30, 60], [60, 80]]", "[[0, 4], [4, 7], [7, 8]]");
        let output = run(&database, &["db:guests"], &body, &APPLY).code(5);
        assert!(output.stderr.contains("--max-changes"), "{output}");
        assert_eq!(counts(&database), json!([4, 10, 0]));
    }
}

#[test]
fn a_plan_with_a_statement_of_too_many_rows_is_refused_when_it_is_applied() {
    for database in databases().map(|database| database.with_guests(200)) {
        let folder = TempDir::with_prefix("tikbook-plan-").unwrap();
        let plan = folder.path().join("statements.plan");
        let plan = plan.to_str().unwrap();
        let body = r#"
            db::execute("UPDATE guests SET seen = 1 WHERE number <= 2", []);
            db::execute("UPDATE guests SET seen = 2 WHERE number <= 60", []);
            db::execute("DELETE FROM guests WHERE number = 200", []);
            #{}"#;
        run(&database, &["db:guests"], body, &["--plan", plan]).code(0);
        let apply = |flags: &[&str]| apply(&database, plan, flags);
        let output = apply(&APPLY);
        assert!(output.stderr.contains("--max-changes 63"), "{output}");
        assert_eq!(counts(&database), json!([2, 200, 0]), "{output}");
        apply(&at_most("63")).code(0);
        assert_eq!(counts(&database), json!([60, 199, 0]));
    }
}

#[test]
fn what_could_not_be_rolled_back_is_not_begun() {
    let database = Database::Mariadb(mariadb::database()).with_guests(200);
    database.execute("ALTER TABLE guests ENGINE = MyISAM");
    let output = execute(&database, "DELETE FROM guests WHERE number <= 2", &APPLY);
    let output = output.code(5);
    assert_eq!(output.stdout_json()["status"], "failed");
    assert!(output.stdout.contains("cannot roll back"), "{output}");
    assert_eq!(counts(&database), json!([0, 200, 0]));
}

#[test]
fn a_statement_that_writes_gives_no_rows_back() {
    for database in databases().map(|database| database.with_guests(20)) {
        let output = execute(
            &database,
            "DELETE FROM guests WHERE number = 1 RETURNING number",
            &APPLY,
        );
        assert!(output.stderr.contains("RETURNING"), "{output}");
        output.code(6);
        assert_eq!(counts(&database), json!([0, 20, 0]));
    }
}

/// A statement with the table as it is spelled, under a header that names the table its own way.
fn spelled(database: &Database, header: &str, table: &str) -> Output {
    let sql = format!("UPDATE {table} SET seen = seen + 1");
    let body = format!("let done = db::execute({sql:?}, []); #{{ status: done.status }}");
    run(database, &[&format!("db:{header}")], &body, &APPLY)
}

/// `cases`: the table in the header, the table in the statement, and whether the one covers the other.
fn check_spellings(database: &Database, cases: &[(&str, &str, bool)], total: &str) {
    let mut made = 0;
    for (header, table, covers) in cases {
        let output = spelled(database, header, table);
        match covers {
            true => {
                let output = output.code(0);
                assert_eq!(
                    output.stdout_json()["status"],
                    "applied",
                    "{header}, {table}: {output}"
                );
                made += 1;
            }
            false => {
                let output = output.code(6);
                let said = "the runbook may not write `db:";
                assert!(output.stderr.contains(said), "{header}, {table}: {output}");
            }
        }
    }
    let body = format!("#{{ total: db::value({total:?}) }}");
    let output = run(database, &[], &body, &[]).code(0);
    assert_eq!(output.stdout_json()["total"].to_string(), made.to_string());
}

fn tables<Name: Display>(database: &Database, names: &[Name]) {
    for name in names {
        database.execute(&format!("CREATE TABLE {name} (seen int)"));
        database.execute(&format!("INSERT INTO {name} VALUES (0)"));
    }
}

#[test]
fn on_postgresql_a_name_in_quotes_is_another_one() {
    let database = Database::Postgres(postgres::database());
    database.execute("CREATE SCHEMA other");
    tables(
        &database,
        &[
            "users",
            "\"Users\"",
            "other.users",
            "\"other.users\"",
            "\"us\"\"ers\"",
        ],
    );
    let cases = [
        ("users", "users", true),
        ("users", "USERS", true),
        ("users", "Users", true),
        ("users", "\"users\"", true),
        ("users", "\"Users\"", false),
        ("users", "\"USERS\"", false),
        ("Users", "\"Users\"", true),
        ("Users", "Users", false),
        ("Users", "users", false),
        ("users", "other.users", false),
        ("users", "public.users", false),
        ("public.users", "public.users", true),
        ("public.users", "PUBLIC.\"users\"", true),
        ("public.users", "users", false),
        ("public.users", "other.users", false),
        ("other.users", "Other.USERS", true),
        ("other.users", "\"Other\".users", false),
        // A dot in quotes stands between no schema and no table.
        ("other.users", "\"other.users\"", false),
        ("\"other.users\"", "\"other.users\"", true),
        ("\"other.users\"", "other.users", false),
        ("us\"ers", "\"us\"\"ers\"", true),
    ];
    let total = "SELECT (SELECT seen FROM users) + (SELECT seen FROM \"Users\") \
                 + (SELECT seen FROM other.users) + (SELECT seen FROM \"other.users\") \
                 + (SELECT seen FROM \"us\"\"ers\")";
    check_spellings(&database, &cases, total);
}

#[test]
fn on_mariadb_names_mind_case_where_the_server_says_so() {
    let minding = mariadb::database();
    let own = minding.name().to_owned();
    let minding = Database::Mariadb(minding);
    tables(&minding, &["users", "Users"]);
    let qualified = format!("{own}.users");
    let cases = [
        ("users", "users", true),
        ("users", "`users`", true),
        ("users", "USERS", false),
        ("users", "Users", false),
        ("users", "`Users`", false),
        ("Users", "Users", true),
        ("Users", "`Users`", true),
        ("Users", "users", false),
        ("users", &qualified, false),
        (&qualified, &qualified, true),
        (&qualified, "users", false),
    ];
    let total = "SELECT (SELECT seen FROM users) + (SELECT seen FROM Users)";
    check_spellings(&minding, &cases, total);

    let server = mariadb::Server::start_with(&["--lower-case-table-names=1"]);
    let folding = server.database();
    let own = folding.name().to_owned();
    let folding = Database::Mariadb(folding);
    tables(&folding, &["Users", "guests"]);
    let (qualified, shouted) = (
        format!("{own}.users"),
        format!("{}.USERS", own.to_uppercase()),
    );
    let cases = [
        ("users", "USERS", true),
        ("users", "`Users`", true),
        ("Users", "users", true),
        ("USERS", "`users`", true),
        ("users", "guests", false),
        ("users", &qualified, false),
        (&shouted, &qualified, true),
    ];
    check_spellings(&folding, &cases, "SELECT seen FROM users");
}

#[test]
fn on_sqlite_names_do_not_mind_the_case_of_ascii() {
    let database = Database::Sqlite(sqlite::database());
    tables(&database, &["users", "guests", "\"Über\"", "\"über\""]);
    let cases = [
        ("users", "users", true),
        ("users", "USERS", true),
        ("users", "\"Users\"", true),
        ("users", "`Users`", true),
        ("users", "[USERS]", true),
        ("Users", "users", true),
        ("users", "guests", false),
        ("users", "main.users", false),
        ("MAIN.users", "main.\"USERS\"", true),
        ("Über", "ÜBER", true),
        ("über", "\"Über\"", false),
    ];
    let total = "SELECT (SELECT seen FROM users) + (SELECT seen FROM guests) \
                 + (SELECT seen FROM \"Über\") + (SELECT seen FROM \"über\")";
    check_spellings(&database, &cases, total);
}

/// Ten houses of four rooms, and what hangs on them.
struct Houses {
    kind: &'static str,
    /// What the foreign key of the rooms says.
    rooms: &'static str,
    /// What that of the beds says, two in each room; none without it.
    beds: Option<&'static str>,
    /// Three lines of a log for each house that goes?
    logs: bool,
    statement: &'static str,
    /// What it changes beside the houses.
    beside: &'static [&'static str],
    /// By what it changes the last of these.
    rule: &'static str,
    /// How many rows change, and how many MariaDB, which counts no cascade, can say at most.
    rows: u64,
    at_most: u64,
    /// Houses, rooms, beds and lines of the log after it, and the sum of the rooms' houses.
    after: [i64; 5],
}

/// Two houses go, and their rooms with them.
const CASCADE: Houses = Houses {
    kind: "a cascade",
    rooms: "ON DELETE CASCADE",
    beds: None,
    logs: false,
    statement: "DELETE FROM houses WHERE id <= 2",
    beside: &["rooms"],
    rule: "ON DELETE CASCADE",
    rows: 10,
    at_most: 10,
    after: [8, 32, 0, 0, 208],
};

const HOUSES: &[Houses] = &[
    CASCADE,
    Houses {
        kind: "a cascade of a cascade",
        beds: Some("ON DELETE CASCADE"),
        beside: &["rooms", "beds"],
        rows: 26,
        at_most: 26,
        after: [8, 32, 64, 0, 208],
        ..CASCADE
    },
    Houses {
        kind: "a key that loses its value",
        rooms: "ON DELETE SET NULL",
        rule: "ON DELETE SET NULL",
        after: [8, 40, 0, 0, 208],
        ..CASCADE
    },
    Houses {
        kind: "a cascade that ends in a key that loses its value",
        beds: Some("ON DELETE SET NULL"),
        rule: "ON DELETE SET NULL",
        beside: &["rooms", "beds"],
        rows: 26,
        at_most: 26,
        after: [8, 32, 80, 0, 208],
        ..CASCADE
    },
    Houses {
        kind: "a key that follows",
        rooms: "ON UPDATE CASCADE",
        statement: "UPDATE houses SET id = id + 100 WHERE id <= 2",
        rule: "ON UPDATE CASCADE",
        at_most: 42,
        after: [10, 40, 0, 0, 1020],
        ..CASCADE
    },
    Houses {
        kind: "a trigger",
        rooms: "",
        logs: true,
        statement: "DELETE FROM houses WHERE id > 10",
        beside: &["log"],
        rule: "the trigger `houses_log`",
        rows: 8,
        at_most: 8,
        after: [10, 40, 0, 6, 220],
        ..CASCADE
    },
    Houses {
        kind: "a key that nobody rewrites",
        rooms: "ON UPDATE CASCADE ON DELETE CASCADE",
        logs: true,
        statement: "UPDATE houses SET name = 'x' WHERE id <= 2",
        beside: &[],
        rule: "",
        rows: 2,
        at_most: 2,
        after: [12, 40, 0, 0, 220],
        ..CASCADE
    },
];

impl Houses {
    fn built(&self, database: Database) -> Database {
        let numbers = |n: i64| (1..=n).map(move |n| (n, (n + 3) / 4, (n + 1) / 2));
        let rows = |values: Vec<String>| values.join(", ");
        let houses = rows(numbers(10).map(|(n, ..)| format!("({n}, 'h')")).collect());
        database.execute(&format!(
            "CREATE TABLE houses (id int PRIMARY KEY, name varchar(9));
             CREATE TABLE rooms (id int PRIMARY KEY, house int,
                 CONSTRAINT rooms_house FOREIGN KEY (house) REFERENCES houses (id) {});
             CREATE TABLE beds (id int PRIMARY KEY, room int,
                 CONSTRAINT beds_room FOREIGN KEY (room) REFERENCES rooms (id) {});
             CREATE TABLE log (id int);
             INSERT INTO houses VALUES {houses};",
            self.rooms,
            self.beds.unwrap_or_default()
        ));
        let rooms = numbers(40).map(|(n, house, _)| format!("({n}, {house})"));
        database.execute(&format!(
            "INSERT INTO rooms VALUES {}",
            rows(rooms.collect())
        ));
        if self.beds.is_some() {
            let beds = numbers(80).map(|(n, _, room)| format!("({n}, {room})"));
            database.execute(&format!("INSERT INTO beds VALUES {}", rows(beds.collect())));
        }
        if self.logs {
            database.execute("INSERT INTO houses VALUES (11, 'empty'), (12, 'empty')");
            let insert = "INSERT INTO log VALUES (OLD.id), (OLD.id), (OLD.id)";
            database.execute(&match database {
                Database::Postgres(_) => format!(
                    "CREATE FUNCTION houses_log() RETURNS trigger LANGUAGE plpgsql AS
                         $$ BEGIN {insert}; RETURN OLD; END $$;
                     CREATE TRIGGER houses_log AFTER DELETE ON houses
                         FOR EACH ROW EXECUTE FUNCTION houses_log()"
                ),
                Database::Mariadb(_) => format!(
                    "CREATE TRIGGER houses_log AFTER DELETE ON houses FOR EACH ROW {insert}"
                ),
                Database::Sqlite(_) => {
                    format!("CREATE TRIGGER houses_log AFTER DELETE ON houses BEGIN {insert}; END")
                }
            });
        }
        database
    }

    fn execute(&self, database: &Database, beside: &[&str], flags: &[&str]) -> Output {
        let body = format!(
            "let done = db::execute({:?}, []); #{{ status: done.status, said: done.reason }}",
            self.statement
        );
        let tables: Vec<String> = ["houses"]
            .iter()
            .chain(beside)
            .map(|table| format!("db:{table}"))
            .collect();
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        run(database, &tables, &body, flags)
    }
}

/// All that was said, without the breaks and the frame of its lines.
fn flowing(output: &Output) -> String {
    let all = format!("{} {}", output.stdout, output.stderr);
    let words = all.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

/// What [`Houses::after`] holds.
fn state(database: &Database) -> Value {
    let body = "[db::value(\"SELECT count(*) FROM houses\"), \
                db::value(\"SELECT count(*) FROM rooms\"), \
                db::value(\"SELECT count(*) FROM beds\"), \
                db::value(\"SELECT count(*) FROM log\"), \
                parse_int(db::value(\"SELECT CAST(sum(house) AS decimal(9)) FROM rooms\").to_string())]";
    let output = run(database, &[], &format!("#{{ state: {body} }}"), &[]);
    output.code(0).stdout_json()["state"].take()
}

#[test]
fn rows_of_cascades_and_triggers_count_and_their_tables_are_declared() {
    for houses in HOUSES {
        for database in databases().map(|database| houses.built(database)) {
            let kind = houses.kind;
            let rows = match database {
                Database::Mariadb(_) => houses.at_most,
                _ => houses.rows,
            };
            let before = state(&database);
            let many = at_most("1000");
            if let Some((last, declared)) = houses.beside.split_last() {
                let output = houses.execute(&database, declared, &many);
                assert_eq!(output.status.code(), Some(6), "{kind}: {output}");
                for said in [
                    &format!("also changes the table `{last}`"),
                    houses.rule,
                    &format!("db:{last}"),
                ] {
                    assert!(flowing(&output).contains(said), "{kind}: {said}: {output}");
                }
                assert_eq!(state(&database), before, "{kind}");
            }
            let one_less = (rows - 1).to_string();
            let less = ["--apply", "--yes", "--max-changes", &one_less];
            let output = houses.execute(&database, houses.beside, &less);
            assert_eq!(output.status.code(), Some(6), "{kind}: {output}");
            let are = if one_less == "1" { "is" } else { "are" };
            let said = format!("{rows} rows, and {one_less} {are} allowed");
            assert!(output.stderr.contains(&said), "{kind}: {output}");
            assert_eq!(state(&database), before, "{kind}");

            let enough = rows.to_string();
            let enough = ["--apply", "--yes", "--max-changes", &enough];
            let output = houses.execute(&database, houses.beside, &enough);
            assert_eq!(output.status.code(), Some(0), "{kind}: {output}");
            let made = output.stdout_json();
            let said = made["said"].as_str().unwrap();
            assert!(said.contains(&format!("{rows} rows")), "{kind}: {said}");
            let is_most = rows != houses.rows;
            assert_eq!(said.contains("at most"), is_most, "{kind}: {said}");
            assert_eq!(state(&database), json!(houses.after), "{kind}");
        }
    }
}

#[test]
fn cascades_count_against_the_limit_of_unattended_runs_and_in_a_plan() {
    for database in databases().map(|database| HOUSES[1].built(database)) {
        let folder = TempDir::with_prefix("tikbook-plan-").unwrap();
        let plan = folder.path().join("houses.plan");
        let plan = plan.to_str().unwrap();
        let body = "db::execute(\"DELETE FROM houses WHERE id <= 5\", []); #{}";
        let tables = ["db:houses", "db:rooms", "db:beds"];
        let output = run(&database, &tables, body, &APPLY).code(6);
        assert!(
            output.stderr.contains("65 rows, and 50 are allowed"),
            "{output}"
        );
        run(&database, &tables, body, &["--plan", plan]).code(0);
        let apply = |flags: &[&str]| apply(&database, plan, flags);
        let output = apply(&APPLY).code(6);
        assert!(output.stderr.contains("--max-changes 65"), "{output}");
        assert_eq!(state(&database), json!([10, 40, 80, 0, 220]));
        apply(&at_most("65")).code(0);
        assert_eq!(state(&database), json!([5, 20, 40, 0, 160]));
    }
}

#[test]
fn rows_of_its_own_table_that_a_statement_changes_by_a_key_count() {
    for database in databases() {
        database.execute(
            "CREATE TABLE houses (id int PRIMARY KEY, first int, \
                 FOREIGN KEY (first) REFERENCES houses (id) ON DELETE SET NULL)",
        );
        database.execute(
            "INSERT INTO houses VALUES (1, NULL), (2, NULL), (3, 1), (4, 1), (5, 1), (6, 2)",
        );
        let body = "#{ said: db::execute(\"DELETE FROM houses WHERE id = 1\", []).reason }";
        let output = run(&database, &["db:houses"], body, &at_most("3")).code(6);
        assert!(output.stderr.contains("4 rows, and 3"), "{output}");
        let output = run(&database, &["db:houses"], body, &at_most("4")).code(0);
        assert!(output.stdout.contains("4 rows"), "{output}");
    }
}

/// A function of MariaDB that writes what no statement of the tests names.
const WIPE: &str =
    "CREATE FUNCTION wipe() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM hidden; RETURN 1; END";

/// Changes of a schema that hide what a statement does, and words of the refusal.
#[test]
fn what_nobody_can_count_is_refused_and_does_not_stay() {
    let plpgsql = |name: &str, body: &str, trigger: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {body}; RETURN OLD; END $$; \
             CREATE {trigger} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    };
    let postgres = || Database::Postgres(postgres::database());
    let mariadb = || Database::Mariadb(mariadb::database());
    let sqlite = || Database::Sqlite(sqlite::database());
    let delete = "DELETE FROM guests WHERE number = 1";
    for (database, schema, statement, said) in [
        (
            postgres(),
            plpgsql(
                "wipe",
                "TRUNCATE others",
                "TRIGGER wipe AFTER DELETE ON guests",
            ),
            delete,
            "it empties or alters the table `others`",
        ),
        (
            postgres(),
            plpgsql(
                "late",
                "INSERT INTO hidden VALUES (1)",
                "CONSTRAINT TRIGGER late AFTER DELETE ON guests DEFERRABLE INITIALLY DEFERRED",
            ),
            delete,
            "the table `hidden`, by the trigger `late`",
        ),
        (
            postgres(),
            "CREATE VIEW others_too AS SELECT * FROM hidden".to_owned(),
            "INSERT INTO others_too VALUES (1)",
            "the table `hidden`",
        ),
        (
            mariadb(),
            "CREATE PROCEDURE wipe() DELETE FROM hidden; \
             CREATE TRIGGER wipe AFTER DELETE ON guests FOR EACH ROW CALL wipe()"
                .to_owned(),
            delete,
            "the trigger `wipe` could change any table",
        ),
        (
            mariadb(),
            "CREATE FUNCTION wipe() RETURNS int BEGIN DELETE FROM hidden; RETURN 1; END".to_owned(),
            "DELETE FROM guests WHERE number = wipe()",
            "the function `wipe`",
        ),
        (
            mariadb(),
            "CREATE TRIGGER hide AFTER DELETE ON guests FOR EACH ROW INSERT INTO kept VALUES (1); \
             CREATE TABLE kept (id int) ENGINE = MyISAM"
                .to_owned(),
            delete,
            "`kept`",
        ),
        (
            mariadb(),
            "CREATE TRIGGER see AFTER DELETE ON guests FOR EACH ROW UPDATE (hidden) SET id = 9"
                .to_owned(),
            delete,
            "the table behind `UPDATE` in it is not clear",
        ),
        (
            mariadb(),
            "CREATE TRIGGER see AFTER DELETE ON guests FOR EACH ROW \
                 UPDATE (others JOIN hidden ON number = id) SET id = 9"
                .to_owned(),
            delete,
            "the table behind `UPDATE` in it is not clear",
        ),
        (
            mariadb(),
            format!("{WIPE}; CREATE VIEW wiped AS SELECT wipe() AS n"),
            "DELETE FROM guests WHERE number IN (SELECT n FROM wiped)",
            "the view `wiped` could change any table: it calls the function `wipe`",
        ),
        (
            mariadb(),
            format!(
                "{WIPE}; CREATE VIEW wiped AS SELECT wipe() AS n; \
                 CREATE VIEW again AS SELECT n FROM wiped; \
                 CREATE TRIGGER look BEFORE DELETE ON guests FOR EACH ROW \
                     SET @n = (SELECT n FROM again)"
            ),
            delete,
            "the view `wiped` could change any table: it calls the function `wipe`",
        ),
        (
            mariadb(),
            "CREATE OR REPLACE FUNCTION mysql.of_the_servers_own() RETURNS int RETURN 1".to_owned(),
            "DELETE FROM guests WHERE number = mysql.of_the_servers_own()",
            "the function `of_the_servers_own`",
        ),
        (
            mariadb(),
            "ALTER TABLE guests ADD SYSTEM VERSIONING".to_owned(),
            "UPDATE guests SET seen = 1 WHERE number = 1",
            "for the history of a versioned table",
        ),
        (
            postgres(),
            [
                plpgsql(
                    "again",
                    "SET CONSTRAINTS ALL DEFERRED; DELETE FROM others",
                    "CONSTRAINT TRIGGER again AFTER DELETE ON guests DEFERRABLE INITIALLY DEFERRED",
                ),
                plpgsql(
                    "late",
                    "INSERT INTO hidden VALUES (1)",
                    "CONSTRAINT TRIGGER late AFTER DELETE ON others DEFERRABLE INITIALLY DEFERRED",
                ),
            ]
            .join("; "),
            delete,
            "the table `hidden`",
        ),
        (
            postgres(),
            format!(
                "CREATE SCHEMA before; CREATE VIEW before.pg_stat_xact_all_tables AS \
                     SELECT * FROM pg_stat_xact_all_tables WHERE false; {}",
                plpgsql(
                    "blind",
                    "INSERT INTO hidden VALUES (1); \
                     PERFORM set_config('search_path', 'before,public,pg_catalog', true)",
                    "TRIGGER blind AFTER DELETE ON guests",
                )
            ),
            delete,
            "the table `hidden`, by the trigger `blind`",
        ),
        (
            postgres(),
            plpgsql(
                "uncounted",
                "SET LOCAL track_counts = off; INSERT INTO hidden VALUES (1)",
                "TRIGGER uncounted AFTER DELETE ON guests",
            ),
            delete,
            "the server does not count what is changed",
        ),
        (
            postgres(),
            format!(
                "CREATE EXTENSION postgres_fdw; \
                 DO $$ BEGIN EXECUTE format('CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw \
                     OPTIONS (host ''127.0.0.1'', port %L, dbname %L)', \
                     current_setting('port'), current_database()); END $$; \
                 CREATE USER MAPPING FOR {user} SERVER itself \
                     OPTIONS (user '{user}', password '{password}'); \
                 CREATE FOREIGN TABLE hidden_too (id int) SERVER itself \
                     OPTIONS (table_name 'hidden'); {}",
                plpgsql(
                    "elsewhere",
                    "INSERT INTO hidden_too VALUES (1)",
                    "TRIGGER elsewhere AFTER DELETE ON guests",
                ),
                user = postgres::USER,
                password = postgres::PASSWORD,
            ),
            delete,
            "it writes the foreign table `hidden_too`",
        ),
        (
            sqlite(),
            "CREATE TABLE kept (id integer PRIMARY KEY AUTOINCREMENT); \
             CREATE TRIGGER forget AFTER DELETE ON guests BEGIN DELETE FROM 'sqlite_sequence'; END"
                .to_owned(),
            delete,
            "the table `sqlite_sequence`, by the trigger `forget`",
        ),
        (
            sqlite(),
            "CREATE TABLE others_too (id int UNIQUE ON CONFLICT REPLACE)".to_owned(),
            "INSERT INTO others_too VALUES (1)",
            "replaces rows by others",
        ),
        (
            sqlite(),
            "CREATE VIEW others_too AS SELECT * FROM hidden; \
             CREATE TRIGGER see INSTEAD OF INSERT ON others_too \
             BEGIN INSERT INTO hidden VALUES (1); END"
                .to_owned(),
            "INSERT INTO others_too VALUES (1)",
            "the table `hidden`, by the trigger `see`",
        ),
    ] {
        let database = database.with_guests(20);
        database.execute("CREATE TABLE hidden (id int)");
        database.execute("INSERT INTO others VALUES (1, 0)");
        database.execute(&schema);
        let body = format!("let done = db::execute({statement:?}, []); #{{ said: done.reason }}");
        let tables = ["db:guests", "db:others", "db:others_too"];
        let output = run(&database, &tables, &body, &at_most("100"));
        assert!(
            matches!(output.status.code(), Some(5 | 6)),
            "{statement}: {output}"
        );
        assert!(flowing(&output).contains(said), "{said}: {output}");
        assert_eq!(counts(&database), json!([0, 20, 1]), "{statement}");
        let hidden = "#{ hidden: db::value(\"SELECT count(*) FROM hidden\") }";
        let hidden = run(&database, &[], hidden, &[]).code(0).stdout_json();
        assert_eq!(hidden["hidden"], 0, "{statement}");
    }
}

/// Runs the body of a runbook that writes guests and rows of the router, and does `after` then.
fn run_on_both((body, after): (&str, &str), database: &Database, flags: &[&str]) -> Output {
    let rows = json!({ "/ip/arp": [{ ".id": "*1", "address": "10.0.0.1" }] });
    let router = Router::with(&rows.to_string());
    let header = "const RUNBOOK = #{ reads: [\"db\", \"mikrotik\"], \
                  writes: [\"db:guests\", \"mikrotik:/ip/arp\"] };";
    let script = format!(
        "//! Writes.\n{header}\nfn run(args) {{ {body} #{{ title: \"Done.\" }} }}\n\
         fn after(args, done, report) {{ {after} }}\n"
    );
    router
        .tikbook(Tikbook::new())
        .env("DATABASE_URL", database.url())
        .file("script.rhai", script)
        .args(flags)
        .args(["run", "./script.rhai"])
        .args(at_most("100"))
        .run()
}

#[test]
fn a_run_says_how_far_it_can_be_undone() {
    let statement = "db::execute(\"UPDATE guests SET seen = 1 WHERE number = 1\", []);";
    let row = "mikrotik::add(\"/ip/arp\", #{ address: \"10.0.0.9\", interface: \"ether1\" });";
    let failing = "db::execute(\"UPDATE guests SET nothing = 1\", []);";
    let stops = "throw \"enough\";";
    let (none, one) = (
        Some("changes of the database cannot be undone"),
        Some("1 statement of the database cannot be undone"),
    );
    let database = Database::Sqlite(sqlite::database()).with_guests(20);
    let both = format!("{statement}{row}");
    for (body, after, code, undoes, left) in [
        (row, "", 0, true, None),
        (statement, "", 0, false, none),
        (&both, "", 0, true, one),
        (failing, "", 5, false, None),
        (row, stops, 5, true, None),
        (statement, stops, 5, false, none),
        (&both, stops, 5, true, one),
    ] {
        let output = run_on_both((body, after), &database, &[]).code(code);
        let text = flowing(&output);
        assert_eq!(text.contains("tikbook undo"), undoes, "{body}: {output}");
        assert_eq!(
            text.contains("cannot be undone"),
            left.is_some(),
            "{output}"
        );
        assert!(text.contains(left.unwrap_or_default()), "{body}: {output}");
        let output = run_on_both((body, after), &database, &["--json"]).code(code);
        let changes = &output.stdout_json()["changes"];
        assert_eq!(changes["undo"].is_string(), undoes, "{body}: {output}");
        assert_eq!(changes["not_undone"].as_str(), left, "{body}: {output}");
    }
}
