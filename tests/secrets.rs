//! Secrets are `***` wherever they could be seen: kinds of secrets by sinks.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::router::Router;
use crate::support::sqlite;
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

/// A secret of a site: where it comes from, and what it is.
struct Source {
    config: &'static str,
    /// Files beside it.
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    secret: &'static str,
}

impl Source {
    const NONE: Self = Self {
        config: "",
        files: &[],
        variables: &[],
        secret: "",
    };

    /// A secret that a variable is, or that is in it.
    const fn of_variable(
        variables: &'static [(&'static str, &'static str)],
        secret: &'static str,
    ) -> Self {
        Self {
            variables,
            secret,
            ..Self::NONE
        }
    }

    /// `tikbook` where the site is described in this way.
    fn tikbook(&self) -> Tikbook {
        let tikbook = match self.config {
            "" => Tikbook::new(),
            config => Tikbook::new().file("tikbook.toml", config),
        };
        let files = self.files.iter();
        let tikbook = files.fold(tikbook, |tikbook, (path, text)| tikbook.file(path, text));
        let variables = self.variables.iter();
        variables.fold(tikbook, |tikbook, (name, text)| tikbook.env(name, text))
    }
}

const SOURCES: [Source; 21] = [
    Source::of_variable(&[("MIKROTIK_PASSWORD", "router-Word-1")], "router-Word-1"),
    Source {
        files: &[("word", "router-Word-2\n")],
        ..Source::of_variable(&[("MIKROTIK_PASSWORD_FILE", "word")], "router-Word-2")
    },
    Source {
        config: "[sites.n.routers.gw]\nhost = \"h\"\npassword_env = \"GW\"\n",
        ..Source::of_variable(&[("GW", "router-Word-3")], "router-Word-3")
    },
    Source {
        config: "[sites.n.routers.gw]\nhost = \"h\"\npassword_file = \"word\"\n",
        files: &[("word", "router-Word-4\n")],
        secret: "router-Word-4",
        ..Source::NONE
    },
    Source {
        config: "[sites.n.routers.gw]\nhost = \"h\"\npassword_credential = \"gw\"\n",
        files: &[("credentials/gw", "router-Word-5")],
        ..Source::of_variable(&[("CREDENTIALS_DIRECTORY", "credentials")], "router-Word-5")
    },
    // Replaced by a stronger one, and a secret all the same.
    Source {
        config: "[sites.n.routers.gw]\nhost = \"h\"\npassword_file = \"word\"\n",
        files: &[("word", "router-Word-6")],
        ..Source::of_variable(&[("MIKROTIK_PASSWORD", "another-Word-6")], "router-Word-6")
    },
    Source::of_variable(
        &[("DATABASE_URL", "postgresql://u:data%40Word-1@h/d")],
        "data@Word-1",
    ),
    // As it is written in the URL.
    Source {
        config: "[sites.n.database]\nurl_file = \"url\"\n",
        files: &[("url", "postgresql://u:data%2fWord-2@h/d")],
        secret: "data%2fWord-2",
        ..Source::NONE
    },
    Source {
        config: "[sites.n.database]\nurl_file = \"url\"\n",
        files: &[("url", "mysql://u@h/d?password=data%20Word-3")],
        secret: "data Word-3",
        ..Source::NONE
    },
    Source {
        config: "[sites.n.database]\nurl = \"mysql://u@h/d\"\npassword_env = \"DB\"\n",
        ..Source::of_variable(&[("DB", "data-Word-4")], "data-Word-4")
    },
    Source::of_variable(
        &[
            ("REDIS_HOST_OTP", "h"),
            ("REDIS_PASSWORD_OTP", "redis-Word-1"),
        ],
        "redis-Word-1",
    ),
    Source::of_variable(
        &[("REDIS_URL", "redis://:redis-Word-2@h/0")],
        "redis-Word-2",
    ),
    Source::of_variable(
        &[(
            "REDIS_URL",
            "redis+sentinel://h/m/0?sentinel_password=redis-Word-3",
        )],
        "redis-Word-3",
    ),
    Source {
        config: "[sites.n.redis]\nurl = \"redis://h\"\npassword_file = \"word\"\n",
        files: &[("word", "redis-Word-4")],
        secret: "redis-Word-4",
        ..Source::NONE
    },
    Source::of_variable(
        &[("CELERY_BROKER_URL", "redis://:broker-Word-1@h/1")],
        "broker-Word-1",
    ),
    Source::of_variable(
        &[("CELERY_RESULT_BACKEND", "redis://:results-Word-1@h/2")],
        "results-Word-1",
    ),
    Source::of_variable(&[("SECRET_KEY", "portal-Key-1")], "portal-Key-1"),
    Source {
        config: "[sites.n]\nsecret_key_file = \"key\"\n",
        files: &[("key", "portal-Key-2")],
        secret: "portal-Key-2",
        ..Source::NONE
    },
    Source {
        config: "[sites.n]\nenv_file = \"site.env\"\n",
        files: &[("site.env", "WHATSAPP_API_KEY=message-Key-1\n")],
        secret: "message-Key-1",
        ..Source::NONE
    },
    Source::of_variable(
        &[("HOOK", "https://h/x?token=hook-Token-1")],
        "hook-Token-1",
    ),
    // A site that cannot be used still has its secrets.
    Source {
        config: "[sites.n]\n[sites.other]\nenv_file = \"other.env\"\ntime_zone = \"Nowhere\"\n\
                 [sites.other.routers.gw]\nhost = \"h\"\npassword_file = \"word\"\n",
        files: &[("other.env", ""), ("word", "router-Word-7")],
        variables: &[("TIKBOOK_SITE", "n")],
        secret: "router-Word-7",
    },
];

#[test]
fn a_secret_of_the_site_is_stars_in_log_and_errors_wherever_it_comes_from() {
    for source in SOURCES.iter().filter(|source| !is_of_another_site(source)) {
        let secret = source.secret;
        let said = format!(
            "let secret = \"{secret}\"; log::warn(secret); log::info(`a ${{secret}}`); \
             log::detail(secret); print(secret); debug(secret); throw `no way to ${{secret}}`"
        );
        let output = source.tikbook().args(["-vv", "run", "-e", &said]).run();
        let output = output.code(1);
        assert!(!output.stderr.contains(secret), "{output}");
        assert!(output.stderr.contains("no way to ***"), "{output}");
        // Five lines of the log, the error, and the script that it shows.
        assert!(output.stderr.matches("***").count() >= 7, "{output}");
    }
}

#[test]
fn a_secret_of_the_site_is_stars_in_reports_wherever_it_comes_from() {
    for source in SOURCES.iter().filter(|source| !is_of_another_site(source)) {
        let secret = source.secret;
        let header = "//! A try.\nconst RUNBOOK = #{ reads: [] };\n";
        let fails = format!("{header}fn run(args) {{\n    throw \"no way to {secret}\"\n}}\n");
        let tells = format!(
            "{header}fn run(args) {{\n    let told = report::create(\"Told\");\n    \
             told.note(\"no way to {secret}\");\n    told.set(\"told\", \"no way to {secret}\");\n    told\n}}\n"
        );
        for flags in [&[][..], &["--json"]] {
            for (script, code) in [(&fails, 1), (&tells, 0)] {
                let tikbook = source.tikbook().file("try.rhai", script);
                let output = tikbook.args(flags).args(["run", "./try.rhai"]).run();
                let output = output.code(code);
                let shown = format!("{}{}", output.stdout, output.stderr);
                assert!(!shown.contains(secret), "{output}");
                assert!(shown.contains("no way to ***"), "{output}");
            }
            let value = format!("[#{{ said: \"so {secret}!\", count: 12345678 }}]");
            let output = source
                .tikbook()
                .args(flags)
                .args(["run", "-e", &value])
                .run();
            let output = output.code(0);
            assert!(!output.stdout.contains(secret), "{output}");
            assert!(output.stdout.contains("so ***!"), "{output}");
            assert!(output.stdout.contains("12345678"), "{output}");
        }
    }
}

#[test]
fn a_secret_of_a_site_is_stars_in_the_repl_and_in_all_that_it_keeps() {
    for source in &SOURCES {
        let secret = source.secret;
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        let lines = [
            "\"kept\"".to_owned(),
            format!("\"so {secret}!\""),
            format!("print(\"{secret}\")"),
            format!("log::warn(\"{secret}\")"),
            format!("throw \"{secret}\""),
            format!(":nothing {secret}"),
            format!(":transcript {}", path("page.md").display()),
            format!(":save {}", path("saved.rhai").display()),
        ];
        let tikbook = source.tikbook().env("XDG_STATE_HOME", home.path());
        let output = tikbook.arg("repl").stdin(lines.join("\n")).run().code(0);
        let kept = ["page.md", "saved.rhai", "tikbook/history"].map(|name| {
            let mode = std::fs::metadata(path(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
            std::fs::read_to_string(path(name)).unwrap()
        });
        let shown = format!("{output}{}", kept.concat());
        assert!(!shown.contains(secret), "{shown}");
        assert!(output.stdout.contains("so ***!"), "{output}");
        for text in &kept {
            assert!(text.contains("kept"), "{text}");
        }
        let [page, saved, history] = kept;
        assert!(
            page.contains("so ***!") && saved.contains("so ***!"),
            "{page}{saved}"
        );
        assert!(!history.contains("so "), "{history}");
    }
}

/// Does the source belong to a site that a run on another one does not read?
fn is_of_another_site(source: &Source) -> bool {
    source.config.contains("[sites.other]")
}

#[test]
fn a_word_that_is_somebodys_password_is_still_a_word() {
    // What stands in data, in a line for people, and in both only where it is no word.
    for (password, in_data, in_talk) in [
        ("1", true, true),
        ("admin", true, true),
        ("s3cret!", true, true),
        ("mikrotik", true, false),
        ("hotspot-user", true, false),
        ("081234567890", true, false),
        ("hunter22", false, false),
    ] {
        let tikbook = || Tikbook::new().env("MIKROTIK_PASSWORD", password);
        let value = format!("#{{ \"a\": \"of {password}.\", mikrotik: 1 }}");
        let data = tikbook().args(["--json", "run", "-e", &value]).run();
        let data = data.code(0).stdout_json();
        assert_eq!(data["a"] == format!("of {password}."), in_data, "{data}");
        assert_eq!(data["mikrotik"], 1);
        let error = format!("throw \"of {password}.\"");
        let talk = tikbook().args(["run", "-e", &error]).run().code(1);
        let said = format!("of {password}.");
        assert_eq!(talk.stderr.contains(&said), in_talk, "{talk}");
    }
}

#[test]
fn a_secret_among_the_portals_settings_is_known_once_they_are_read() {
    let database = sqlite::database_with_schema();
    database.execute(
        "INSERT INTO application_settings (setting_key, setting_value) VALUES \
         ('WHATSAPP_API_KEY', 'message-Key-7'), ('HOUSE_NAME', 'Melati-House-7')",
    );
    let read = "let name = portal::setting(\"HOUSE_NAME\", \"\"); print(name); \
                let rows = db::rows(\"SELECT setting_value FROM application_settings\"); \
                print(rows.column(\"setting_value\")); rows";
    let tikbook = Tikbook::new().env("DATABASE_URL", database.url());
    let output = tikbook.args(["--json", "run", "-e", read]).run().code(0);
    let shown = format!("{}{}", output.stdout, output.stderr);
    assert!(!shown.contains("message-Key-7"), "{output}");
    assert_eq!(shown.matches("***").count(), 2, "{output}");
    assert_eq!(shown.matches("Melati-House-7").count(), 3, "{output}");
}

const PASTED: &str = "Hx7qZ9Lm2WvT";

/// Lines of a site and of its router, with a password where none belongs, and the key that is named.
const MISPLACED: [(&str, &str, &str); 30] = [
    (
        "database = \"postgresql://a:PW@h/p\"",
        "",
        "sites.h.database",
    ),
    (
        "database = [\"postgresql://a:PW@h/p\"]",
        "",
        "sites.h.database",
    ),
    (
        "database = { url = [\"postgresql://a:PW@h/p\"] }",
        "",
        "sites.h.database.url",
    ),
    (
        "database = { url_env = \"postgresql://a:PW@h/p\" }",
        "",
        "sites.h.database.url_env",
    ),
    (
        "database = { url_env = \"PW\" }",
        "",
        "sites.h.database.url_env",
    ),
    (
        "database = { url_file = \"postgresql://a:PW@h/p\" }",
        "",
        "sites.h.database.url_file",
    ),
    (
        "database = { url_credential = \"PW\" }",
        "",
        "sites.h.database.url_credential",
    ),
    (
        "database = { url_credential = \"a/PW\" }",
        "",
        "sites.h.database.url_credential",
    ),
    ("redis = \"redis://:PW@h/0\"", "", "sites.h.redis"),
    ("broker = \"redis://:PW@h/0\"", "", "sites.h.broker"),
    ("results = \"redis://:PW@h/0\"", "", "sites.h.results"),
    ("secret_key_env = \"PW\"", "", "sites.h.secret_key_env"),
    ("secret_key_env = [\"PW\"]", "", "sites.h.secret_key_env"),
    ("secret_key_file = \"PW\"", "", "sites.h.secret_key_file"),
    ("env_file = [\"PW\"]", "", "sites.h.env_file"),
    ("protected = \"PW\"", "", "sites.h.protected"),
    ("scripts = \"PW\"", "", "sites.h.scripts"),
    ("limits = \"PW\"", "", "sites.h.limits"),
    (
        "limits = { max_rows = \"PW\" }",
        "",
        "sites.h.limits.max_rows",
    ),
    ("\"postgresql://a:PW@h/p\" = 1", "", "unknown key"),
    ("default_router = \"a:PW@h\"", "", "sites.h.default_router"),
    ("", "tls = \"PW\"", "sites.h.routers.g.tls"),
    (
        "",
        "tls = { ca_file = [\"PW\"] }",
        "sites.h.routers.g.tls.ca_file",
    ),
    ("", "port = \"PW\"", "sites.h.routers.g.port"),
    ("", "user = [\"PW\"]", "sites.h.routers.g.user"),
    (
        "",
        "password_env = \"PW\"",
        "sites.h.routers.g.password_env",
    ),
    (
        "",
        "password_env = { a = \"PW\" }",
        "sites.h.routers.g.password_env",
    ),
    (
        "",
        "password_file = \"PW\"",
        "sites.h.routers.g.password_file",
    ),
    (
        "",
        "password_credential = \"PW\"",
        "sites.h.routers.g.password_credential",
    ),
    (
        "",
        "[sites.h.routers.w]\nhost = \"admin:PW@h\"",
        "sites.h.routers.w.host",
    ),
];

#[test]
fn a_password_where_none_belongs_is_not_repeated_and_the_key_is_named() {
    for (of_site, of_router, key) in MISPLACED {
        let file = format!(
            "[sites.h]\n{of_site}\n[sites.h.routers.g]\nhost = \"127.0.0.1\"\n{of_router}\n"
        );
        let output = Tikbook::new()
            .file("tikbook.toml", file.replace("PW", PASTED))
            .args(["--site", "h", "run", "-e", "1"])
            .run()
            .code(2);
        let said = output.to_string().replace("\n  │ ", "");
        assert!(!said.contains(PASTED), "{key}: {output}");
        let said = output.stderr.replace("\n  │ ", " ");
        assert!(said.contains(key), "{key}: {output}");
        // Kinds are told in words that are not Rust's.
        for word in [
            "struct",
            "sequence",
            "u16",
            "usize",
            "invalid type",
            "a map",
        ] {
            assert!(!said.contains(word), "{key} {word}: {output}");
        }
    }
}

#[test]
fn a_password_on_the_command_line_where_none_belongs_is_not_repeated() {
    for words in [
        &["--site", "postgresql://a:PW@h/p", "list"][..],
        &["--site", "postgresql://a:PW@h/p", "run", "-e", "1"],
        &["--site", "a:PW@h", "doctor"],
        &["fingerprint", "admin:PW@127.0.0.1"],
        &["fingerprint", "admin:PW@127.0.0.1:1"],
        &["fingerprint", "https://admin:PW@127.0.0.1:1"],
    ] {
        let words = words.iter().map(|word| word.replace("PW", PASTED));
        let output = Tikbook::new().args(words).run();
        let said = output.to_string().replace("\n  │ ", "");
        assert!(!said.contains(PASTED), "{output}");
        assert!(matches!(output.status.code(), Some(0 | 2)), "{output}");
    }
}
