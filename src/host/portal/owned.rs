//! Rows of the router beside the users they belong to.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::super::error::HostError;
use super::super::rows::{Rows, Table, View};
use super::super::value::{Value, text_of};
use crate::portal::comment::{self, Tokens};
use crate::portal::number::strip;
use crate::portal::owner::Owners;
use crate::portal::user_id::UserId;

/// Rows and users, matched once.
#[derive(Clone)]
pub struct Owned {
    rows: View,
    users: View,
    prefix: &'static str,
    links: Rc<[Link]>,
    unmatched: Rc<Unmatched>,
}

/// A row and a user it belongs to, by their positions.
#[derive(Clone, Copy)]
struct Link {
    row: u32,
    user: u32,
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

impl Owned {
    /// Matches rows with users by the tokens of their comments, as the portal's audit does.
    ///
    /// # Errors
    /// A user's `id` or `phone_number` was not selected.
    pub fn by_comment(rows: View, users: View) -> Result<Self, HostError> {
        let owners = index_users(&users)?;
        let mut links = Vec::new();
        let mut unmatched = Unmatched::default();
        for row in 0..rows.len() {
            with_field(&rows, row, "comment", |comment| {
                let tokens = Tokens::read(comment);
                unmatched.note(row, comment, &tokens, &owners);
                links.extend(owners.find(&tokens).map(|user| Link::new(row, user)));
            });
        }
        Ok(Owned {
            rows,
            users,
            prefix: "user.",
            links: links.into(),
            unmatched: Rc::new(unmatched),
        })
    }

    /// Matches rows with the users who have a device with the row's address.
    ///
    /// # Errors
    /// A device's `user_id` or `ip_address`, or a user's `id`, was not selected.
    pub fn by_address(rows: View, devices: &View, users: View) -> Result<Self, HostError> {
        let holders = index_addresses(devices, &users)?;
        let mut links = Vec::new();
        for row in 0..rows.len() {
            with_field(&rows, row, "address", |address| {
                let found = holders.get(strip(address)).into_iter().flatten();
                links.extend(found.map(|&user| Link::new(row, user)));
            });
        }
        Ok(Owned {
            rows,
            users,
            prefix: "holder.",
            links: links.into(),
            unmatched: Rc::default(),
        })
    }

    /// The rows that belong to `users`, in their order, each with the fields of its user.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn rows_of(&self, users: &View) -> Result<Rows, HostError> {
        let wanted = self.positions(users)?;
        let chosen = self.links.iter().filter(|link| wanted.contains(&link.user));
        let mut links: Vec<Link> = chosen.copied().collect();
        links.dedup_by_key(|link| link.row);
        Ok(Rows::of(Arc::new(Joined {
            rows: self.rows.clone(),
            users: self.users.clone(),
            prefix: self.prefix,
            links,
        })))
    }

    /// Those of `users` to whom none of the rows belongs.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn users_without(&self, users: &View) -> Result<Rows, HostError> {
        let having: HashSet<u32> = self.links.iter().map(|link| link.user).collect();
        let places = self.places(users)?;
        let without = places.iter().enumerate();
        Ok(users.select(
            without
                .filter(|(_, place)| !having.contains(place))
                .map(|(index, _)| index),
        ))
    }

    /// Those of `users` to whom more than `most` rows belong, with their number as `rows`.
    ///
    /// # Errors
    /// `users` are not some of the users the rows were matched with.
    pub fn users_with_more(&self, users: &View, most: usize) -> Result<Rows, HostError> {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for link in self.links.iter() {
            *counts.entry(link.user).or_default() += 1;
        }
        let count = |place| counts.get(&place).copied().unwrap_or(0);
        let places = self.places(users)?.into_iter().enumerate();
        let crowded: Vec<(usize, usize)> = places
            .map(|(index, place)| (index, count(place)))
            .filter(|&(_, count)| count > most)
            .collect();
        Ok(Rows::of(Arc::new(Counted {
            users: users.clone(),
            crowded,
        })))
    }

    /// The rows that belong to nobody.
    pub fn rows_of_nobody(&self) -> Rows {
        let owned: HashSet<u32> = self.links.iter().map(|link| link.row).collect();
        self.rows
            .select((0..self.rows.len()).filter(|&row| !owned.contains(&(row as u32))))
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
    /// The positions of `users` among the users the rows were matched with.
    fn places(&self, users: &View) -> Result<Vec<u32>, HostError> {
        let known: HashMap<usize, u32> = (0..self.users.len())
            .map(|index| (self.users.place(index).1, index as u32))
            .collect();
        (0..users.len())
            .map(|index| {
                let (table, position) = users.place(index);
                let same = is_table_of(&self.users, table);
                known.get(&position).copied().filter(|_| same)
            })
            .collect::<Option<_>>()
            .ok_or_else(|| {
                HostError::invalid("these users are not among those the rows were matched with")
                    .hint("filter the very rows that were given to portal::owned or portal::held")
            })
    }

    fn positions(&self, users: &View) -> Result<HashSet<u32>, HostError> {
        Ok(self.places(users)?.into_iter().collect())
    }
}

impl Link {
    fn new(row: usize, user: usize) -> Self {
        // Views count their rows in 32 bits.
        Link {
            row: row as u32,
            user: user as u32,
        }
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
    links: Vec<Link>,
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

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let link = self.links[row];
        let (view, index, field) = match field.strip_prefix(self.prefix) {
            Some(of_user) => (&self.users, link.user, of_user),
            None => (&self.rows, link.row, field),
        };
        let (table, position) = view.place(index as usize);
        table.with_text(position, field, with);
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

/// The rows whose address no device has, or has had; rows without an address are left out.
///
/// # Errors
/// A device's `ip_address` was not selected.
pub fn away_from(rows: &View, devices: &View) -> Result<Rows, HostError> {
    let mut known = HashSet::new();
    for device in 0..devices.len() {
        let address = devices.value(device, "ip_address")?;
        known.insert(strip(&address.key()).to_owned());
    }
    Ok(keep(rows, "address", |address| {
        !address.is_empty() && !known.contains(address)
    }))
}

/// The rows whose text in `field` passes `test`; a row without the field does not.
pub fn keep(rows: &View, field: &str, mut test: impl FnMut(&str) -> bool) -> Rows {
    rows.select((0..rows.len()).filter(|&row| {
        let mut passes = false;
        with_field(rows, row, field, |text| passes = test(text));
        passes
    }))
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

/// The users of `users` by the addresses of their devices.
fn index_addresses(devices: &View, users: &View) -> Result<HashMap<String, Vec<usize>>, HostError> {
    let mut places: HashMap<UserId, usize> = HashMap::new();
    for user in 0..users.len() {
        places.extend(UserId::parse(&users.value(user, "id")?.key()).map(|id| (id, user)));
    }
    let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
    for device in 0..devices.len() {
        let user = UserId::parse(&devices.value(device, "user_id")?.key());
        let address = devices.value(device, "ip_address")?;
        let address = address.key();
        if let Some(&user) = user.and_then(|id| places.get(&id))
            && !strip(&address).is_empty()
        {
            holders
                .entry(strip(&address).to_owned())
                .or_default()
                .push(user);
        }
    }
    Ok(holders)
}

fn is_table_of(view: &View, table: &dyn Table) -> bool {
    !view.is_empty() && std::ptr::addr_eq(view.place(0).0, table)
}

/// Calls `with` with the text of a field where the row has one.
fn with_field(rows: &View, row: usize, field: &str, mut with: impl FnMut(&str)) {
    let (table, position) = rows.place(row);
    table.with_text(position, field, &mut |bytes| with(&text_of(bytes)));
}
