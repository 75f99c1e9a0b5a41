//! The ip-bindings: whom they name, which of them fit, and how a wrong one is repaired.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};

use super::difference::MenuDifference;
use super::places::Places;
use super::state::{Binding, Row};
use super::table::Table;
use crate::block::BindingType;
use crate::comment;
use crate::mac;

/// The bindings, as they were when the run began and as they are by now.
pub(super) struct Bindings<'site> {
    rows: &'site [Row<Binding>],
    table: Table<'site, Binding>,
    /// The places in `macs`, by the MAC.
    numbers: HashMap<Cow<'site, str>, usize>,
    macs: Vec<OfMac<'site>>,
    /// How many MACs have a known binding.
    known: usize,
    /// The MACs whose known binding names somebody, by the name; in the router's order.
    by_token: Places<'site>,
    /// The MACs of which any row names somebody.
    naming: Places<'site>,
}

/// The bindings of a MAC.
struct OfMac<'site> {
    mac: Cow<'site, str>,
    /// The places of its rows as the run found them.
    found: Vec<usize>,
    /// The same by now, where they were written.
    written: Option<Vec<usize>>,
    /// What the portal knows of it by its last row with a token. A repair adds to it.
    known: Option<KnownBinding<'site>>,
}

struct KnownBinding<'site> {
    token: Option<&'site str>,
    address: Option<Cow<'site, str>>,
    kind: Cow<'site, str>,
}

/// Whose binding is to be repaired, and how it is to be.
pub(super) struct Repair<'run> {
    pub(super) mac: &'run str,
    pub(super) server: Option<&'run str>,
    pub(super) kind: BindingType,
    pub(super) comment: String,
    /// The address that counts as the device's for the rest of this run.
    pub(super) address: Option<String>,
}

impl<'site> Bindings<'site> {
    pub(super) fn new(rows: &'site [Row<Binding>]) -> Self {
        let mut bindings = Bindings {
            rows,
            table: Table::new(rows),
            numbers: HashMap::with_capacity(rows.len()),
            macs: Vec::with_capacity(rows.len()),
            known: 0,
            by_token: Places::with_capacity(rows.len()),
            naming: Places::with_capacity(rows.len()),
        };
        let mut order = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let Some(mac) = mac_of(&row.fields) else {
                continue;
            };
            let number = bindings.number(mac);
            bindings.macs[number].found.push(place);
            let Some(token) = token_of(&row.fields) else {
                continue;
            };
            bindings.naming.add(token, number);
            let known = KnownBinding {
                token: Some(token),
                address: row.fields.address.as_deref().map(Cow::Borrowed),
                kind: Cow::Borrowed(row.fields.kind.as_deref().unwrap_or_default()),
            };
            if bindings.macs[number].known.replace(known).is_none() {
                order.push(number);
            }
        }
        bindings.known = order.len();
        for number in order {
            let known = bindings.macs[number].known.as_ref();
            if let Some(token) = known.and_then(|known| known.token) {
                bindings.by_token.add(token, number);
            }
        }
        bindings
    }

    /// Whether any binding on the router names somebody. Without one, nothing is repaired.
    pub(super) fn has_tokens(&self) -> bool {
        self.known > 0
    }

    /// The type in the known binding of a MAC, in lower case; `None` where none names anybody, empty
    /// where it has none.
    pub(super) fn known_kind(&self, mac: &str) -> Option<String> {
        let known = self.of(mac)?.known.as_ref()?;
        Some(known.kind.trim().to_lowercase())
    }

    /// Whether the known binding of a MAC has the type that is wanted.
    pub(super) fn is_right(&self, mac: &str, kind: BindingType) -> bool {
        let known = self.of(mac).and_then(|of_mac| of_mac.known.as_ref());
        known.is_some_and(|known| known.is_of(kind))
    }

    /// The address in the known binding of a MAC.
    pub(super) fn known_address(&self, mac: &str) -> Option<&str> {
        self.of(mac)?.known.as_ref()?.address.as_deref()
    }

    /// The addresses in all bindings of a MAC, as the run found them.
    pub(super) fn found_addresses(&self, mac: &str) -> impl Iterator<Item = &str> {
        let places = self.of(mac).into_iter().flat_map(|of_mac| &of_mac.found);
        places.filter_map(|place| self.rows[*place].fields.address.as_deref())
    }

    /// The MACs whose known binding names `token`.
    pub(super) fn macs_of(&self, token: &str) -> impl Iterator<Item = &str> {
        let numbers = self.by_token.of(token);
        numbers.map(|number| self.macs[number].mac.as_ref())
    }

    /// The address in the first binding by now that names `token` and has one.
    pub(super) fn address_by_now(&self, token: &str) -> Option<&str> {
        let numbers = self.naming.of(token);
        let named = numbers.filter_map(|number| self.last_named_by_now(&self.macs[number]));
        let mut addresses = named
            .filter(|binding| token_of(binding) == Some(token))
            .filter_map(|binding| binding.address.as_deref());
        addresses.find(|address| !address.is_empty())
    }

    /// The address in the last binding of a MAC with a token, by now.
    pub(super) fn address_of_mac_by_now(&self, mac: &str) -> Option<&str> {
        let address = self.last_named_by_now(self.of(mac)?)?.address.as_deref()?;
        Some(address).filter(|address| !address.is_empty())
    }

    /// Whether a binding fits the user: one of `macs` as found or as known, or one that names the
    /// user. For `blocked` it must be blocked, otherwise anything else. On a router without
    /// bindings everybody passes.
    pub(super) fn fit<'mac>(
        &self,
        macs: impl Iterator<Item = &'mac str>,
        tokens: [&str; 2],
        kind: BindingType,
    ) -> bool {
        if self.macs.is_empty() {
            return true;
        }
        let fits = |word: &str| is_blocked(word) == (kind == BindingType::Blocked);
        let known = |of_mac: &OfMac<'_>| {
            let known = of_mac.known.as_ref();
            known.is_some_and(|known| fits(&known.kind))
        };
        let found = |of_mac: &OfMac<'_>| {
            let mut places = of_mac.found.iter();
            places.any(|place| fits(self.rows[*place].fields.kind.as_deref().unwrap_or_default()))
        };
        let mut own = macs.filter_map(|mac| self.of(mac));
        own.any(|of_mac| found(of_mac) || known(of_mac))
            || tokens.iter().any(|token| {
                let mut numbers = self.by_token.of(token);
                numbers.any(|number| known(&self.macs[number]))
            })
    }

    /// Gives the MAC one binding of the wanted type. Rows for server `all` go where the user has a
    /// server, further rows of the same server go, and a row that ties the MAC to an address is
    /// written anew without.
    pub(super) fn repair(&mut self, repair: Repair<'_>) {
        let number = self.number(Cow::Owned(repair.mac.to_owned()));
        let of_mac = &self.macs[number];
        let places = of_mac.written.as_ref().unwrap_or(&of_mac.found).clone();
        let mut left = Vec::new();
        let mut own = Vec::new();
        for place in places {
            let server = self.server_at(place);
            match repair.server {
                None => own.push(place),
                Some(_) if server.eq_ignore_ascii_case("all") => self.table.remove(place),
                Some(wanted) if server == wanted => own.push(place),
                Some(_) => left.push(place),
            }
        }
        for extra in own.iter().skip(1) {
            self.table.remove(*extra);
        }
        let first = own.first().copied();
        let kept = first.filter(|place| !self.has_address(*place));
        if let Some(tied) = first.filter(|_| kept.is_none()) {
            self.table.remove(tied);
        }
        let place = match kept {
            Some(place) => {
                self.table.write(place, |binding| repair.write_to(binding));
                place
            }
            None => {
                let mut binding = Binding {
                    mac: Some(repair.mac.to_owned()),
                    ..Binding::default()
                };
                repair.write_to(&mut binding);
                self.table.add(binding)
            }
        };
        left.push(place);
        left.sort_unstable();
        self.macs[number].written = Some(left);
        self.remember(number, repair);
    }

    /// The rows by now; `new_id` names those that were added.
    pub(super) fn into_rows(self, new_id: impl FnMut() -> String) -> Vec<Row<Binding>> {
        self.table.into_rows(new_id)
    }

    pub(super) fn difference(self) -> MenuDifference<Binding> {
        self.table.difference()
    }

    fn of(&self, mac: &str) -> Option<&OfMac<'site>> {
        Some(&self.macs[*self.numbers.get(mac)?])
    }

    /// The place of a MAC in `macs`, where it is put if it is not there.
    fn number(&mut self, mac: Cow<'site, str>) -> usize {
        let next = self.macs.len();
        let number = *self.numbers.entry(mac.clone()).or_insert(next);
        if number == next {
            self.macs.push(OfMac {
                mac,
                found: Vec::new(),
                written: None,
                known: None,
            });
        }
        number
    }

    /// The rest of the run takes the type for right and the address for live.
    fn remember(&mut self, number: usize, repair: Repair<'_>) {
        let known = self.macs[number].known.get_or_insert_with(|| {
            self.known += 1;
            KnownBinding {
                token: None,
                address: None,
                kind: Cow::Borrowed(""),
            }
        });
        known.kind = Cow::Borrowed(repair.kind.word());
        if let Some(address) = repair.address {
            known.address = Some(Cow::Owned(address));
        }
    }

    fn last_named_by_now(&self, of_mac: &OfMac<'_>) -> Option<&Binding> {
        let places = of_mac.written.as_ref().unwrap_or(&of_mac.found).iter();
        let mut rows = places.rev().filter_map(|place| self.table.get(*place));
        rows.find(|binding| token_of(binding).is_some())
    }

    fn server_at(&self, place: usize) -> String {
        let server = self.table.get(place).and_then(|row| row.server.as_deref());
        server.unwrap_or_default().trim().to_owned()
    }

    fn has_address(&self, place: usize) -> bool {
        let address = self.table.get(place).and_then(|row| row.address.as_deref());
        address.is_some_and(|address| !address.trim().is_empty())
    }
}

impl Repair<'_> {
    fn write_to(&self, binding: &mut Binding) {
        binding.kind = Some(self.kind.word().to_owned());
        binding.comment = Some(self.comment.clone());
        binding.disabled = Some("false".to_owned());
        if let Some(server) = self.server {
            binding.server = Some(server.to_owned());
        }
    }
}

impl KnownBinding<'_> {
    /// Words are compared in lower case, without white space around them.
    fn is_of(&self, kind: BindingType) -> bool {
        let word = self.kind.trim();
        word == kind.word() || word.to_lowercase() == kind.word()
    }
}

fn is_blocked(word: &str) -> bool {
    let word = word.trim();
    word == BindingType::Blocked.word() || word.to_lowercase() == BindingType::Blocked.word()
}

/// The MAC of a binding, if it has one.
pub(crate) fn mac_of(binding: &Binding) -> Option<Cow<'_, str>> {
    let mac = mac::compared(binding.mac.as_deref()?);
    Some(mac).filter(|mac| !mac.is_empty())
}

pub(super) fn token_of(binding: &Binding) -> Option<&str> {
    comment::binding_token(binding.comment.as_deref()?)
}
