//! What is written for people who change tikbook is true: tests, files and licences that are named
//! exist, and the style that no tool keeps is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_promise_of_security_names_tests_that_exist() {
    let text = read("SECURITY.md");
    let (promised, _) = text.split_once("## What is not promised").unwrap();
    let tests = names_of_tests();
    let lines = promised.lines().filter(|line| line.starts_with("- "));
    for line in lines {
        let named: Vec<&str> = in_code(line).filter(|word| is_name_of_test(word)).collect();
        assert!(!named.is_empty(), "no test keeps this promise: {line}");
        for name in named {
            assert!(tests.contains(name), "there is no test `{name}`");
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut followed = 0;
    for document in files("md") {
        let folder = document.parent().unwrap();
        for target in links(&fs::read_to_string(&document).unwrap()) {
            let file = target.split('#').next().unwrap_or_default();
            assert!(
                folder.join(file).exists(),
                "{}: {target}",
                document.display()
            );
            followed += 1;
        }
    }
    assert!(followed > 10, "only {followed} links were found");
}

#[test]
fn files_are_made_in_one_place() {
    let made = [
        "File::create",
        "fs::write(",
        "fs::copy(",
        "fs::rename(",
        "OpenOptions",
        "NamedTempFile",
        "tempfile_in",
        ".create_new(",
    ];
    let of_tests = ["tests.rs", "language.rs", "build.rs"];
    let mut looked_at = 0;
    for file in files("rs") {
        let path = file.strip_prefix(ROOT).unwrap();
        let is_ours = path.starts_with("src") || path.starts_with("crates");
        let is_of_tests = of_tests.iter().any(|name| path.ends_with(name))
            || path.components().any(|part| part.as_os_str() == "tests");
        if !is_ours || is_of_tests || path.starts_with("crates/files") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let (code, _) = text.split_once("#[cfg(test)]\nmod").unwrap_or((&text, ""));
        let found = made.iter().find(|made| code.contains(**made));
        assert_eq!(found, None, "{}: use the crate `files`", path.display());
        looked_at += 1;
    }
    assert!(looked_at > 200, "only {looked_at} files were found");
}

#[test]
fn files_that_contributing_names_exist() {
    let text = read("CONTRIBUTING.md");
    let named = in_code(&text).filter(|word| {
        let name = word.split("::").next().unwrap_or_default();
        name == *word && word.contains('/') && !word.contains([' ', '<', '$', '*'])
    });
    let made_by_tests = |word: &str| word.starts_with("target/");
    for word in named.filter(|word| !made_by_tests(word)) {
        assert!(Path::new(ROOT).join(word).exists(), "there is no {word}");
    }
}

#[test]
fn what_scripts_call_has_no_way_to_what_sends_changes() {
    let ours = our_crates();
    let host = reached_from("scripting", &ours);
    assert!(host.contains("session") && host.contains("connecting"));
    let sends = host.intersection(&names(["sending", "engine"])).count();
    assert_eq!(sends, 0, "{host:?}");
    // A session hands no connection of a driver on, and nobody but the two that keep one has a way to it.
    let drivers = [
        "bollard",
        "connecting",
        "demo",
        "redis",
        "routeros-api",
        "sqlx",
    ];
    let used = ours["scripting"].intersection(&names(drivers)).count();
    assert_eq!(used, 0, "{:?}", ours["scripting"]);
    let users = |package: &str| {
        let users = ours.iter().filter(|(_, uses)| uses.contains(package));
        users.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(users("sending"), names(["engine"]));
    assert_eq!(users("connecting"), names(["sending", "session"]));
}

/// The packages that each of ours depends on, by the manifests: for what is built, not for its tests.
fn our_crates() -> BTreeMap<String, BTreeSet<String>> {
    let mut manifests = vec!["Cargo.toml".to_owned()];
    for entry in fs::read_dir(Path::new(ROOT).join("crates")).unwrap() {
        let name = entry.unwrap().file_name();
        manifests.push(format!("crates/{}/Cargo.toml", name.display()));
    }
    let crates = manifests.iter().map(|manifest| {
        let manifest: toml::Table = read(manifest).parse().unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        (name, dependencies(&manifest))
    });
    crates.collect()
}

/// The packages in the sections of a manifest, by whatever name it uses them and for whatever target.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let of_targets = manifest.get("target").and_then(toml::Value::as_table);
    let of_targets = of_targets.into_iter().flat_map(toml::Table::values);
    let places = of_targets.filter_map(toml::Value::as_table);
    let mut found = BTreeSet::new();
    for place in places.chain([manifest]) {
        for section in ["dependencies", "build-dependencies"] {
            let section = place.get(section).and_then(toml::Value::as_table);
            for (name, dependency) in section.into_iter().flatten() {
                let package = dependency.get("package").and_then(toml::Value::as_str);
                found.insert(package.unwrap_or(name).to_owned());
            }
        }
    }
    found
}

/// All packages of ours that `start` depends on.
fn reached_from(start: &str, ours: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(name) = open.pop() {
        let uses = ours.get(&name).into_iter().flatten();
        let uses = uses.filter(|name| ours.contains_key(*name));
        open.extend(uses.filter(|name| reached.insert((*name).clone())).cloned());
    }
    reached
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn the_notice_tells_every_licence_that_a_dependency_may_have() {
    let rules: toml::Table = read("deny.toml").parse().unwrap();
    let licences = &rules["licenses"];
    let notice = read("NOTICE");
    for licence in licences["allow"].as_array().unwrap() {
        // "Apache-2.0 WITH LLVM-exception" is told as "with … the LLVM exception".
        let name = licence.as_str().unwrap().split(' ').next().unwrap();
        assert!(notice.contains(name), "NOTICE does not name {name}");
    }
    for exception in licences["exceptions"].as_array().unwrap() {
        let name = exception["crate"].as_str().unwrap();
        assert!(notice.contains(name), "NOTICE does not name {name}");
    }
}

#[test]
fn what_is_short_in_every_run_is_called_in_full_by_the_long_one() {
    let run = read("tests/run");
    let full = run
        .lines()
        .find(|line| line.contains("TIKBOOK_FULL_HARNESSES=1"))
        .expect("tests/run --all has the harnesses in full");
    let sized: Vec<String> = files("rs")
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let mut lines = text.lines().map(str::trim_start);
            lines.any(|line| line.starts_with("Harness::Full =>"))
        })
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(!sized.is_empty());
    for file in sized {
        assert!(full.contains(&format!(" {file}::")), "{file}: {full}");
    }
}

#[test]
fn the_changelog_has_a_section_for_the_version_and_one_for_what_comes() {
    let changelog = read("CHANGELOG.md");
    let version = concat!("\n## [", env!("CARGO_PKG_VERSION"), "] - ");
    assert!(changelog.contains("\n## [Unreleased]\n"));
    assert!(changelog.contains(version));
}

#[test]
fn a_use_names_things_of_one_module() {
    for file in files("rs") {
        let text = fs::read_to_string(&file).unwrap();
        for import in imports(&text) {
            assert!(
                is_of_one_module(&import),
                "{}: write one `use` for each module: {import}",
                file.display()
            );
        }
    }
    assert!(!is_of_one_module("std::{io, fmt::Write}"));
    assert!(!is_of_one_module("{std::io, std::fmt}"));
    assert!(is_of_one_module("std::fmt::{self, Write as _}"));
}

/// The imports of a file, each in one line without `use` and its end.
fn imports(text: &str) -> impl Iterator<Item = String> {
    let begins = |line: &str| {
        let line = line.trim_start();
        let line = line
            .strip_prefix("pub ")
            .or_else(|| line.strip_prefix("pub(crate) "))
            .or_else(|| line.strip_prefix("pub(super) "))
            .unwrap_or(line);
        line.strip_prefix("use ").map(str::to_owned)
    };
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let mut import = lines.by_ref().find_map(begins)?;
        while !import.contains(';') {
            import.push_str(lines.next()?.trim());
        }
        Some(import.split(';').next().unwrap_or_default().to_owned())
    })
}

fn is_of_one_module(import: &str) -> bool {
    match import.split_once('{') {
        Some((module, names)) => !module.is_empty() && !names.contains("::"),
        None => true,
    }
}

/// The names of the functions below an attribute that makes them tests, and of property tests.
fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files("rs") {
        let text = fs::read_to_string(file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let function = line
                .strip_prefix("async ")
                .unwrap_or(line)
                .strip_prefix("fn ");
            match function {
                Some(rest) if is_test => {
                    names.extend(rest.split('(').next().map(str::to_owned));
                    is_test = false;
                }
                Some(_) => is_test = false,
                None => is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test"),
            }
        }
    }
    names
}

fn is_name_of_test(word: &str) -> bool {
    word.matches('_').count() >= 2
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
}

/// What stands between back-quotes.
fn in_code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The targets of links that are no addresses of the net.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.starts_with("http") && !target.starts_with('#'))
}

/// The project's files with this ending, without what is built.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            let name = entry.file_name();
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder && name != "target" && !name.to_string_lossy().starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}
