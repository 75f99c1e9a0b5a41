//! The ip-bindings: whom they name, which of them fit, and how a wrong one is repaired.

use foldhash::{HashMap, HashMapExt};

use super::difference::MenuDifference;
use super::state::{Binding, Row};
use super::table::Table;
use crate::block::BindingType;
use crate::comment;

/// The bindings, as they were when the run began and as they are by now.
pub(super) struct Bindings<'site> {
    rows: &'site [Row<Binding>],
    table: Table<'site, Binding>,
    /// The places of a MAC's rows as the run found them.
    found: HashMap<String, Vec<usize>>,
    /// The same by now.
    by_mac: HashMap<String, Vec<usize>>,
    /// What the portal knows of a MAC by its last row with a token. A repair adds to it.
    known: HashMap<String, KnownBinding<'site>>,
    /// The MACs whose known binding names somebody, by the name; in the router's order.
    by_token: HashMap<&'site str, Vec<String>>,
    /// The MACs of which any row names somebody.
    macs_naming: HashMap<&'site str, Vec<String>>,
}

struct KnownBinding<'site> {
    token: Option<&'site str>,
    address: Option<String>,
    kind: String,
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
            found: HashMap::new(),
            by_mac: HashMap::new(),
            known: HashMap::new(),
            by_token: HashMap::new(),
            macs_naming: HashMap::new(),
        };
        let mut order = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let Some(mac) = mac_of(&row.fields) else {
                continue;
            };
            bindings.found.entry(mac.clone()).or_default().push(place);
            let Some(token) = token_of(&row.fields) else {
                continue;
            };
            let named = bindings.macs_naming.entry(token).or_default();
            if named.last() != Some(&mac) {
                named.push(mac.clone());
            }
            let known = KnownBinding {
                token: Some(token),
                address: row.fields.address.clone(),
                kind: row.fields.kind.clone().unwrap_or_default(),
            };
            if bindings.known.insert(mac.clone(), known).is_none() {
                order.push(mac);
            }
        }
        for mac in order {
            if let Some(token) = bindings.known.get(&mac).and_then(|known| known.token) {
                bindings.by_token.entry(token).or_default().push(mac);
            }
        }
        bindings.by_mac.clone_from(&bindings.found);
        bindings
    }

    /// Whether any binding on the router names somebody. Without one, nothing is repaired.
    pub(super) fn has_tokens(&self) -> bool {
        !self.known.is_empty()
    }

    /// The type in the known binding of a MAC, in lower case; `None` where none names anybody, empty
    /// where it has none.
    pub(super) fn known_kind(&self, mac: &str) -> Option<String> {
        let known = self.known.get(mac)?;
        Some(known.kind.trim().to_lowercase())
    }

    /// Whether the known binding of a MAC has the type that is wanted.
    pub(super) fn is_right(&self, mac: &str, kind: BindingType) -> bool {
        self.known_kind(mac).as_deref() == Some(kind.word())
    }

    /// The address in the known binding of a MAC.
    pub(super) fn known_address(&self, mac: &str) -> Option<&str> {
        self.known.get(mac)?.address.as_deref()
    }

    /// The addresses in all bindings of a MAC, as the run found them.
    pub(super) fn found_addresses(&self, mac: &str) -> impl Iterator<Item = &str> {
        let places = self.found.get(mac).into_iter().flatten();
        places.filter_map(|place| self.rows[*place].fields.address.as_deref())
    }

    /// The MACs whose known binding names `token`.
    pub(super) fn macs_of(&self, token: &str) -> &[String] {
        self.by_token.get(token).map_or(&[], Vec::as_slice)
    }

    /// The address in the first binding by now that names `token` and has one.
    pub(super) fn address_by_now(&self, token: &str) -> Option<&str> {
        let macs = self.macs_naming.get(token).into_iter().flatten();
        let named = macs.filter_map(|mac| self.last_named_by_now(mac));
        let mut addresses = named
            .filter(|binding| token_of(binding) == Some(token))
            .filter_map(|binding| binding.address.as_deref());
        addresses.find(|address| !address.is_empty())
    }

    /// The address in the last binding of a MAC with a token, by now.
    pub(super) fn address_of_mac_by_now(&self, mac: &str) -> Option<&str> {
        let address = self.last_named_by_now(mac)?.address.as_deref()?;
        Some(address).filter(|address| !address.is_empty())
    }

    /// Whether a binding fits the user: one of `macs` as found or as known, or one that names the
    /// user. For `blocked` it must be blocked, otherwise anything else. On a router without
    /// bindings everybody passes.
    pub(super) fn fit(&self, macs: &[String], tokens: [&str; 2], kind: BindingType) -> bool {
        if self.found.is_empty() && self.known.is_empty() {
            return true;
        }
        let fits = |word: &str| {
            (word.trim().to_lowercase() == BindingType::Blocked.word())
                == (kind == BindingType::Blocked)
        };
        let known = |mac: &String| self.known.get(mac).is_some_and(|known| fits(&known.kind));
        let found = |mac: &String| {
            let mut places = self.found.get(mac).into_iter().flatten();
            places.any(|place| fits(self.rows[*place].fields.kind.as_deref().unwrap_or_default()))
        };
        macs.iter().any(|mac| found(mac) || known(mac))
            || tokens
                .iter()
                .any(|token| self.macs_of(token).iter().any(known))
    }

    /// Gives the MAC one binding of the wanted type. Rows for server `all` go where the user has a
    /// server, further rows of the same server go, and a row that ties the MAC to an address is
    /// written anew without.
    pub(super) fn repair(&mut self, repair: Repair<'_>) {
        let places = self.by_mac.get(repair.mac).cloned().unwrap_or_default();
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
        self.by_mac.insert(repair.mac.to_owned(), left);
        self.remember(repair);
    }

    /// The rows by now; `new_id` names those that were added.
    pub(super) fn into_rows(self, new_id: impl FnMut() -> String) -> Vec<Row<Binding>> {
        self.table.into_rows(new_id)
    }

    pub(super) fn difference(self) -> MenuDifference<Binding> {
        self.table.difference()
    }

    /// The rest of the run takes the type for right and the address for live.
    fn remember(&mut self, repair: Repair<'_>) {
        let known = self
            .known
            .entry(repair.mac.to_owned())
            .or_insert_with(|| KnownBinding {
                token: None,
                address: None,
                kind: String::new(),
            });
        repair.kind.word().clone_into(&mut known.kind);
        if repair.address.is_some() {
            known.address = repair.address;
        }
    }

    fn last_named_by_now(&self, mac: &str) -> Option<&Binding> {
        let places = self.by_mac.get(mac)?.iter().rev();
        let mut rows = places.filter_map(|place| self.table.get(*place));
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

pub(super) fn mac_of(binding: &Binding) -> Option<String> {
    let mac = binding.mac.as_deref()?.trim().to_uppercase();
    Some(mac).filter(|mac| !mac.is_empty())
}

pub(super) fn token_of(binding: &Binding) -> Option<&str> {
    comment::binding_token(binding.comment.as_deref()?)
}
