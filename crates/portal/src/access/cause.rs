//! Why the network treats a person as it does.

use super::coming::ChangedBy;

/// What decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What kind of thing it is.
    pub kind: CauseKind,
    /// The name of the list, where a row of one decides, or where one is missing.
    pub list: Option<String>,
    /// The address, network or range of the row; else the address of the device, where it matters.
    pub address: Option<String>,
    /// The router's id of the row, binding or hotspot user.
    pub id: Option<String>,
    /// The setting that is missing.
    pub setting: Option<String>,
}

/// A thing that would do the same if the cause went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCause {
    /// What it is.
    pub cause: Cause,
    /// Who takes it away.
    pub changed_by: ChangedBy,
}

/// The kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CauseKind {
    /// The address is on a list, or is missing on one.
    RowOnList,
    /// A binding has a type that the user's status does not want, or none is there.
    BindingType,
    /// The limits or the profile of the hotspot user are left from a block, or it is disabled.
    HotspotUserLimits,
    /// The database blocks the user, or has switched the account off.
    DatabaseBlock,
    /// What was paid for is used up, over, or almost.
    NoPayment,
    /// No table knows the device, or its user has not allowed it yet.
    UnknownDevice,
    /// A setting is missing: the portal passes over the address, or by which names the router has the
    /// lists is not known, so that nothing can be told.
    SettingMissing,
    /// The usage sync would put it right, but does not run.
    SyncDead,
    /// Nothing.
    None,
}

impl CauseKind {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CauseKind::RowOnList => "row_on_list",
            CauseKind::BindingType => "binding_type",
            CauseKind::HotspotUserLimits => "hotspot_user_limits",
            CauseKind::DatabaseBlock => "database_block",
            CauseKind::NoPayment => "no_payment",
            CauseKind::UnknownDevice => "unknown_device",
            CauseKind::SettingMissing => "setting_missing",
            CauseKind::SyncDead => "sync_dead",
            CauseKind::None => "none",
        }
    }
}

impl Cause {
    /// A cause of this kind that nothing on the router stands for.
    pub(super) fn of(kind: CauseKind) -> Cause {
        Cause {
            kind,
            list: None,
            address: None,
            id: None,
            setting: None,
        }
    }
}
