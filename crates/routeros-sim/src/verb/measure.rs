//! Commands that measure what is so at this moment. Every figure is made up (ours); names of fields are seen.

use routeros_proto::Request;
use routeros_schema::CommandPath;

use super::print::unknown_parameter;
use super::watch::{Watch, count};
use super::{Answer, Call, Print, target};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::{Id, Row};

/// Answers of a ping that nobody needs more of (ours).
const MOST_ANSWERS: u32 = 1_000;

/// Executes a command that is called by its whole path, if it is one.
pub(super) fn by_path(
    router: &Router,
    path: &str,
    request: &Request,
) -> Option<Result<Answer, Refusal>> {
    let answer = match path {
        "/ping" | "/tool/ping" => ping,
        "/tool/traceroute" => traceroute,
        "/tool/torch" => torch,
        _ => return None,
    };
    let checked = check_arguments(router, path, request);
    Some(
        checked
            .map_err(Refusal::from)
            .and_then(|()| answer(router, request)),
    )
}

/// Refuses what the command does not know, and what it knows and does more with than measure.
fn check_arguments(router: &Router, path: &str, request: &Request) -> Result<(), Trap> {
    let known = path
        .parse::<CommandPath>()
        .map(|command| command.arguments());
    let known = known.unwrap_or_default();
    for (name, _) in request.attributes() {
        let name = String::from_utf8_lossy(name);
        if known.contains(&&*name) || ENDING.contains(&&*name) {
            continue;
        }
        return Err(match WRITING.contains(&&*name) {
            true => {
                let (_, verb) = path.rsplit_once('/').unwrap_or_default();
                Trap::not_imitated(&format!("{verb} {name}"))
            }
            false => unknown_parameter(router, &name),
        });
    }
    Ok(())
}

/// What says here how often something is measured, and for how long, whatever it is (ours).
const ENDING: [&str; 4] = ["count", "duration", "interval", "once"];

/// Arguments of what is watched (seen): a script to run each time, a file to write.
const WRITING: [&str; 2] = ["do", "file"];

/// Executes `ping`: its answers come in the time of its `interval` until their `count` is reached, with a `count`
/// alone all at once. Every address is there.
fn ping(router: &Router, request: &Request) -> Result<Answer, Refusal> {
    let address = required(request, "address")?;
    let answer = move |round: u32| {
        let (number, sent) = (round.to_string(), (u64::from(round) + 1).to_string());
        row(&[
            ("seq", number.as_bytes()),
            ("host", &address),
            ("size", b"56"),
            ("ttl", b"64"),
            ("time", b"1ms204us"),
            ("sent", sent.as_bytes()),
            ("received", sent.as_bytes()),
            ("packet-loss", b"0"),
            ("min-rtt", b"1ms204us"),
            ("avg-rtt", b"1ms204us"),
            ("max-rtt", b"1ms204us"),
        ])
    };
    match count(request)? {
        Some(count) if request.get("interval").is_none() => {
            let rows = (0..count.min(MOST_ANSWERS)).map(answer).collect();
            Ok(Answer::Print(Print::of(rows, router.says_empty)))
        }
        _ => {
            let watch = Watch::new(request, move |_, round| vec![answer(round)])?;
            Ok(Answer::Watch(watch.without_sections()))
        }
    }
}

/// Executes `traceroute`: two hops, and what was to be reached.
fn traceroute(_: &Router, request: &Request) -> Result<Answer, Refusal> {
    let address = required(request, "address")?;
    let watch = Watch::new(request, move |_, round| {
        let sent = (u64::from(round) + 1).to_string();
        let hops = [&b"192.168.88.1"[..], b"10.255.0.1", &address];
        let hop = |hop: &[u8]| {
            row(&[
                ("address", hop),
                ("loss", b"0"),
                ("sent", sent.as_bytes()),
                ("last", b"1.2"),
                ("avg", b"1.2"),
                ("best", b"1.2"),
                ("worst", b"1.2"),
                ("std-dev", b"0"),
                ("status", b""),
            ])
        };
        hops.into_iter().map(hop).collect()
    })?;
    Ok(Answer::Watch(watch))
}

/// Executes `torch`: one flow.
fn torch(_: &Router, request: &Request) -> Result<Answer, Refusal> {
    required(request, "interface")?;
    let flow = |_: &mut Router, _| {
        vec![row(&[
            ("mac-protocol", b"ip"),
            ("src-address", b"192.168.88.254"),
            ("dst-address", b"10.255.0.1"),
            ("tx", b"8192"),
            ("rx", b"4096"),
            ("tx-packets", b"2"),
            ("rx-packets", b"1"),
        ])]
    };
    Ok(Answer::Watch(Watch::new(request, flow)?))
}

/// Executes `monitor` of rows that have names: the link of each is there, unless it is off.
pub(super) fn monitor(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let ids = target::targets(router, call)?;
    watched(router, call, ids, |row_of, name| {
        let status: &[u8] = match row_of.is_true("disabled") {
            true => b"no-link",
            false => b"link-ok",
        };
        row(&[("name", name), ("status", status)])
    })
}

/// Executes `monitor-traffic` of interfaces: nothing flows over one that is off.
pub(super) fn monitor_traffic(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let named = target::list(router, call, "interface");
    let ids = named.ok_or_else(|| Trap::missing("interface"))?;
    watched(router, call, ids, |row_of, name| {
        let (bits, packets): (&[u8], &[u8]) = match row_of.is_true("disabled") {
            true => (b"0", b"0"),
            false => (b"8192", b"2"),
        };
        row(&[
            ("name", name),
            ("rx-packets-per-second", packets),
            ("rx-bits-per-second", bits),
            ("tx-packets-per-second", packets),
            ("tx-bits-per-second", bits),
        ])
    })
}

/// What `show` makes of rows of a menu, as they are in each round; a row that is gone is left out.
fn watched(
    router: &mut Router,
    call: &Call,
    ids: Vec<Result<Id, Trap>>,
    show: fn(&Row, &[u8]) -> Row,
) -> Result<Answer, Refusal> {
    let path = String::from_utf8_lossy(call.request.path());
    check_arguments(router, &path, call.request)?;
    let mut named = Vec::new();
    for id in ids {
        named.push(target::locate(router, call, id?)?.1.id());
    }
    let menu = call.menu.to_owned();
    let watch = Watch::new(call.request, move |router, _| {
        let rows = router.rows(&menu);
        let found = named
            .iter()
            .filter_map(|id| rows.iter().find(|row| row.id() == *id));
        let shown = found.map(|row| show(row, row.get("name").unwrap_or_default()));
        shown.collect()
    })?;
    Ok(Answer::Watch(match call.request.get("once") {
        Some(_) => watch.without_sections(),
        None => watch,
    }))
}

fn required(request: &Request, name: &str) -> Result<Vec<u8>, Trap> {
    let value = request.get(name).filter(|value| !value.is_empty());
    value.map(<[u8]>::to_vec).ok_or_else(|| Trap::missing(name))
}

fn row(fields: &[(&str, &[u8])]) -> Row {
    Row::new(
        None,
        fields.iter().map(|(name, value)| (name.as_bytes(), *value)),
    )
}
