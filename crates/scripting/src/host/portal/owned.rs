//! Rows of the router beside the users they belong to.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use bigdecimal::num_bigint::BigInt;
use routeros_schema::Network;

use super::super::error::HostError;
use super::super::rows::{Rows, Table, View};
use super::super::value::Value;
use portal::comment::{self, Tokens};
use portal::number::strip;
use portal::owner::Owners;
use portal::user_id::UserId;

/// Users and their devices, for finding whose a row is. The indexes are made when first needed.
#[derive(Clone)]
pub struct Directory {
    users: View,
    devices: View,
    owners: Rc<OnceCell<Owners>>,
    holders: Rc<OnceCell<Holders>>,
    places: Rc<[Option<u32>]>,
}

/// Rows and users, matched once.
#[derive(Clone)]
pub struct Owned {
    rows: View,
    users: View,
    /// For each row of the table below `users` its index in `users`.
    places: Rc<[Option<u32>]>,
    prefix: &'static str,
    links: Rc<[Link]>,
    /// The users that links are to.
    linked: Rc<[u32]>,
    unmatched: Rc<Unmatched>,
}

/// A row and the users it belongs to, by the row's position and a part of all users that are linked:
/// a network may hold the devices of everybody.
struct Link {
    row: u32,
    users: Range<u32>,
}

/// Users by the addresses of their devices.
struct Holders {
    /// A user for each device: first of those with an address, in the order of the addresses.
    users: Rc<[u32]>,
    addresses: Vec<IpAddr>,
    /// What stands in the place of an address elsewhere, and the users' places.
    others: HashMap<String, Range<u32>>,
}

/// Rows about which more is to be said than whose they are.
#[derive(Default)]
struct Unmatched {
    /// Tokens that name none of the users.
    unknown: Vec<usize>,
    /// Tokens that cannot be read, or a mark of the portal without any token.
    malformed: Vec<usize>,
    /// `uid=` names one user and `user=` another.
    disputed: Vec<usize>,
}

impl Directory {
    /// A directory of `users`, with their `devices` among others.
    pub fn new(users: View, devices: View) -> Self {
        Directory {
            places: places_of(&users),
            users,
            devices,
            owners: Rc::default(),
            holders: Rc::default(),
        }
    }

    /// Matches rows with users by the tokens of their comments, as the portal's audit does.
    ///
    /// # Errors
    /// A user's `id` or `phone_number` was not selected.
    pub fn by_comment(&self, rows: View) -> Result<Owned, HostError> {
        let (mut links, mut linked) = (Vec::new(), Vec::new());
        let mut unmatched = Unmatched::default();
        for row in 0..rows.len() {
            let owners = index(&self.owners, || index_users(&self.users))?;
            with_field(&rows, row, "comment", |comment| {
                let tokens = Tokens::read(comment);
                unmatched.note(row, comment, &tokens, owners);
                if let Some(user) = owners.find(&tokens) {
                    let place = linked.len() as u32;
                    links.push(Link::new(row, place..place + 1));
                    linked.push(user as u32);
                }
            });
        }
        Ok(self.matched(rows, "user.", links, linked.into(), unmatched))
    }

    /// Matches rows with the users who have a device with the row's address, or with one that lies
    /// in the row's network or range.
    ///
    /// # Errors
    /// A device's `user_id` or `ip_address`, or a user's `id`, was not selected.
    pub fn by_address(&self, rows: View) -> Result<Owned, HostError> {
        let mut links = Vec::new();
        let mut linked = Rc::default();
        for row in 0..rows.len() {
            let holders = index(&self.holders, || Holders::of(&self.devices, &self.users))?;
            linked = holders.users.clone();
            with_field(&rows, row, "address", |address| {
                let users = holders.within(strip(address));
                links.extend((!users.is_empty()).then(|| Link::new(row, users)));
            });
        }
        Ok(self.matched(rows, "holder.", links, linked, Unmatched::default()))
    }

    fn matched(
        &self,
        rows: View,
        prefix: &'static str,
        links: Vec<Link>,
        linked: Rc<[u32]>,
        unmatched: Unmatched,
    ) -> Owned {
        Owned {
            rows,
            users: self.users.clone(),
            places: self.places.clone(),
            prefix,
            links: links.into(),
            linked,
            unmatched: Rc::new(unmatched),
        }
    }
}

impl Holders {
    fn of(devices: &View, users: &View) -> Result<Self, HostError> {
        let mut places: HashMap<UserId, u32> = HashMap::new();
        for user in 0..users.len() {
            places
                .extend(UserId::parse(&users.value(user, "id")?.key()).map(|id| (id, user as u32)));
        }
        let mut addresses = Vec::new();
        let mut others: HashMap<String, Vec<u32>> = HashMap::new();
        for device in 0..devices.len() {
            let user = UserId::parse(&devices.value(device, "user_id")?.key());
            let address = devices.value(device, "ip_address")?;
            let address = address.key();
            let address = strip(&address);
            let Some(&user) = user.and_then(|id| places.get(&id)) else {
                continue;
            };
            match address.parse::<IpAddr>() {
                Ok(address) => addresses.push((address, user)),
                Err(_) if address.is_empty() => {}
                Err(_) => others.entry(address.to_owned()).or_default().push(user),
            }
        }
        // Of the users with one address the first device's stays the first.
        addresses.sort_by_key(|(address, _)| *address);
        let (addresses, mut users): (Vec<IpAddr>, Vec<u32>) = addresses.into_iter().unzip();
        let mut place = |more: Vec<u32>| {
            let first = users.len() as u32;
            users.extend(more);
            first..users.len() as u32
        };
        let others = others.into_iter();
        let others = others
            .map(|(address, users)| (address, place(users)))
            .collect();
        Ok(Holders {
            users: users.into(),
            addresses,
            others,
        })
    }

    /// The places of the users who have a device with that address, or within that network.
    fn within(&self, address: &str) -> Range<u32> {
        let Some(network) = Network::parse(address.as_bytes()) else {
            return self.others.get(address).cloned().unwrap_or_default();
        };
        let first = self
            .addresses
            .partition_point(|held| *held < network.first());
        let held = self.addresses[first..].partition_point(|held| *held <= network.last());
        first as u32..(first + held) as u32
    }
}

/// What the cell holds, made now if it holds nothing yet.
fn index<T>(
    cell: &OnceCell<T>,
    make: impl FnOnce() -> Result<T, HostError>,
) -> Result<&T, HostError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

impl Owned {
    /// The rows that belong to `users`, in their order, each with the fields of its user.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn rows_of(&self, users: &View) -> Result<Rows, HostError> {
        let wanted = self.marked(users)?;
        let links = self.links.iter().filter_map(|link| {
            let mut users = self.users_of(link).iter();
            let user = *users.find(|user| wanted[**user as usize])?;
            Some(Pair {
                row: link.row,
                user,
            })
        });
        let links = links.collect();
        Ok(Rows::of(Arc::new(Joined {
            rows: self.rows.clone(),
            users: self.users.clone(),
            prefix: self.prefix,
            links,
        })))
    }

    /// The rows that belong to none of `users`, in their order.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn rows_not_of(&self, users: &View) -> Result<Rows, HostError> {
        let unwanted = self.marked(users)?;
        let mut kept = vec![true; self.rows.len()];
        for link in self.links.iter() {
            let is_unwanted = |user: &u32| unwanted[*user as usize];
            if self.users_of(link).iter().any(is_unwanted) {
                kept[link.row as usize] = false;
            }
        }
        Ok(self.rows.select((0..kept.len()).filter(|&row| kept[row])))
    }

    /// Those of `users` to whom none of the rows belongs.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn users_without(&self, users: &View) -> Result<Rows, HostError> {
        let counts = self.rows_by_user();
        let without = self.indexes(users)?.into_iter().enumerate();
        Ok(users.select(
            without
                .filter(|&(_, user)| counts[user as usize] == 0)
                .map(|(index, _)| index),
        ))
    }

    /// Those of `users` to whom more than `most` rows belong, with their number as `rows`.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn users_with_more(&self, users: &View, most: &BigInt) -> Result<Rows, HostError> {
        let counts = self.rows_by_user();
        let crowded = self.indexes(users)?.into_iter().enumerate();
        let crowded = crowded
            .map(|(index, user)| (index, counts[user as usize]))
            .filter(|&(_, count)| BigInt::from(count) > *most)
            .collect();
        Ok(Rows::of(Arc::new(Counted {
            users: users.clone(),
            crowded,
        })))
    }

    /// The rows whose tokens name none of the users.
    pub fn unknown(&self) -> Rows {
        self.rows.select(self.unmatched.unknown.iter().copied())
    }

    /// The rows whose tokens cannot be read, and those that bear the portal's mark without a token.
    pub fn malformed(&self) -> Rows {
        self.rows.select(self.unmatched.malformed.iter().copied())
    }

    /// The rows whose two tokens name two users.
    pub fn disputed(&self) -> Rows {
        self.rows.select(self.unmatched.disputed.iter().copied())
    }
}

impl Owned {
    /// The indexes of `users` among the users the rows were matched with.
    fn indexes(&self, users: &View) -> Result<Vec<u32>, HostError> {
        let index = |row| {
            let (table, position) = users.place(row);
            let same = is_table_of(&self.users, table);
            *self.places.get(position).filter(|_| same)?
        };
        (0..users.len())
            .map(index)
            .collect::<Option<_>>()
            .ok_or_else(|| {
                HostError::invalid("these users are not among those the rows were matched with")
                    .hint("filter the very rows that were given to portal::directory")
            })
    }

    /// For each of the users the rows were matched with, whether `users` has them.
    fn marked(&self, users: &View) -> Result<Vec<bool>, HostError> {
        let mut marked = vec![false; self.users.len()];
        for user in self.indexes(users)? {
            marked[user as usize] = true;
        }
        Ok(marked)
    }

    /// How many rows belong to each of the users the rows were matched with.
    fn rows_by_user(&self) -> Vec<usize> {
        let mut counts = vec![0; self.users.len()];
        let mut last = vec![None; self.users.len()];
        for link in self.links.iter() {
            for &user in self.users_of(link) {
                // Several devices of a user may lie in one network.
                if last[user as usize].replace(link.row) != Some(link.row) {
                    counts[user as usize] += 1;
                }
            }
        }
        counts
    }

    fn users_of(&self, link: &Link) -> &[u32] {
        &self.linked[link.users.start as usize..link.users.end as usize]
    }
}

impl Link {
    fn new(row: usize, users: Range<u32>) -> Self {
        // Views count their rows in 32 bits.
        let row = row as u32;
        Link { row, users }
    }
}

impl Unmatched {
    fn note(&mut self, row: usize, comment: &str, tokens: &Tokens<'_>, owners: &Owners) {
        let (by_id, by_phone) = (owners.by_id(tokens), owners.by_phone(tokens));
        if by_id.zip(by_phone).is_some_and(|(id, phone)| id != phone) {
            self.disputed.push(row);
        }
        if is_malformed(comment, tokens) {
            self.malformed.push(row);
        } else if by_id.or(by_phone).is_none() && (tokens.uid.is_some() || tokens.user.is_some()) {
            self.unknown.push(row);
        }
    }
}

/// The portal writes `uid=unknown` itself; any other text that is no id was spoilt by hand.
fn is_malformed(comment: &str, tokens: &Tokens<'_>) -> bool {
    match tokens.uid {
        Some("unknown") => false,
        Some(_) => tokens.user_id().is_none(),
        None => tokens.user.is_none() && comment::is_managed(comment),
    }
}

/// Rows with the fields of their users under a prefix.
struct Joined {
    rows: View,
    users: View,
    prefix: &'static str,
    links: Vec<Pair>,
}

/// A row and a user it belongs to, by their positions.
#[derive(Clone, Copy)]
struct Pair {
    row: u32,
    user: u32,
}

impl Table for Joined {
    fn len(&self) -> usize {
        self.links.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let link = self.links[row];
        match field.strip_prefix(self.prefix) {
            Some(of_user) => self.users.value(link.user as usize, of_user),
            None => self.rows.value(link.row as usize, field),
        }
    }

    fn fields(&self, row: usize) -> Vec<String> {
        let link = self.links[row];
        let of_user = self.users.row(link.user as usize).fields();
        let mut fields = self.rows.row(link.row as usize).fields();
        fields.extend(
            of_user
                .iter()
                .map(|field| format!("{}{field}", self.prefix)),
        );
        fields
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let (table, position, field) = self.part(row, field);
        table.with_bytes(position, field, with);
    }

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&str)) {
        let (table, position, field) = self.part(row, field);
        table.with_text(position, field, with);
    }
}

impl Joined {
    /// The table that holds a field of a row, the row's position there, and the field's name.
    fn part<'a>(&self, row: usize, field: &'a str) -> (&dyn Table, usize, &'a str) {
        let link = self.links[row];
        let (view, index, field) = match field.strip_prefix(self.prefix) {
            Some(of_user) => (&self.users, link.user, of_user),
            None => (&self.rows, link.row, field),
        };
        let (table, position) = view.place(index as usize);
        (table, position, field)
    }
}

/// Users with the number of their rows.
struct Counted {
    users: View,
    crowded: Vec<(usize, usize)>,
}

impl Table for Counted {
    fn len(&self) -> usize {
        self.crowded.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let (user, count) = self.crowded[row];
        match field {
            "rows" => Ok(Value::Int(count as i64)),
            _ => self.users.value(user, field),
        }
    }

    fn fields(&self, row: usize) -> Vec<String> {
        let mut fields = self.users.row(self.crowded[row].0).fields();
        fields.push("rows".to_owned());
        fields
    }
}

fn index_users(users: &View) -> Result<Owners, HostError> {
    let mut owners = Owners::new();
    for user in 0..users.len() {
        let id = users.value(user, "id")?;
        let phone = users.value(user, "phone_number")?;
        owners.insert(user, &id.key(), &phone.key());
    }
    Ok(owners)
}

fn places_of(users: &View) -> Rc<[Option<u32>]> {
    let positions = (0..users.len()).map(|index| users.place(index).1);
    let mut places = vec![None; positions.clone().max().map_or(0, |last| last + 1)];
    for (index, position) in positions.enumerate() {
        places[position] = Some(index as u32);
    }
    places.into()
}

fn is_table_of(view: &View, table: &dyn Table) -> bool {
    !view.is_empty() && std::ptr::addr_eq(view.place(0).0, table)
}

/// Calls `with` with the text of a field where the row has one.
pub fn with_field(rows: &View, row: usize, field: &str, mut with: impl FnMut(&str)) {
    let (table, position) = rows.place(row);
    table.with_text(position, field, &mut with);
}
