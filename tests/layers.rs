//! Who may import whom, and who may name which dependency: `src/README.md` has the same tables
//! with the reasons. A new arrow is a decision, made there and here in one commit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of `src/` and the ones it may import; `main` and `lib` only put them together.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["command"]),
    ("lib", &[]),
    (
        "command",
        &[
            "change",
            "cli",
            "config",
            "demo",
            "failure",
            "grant",
            "host",
            "kind",
            // Which variables are secrets; how doctor judges the names of lists.
            "portal",
            "repl",
            "report",
            "script",
            "session",
            "signals",
            "terminal",
            "testing",
            "wording",
            "routeros_api",
            "routeros_sim",
        ],
    ),
    (
        "failure",
        &[
            "change", "cli", "config", "host", "kind", "report", "script", "wording",
        ],
    ),
    (
        "repl",
        &[
            "change",
            "grant",
            "host",
            "report",
            "script",
            "session",
            "signals",
            "terminal",
            "wording",
            "routeros_schema",
        ],
    ),
    // What the operator is asked must be printable.
    ("terminal", &["report"]),
    (
        "script",
        &[
            "grant",
            "host",
            "portal",
            "report",
            "wording",
            "routeros_schema",
        ],
    ),
    (
        "host",
        &[
            "change",
            "grant",
            "kind",
            "portal",
            "report",
            "session",
            "wording",
            "routeros_api",
            "routeros_schema",
        ],
    ),
    (
        "testing",
        &[
            "change",
            "config",
            "demo",
            "grant",
            "host",
            "report",
            "script",
            "session",
            "routeros_sim",
        ],
    ),
    // The portal's tokens and the site's own list say which rows are protected.
    (
        "change",
        &[
            "config",
            "grant",
            "kind",
            "portal",
            "session",
            "routeros_api",
            "routeros_schema",
        ],
    ),
    // Its functions that send want a permit.
    (
        "session",
        &[
            "config",
            "demo",
            "grant",
            "kind",
            "wording",
            "routeros_api",
            "routeros_schema",
        ],
    ),
    ("demo", &["routeros_sim"]),
    ("cli", &[]),
    ("config", &["wording", "routeros_schema"]),
    ("grant", &["routeros_schema"]),
    ("kind", &[]),
    ("portal", &["wording"]),
    ("report", &[]),
    ("signals", &[]),
    ("wording", &[]),
];

/// Dependencies that only some files may name, and the files: a module, or one file of it.
const DEPENDENCIES: &[(&str, &[&str])] = &[
    // It can do everything to a machine; these files let it do nothing but read.
    (
        "bollard",
        &["session/docker/engine.rs", "session/docker/wire.rs"],
    ),
    ("clap", &["cli"]),
    ("clap_complete", &["command/completions.rs"]),
    ("comfy_table", &["report"]),
    ("fernet", &["portal"]),
    ("hyper", &["session/docker/wire.rs"]),
    ("insta", &[]),
    ("miette", &["failure"]),
    // `host/mod.rs` names the namespace, its own module, not the crate.
    ("redis", &["session", "host/mod.rs", "host/redis.rs"]),
    ("rhai", &["host", "script", "repl", "testing"]),
    ("rustix", &["terminal"]),
    ("rustyline", &["repl"]),
    ("sqlx", &["session", "demo", "host/db.rs"]),
    ("strsim", &["wording"]),
    ("toml", &["config"]),
];

/// Parts of the standard library that only some files may name.
const WORLD: &[(&str, &[&str])] = &[
    ("std::env", &["config", "main"]),
    // One place hears signals; nobody else can take them from it.
    ("signal::", &["signals"]),
    ("env::var", &["config"]),
    ("std::process::exit", &[]),
    ("print!", &["command"]),
    ("println!", &["command"]),
    ("stdout()", &["command", "repl", "terminal"]),
    // The leave to write is asked for at one place.
    ("permit(", &["grant", "change/gate.rs"]),
    // What is written without it: questions to Celery's workers, and the program's own lock.
    (
        "send_without_permit(",
        &[
            "session/celery/conversation.rs",
            "session/lock.rs",
            "session/redis/mod.rs",
        ],
    ),
];

/// The crates beside the binary, and what each may never name.
const CRATES: &[(&str, &[&str])] = &[
    (
        "routeros-proto",
        &[
            "routeros_api",
            "routeros_sim",
            "tikbook",
            "tokio",
            "std::net",
            "std::time",
            "std::io",
            "std::fs",
        ],
    ),
    (
        "routeros-schema",
        &[
            "routeros_api",
            "routeros_proto",
            "routeros_sim",
            "tikbook",
            "tokio",
            "std::net",
            "std::time",
            "std::io",
            "std::fs",
        ],
    ),
    ("routeros-api", &["routeros_sim", "tikbook"]),
    ("routeros-sim", &["routeros_api", "tikbook"]),
];

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let allowed = allowed_imports(&file.module);
        let imports = file.imports();
        let strangers = imports.iter().filter(|import| {
            **import != file.module && is_layer(import) && !allowed.contains(&import.as_str())
        });
        wrong.extend(strangers.map(|import| format!("{} imports {import}", file.path)));
    }
    assert!(
        wrong.is_empty(),
        "arrows that are not in the table:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_of_arrows_has_a_row_for_every_module_and_no_other() {
    let modules: BTreeSet<String> = sources("src").into_iter().map(|file| file.module).collect();
    let table: BTreeSet<String> = ARROWS
        .iter()
        .map(|(module, _)| (*module).to_owned())
        .collect();
    assert_eq!(
        modules, table,
        "left: the modules of src/; right: the rows of the table"
    );
}

#[test]
fn every_arrow_of_the_table_is_used() {
    let files = sources("src");
    for (module, allowed) in ARROWS {
        let of_module = files.iter().filter(|file| file.module == *module);
        let imports: BTreeSet<String> = of_module.flat_map(Source::imports).collect();
        let unused: Vec<_> = allowed
            .iter()
            .filter(|name| !imports.contains(**name))
            .collect();
        assert!(
            unused.is_empty(),
            "{module} does not import {unused:?}: take it out of the table"
        );
    }
}

#[test]
fn dependencies_are_named_only_where_the_table_allows() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        for (name, places) in DEPENDENCIES {
            if file.names_crate(name) && !file.is_in(places) {
                wrong.push(format!("{} names {name}", file.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "dependencies outside their places:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn environment_output_and_exit_stay_in_their_places() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        for (name, places) in WORLD {
            if file.names(name) && !file.is_in(places) {
                wrong.push(format!("{} names {name}", file.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "reaching for the world outside its places:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn client_and_simulator_do_not_meet_and_the_protocol_does_no_io() {
    for (name, forbidden) in CRATES {
        for file in sources(&format!("crates/{name}/src")) {
            for word in *forbidden {
                assert!(!file.names_path(word), "{} names {word}", file.path);
            }
        }
    }
}

#[test]
fn the_reader_of_imports_sees_every_way_to_write_one() {
    let source = "use crate::{alpha, beta::{Thing, other}, gamma::*};\n\
                  // crate::comment\n\
                  fn f() -> crate::delta::X { \"crate::text\"; routeros_api::connect() }\n\
                  #[cfg(test)]\nmod tests { use crate::only_in_tests; }\n";
    let file = Source::new("src/omega/file.rs", source);
    assert_eq!(file.module, "omega");
    let imports: Vec<String> = file.imports().into_iter().collect();
    assert_eq!(imports, ["alpha", "beta", "delta", "gamma", "routeros_api"]);
}

#[test]
fn the_reader_of_dependencies_tells_a_crate_from_a_module_of_the_same_name() {
    let names = |source: &str| Source::new("src/x.rs", source).names_crate("redis");
    assert!(names("use redis::Value;"));
    assert!(names("fn f(x: redis::Value) {}"));
    assert!(names("use redis as wire;"));
    assert!(!names("use crate::session::redis::Value;"));
    assert!(!names("fn f() { fakeredis::start(); }"));
}

/// A file of production code: its comments, texts and unit tests are taken out.
struct Source {
    path: String,
    module: String,
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        let below = path.split_once("src/").map_or(path, |(_, below)| below);
        let module = below
            .split('/')
            .next()
            .unwrap_or(below)
            .trim_end_matches(".rs");
        Source {
            path: path.to_owned(),
            module: module.to_owned(),
            code: production_code(text),
        }
    }

    /// The modules of this crate, and the crates of this workspace, that the code names.
    fn imports(&self) -> BTreeSet<String> {
        let root = if self.module == "main" {
            "tikbook::"
        } else {
            "crate::"
        };
        let mut imports = BTreeSet::new();
        for (index, _) in self.code.match_indices(root) {
            imports.extend(first_names(&self.code[index + root.len()..]));
        }
        let crates = [
            "routeros_api",
            "routeros_proto",
            "routeros_schema",
            "routeros_sim",
        ];
        imports.extend(
            crates
                .into_iter()
                .filter(|name| self.names_crate(name))
                .map(str::to_owned),
        );
        imports
    }

    fn names_crate(&self, name: &str) -> bool {
        self.code.match_indices(name).any(|(index, _)| {
            let before = &self.code[..index];
            let after = &self.code[index + name.len()..];
            let starts =
                !before.ends_with(is_word) && (!before.ends_with("::") || is_absolute(before));
            starts
                && (after.starts_with("::")
                    || (before.ends_with("use ") && !after.starts_with(is_word)))
        })
    }

    /// True if the code names the crate or path `name` (`tokio`, `std::net`).
    fn names_path(&self, name: &str) -> bool {
        if name.contains("::") {
            self.names(name)
        } else {
            self.names_crate(name)
        }
    }

    /// True if the code has `text`, not as the end of a longer name.
    fn names(&self, text: &str) -> bool {
        let mut places = self.code.match_indices(text);
        places.any(|(index, _)| !self.code[..index].ends_with(is_word))
    }

    /// True if the file is one of `places`, or in one of them.
    fn is_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| *place == self.module || self.path == format!("src/{place}"))
    }
}

fn allowed_imports(module: &str) -> &'static [&'static str] {
    ARROWS
        .iter()
        .find(|(name, _)| *name == module)
        .map_or(&[], |(_, allowed)| allowed)
}

fn is_layer(name: &str) -> bool {
    name.starts_with("routeros_") || ARROWS.iter().any(|(module, _)| *module == name)
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    assert!(
        !paths.is_empty(),
        "{folder} holds no Rust files, so nothing was checked"
    );
    let source = |path: &PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        Source::new(name, &fs::read_to_string(path).unwrap())
    };
    paths.iter().map(source).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The first name of a path, or of each path in a group: `a` of `a::b`, `a` and `c` of `{a::b, c}`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![path.chars().take_while(|letter| is_word(*letter)).collect()];
    };
    let mut names = vec![String::new()];
    let mut depth = 0;
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => names.last_mut().expect("it starts with one").push(letter),
            _ => {}
        }
    }
    names
        .iter()
        .flat_map(|name| first_names(name.trim()))
        .filter(|name| !name.is_empty())
        .collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// True if `before` ends with a `::` that starts a path (`::redis::Value`).
fn is_absolute(before: &str) -> bool {
    before
        .strip_suffix("::")
        .is_some_and(|start| start.is_empty() || start.ends_with([' ', '(', '<', '&', '{', ',']))
}

/// What stands before the unit tests, without comments and without the insides of texts.
fn production_code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut code = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let skipped = skipped_length(rest);
        if skipped == 0 {
            code.push(letter);
        }
        rest = &rest[skipped.max(letter.len_utf8())..];
    }
    code
}

/// The length of the comment, text or quotation mark at the start of `code`, 0 if there is none.
fn skipped_length(code: &str) -> usize {
    let end = |pattern: &str, from: usize| {
        code[from..]
            .find(pattern)
            .map_or(code.len(), |index| from + index + pattern.len())
    };
    if code.starts_with("//") {
        code.find('\n').unwrap_or(code.len())
    } else if code.starts_with("/*") {
        end("*/", 2)
    } else if code.starts_with("r#\"") {
        end("\"#", 3)
    } else if code.starts_with("'\"'") {
        3
    } else if code.starts_with('"') {
        text_length(code)
    } else {
        0
    }
}

fn text_length(code: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in code.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    code.len()
}
