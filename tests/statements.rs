//! Statements that write, on real servers: how many rows they may change, and of which table.

use std::fmt::Display;

use serde_json::{Value, json};
use tempfile::TempDir;

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

/// Runs the body of a runbook that may write `writes`.
fn run(database: &Database, writes: &[&str], body: &str, flags: &[&str]) -> Output {
    let script = format!(
        "//! Statements.\nconst RUNBOOK = #{{ reads: [\"db\"], writes: {writes:?} }};\n\
         fn run(args) {{ {body} }}\n"
    );
    Tikbook::new()
        .env("DATABASE_URL", database.url())
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai"])
        .args(flags)
        .run()
}

/// Executes one statement on `guests` or `others`.
fn execute(database: &Database, sql: &str, flags: &[&str]) -> Output {
    let body = format!(
        "let done = db::execute({sql:?}, []); #{{ status: done.status, said: done.reason }}"
    );
    run(database, &["db:guests", "db:others"], &body, flags)
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
            assert_eq!(planned["said"], "how many rows is known when it is applied");
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

#[test]
fn the_rows_of_all_statements_of_a_run_count_together() {
    let body = r#"
        let statement = "UPDATE guests SET seen = 1 WHERE number > $1 AND number <= $2";
        let refused = 0;
        for part in [[0, 30], [30, 60], [60, 80], [80, 81]] {
            try { db::execute(statement, part); }
            catch (error) { assert_eq(error.kind, "denied"); refused += 1; }
        }
        #{ refused: refused }"#;
    for database in databases().map(|database| database.with_guests(200)) {
        let output = run(&database, &["db:guests"], body, &APPLY);
        assert_eq!(output.stdout_json()["refused"], 2, "{output}");
        assert_eq!(counts(&database), json!([50, 200, 0]));
    }
    for database in databases().map(|database| database.with_guests(10)) {
        let body = body.replace(
            "[[0, 30], [30, 60], [60, 80], [80, 81]]",
            "[[0, 4], [4, 7], [7, 8]]",
        );
        let output = run(&database, &["db:guests"], &body, &APPLY);
        assert_eq!(output.stdout_json()["refused"], 1, "{output}");
        assert_eq!(counts(&database), json!([5, 10, 0]));
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
        let apply = |flags: &[&str]| {
            Tikbook::new()
                .env("DATABASE_URL", database.url())
                .args(["apply", plan])
                .args(flags)
                .run()
        };
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
