//! What an operator can do, and what that costs.

use crate::block::BindingType;

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Wait for the next run of the task that changes it.
    Wait,
    /// Make the usage sync run again.
    StartSync,
    /// Set this variable in the environment of the portal.
    SetSetting(String),
    /// Remove the row of the address-list with this id.
    RemoveListRow(String),
    /// Remove the binding with this id, which names no user.
    RemoveBinding {
        /// The router's id.
        id: String,
        /// Somebody is on the network with it.
        disconnects: bool,
    },
    /// Give the binding with this id another type, and leave its comment: by it the portal finds the user.
    SetBindingType {
        /// The router's id.
        id: String,
        /// The type.
        to: BindingType,
        /// Somebody is on the network with it.
        disconnects: bool,
    },
    /// Give the hotspot user with this id the profile of its user's status, and take the limits away.
    ResetHotspotUser(String),
    /// Have the portal write the hotspot user anew.
    RewriteHotspotUser,
    /// End the session of the device on the router.
    EndSession,
    /// The user buys quota: at least so many megabytes more, where a debt is to be covered.
    BuyQuota {
        /// Rounded up.
        least_mb: Option<i64>,
    },
    /// The user settles the manual debts.
    SettleDebts,
    /// An administrator ends the block.
    Unblock {
        /// The user has debts, and they count as paid then.
        settles_debts: bool,
    },
    /// An administrator switches the account on, or approves it.
    Activate,
    /// An administrator gives the quota of a payment that was not credited.
    CreditPayment,
    /// The user finishes the payment.
    FinishPayment,
    /// The user allows the device, or an administrator does.
    AuthorizeDevice,
    /// The user logs in with the device.
    LogIn,
}

/// What a step costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Nothing.
    None,
    /// All debts of the user count as paid.
    SettlesDebts,
    /// The user gets another password.
    ResetsPassword,
    /// Somebody who is on the network loses it.
    Disconnects,
}

impl Advice {
    /// The stable word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Advice::Wait => "wait",
            Advice::StartSync => "start_sync",
            Advice::SetSetting(_) => "set_setting",
            Advice::RemoveListRow(_) => "remove_list_row",
            Advice::RemoveBinding { .. } => "remove_binding",
            Advice::SetBindingType { .. } => "set_binding_type",
            Advice::ResetHotspotUser(_) => "reset_hotspot_user",
            Advice::RewriteHotspotUser => "rewrite_hotspot_user",
            Advice::EndSession => "end_session",
            Advice::BuyQuota { .. } => "buy_quota",
            Advice::SettleDebts => "settle_debts",
            Advice::Unblock { .. } => "unblock",
            Advice::Activate => "activate",
            Advice::CreditPayment => "credit_payment",
            Advice::FinishPayment => "finish_payment",
            Advice::AuthorizeDevice => "authorize_device",
            Advice::LogIn => "log_in",
        }
    }

    /// What it costs beside the work.
    #[must_use]
    pub fn cost(&self) -> Cost {
        match self {
            Advice::Unblock { settles_debts } if *settles_debts => Cost::SettlesDebts,
            Advice::RewriteHotspotUser => Cost::ResetsPassword,
            Advice::EndSession => Cost::Disconnects,
            Advice::RemoveBinding { disconnects, .. }
            | Advice::SetBindingType { disconnects, .. }
                if *disconnects =>
            {
                Cost::Disconnects
            }
            _ => Cost::None,
        }
    }
}

impl Cost {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Cost::None => "none",
            Cost::SettlesDebts => "settles_debts",
            Cost::ResetsPassword => "resets_password",
            Cost::Disconnects => "disconnects",
        }
    }
}
