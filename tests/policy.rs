//! A site's own copy of one file of policy, with one line changed, is followed by every runbook that shows what
//! the line is about, and by no other.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::incidents::{array, in_trouble};
use crate::nasty;
use crate::support::simulated::{Site, reports, reports_with, site};

/// What is asked: a name for it, the runbook, and its arguments.
const RUNBOOKS: [(&str, &str, &str); 8] = [
    ("audit", "audit", "#{ orphans: true, limit: 1000 }"),
    ("cleanup", "cleanup", "#{ orphans: true, limit: 1000 }"),
    ("explain", "explain", "#{ who: \"081255500001\" }"),
    (
        "explain a stranger",
        "explain",
        "#{ who: \"C2:00:00:00:00:98\" }",
    ),
    ("parity", "parity", "#{ limit: 1000 }"),
    ("repair", "repair", "#{ who: \"081255500001\" }"),
    (
        "repair a stranger",
        "repair",
        "#{ who: \"C2:00:00:00:00:98\" }",
    ),
    ("verify-debt", "verify-debt", "#{}"),
];

/// A line of a file in `lib/policy`, another in its place, the runbooks that follow, and what is seen of it.
struct Line {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    followers: &'static [&'static str],
    shows: Shows,
}

/// What of a report a line decides.
enum Shows {
    /// The severities of the findings of this kind.
    Severity(&'static str),
    /// The kinds of the advice that is given.
    Advice(&'static str),
    /// Which rows are removed, and whether audit proposes to remove any.
    Cleaning,
    /// The addresses that are found, by this kind.
    Found(&'static str),
    /// How many users are audited.
    Audited,
}

const LINES: &[Line] = &[
    Line {
        file: "findings",
        from: "\"orphan-binding\": \"critical\"",
        to: "\"orphan-binding\": \"info\"",
        followers: &["audit"],
        shows: Shows::Severity("orphan-binding"),
    },
    Line {
        file: "findings",
        from: "\"orphan-binding\": \"critical\"",
        to: "\"orphan-binding\": \"none\"",
        followers: &["audit"],
        shows: Shows::Severity("orphan-binding"),
    },
    Line {
        file: "findings",
        from: "\"default-list-name\": \"critical\"",
        to: "\"default-list-name\": \"info\"",
        followers: &[
            "audit",
            "cleanup",
            "explain",
            "explain a stranger",
            "parity",
            "repair",
            "repair a stranger",
            "verify-debt",
        ],
        shows: Shows::Severity("default-list-name"),
    },
    Line {
        file: "findings",
        from: "\"let-through\": \"critical\"",
        to: "\"let-through\": \"info\"",
        followers: &["parity"],
        shows: Shows::Severity("online-without-right"),
    },
    Line {
        file: "findings",
        from: "\"let-through\": \"critical\"",
        to: "\"let-through\": \"info\"",
        followers: &["audit"],
        shows: Shows::Severity("let-through"),
    },
    Line {
        file: "findings",
        from: "\"cut-off\": \"critical\"",
        to: "\"cut-off\": \"info\"",
        followers: &["audit", "parity"],
        shows: Shows::Severity("cut-off"),
    },
    Line {
        file: "findings",
        from: "\"cut-off-until-sync\": \"warning\"",
        to: "\"cut-off-until-sync\": \"none\"",
        followers: &["verify-debt"],
        shows: Shows::Severity("blocked_on_router"),
    },
    Line {
        file: "findings",
        from: "\"cut-off-until-sync\": \"warning\"",
        to: "\"cut-off-until-sync\": \"none\"",
        followers: &["audit"],
        shows: Shows::Severity("stale-blocked"),
    },
    Line {
        file: "findings",
        from: "\"paid-not-credited\": \"critical\"",
        to: "\"paid-not-credited\": \"none\"",
        followers: &["audit"],
        shows: Shows::Severity("paid-not-credited"),
    },
    Line {
        file: "findings",
        from: "\"device-cut-off\": \"warning\"",
        to: "\"device-cut-off\": \"info\"",
        followers: &["audit", "parity"],
        shows: Shows::Severity("device-cut-off"),
    },
    Line {
        file: "findings",
        from: "\"disagreement\": \"warning\"",
        to: "\"disagreement\": \"info\"",
        followers: &["explain"],
        shows: Shows::Severity("disagreement"),
    },
    Line {
        file: "findings",
        from: "\"cut-off\": #{ effect: \"cut_off\", is_right: false, is_device_online: true,",
        to: "\"cut-off\": #{ effect: \"cut_off\", is_right: false, is_device_online: false,",
        followers: &["audit", "parity"],
        shows: Shows::Found("cut-off"),
    },
    Line {
        file: "advice",
        from: "const WITHHELD = [];",
        to: "const WITHHELD = [\"remove_list_row\"];",
        followers: &["explain", "parity", "repair"],
        shows: Shows::Advice("remove_list_row"),
    },
    Line {
        file: "advice",
        from: "const WITHHELD = [];",
        to: "const WITHHELD = [\"set_binding_type\"];",
        followers: &["explain", "parity", "repair"],
        shows: Shows::Advice("set_binding_type"),
    },
    // Strange devices as well.
    Line {
        file: "advice",
        from: "const WITHHELD = [];",
        to: "const WITHHELD = [\"remove_binding\"];",
        followers: &[
            "explain",
            "explain a stranger",
            "parity",
            "repair",
            "repair a stranger",
        ],
        shows: Shows::Advice("remove_binding"),
    },
    Line {
        file: "cleaning",
        from: "const EXEMPT_ROLES = [];",
        to: "const EXEMPT_ROLES = [\"USER\"];",
        followers: &["audit", "cleanup"],
        shows: Shows::Cleaning,
    },
    // Nobody is told by hand what no cleanup may do.
    Line {
        file: "cleaning",
        from: "const EXEMPT_ROLES = [];",
        to: "const EXEMPT_ROLES = [\"USER\"];",
        followers: &["explain", "parity", "repair"],
        shows: Shows::Advice("remove_list_row"),
    },
    Line {
        file: "blocking",
        from: "const AUDITED_ROLES = [\"USER\", \"KOMANDAN\"];",
        to: "const AUDITED_ROLES = [\"KOMANDAN\"];",
        followers: &["audit", "cleanup"],
        shows: Shows::Audited,
    },
];

#[test]
fn a_line_of_policy_is_followed_by_every_runbook_that_shows_what_it_is_about() {
    let sites = sites();
    let before = RUNBOOKS.map(|(name, runbook, arguments)| {
        let told = reports(&sites, (runbook, None), arguments);
        (name, told)
    });
    let mut wrong = Vec::new();
    for line in LINES {
        let path = format!("lib/policy/{}", line.file);
        let text = bundled(&path);
        assert_eq!(text.matches(line.from).count(), 1, "{}", line.from);
        let changed = text.replace(line.from, line.to);
        // Where nothing of it is seen, nothing changes: a few sites where something is are enough.
        let is_seen = |site: &Site| {
            let mut told = before
                .iter()
                .map(|(_, told)| seen(&line.shows, &told[&site.0]));
            told.any(|seen| seen != nothing(&line.shows))
        };
        let shown: Vec<Site> = sites
            .iter()
            .filter(|site| is_seen(site))
            .take(4)
            .cloned()
            .collect();
        assert!(!shown.is_empty(), "no site has it: {}", line.from);
        let mut followed = BTreeSet::new();
        for ((name, runbook, arguments), (_, before)) in RUNBOOKS.iter().zip(&before) {
            let own = [(path.as_str(), changed.as_str())];
            let after = reports_with(&shown, (runbook, arguments), &own);
            let differs = |site: &Site| {
                let told = [&before[&site.0], &after[&site.0]];
                let [before, after] = told.map(|told| seen(&line.shows, told));
                before != after
            };
            if shown.iter().any(differs) {
                followed.insert(*name);
            }
        }
        if followed != line.followers.iter().copied().collect() {
            wrong.push(format!(
                "{}: {followed:?}, not {:?}",
                line.to, line.followers
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a report without any of it shows.
fn nothing(shows: &Shows) -> Json {
    seen(shows, &Json::Null)
}

/// What a report shows of it.
fn seen(shows: &Shows, report: &Json) -> Json {
    let of_kind = |kind: &str| {
        let findings = array(&report["findings"]);
        let of_kind = findings.filter(|finding| finding["kind"] == kind);
        of_kind.cloned().collect::<Vec<Json>>()
    };
    match shows {
        Shows::Severity(kind) => {
            let found = of_kind(kind);
            found
                .iter()
                .map(|finding| finding["severity"].clone())
                .collect()
        }
        Shows::Found(kind) => {
            let found = of_kind(kind);
            found.iter().map(|finding| finding["id"].clone()).collect()
        }
        Shows::Advice(kind) => json!(steps(report).filter(|step| step["kind"] == *kind).count()),
        Shows::Cleaning => {
            let removed = array(&report["cleanup"]["stale"]).count();
            let mut steps = array(&report["next"]);
            let is_proposed = steps.any(|step| step.to_string().contains("run cleanup"));
            json!([removed, is_proposed, of_kind("stale-blocked").len()])
        }
        Shows::Audited => json!([report["users_loaded"], report["counts"]]),
    }
}

/// The steps of advice in a report, wherever they stand.
fn steps(report: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match report {
        Json::Array(all) => Box::new(all.iter().flat_map(steps)),
        Json::Object(map) => {
            let own = map.get("advice").and_then(Json::as_array);
            let own = own.into_iter().flatten();
            Box::new(own.chain(map.values().flat_map(steps)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// How bad something is stands in the room of policy, and a finding asks for that of its own kind.
#[test]
fn no_runbook_says_by_itself_how_bad_a_finding_is() {
    let mut seen = 0;
    for (path, text) in scripts() {
        for line in text.lines() {
            let Some((_, severity)) = line.split_once("severity: ") else {
                continue;
            };
            seen += 1;
            // Groups of rows come with the severity that the room of policy gave them.
            let is_of_group =
                severity.starts_with("group.severity") || severity.starts_with("each.severity");
            let asked = severity.starts_with("policy::severity(") || is_of_group;
            assert!(asked, "{path}: {line}");
            let kind = line
                .split_once("kind: \"")
                .and_then(|(_, rest)| rest.split_once('"'));
            if let Some((kind, _)) = kind.filter(|_| !is_of_group) {
                assert!(
                    severity.contains(&format!("severity(\"{kind}\")")),
                    "{path}: {line}"
                );
            }
        }
        let table = bundled("lib/policy/findings");
        for (_, rest) in text
            .match_indices("policy::severity(\"")
            .map(|(at, found)| (at, &text[at + found.len()..]))
        {
            let kind = rest.split('"').next().unwrap();
            assert!(
                table.contains(&format!("    \"{kind}\": \"")),
                "{path}: {kind}"
            );
        }
    }
    assert!(seen > 20, "only {seen} were seen");
}

fn bundled(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    std::fs::read_to_string(folder.join(format!("{path}.rhai"))).expect("a bundled script")
}

/// The runbooks and libraries outside the room of policy.
fn scripts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let rooms = std::fs::read_dir(folder.join("lib"))
        .expect("the rooms")
        .flatten();
    let rooms = rooms
        .map(|room| room.path())
        .filter(|room| !room.ends_with("policy"));
    let files = rooms
        .chain([folder])
        .flat_map(|room| std::fs::read_dir(room).expect("a room").flatten());
    let files = files.map(|file| file.path().display().to_string());
    let scripts = files.filter(|path| path.ends_with(".rhai") && !path.ends_with("_test.rhai"));
    scripts
        .map(|path| {
            (
                path.clone(),
                std::fs::read_to_string(path).expect("a script"),
            )
        })
        .collect()
}

/// The sites in trouble, and one whose lists have other names than its settings say.
fn sites() -> Vec<Site> {
    let mut sites: Vec<Site> = in_trouble()
        .into_iter()
        .map(|(name, case)| site(&name, &case))
        .collect();
    let (_, mut unnamed) = sites[0].clone();
    let settings = unnamed["settings"].as_object_mut().expect("settings");
    settings.retain(|name, _| !name.starts_with("MIKROTIK_ADDRESS_LIST_"));
    sites.push(("unnamed".to_owned(), unnamed));
    sites.push(nasty::sites().remove(0));
    sites
}
