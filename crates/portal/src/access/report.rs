//! What is told of a site's access.

use std::collections::HashMap;

use super::advice::Advice;
use super::cause::{Cause, OtherCause};
use super::coming::{ChangedBy, Coming};
use super::effect::Effect;
use super::payment::Payment;
use super::sync_health::SyncHealth;
use super::treatment::Passage;
use super::wanted::Wanted;
use crate::list_name::ListKind;
use crate::user_id::UserId;
use jiff::Timestamp;

/// What is known beside the site.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// Whether the usage sync runs.
    pub sync: SyncHealth,
    /// `users.manual_debt_mb`, where it is more than 0.
    pub manual_debt_mb: HashMap<UserId, i64>,
    /// The last payment of users who have one.
    pub payments: HashMap<UserId, Payment>,
    /// The lists whose names nobody set and the router does not know, while lists of other names carry the
    /// portal's comments: what is on them is not known.
    pub doubted: Vec<ListKind>,
}

/// Who gets which network access, why, and who would change it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// All users, in the order of the table.
    pub users: Vec<UserAccess>,
    /// Devices that are nobody's: hosts and bindings, in the order of the MACs.
    pub strangers: Vec<StrangerAccess>,
    /// The rows of the portal's lists, in the router's order.
    pub rows: Vec<ListRowAccess>,
}

/// The access of a user.
#[derive(Clone, Debug)]
pub struct UserAccess {
    /// The user.
    pub id: UserId,
    /// What the portal wants; `None` where the used quota is no number, so that nothing can be told.
    pub wanted: Option<Wanted>,
    /// The automatic debt that the usage sync counts, in MB.
    pub automatic_debt_mb: f64,
    /// The manual debt, in MB. A block for debts ends when both together are 0.
    pub manual_debt_mb: i64,
    /// The router's id of the hotspot user.
    pub hotspot_user: Option<String>,
    /// The hotspot user has limits that are left from a block, or is disabled: it bites where a login is
    /// needed.
    pub is_login_shut: bool,
    /// The devices of the table, then those that only a binding gives to the user.
    pub devices: Vec<DeviceAccess>,
    /// What tasks will do to the user.
    pub coming: Vec<Coming>,
    /// What gives the user access, or full speed, who has no right to it; nothing for others.
    pub ways: Vec<Advice>,
    /// The verdict on the device that needs eyes first.
    pub verdict: Verdict,
}

/// The access of a device.
#[derive(Clone, Debug)]
pub struct DeviceAccess {
    /// In upper case.
    pub mac: String,
    /// It is in the table of devices; else only a binding names the user.
    pub is_stored: bool,
    /// The user has allowed it.
    pub is_authorized: bool,
    /// The router sees it now.
    pub is_online: bool,
    /// Where it is, or may be.
    pub addresses: Vec<String>,
    /// The router's ids of the rows in force over these addresses.
    pub rows: Vec<String>,
    /// The router's ids of its bindings.
    pub bindings: Vec<String>,
    /// How far the router lets it come.
    pub passage: Passage,
    /// What to think of that.
    pub verdict: Verdict,
}

impl DeviceAccess {
    /// The MAC is made up, as phones do it: it will be another one. Its second digit says so.
    #[must_use]
    pub fn is_random(&self) -> bool {
        matches!(self.mac.as_bytes().get(1), Some(b'2' | b'6' | b'A' | b'E'))
    }
}

/// A device that is nobody's.
#[derive(Clone, Debug)]
pub struct StrangerAccess {
    /// The device. It is authorised by nobody.
    pub device: DeviceAccess,
    /// Whom its bindings name.
    pub owner: Owner,
}

/// Whom a comment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User(UserId),
    /// Somebody who is not in the database: the text of the token.
    Gone(String),
    /// Nobody.
    Nobody,
}

/// A row of one of the portal's lists.
#[derive(Clone, Debug)]
pub struct ListRowAccess {
    /// The router's id.
    pub id: String,
    /// Which list.
    pub list: ListKind,
    /// Whom its comment names.
    pub owner: Owner,
    /// It is not disabled.
    pub is_in_force: bool,
    /// It covers more than one address.
    pub is_wide: bool,
    /// How many rows in force for one address alone lie under a wide one.
    pub covers: usize,
    /// The first task that takes it away; `Nobody` where none does.
    pub removed_by: ChangedBy,
}

/// What to think of how somebody is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it comes to for the person.
    pub effect: Effect,
    /// The portal wants it so.
    pub is_right: bool,
    /// Why it is so: of several things the one that stays longest.
    pub cause: Cause,
    /// What would do the same without it.
    pub other_causes: Vec<OtherCause>,
    /// Who changes it.
    pub changed_by: ChangedBy,
    /// When, where that is fixed; else at the task's next run.
    pub when: Option<Timestamp>,
    /// What can be done, the first thing first.
    pub advice: Vec<Advice>,
}
