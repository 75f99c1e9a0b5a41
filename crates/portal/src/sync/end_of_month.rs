//! What the portal's hourly task does about manual debts at the end of a month, if it runs now.

use std::collections::HashMap;

use super::debt_block::{DebtBlock, ShuttingOut, Words, columns, may_be_blocked_for_debts};
use super::policy::Policy;
use super::prepared::Prepared;
use super::state::{Site, User};
use crate::package::Package;
use crate::user_id::UserId;

/// The local hour from which on the task blocks, on the last day of a month.
const HOUR: i8 = 23;

/// What the task at the end of a month reads beside the site.
#[derive(Clone, Debug, Default)]
pub struct ManualDebts {
    /// `users.manual_debt_mb`, where it is more than 0.
    pub by_user: HashMap<UserId, i64>,
    /// The rows of `packages`, by which a debt is estimated.
    pub packages: Vec<Package>,
}

/// What the block at the end of a month does if it begins at `site.now`, provided that the warnings
/// that it sends before reach everybody: a user whom its message does not reach is not blocked in
/// that hour. `None` before 23:00 of the last day of a month, by the site's clock. While the
/// operations are switched off it blocks all the same, but for the hotspot users.
#[must_use]
pub fn next_end_of_month_block(site: &Site, debts: &ManualDebts) -> Option<DebtBlock> {
    let now = site.now.to_zoned_datetime(site.time_zone.clone());
    if now.day() != now.days_in_month() || now.hour() < HOUR {
        return None;
    }
    let policy = Policy::read(&site.settings);
    let prepared = Prepared::new(site, &policy);
    let words = Words {
        hotspot_user: "quota-debt-eom",
        row: "manual-debt-eom",
    };
    let mut task = ShuttingOut::begin(&prepared, words);
    let mut users = Vec::new();
    for user in site
        .users
        .iter()
        .filter(|user| may_be_blocked_for_debts(user))
    {
        let manual = debts.by_user.get(&user.id).copied().unwrap_or(0);
        let Some(reason) = reason(user, manual, &debts.packages) else {
            continue;
        };
        users.push((user.id, columns(user, reason)));
        if policy.helpers_write {
            task.shut_hotspot_user(user);
        }
        task.block_devices(user);
    }
    Some(task.end(users))
}

/// Why a user with `manual_mb` of manual debt is blocked; `None` where there is none, and where the
/// used quota is no number.
fn reason(user: &User, manual_mb: i64, packages: &[Package]) -> Option<String> {
    if manual_mb <= 0 {
        return None;
    }
    let total = user.account().sync_debt()? + manual_mb as f64;
    let package = Package::for_debt(packages, total);
    let estimate = package.and_then(|package| package.price_of(total));
    let estimate = estimate.map_or_else(String::new, |rupiah| format!("|estimated_rp={rupiah}"));
    let name = package.map_or("-", |package| package.name.as_str());
    let total = total.round_ties_even();
    Some(format!(
        "quota_manual_debt_end_of_month|debt_mb={total:.0}|manual_debt_mb={manual_mb}{estimate}|base_pkg={name}"
    ))
}
