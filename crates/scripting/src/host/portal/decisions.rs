//! What the portal decides about a user: block, access status, status list, type of ip-bindings.

use jiff::Timestamp;
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT};

use super::super::call;
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::Row;
use super::users;
use super::{raise, text_or_unit, whole};
use portal::block::{Account, BindingType};
use portal::target::StatusList;

primitives! {
    _: () = plain sync_decision(Value, Value);
    _: () = plain access_status(Value, Value);
    _: () = plain status_list(Value, Value, Value);
    _: () = plain binding_type(Value, Value, Value);
}

/// What the portal decides about a user.
#[export_module]
pub mod decisions_module {
    use super::*;

    /// What the usage sync does with a user's block under a debt limit in MB (0 or less: none):
    /// `keep-free`, `block`, `keep-blocked` or `unblock`; `()` where the used quota is not a number.
    /// It only looks at active, approved users with a local number, which is not tested here.
    /// Fails with kind `invalid` if the limit is not a number or a column is missing.
    ///
    /// ```rhai
    /// let owing = portal::users(rows::from([#{ id: "", role: "ADMIN", total_quota_used_mb: 600 }]));
    /// assert_eq(portal::sync_decision(owing[0], 500), "block");
    /// assert_eq(portal::sync_decision(owing[0], 0), "keep-free");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sync_decision(
        context: NativeCallContext,
        user: Row,
        limit_mb: Dynamic,
    ) -> CallResult<Dynamic> {
        let decided = whole(&limit_mb)
            .and_then(|limit| users::of_account(&user, |account| account.sync_decision(&limit)));
        let word = decided.map_err(|error| raise(&context, error))?;
        Ok(text_or_unit(word.map(|decision| decision.word())))
    }

    /// The access status the portal shows for a user now: `blocked`, `inactive`, `expired`,
    /// `unlimited`, `habis`, `fup` or `active`; `()` where the used quota is not a number. The fair
    /// usage threshold is in MB; 0 stands for 3072.
    /// Fails with kind `invalid` if a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER", is_active: true,
    ///     approval_status: "APPROVED", total_quota_purchased_mb: 8192, total_quota_used_mb: 7168 }]));
    /// assert_eq(portal::access_status(users[0], 3072), "fup");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn access_status(
        context: NativeCallContext,
        user: Row,
        fup_threshold_mb: INT,
    ) -> CallResult<Dynamic> {
        let now = call::host(&context)?.now();
        let access = users::access(&user, now).map_err(|error| raise(&context, error))?;
        let status = access.and_then(|access| access.status(fup_threshold_mb));
        Ok(text_or_unit(status.map(|status| status.word())))
    }

    /// The status list that the usage sync puts a user's addresses on: `blocked`, `expired`, `habis`,
    /// `fup` or `active`, after its own decision about the block under a debt limit in MB. The fair
    /// usage threshold is in MB; 0 stands for 3072. `()` where the used quota is not a number.
    /// Fails with kind `invalid` if the limit is not a number or a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER",
    ///     total_quota_purchased_mb: 1024, total_quota_used_mb: 1600 }]));
    /// assert_eq(portal::status_list(users[0], 500, 0), "blocked");
    /// assert_eq(portal::status_list(users[0], 0, 0), "habis");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn status_list(
        context: NativeCallContext,
        user: Row,
        limit_mb: Dynamic,
        fup_threshold_mb: INT,
    ) -> CallResult<Dynamic> {
        let now = call::host(&context)?.now();
        let list = list_after_sync(&user, &limit_mb, fup_threshold_mb, now);
        let list = list.map_err(|error| raise(&context, error))?;
        Ok(text_or_unit(list.map(StatusList::word)))
    }

    /// The type the portal expects of a user's ip-bindings: `blocked` for a user who was blocked by
    /// hand or for overdue debt, `regular` for one the debt limit blocks, else `bypassed` where the
    /// access status is among `bypass` (HOTSPOT_BYPASS_STATUSES, by default active, fup and
    /// unlimited) and `regular` where it is not; `()` where the used quota is not a number. For the
    /// threshold see `portal::access_status`.
    /// Fails with kind `invalid` if a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER", is_active: true,
    ///     approval_status: "APPROVED", total_quota_purchased_mb: 8192, total_quota_used_mb: 0 }]));
    /// assert_eq(portal::binding_type(users[0], 3072, ["active", "fup", "unlimited"]), "bypassed");
    /// assert_eq(portal::binding_type(users[0], 3072, []), "regular");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn binding_type(
        context: NativeCallContext,
        user: Row,
        fup_threshold_mb: INT,
        bypass: Array,
    ) -> CallResult<Dynamic> {
        let raise = |error| raise(&context, error);
        let now = call::host(&context)?.now();
        let access = users::access(&user, now).map_err(raise)?;
        let Some(status) = access.and_then(|access| access.status(fup_threshold_mb)) else {
            return Ok(Dynamic::UNIT);
        };
        let is_bypassed = bypass.iter().any(|word| word.to_string() == status.word());
        let decide = |account: &Account<'_>| Some(account.binding_type(is_bypassed));
        let binding = users::of_account(&user, decide).map_err(raise)?;
        Ok(text_or_unit(binding.map(BindingType::word)))
    }
}

/// The list after the sync has decided about the block.
fn list_after_sync(
    user: &Row,
    limit_mb: &Dynamic,
    fup_threshold_mb: INT,
    now: Timestamp,
) -> Result<Option<StatusList>, HostError> {
    let limit = whole(limit_mb)?;
    let decision = users::of_account(user, |account| account.sync_decision(&limit))?;
    let access = users::access(user, now)?;
    Ok(decision.zip(access).and_then(|(decision, mut access)| {
        access.is_blocked = decision.is_blocked_after();
        StatusList::of(&access, fup_threshold_mb)
    }))
}
