//! Secrets are `***` wherever they could be seen: kinds of secrets by sinks.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::router::Router;
use crate::support::tikbook::Tikbook;

/// Menus and fields of the router that hold a secret; the last by its menu alone.
const FIELDS: [(&str, &str); 5] = [
    ("/ppp/secret", "password"),
    ("/ip/hotspot/user", "password"),
    (
        "/interface/wireless/security-profiles",
        "wpa2-pre-shared-key",
    ),
    ("/interface/lte", "pin"),
    ("/snmp/community", "name"),
];
const SECRET: &str = "hunter2-of-the-row";

fn router() -> Router {
    let menus = FIELDS.iter().map(|(menu, field)| {
        let row = json!({ ".id": "*1", *field: SECRET, "comment": "seen" });
        ((*menu).to_owned(), json!([row]))
    });
    Router::with(
        &menus
            .collect::<serde_json::Map<_, _>>()
            .into_iter()
            .collect::<serde_json::Value>()
            .to_string(),
    )
}

/// What shows a row, or the value of its secret field, as an expression.
const SINKS: [&str; 12] = [
    "print(row[field])",
    "print(row.to_map())",
    "print(`${row[field]}`)",
    "print(\"\" + row[field])",
    "debug(row[field])",
    "log::warn(row[field].to_string())",
    "print(row)",
    "throw row[field]",
    "throw row[field].to_string()",
    "assert_eq(row[field], \"another\")",
    "rows.group_by(|row| row[field]).keys()",
    "[#{ row: row, value: row[field], map: row.to_map(), rows: rows, column: rows.column(field) }]",
];

#[test]
fn a_secret_of_a_row_is_stars_in_every_sink() {
    let router = router();
    for (menu, field) in FIELDS {
        for sink in SINKS {
            let line = format!(
                "let field = \"{field}\"; let rows = mikrotik::rows(\"{menu}\"); let row = rows[0]; {sink}"
            );
            for flags in [&["-v"][..], &["--json"]] {
                let tikbook = router.tikbook(Tikbook::new()).args(flags);
                let output = tikbook.args(["run", "-e", &line]).run();
                let shown = format!("{}{}", output.stdout, output.stderr);
                assert!(!shown.contains(SECRET), "{sink}: {output}");
                let is_shown = shown.contains("***") || sink.starts_with("throw row[field]");
                assert!(is_shown || sink == "print(row)", "{menu} {sink}: {output}");
            }
        }
    }
}

#[test]
fn a_secret_of_a_row_is_compared_looked_for_and_written() {
    let router = router();
    let lines = format!(
        r#"let rows = mikrotik::rows("/ppp/secret");
        let secret = rows[0].password;
        assert(secret == "{SECRET}" && "{SECRET}" == secret && secret != "another", "compared");
        assert(secret == rows[0]["password"] && secret != () && !secret.is_empty(), "compared");
        assert_eq(secret, "{SECRET}");
        assert_eq(rows.where(#{{ password: "{SECRET}" }}).len(), 1);
        assert_eq(rows.where(#{{ password: secret }}).len(), 1);
        assert_eq(rows.index_by("password")["{SECRET}"].comment, "seen");
        assert_eq(mikrotik::count("/ppp/secret", #{{ password: secret }}), 1);
        try {{ rows.group_by("password"); assert(false, "grouped"); }}
        catch (err) {{ assert_eq(err.kind, "invalid"); }}
        mikrotik::set("/ip/hotspot/user", "*1", #{{ password: secret, comment: "copied" }}, "a try")"#
    );
    let script = format!(
        "//! A try.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:/ip/hotspot/user\"] }};\n\
         fn run(args) {{ {lines}; #{{ title: \"t\" }} }}"
    );
    let row = json!({ ".id": "*1", "name": "u", "password": "old-word-of-the-user" });
    let secret = json!({ ".id": "*1", "name": "s", "password": SECRET, "comment": "seen" });
    drop(router);
    let router =
        Router::with(&json!({ "/ppp/secret": [secret], "/ip/hotspot/user": [row] }).to_string());
    let tikbook = router.tikbook(Tikbook::new()).file("try.rhai", script);
    let run = tikbook.args([
        "run",
        "./try.rhai",
        "--apply",
        "--yes",
        "--max-changes",
        "1",
    ]);
    let output = run.run().code(0);
    let shown = format!("{}{}", output.stdout, output.stderr);
    assert!(
        !shown.contains(SECRET) && !shown.contains("old-word"),
        "{output}"
    );
    let written = router.simulator.rows("/ip/hotspot/user");
    assert_eq!(written[0].get("password"), Some(SECRET.as_bytes()));
}

#[test]
fn a_session_saves_no_secret_and_for_its_owner_alone() {
    let router = router();
    let folder = tempfile::tempdir().unwrap();
    let (page, saved) = (
        folder.path().join("page.md"),
        folder.path().join("saved.rhai"),
    );
    let lines = [
        "mikrotik::rows(\"/ppp/secret\")".to_owned(),
        "mikrotik::rows(\"/ppp/secret\")[0].password".to_owned(),
        "mikrotik::rows(\"/interface/lte\", #{ pin: \"4711-typed\" }).len()".to_owned(),
        "print(\"site-key-of-the-portal\")".to_owned(),
        "\"site-key-of-the-portal\"".to_owned(),
        "throw \"hook-token-of-the-portal\"".to_owned(),
        format!(":transcript {}", page.display()),
        format!(":save {}", saved.display()),
    ];
    let output = router
        .tikbook(Tikbook::new())
        .env("SECRET_KEY", "site-key-of-the-portal")
        .env("HOOK", "https://h/x?token=hook-token-of-the-portal")
        .arg("repl")
        .stdin(lines.join("\n"))
        .run()
        .code(0);
    let files = [&page, &saved].map(|path| {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        std::fs::read_to_string(path).unwrap()
    });
    let shown = format!("{}{}{}", output.stdout, output.stderr, files.concat());
    for secret in [
        SECRET,
        "4711-typed",
        "site-key-of-the-portal",
        "hook-token-of-the-portal",
    ] {
        assert!(
            !shown.contains(secret),
            "{secret}: {output}{}",
            files.concat()
        );
    }
    assert!(files[1].contains("/ppp/secret"), "{}", files[1]);
}

#[test]
fn a_setting_that_holds_a_secret_is_stars() {
    for value in [
        "https://h/x?token=hunter2",
        "https://hunter2@h/",
        "u:hunter2@tcp(h)/x",
        "redis://:hunter2@h",
        "an open word",
    ] {
        let line = "print(portal::setting(\"TASK_DLQ_REDIS_KEY\", \"none\"))";
        let output = Tikbook::new()
            .file("site.env", format!("TASK_DLQ_REDIS_KEY={value}\n"))
            .args([
                "--site",
                "demo",
                "--env-file",
                "site.env",
                "run",
                "-e",
                line,
            ])
            .run();
        let shown = format!("{}{}", output.stdout, output.stderr);
        let is_open = value == "an open word";
        assert!(!shown.contains("hunter2"), "{value}: {output}");
        assert_eq!(shown.contains("***"), !is_open, "{value}: {output}");
        assert_eq!(shown.contains(value), is_open, "{value}: {output}");
    }
}
