//! `/console/inspect`.

use std::collections::BTreeSet;

use routeros_proto::Request;

use super::print::unknown_parameter;
use super::{Answer, Print, is_directory};
use crate::Row;
use crate::menu::{self, Menu};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::version::Version;

/// What can be asked for (documented, "Console"), and that alone is imitated which is known well enough.
const REQUESTS: [&str; 6] = [
    "child",
    "completion",
    "error",
    "highlight",
    "self",
    "syntax",
];
const IMITATED: &str = "child";

/// Executes `/console/inspect =request=child =path=ip,arp`: what stands below a path (seen, 7).
///
/// Directories, commands and the arguments of `add`, `set` and `print` are known; `completion`,
/// `syntax` and their like are not imitated.
pub(super) fn inspect(router: &mut Router, request: &Request) -> Result<Answer, Refusal> {
    check_arguments(router, request)?;
    check_request(request)?;
    let path = String::from_utf8_lossy(request.get("path").unwrap_or_default());
    let parts: Vec<&str> = path.split(',').filter(|part| !part.is_empty()).collect();
    let wanted = request.get(".proplist").or(request.get("proplist"));
    let rows = children(router, &parts);
    let rows = rows.into_iter().map(|named| child(named, wanted)).collect();
    Ok(Answer::Print(Print::of(rows, router.says_empty)))
}

fn check_arguments(router: &Router, request: &Request) -> Result<(), Trap> {
    for (name, _) in request.attributes() {
        let is_known = match name {
            b"request" | b"path" | b"input" | b"as-value" | b".proplist" => true,
            b"proplist" => router.version.inspect_has_proplist(),
            _ => false,
        };
        if !is_known {
            return Err(unknown_parameter(router, &String::from_utf8_lossy(name)));
        }
    }
    Ok(())
}

/// Several may be asked for at once, with commas between them.
fn check_request(request: &Request) -> Result<(), Trap> {
    let asked = request
        .get("request")
        .ok_or_else(|| Trap::missing("request"))?;
    for asked in String::from_utf8_lossy(asked).split(',') {
        if !REQUESTS.contains(&asked) {
            return Err(Trap::no_match("request"));
        }
        if asked != IMITATED {
            return Err(Trap::not_imitated(&format!("/console/inspect {asked}")));
        }
    }
    Ok(())
}

/// Names below a path with the kind of each.
type Children = BTreeSet<(String, &'static str)>;

fn children(router: &Router, parts: &[&str]) -> Children {
    let path: String = parts.iter().map(|part| format!("/{part}")).collect();
    if path.is_empty() || is_directory(router, &path) {
        let commands = router
            .rules(&path)
            .map(|rules| commands(rules, router.version))
            .unwrap_or_default();
        return directories(router, &path).chain(commands).collect();
    }
    let command = path
        .rsplit_once('/')
        .and_then(|(menu, verb)| Some((router.rules(menu)?, verb)));
    command
        .map(|(rules, verb)| arguments(rules, verb, router.version))
        .unwrap_or_default()
}

fn directories<'a>(
    router: &'a Router,
    path: &'a str,
) -> impl Iterator<Item = (String, &'static str)> + 'a {
    let menus = menu::all()
        .iter()
        .map(|menu| menu.path)
        .chain(router.state.menus());
    let below = menus.filter_map(move |menu| menu.strip_prefix(path)?.strip_prefix('/'));
    below.filter_map(|rest| Some((rest.split('/').next()?.to_owned(), "dir")))
}

fn commands(rules: &'static Menu, version: Version) -> Children {
    let own = rules.commands(version).into_iter();
    own.map(|name| (name.to_owned(), "cmd")).collect()
}

fn arguments(rules: &'static Menu, verb: &str, version: Version) -> Children {
    let settable = || rules.settable(version).map(|field| field.name);
    let names: Vec<&str> = match verb {
        "add" => settable().chain(["copy-from"]).collect(),
        "set" => settable().chain(["numbers"]).collect(),
        "remove" | "enable" | "disable" => vec!["numbers"],
        "print" => rules.print_arguments().split_ascii_whitespace().collect(),
        _ => Vec::new(),
    };
    let names = names.into_iter();
    names.map(|name| (name.to_owned(), "arg")).collect()
}

/// With the fields of a list of names alone, where there is one.
fn child((name, kind): (String, &str), wanted: Option<&[u8]>) -> Row {
    let fields: [(&[u8], &[u8]); 3] = [
        (b"type", b"child"),
        (b"name", name.as_bytes()),
        (b"node-type", kind.as_bytes()),
    ];
    let is_wanted = |field: &[u8]| {
        wanted.is_none_or(|names| names.split(|byte| *byte == b',').any(|name| name == field))
    };
    Row::new(
        None,
        fields.into_iter().filter(|(field, _)| is_wanted(field)),
    )
}
