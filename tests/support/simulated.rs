//! Reports of runbooks about simulated sites, many in one run of `tikbook test`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::tikbook::Tikbook;

/// How many characters are printed on a line.
const PART: usize = 3000;

/// A site by a name that a function can have, as a fixture.
pub type Site = (String, Json);

/// The site that a case is about: its fixture with the variables of its processes.
pub fn site(name: &str, case: &Json) -> Site {
    let mut fixture = case["fixture"].clone();
    fixture["environment"] = case["env"].clone();
    (name.replace(['-', '.'], "_"), fixture)
}

/// What `runbook`, a file of the given text or a bundled one, reports about each of these sites, by the
/// site's name. `arguments` is the map that it is called with.
pub fn reports(
    sites: &[Site],
    (runbook, text): (&str, Option<&str>),
    arguments: &str,
) -> BTreeMap<String, Json> {
    let files: Vec<(&str, &str)> = text.map(|text| (runbook, text)).into_iter().collect();
    reports_with(sites, (runbook, arguments), &files)
}

/// The same of a bundled runbook where these files, of a path and a text, stand in the folder of scripts.
pub fn reports_with(
    sites: &[Site],
    (runbook, arguments): (&str, &str),
    files: &[(&str, &str)],
) -> BTreeMap<String, Json> {
    let calls = sites
        .iter()
        .map(|(name, _)| (name.as_str(), runbook, arguments.to_owned()));
    let told = told(sites, calls.collect(), files);
    told.into_iter()
        .map(|((site, _), report)| (site, report))
        .collect()
}

/// What each call, a site's name with a runbook and its arguments, reports, by the site's name and the
/// number of the call among those of the site. A site is started once for all of its calls: a run that
/// applies nothing leaves it as it is.
pub fn told(
    sites: &[Site],
    calls: Vec<(&str, &str, String)>,
    files: &[(&str, &str)],
) -> BTreeMap<(String, usize), Json> {
    let mut of_sites: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (site, runbook, arguments) in calls {
        let calls = of_sites.entry(site).or_default();
        let call = format!("site.runbook(\"{runbook}\", {arguments}).report");
        calls.push(printed(site, calls.len(), &call));
    }
    let tests = of_sites
        .iter()
        .map(|(site, calls)| test(site, 0, &calls.concat()));
    answers(sites, tests.collect(), files)
}

/// What each expression, which has a fresh site of the given name as `site`, gives, by the site's name and
/// the number of the expression among those of the site.
pub fn said(
    sites: &[Site],
    expressions: Vec<(&str, String)>,
    files: &[(&str, &str)],
) -> BTreeMap<(String, usize), Json> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let tests = expressions.into_iter().map(|(site, expression)| {
        let number = numbers.entry(site).or_default();
        let test = test(site, *number, &printed(site, *number, &expression));
        *number += 1;
        test
    });
    let tests = tests.collect();
    answers(sites, tests, files)
}

/// A test with a site of its own.
fn test(site: &str, number: usize, lines: &str) -> String {
    format!("fn test_{site}_{number}() {{\nlet site = site::load(\"{site}.json\");\n{lines}}}\n")
}

/// Lines that print what an expression gives as JSON, in parts: a line of a script is shown up to a length.
fn printed(site: &str, number: usize, expression: &str) -> String {
    format!(
        "let said = {{ {expression} }};\n\
         let json = text::to_json(said);\n\
         let at = 0;\n\
         while at < json.len() {{\n\
             print(\"@@{site} {number} |\" + json.sub_string(at, {PART}) + \"|\");\n\
             at += {PART};\n\
         }}\n"
    )
}

/// What the tests of a script print, by site and number.
fn answers(
    sites: &[Site],
    script: String,
    files: &[(&str, &str)],
) -> BTreeMap<(String, usize), Json> {
    let mut tikbook = Tikbook::new();
    for (name, fixture) in sites {
        tikbook = tikbook.file(&format!("scripts/{name}.json"), fixture.to_string());
    }
    for (name, text) in files {
        tikbook = tikbook.file(&format!("scripts/{name}.rhai"), *text);
    }
    let tikbook = tikbook.file("scripts/sites_test.rhai", script);
    let output = tikbook
        .args(["test", "scripts/sites_test.rhai"])
        .run()
        .code(0);
    let lines = output.stdout.lines().chain(output.stderr.lines());
    let mut told: BTreeMap<(String, usize), String> = BTreeMap::new();
    for (_, line) in lines.filter_map(|line| line.split_once("@@")) {
        let (key, part) = line.split_once(" |").expect("a key and a part");
        let (site, number) = key.split_once(' ').expect("a site and a number");
        let key = (site.to_owned(), number.parse().expect("a number"));
        let part = part.trim_end().strip_suffix('|').expect("a whole part");
        told.entry(key).or_default().push_str(part);
    }
    let told = told.into_iter();
    let told = told.map(|(key, json)| (key, serde_json::from_str(&json).expect("JSON")));
    told.collect()
}
