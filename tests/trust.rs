//! What lies in the folder that somebody stands in is used only if nobody else had a hand in it: owner, mode and
//! place of a file, for each kind of file that is found so.

use crate::support::tikbook::{Output, Tikbook};

/// A kind of file that is found in a folder, where somebody put it.
struct Kind {
    file: &'static str,
    text: &'static str,
    /// What is typed, and what of that comes where the file is used.
    typed: &'static [&'static str],
    /// The flag that names it, as it is told.
    flag: &'static str,
}

const KINDS: [Kind; 5] = [
    Kind {
        file: "tikbook.toml",
        text: "[sites.planted]\n",
        typed: &["sites"],
        flag: "--config",
    },
    Kind {
        file: "scripts/audit.rhai",
        text: "//! Not the bundled one.\nconst RUNBOOK = #{ reads: [], writes: [], params: #{} };\n\
               fn run(args) { report::create(\"planted\") }\n",
        typed: &["--site", "demo", "audit"],
        flag: "--scripts",
    },
    Kind {
        file: "scripts/lib/probe.rhai",
        text: "fn word() { \"planted\" }\n",
        typed: &["--site", "demo", "probe"],
        flag: "--scripts",
    },
    Kind {
        file: "beside/lib/probe.rhai",
        text: "fn word() { \"planted\" }\n",
        typed: &["--site", "demo", "run", "beside/probe.rhai"],
        flag: "--scripts",
    },
    Kind {
        file: "scripts/catalogue/en.ftl",
        text: "param-audit-limit = planted\n",
        typed: &["--site", "demo", "run", "audit", "--help"],
        flag: "--scripts",
    },
];

const PROBE: &str = "//! Says a word.\nimport \"lib/probe\" as probe;\n\
    const RUNBOOK = #{ reads: [], writes: [], params: #{} };\n\
    fn run(args) { report::create(probe::word()) }\n";
const DATA: &str = ".local/share/tikbook/scripts";

impl Kind {
    fn tikbook(&self) -> Tikbook {
        Tikbook::new()
            .file(&format!("{DATA}/probe.rhai"), PROBE)
            .file(
                &format!("{DATA}/lib/probe.rhai"),
                "fn word() { \"as it was\" }\n",
            )
            .file("beside/probe.rhai", PROBE)
            .file(self.file, self.text)
            .mode(self.file, 0o644)
    }

    /// The folder that the file is in.
    fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The name by which the file would be named.
    fn named(&self) -> [&str; 2] {
        let folder = self.file.split('/').next().unwrap_or_default();
        [self.flag, folder]
    }

    fn is_used(&self, output: &Output) -> bool {
        let is_used = output.stdout.contains("planted");
        let is_told = output.stderr.contains("is not used, as");
        assert_ne!(is_used, is_told, "{output}");
        if is_told {
            for way in ["tikbook config trust ", self.flag, self.file] {
                assert!(output.stderr.contains(way), "{way}: {output}");
            }
            let times = output.stderr.matches("is not used, as").count();
            assert_eq!(times, 1, "{output}");
        }
        is_used
    }
}

/// What somebody may have done to a file and its folder, and whether it is used then.
type Hand = (&'static str, fn(&Kind, Tikbook) -> Tikbook, bool);

const HANDS: [Hand; 6] = [
    ("nothing", |_, tikbook| tikbook, true),
    (
        "the file is somebody else's",
        |kind, tikbook| tikbook.of_other(kind.file),
        false,
    ),
    (
        "everybody may write the file",
        |kind, tikbook| tikbook.mode(kind.file, 0o666),
        false,
    ),
    (
        "everybody may write its folder",
        |kind, tikbook| tikbook.mode(kind.folder(), 0o777),
        false,
    ),
    (
        "it is one's own in a folder like /tmp",
        |kind, tikbook| tikbook.mode(kind.folder(), 0o1777),
        true,
    ),
    (
        "its folder is somebody else's",
        |kind, tikbook| tikbook.of_other(kind.folder()),
        false,
    ),
];

#[test]
fn what_only_lies_there_is_used_where_nobody_else_had_a_hand_in_it() {
    for kind in &KINDS {
        for (what, done, is_used) in HANDS {
            let output = done(kind, kind.tikbook()).args(kind.typed).run().code(0);
            assert_eq!(kind.is_used(&output), is_used, "{what}: {output}");
        }
    }
}

#[test]
fn what_is_named_is_used_whoever_had_a_hand_in_it() {
    for kind in &KINDS {
        let tikbook = kind.tikbook().mode(kind.file, 0o666).args(kind.named());
        let output = tikbook.args(kind.typed).run().code(0);
        assert!(kind.is_used(&output), "{output}");
    }
}

#[test]
fn a_script_that_is_named_is_run_wherever_it_lies_and_is_not_said_to_be_left_out() {
    for path in ["./own.rhai", "own.rhai", "there/../own.rhai"] {
        let script = PROBE.replace("import \"lib/probe\" as probe;\n", "");
        let script = script.replace("probe::word()", "\"planted\"");
        let tikbook = Tikbook::new().file("own.rhai", script).file("there/x", "");
        let tikbook = tikbook
            .mode("", 0o777)
            .args(["--site", "demo", "run", path]);
        let output = tikbook.run().code(0);
        assert!(output.stdout.contains("planted"), "{output}");
        assert!(!output.stderr.contains("is not used"), "{output}");
    }
}

#[test]
fn what_is_on_a_read_only_mount_is_used_by_whoever_mounts_it() {
    for kind in &KINDS {
        for (options, is_used) in [("ro", true), ("rw", false)] {
            let tikbook = kind.tikbook().mode(kind.file, 0o666);
            let tikbook = tikbook.args(kind.typed).on_own_mount(options);
            let output = tikbook.run().code(0);
            assert_eq!(kind.is_used(&output), is_used, "{options}: {output}");
        }
    }
}

#[test]
fn what_was_looked_at_is_used_until_it_is_changed() {
    for kind in &KINDS {
        for trusted in [kind.file, "."] {
            let shell = |words: &str| {
                // Each word is one that no shell takes apart.
                let typed = kind.typed.join(" ");
                let script = words.replace("RUN", &format!("\"$0\" {typed}"));
                kind.tikbook()
                    .mode(kind.file, 0o666)
                    .in_shell(&script)
                    .run()
                    .code(0)
            };
            let trust = format!("\"$0\" config trust {trusted} >/dev/null");
            assert!(kind.is_used(&shell(&format!("{trust}; RUN"))), "{trusted}");
            let change = format!("echo '# more' >> {}", kind.file);
            assert!(
                !kind.is_used(&shell(&format!("{trust}; {change}; RUN"))),
                "{trusted}"
            );
            let back = trust.replace("trust ", "trust --remove ");
            assert!(
                !kind.is_used(&shell(&format!("{trust}; {back}; RUN"))),
                "{trusted}"
            );
        }
    }
}

#[test]
fn who_called_sudo_stands_in_a_folder_of_his_own() {
    let as_root = nix::unistd::geteuid().is_root();
    for (uid, is_used) in [("1999999999", as_root), ("1999999998", false), ("", false)] {
        let kind = &KINDS[0];
        let tikbook = kind.tikbook().of_other(kind.file).env("SUDO_UID", uid);
        let output = tikbook.args(kind.typed).run().code(0);
        assert_eq!(kind.is_used(&output), is_used, "{uid}: {output}");
    }
}

#[test]
fn a_planted_file_sends_nobodys_password_anywhere() {
    let secret = "s3cret-of-somebody";
    for (planted, user) in [
        (
            "[sites.x]\nrouters.gw = { host = '127.0.0.1', port = 1, user = 'u', password_file = 'pw' }\n",
            "",
        ),
        (
            "[sites.x.routers.gw]\nhost = '127.0.0.1'\nport = 1\n",
            "[sites.x.routers.gw]\nhost = '127.0.0.2'\nuser = 'u'\npassword_env = 'WORD'\n",
        ),
    ] {
        let tikbook = Tikbook::new()
            .file("pw", secret)
            .file("tikbook.toml", planted)
            .env("WORD", secret)
            .args([
                "--timeout",
                "2s",
                "--site",
                "x",
                "-vv",
                "run",
                "-e",
                "mikrotik::rows(\"/ip/arp\")",
            ]);
        let tikbook = match user {
            "" => tikbook.mode("tikbook.toml", 0o666),
            user => tikbook.file(".config/tikbook/config.toml", user),
        };
        let output = tikbook.run().code(2).to_string();
        assert!(output.contains("tikbook.toml"), "{output}");
        assert!(!output.contains(secret), "{output}");
        // Nothing was connected to: not even that it cannot be reached is said.
        assert!(!output.contains("127.0.0.1"), "{output}");
    }
}

#[test]
fn a_record_is_for_its_owner_alone_and_kept_where_it_is_told() {
    let output = KINDS[0]
        .tikbook()
        .in_shell(
            "\"$0\" config trust tikbook.toml; stat -c '%a %n' .config/tikbook .config/tikbook/trusted.toml; \
             \"$0\" config trust --list | sha256sum --check",
        )
        .run()
        .code(0);
    for said in ["600 .config", "700 .config", "tikbook.toml: OK"] {
        assert!(output.stdout.contains(said), "{said}: {output}");
    }
    for (typed, said) in [
        (&["config", "trust"][..], "--list"),
        (&["config", "trust", "gone"], "cannot trust `gone`"),
        (&["config", "trust", "--remove", "gone"], "not on record"),
        (&["config", "trust", ".local"], "no script"),
    ] {
        let output = Tikbook::new()
            .file(".local/x", "")
            .args(typed)
            .run()
            .code(2);
        assert!(output.stderr.contains(said), "{output}");
    }
    let homeless = Tikbook::new().env("HOME", "").env("XDG_CONFIG_HOME", "");
    let output = homeless.args(["config", "trust", "."]).run().code(2);
    assert!(output.stderr.contains("XDG_CONFIG_HOME"), "{output}");
}

/// What makes a file: the words, what is said at the prompt, and where the file is.
const MAKERS: [(&[&str], &str, &str); 8] = [
    (&["--site", "demo", "--output", "made", "list"], "", "made"),
    (&["--site", "demo", "cleanup", "--plan", "made"], "", "made"),
    (&["new", "made"], "", "scripts/made.rhai"),
    (&["new", "made"], "", "scripts/made_test.rhai"),
    (&["doc", "--definitions", "there"], "", "there/db.d.rhai"),
    (
        &["--site", "demo", "repl"],
        "1 + 1\n:save made.rhai\n",
        "made.rhai",
    ),
    (
        &["--site", "demo", "repl"],
        "1 + 1\n:transcript made.md\n",
        "made.md",
    ),
    (
        &["--site", "demo", "repl"],
        "1 + 1\n",
        ".local/state/tikbook/history",
    ),
];

#[test]
fn nothing_is_made_through_a_link_that_somebody_planted() {
    let folder = tempfile::tempdir().unwrap();
    for (typed, entered, made) in MAKERS {
        for (target, was) in [("precious", Some("precious")), ("nowhere", None)] {
            let target = folder.path().join(target);
            let before = target.metadata().ok().map(|known| known.permissions());
            if let Some(text) = was {
                std::fs::write(&target, text).unwrap();
            }
            for end in ["", ".part", ".new", ".tmp", "~"] {
                let link = format!("{made}{end}");
                let output = Tikbook::new()
                    .file(
                        &format!(
                            "{}/x",
                            made.rsplit_once('/').map_or("x", |(above, _)| above)
                        ),
                        "",
                    )
                    .link(&link, target.to_str().unwrap())
                    .args(typed)
                    .stdin(entered)
                    .run();
                let now = std::fs::read_to_string(&target).ok();
                assert_eq!(now.as_deref(), was, "{link}: {output}");
            }
            if let Some(before) = before {
                assert_eq!(target.metadata().unwrap().permissions(), before, "{made}");
            }
        }
    }
}

#[test]
fn what_is_read_of_an_sqlite_file_leaves_nothing_beside_it() {
    let database = crate::support::sqlite::database();
    database.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (7)");
    let names = || {
        let folder = database.path().parent().unwrap();
        let names = std::fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    assert_eq!(before, ["portal.db"]);
    let bytes = std::fs::read(database.path()).unwrap();
    for (typed, code) in [
        (&["run", "-e", "db::value(\"SELECT a FROM t\")"][..], 0),
        (&["run", "-e", "db::value(\"SELECT b FROM t\")"], 1),
    ] {
        Tikbook::new()
            .env("DATABASE_URL", database.url())
            .args(typed)
            .run()
            .code(code);
        assert_eq!(names(), before);
    }
    assert_eq!(std::fs::read(database.path()).unwrap(), bytes);
}
