//! What the portal wants for a user.

use crate::block::{BindingType, BlockReason};
use crate::list_name::ListKind;
use crate::status::AccessStatus;
use crate::sync::User;
use crate::sync::policy::Policy;
use jiff::Timestamp;

/// What the portal wants for a user: after the next usage sync, where it looks at the user, else by
/// the database as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The access status.
    pub status: AccessStatus,
    /// Why the user is blocked, if so.
    pub block: Option<BlockReason>,
    /// The list for the user's addresses.
    pub list: ListKind,
    /// The type of the bindings of authorised devices.
    pub binding: BindingType,
    /// The profile of the hotspot user.
    pub profile: String,
    /// Whether the usage sync looks at the user; it changes nothing for the others.
    pub is_synced: bool,
}

/// What a person has a right to with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Internet; with a login where the binding is to be a regular one.
    Open { with_login: bool },
    /// Little bandwidth.
    Slowed { with_login: bool },
    /// Nothing.
    Nothing(Refusal),
}

/// Why somebody has a right to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Blocked(BlockReason),
    NotAdmitted,
    NoQuota,
    /// The user has not allowed the device yet.
    DeviceNotAllowed,
    /// Nobody has the device.
    Nobody,
    /// Whom the device's binding names is in the database no more.
    UserGone,
}

impl Wanted {
    /// `user` is as the next usage sync leaves it. `None` where the used quota is no number.
    pub(super) fn of(
        user: &User,
        policy: &Policy,
        now: Timestamp,
        is_synced: bool,
    ) -> Option<Self> {
        let (status, binding) = policy.wants(user, now)?;
        let reason = BlockReason::of(user.blocked_reason.as_deref());
        Some(Wanted {
            status,
            block: user.is_blocked.then_some(reason),
            list: ListKind::of_status(status),
            binding,
            profile: policy.profiles.of(status).to_owned(),
            is_synced,
        })
    }

    /// What the user has a right to with an authorised device.
    pub(super) fn right(&self) -> Right {
        let with_login = self.binding == BindingType::Regular;
        match self.status {
            AccessStatus::Active | AccessStatus::Unlimited => Right::Open { with_login },
            AccessStatus::Fup => Right::Slowed { with_login },
            AccessStatus::Habis | AccessStatus::Expired => Right::Nothing(Refusal::NoQuota),
            AccessStatus::Inactive => Right::Nothing(Refusal::NotAdmitted),
            AccessStatus::Blocked => {
                let reason = self.block.unwrap_or(BlockReason::Manual);
                Right::Nothing(Refusal::Blocked(reason))
            }
        }
    }
}
