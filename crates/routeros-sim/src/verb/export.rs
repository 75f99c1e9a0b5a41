//! `export`: what is configured, as the commands that would configure it.

use routeros_proto::Request;
use routeros_schema::Kind;

use super::{Answer, is_directory};
use crate::menu::{self, Menu, Shape};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::{Policy, Row};

/// Executes `/export`, or that of a menu, which has what is below it too.
///
/// From RouterOS 7 on secrets are left out unless `show-sensitive` is given; before, they are there unless
/// `hide-sensitive` is given (documented, "Configuration Management"). The text comes as `ret` (ours): what the API
/// answers was not seen.
pub(super) fn export(
    router: &mut Router,
    menu: &str,
    request: &Request,
) -> Result<Answer, Refusal> {
    for (name, _) in request.attributes() {
        let is_known = match name {
            b"compact" | b"verbose" | b"terse" => true,
            b"show-sensitive" => router.version.hides_secrets(),
            b"hide-sensitive" => !router.version.hides_secrets(),
            _ => false,
        };
        if !is_known {
            return Err(match name {
                b"file" => Trap::not_imitated("export file"),
                name => super::print::unknown_parameter(router, &String::from_utf8_lossy(name)),
            }
            .into());
        }
    }
    let given = |name| request.get(name).is_some();
    let is_open = match router.version.hides_secrets() {
        true => given("show-sensitive"),
        false => !given("hide-sensitive"),
    };
    let style = Style {
        is_terse: given("terse"),
        is_verbose: given("verbose"),
        shows_secrets: is_open && router.faults.allows(Policy::Sensitive),
    };
    let mut text =
        format!("# {} by RouterOS {}\n", router.date_time(), router.version).into_bytes();
    let below = menus(router, menu);
    for menu in below {
        let Some(rules) = router.rules(&menu) else {
            continue;
        };
        let rows = router.rows(&menu);
        let commands: Vec<Vec<u8>> = rows
            .iter()
            .filter(|row| !row.is_true("dynamic") && !row.is_true("default"))
            .filter_map(|row| style.command(rules, row))
            .collect();
        style.write(&menu, &commands, &mut text);
    }
    Ok(Answer::ret(text))
}

/// The menus that hold something, at this path and below, in the order of their paths.
fn menus(router: &Router, path: &str) -> Vec<String> {
    let is_below = |menu: &&str| {
        let rest = menu.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut menus: Vec<String> = router
        .state
        .menus()
        .filter(is_below)
        .map(str::to_owned)
        .collect();
    menus.sort();
    menus
}

/// Can a path be exported?
pub(super) fn is_known(router: &Router, menu: &str) -> bool {
    menu.is_empty() || is_directory(router, menu) || menu::find(menu).is_some()
}

struct Style {
    /// Each command in a line with its menu.
    is_terse: bool,
    /// Fields that are as they are without being set are written too.
    is_verbose: bool,
    shows_secrets: bool,
}

impl Style {
    fn write(&self, menu: &str, commands: &[Vec<u8>], text: &mut Vec<u8>) {
        let words = menu.replacen('/', "", 1).replace('/', " ");
        let head = format!("/{words}");
        if !self.is_terse && !commands.is_empty() {
            text.extend_from_slice(head.as_bytes());
            text.push(b'\n');
        }
        for command in commands {
            if self.is_terse {
                text.extend_from_slice(head.as_bytes());
                text.push(b' ');
            }
            text.extend_from_slice(command);
            text.push(b'\n');
        }
    }

    /// `add address=10.0.0.9 comment="a printer"`; `None` of a row with nothing to say.
    fn command(&self, rules: &Menu, row: &Row) -> Option<Vec<u8>> {
        let mut command = match rules.shape {
            Shape::Single => b"set".to_vec(),
            Shape::List | Shape::Ordered => b"add".to_vec(),
        };
        let verb = command.len();
        for (name, value) in row.fields() {
            let known = std::str::from_utf8(name).unwrap_or_default();
            let is_open = self.shows_secrets || !rules.is_secret(known);
            let is_default =
                !self.is_verbose && rules.default_of(known).map(str::as_bytes) == Some(value);
            if known.starts_with('.') || !rules.takes(known) || !is_open || is_default {
                continue;
            }
            command.push(b' ');
            command.extend_from_slice(name);
            command.push(b'=');
            command.extend(written(value, &rules.kind(known)));
        }
        (command.len() > verb || rules.shape != Shape::Single).then_some(command)
    }
}

/// A value as the console reads it (documented, "Scripting": quotes and what is escaped in them).
fn written(value: &[u8], kind: &Kind) -> Vec<u8> {
    if matches!(kind, Kind::Bool) {
        return match value {
            b"true" | b"yes" => b"yes".to_vec(),
            _ => b"no".to_vec(),
        };
    }
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.,:/*!@+".contains(byte);
    if !value.is_empty() && value.iter().all(is_plain) {
        return value.to_vec();
    }
    let mut text = vec![b'"'];
    for byte in value {
        match byte {
            b'"' | b'\\' | b'$' => text.extend([b'\\', *byte]),
            b'\n' => text.extend(b"\\n"),
            b'\r' => text.extend(b"\\r"),
            b'\t' => text.extend(b"\\t"),
            0x20..=0x7E => text.push(*byte),
            other => text.extend(format!("\\{other:02X}").bytes()),
        }
    }
    text.push(b'"');
    text
}
