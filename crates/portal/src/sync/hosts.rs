//! Which row of the hotspot's hosts is a device's, and what it says.

use std::borrow::Cow;
use std::cmp::Reverse;

use foldhash::{HashMap, HashMapExt};

use super::policy::Policy;
use super::state::{Host, Row};
use crate::mac;

/// One host a MAC: the portal looks at no other.
pub(crate) struct Hosts<'site> {
    by_mac: HashMap<Cow<'site, str>, ChosenHost<'site>>,
}

/// The host that the portal takes for a device's.
pub(crate) struct ChosenHost<'site> {
    pub(crate) id: &'site str,
    /// The row itself.
    pub(crate) host: &'site Host,
    /// Its address, or the one that it is translated to.
    pub(crate) address: Option<&'site str>,
    /// Both ways together.
    pub(crate) bytes: i64,
    pub(crate) uptime_seconds: i64,
}

/// What makes a host the better one: its own address in the networks, the translated one in them,
/// let through, the shortest idle time, the longest uptime, the most bytes. Of equal ones the first.
type Rank = (bool, bool, bool, Reverse<i64>, i64, i64);

impl<'site> Hosts<'site> {
    pub(crate) fn new(rows: &'site [Row<Host>], policy: &Policy) -> Self {
        let mut best: HashMap<Cow<'site, str>, (Rank, &Row<Host>)> = HashMap::new();
        for row in rows.iter().filter(|row| !row.fields.mac.is_empty()) {
            let rank = rank(&row.fields, policy);
            let mac = mac::upper(&row.fields.mac);
            if best.get(&mac).is_none_or(|(other, _)| rank > *other) {
                best.insert(mac, (rank, row));
            }
        }
        let chosen = best.into_iter();
        let by_mac = chosen
            .map(|(mac, (_, row))| (mac, ChosenHost::new(row, policy)))
            .collect();
        Hosts { by_mac }
    }

    pub(crate) fn of(&self, mac: &str) -> Option<&ChosenHost<'site>> {
        self.by_mac.get(mac)
    }

    pub(crate) fn address(&self, mac: &str) -> Option<&'site str> {
        let address = self.of(mac)?.address?.trim();
        Some(address).filter(|address| !address.is_empty())
    }
}

impl<'site> ChosenHost<'site> {
    fn new(row: &'site Row<Host>, policy: &Policy) -> Self {
        let host = &row.fields;
        let own = host.address.as_deref();
        let translated = host.to_address.as_deref();
        let is_translated = !policy.is_host_address(own) && policy.is_host_address(translated);
        ChosenHost {
            id: &row.id,
            host,
            address: if is_translated { translated } else { own },
            bytes: bytes(host),
            uptime_seconds: seconds(host.uptime.as_deref()),
        }
    }
}

fn rank(host: &Host, policy: &Policy) -> Rank {
    let is_true = |word: &Option<String>| {
        word.as_deref()
            .is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    (
        policy.is_host_address(host.address.as_deref()),
        policy.is_host_address(host.to_address.as_deref()),
        is_true(&host.bypassed) || is_true(&host.authorized),
        Reverse(seconds(host.idle_time.as_deref())),
        seconds(host.uptime.as_deref()),
        bytes(host),
    )
}

fn bytes(host: &Host) -> i64 {
    let count = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<i64>().ok());
    let (into, out) = (count(&host.bytes_in), count(&host.bytes_out));
    into.unwrap_or(0).saturating_add(out.unwrap_or(0))
}

/// A length of time as the router writes it, `1w2d3h4m5s`, in seconds; 0 for none.
fn seconds(text: Option<&str>) -> i64 {
    let mut total: i64 = 0;
    let mut number: i64 = 0;
    for character in text.unwrap_or_default().chars() {
        let unit = match character {
            '0'..='9' => {
                let digit = i64::from(u32::from(character) - u32::from('0'));
                number = number.saturating_mul(10).saturating_add(digit);
                continue;
            }
            'w' => 604_800,
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => 0,
        };
        total = total.saturating_add(number.saturating_mul(unit));
        number = 0;
    }
    total
}
