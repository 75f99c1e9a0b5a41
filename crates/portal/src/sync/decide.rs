//! What the usage sync decides about a user: the block, the debt that is forgiven, and what the
//! user is to have on the router.

use jiff::Timestamp;

use super::difference::{ColumnChange, ColumnValue, note};
use super::policy::Policy;
use super::state::User;
use crate::block::{Account, BindingType, SyncDecision};
use crate::debt;
use crate::status::{Access, AccessStatus};
use crate::target::StatusList;

/// What a user's columns are to be, and what follows from them.
pub(super) struct Decision {
    is_blocked: bool,
    blocked_reason: Option<String>,
    offset_mb: i64,
    used_mb: f64,
    /// The list for the user's addresses.
    pub(super) target: StatusList,
    /// The word for the status in the comments of list rows.
    pub(super) status_word: &'static str,
    /// The type of the bindings of the user's authorised devices.
    pub(super) binding_type: BindingType,
    /// The profile of the hotspot user.
    pub(super) profile: String,
}

/// Decides about `user` after `new_mb` more of usage. `None` when the used quota is no number.
pub(super) fn decide(
    user: &User,
    new_mb: Option<f64>,
    policy: &Policy,
    now: Timestamp,
) -> Option<Decision> {
    let before = user.access(now);
    // Usage of an unlimited user is not added up, as long as that lasts.
    let is_counted = !user.is_unlimited || before.is_expired;
    let used_mb = used_after(user, new_mb.filter(|_| is_counted))?;
    let account = Account {
        used_mb,
        ..user.account()
    };
    let block = account.sync_decision(&policy.debt_limit_mb)?;
    let blocked_reason = match block {
        SyncDecision::KeepFree | SyncDecision::KeepBlocked => user.blocked_reason.clone(),
        SyncDecision::Unblock => None,
        SyncDecision::Block => Some(format!(
            "quota_debt_limit|debt_mb={:.2}|limit_mb={}|source=sync_usage",
            account.sync_debt()?,
            policy.debt_limit_mb
        )),
    };
    let access = Access {
        is_blocked: block.is_blocked_after(),
        is_admitted: true,
        used_mb,
        ..before
    };
    let status = access.status(policy.fup_threshold_mb)?;
    let target = StatusList::of(&access, policy.fup_threshold_mb)?;
    let after = Account {
        is_blocked: access.is_blocked,
        blocked_reason: blocked_reason.as_deref(),
        ..account
    };
    Some(Decision {
        is_blocked: access.is_blocked,
        binding_type: after.binding_type(policy.bypass.contains(&status)),
        offset_mb: account.offset_after_sync()?,
        used_mb,
        target,
        status_word: match status {
            AccessStatus::Unlimited => "unlimited",
            _ => target.word(),
        },
        profile: policy.profiles.of(status).to_owned(),
        blocked_reason,
    })
}

impl Decision {
    /// The columns of `users` that change, but for the profile, which the router must take first.
    pub(super) fn columns(&self, user: &User) -> Vec<ColumnChange> {
        use ColumnValue::{Decimal, Truth, Whole};
        let mut changes = Vec::new();
        note(
            &mut changes,
            "is_blocked",
            Truth(user.is_blocked),
            Truth(self.is_blocked),
        );
        note(
            &mut changes,
            "blocked_reason",
            (&user.blocked_reason).into(),
            (&self.blocked_reason).into(),
        );
        note(
            &mut changes,
            "auto_debt_offset_mb",
            Whole(user.offset_mb),
            Whole(self.offset_mb),
        );
        note(
            &mut changes,
            "total_quota_used_mb",
            Decimal(user.used_mb),
            Decimal(self.used_mb),
        );
        changes
    }
}

/// The used quota with what is new in this run; less than a hundredth of a megabyte is not added.
fn used_after(user: &User, new_mb: Option<f64>) -> Option<f64> {
    const LEAST_MB: f64 = 0.01;
    let Some(new_mb) = new_mb else {
        return Some(user.used_mb);
    };
    let used = debt::to_hundredths(user.used_mb + new_mb)?;
    let is_more = (used - user.used_mb).abs() >= LEAST_MB;
    Some(if is_more { used } else { user.used_mb })
}
