//! What the portal's daily task does about debts past their due date, if it runs now.

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;

use super::debt_block::{DebtBlock, ShuttingOut, Words, columns, may_be_blocked_for_debts};
use super::policy::Policy;
use super::prepared::Prepared;
use super::state::Site;
use crate::user_id::UserId;

/// What the overdue block does if it begins at `site.now`. It blocks active, approved, limited
/// users of role USER who are not blocked yet; nobody while it is switched off. Whom it blocks gets a
/// new password, unless the router lacks the profile for blocked users.
#[must_use]
pub fn next_overdue_block(site: &Site) -> DebtBlock {
    let policy = Policy::read(&site.settings);
    overdue_block(&Prepared::new(site, &policy))
}

/// The same on a site that other tasks are asked about as well.
pub(crate) fn overdue_block<'site>(prepared: &'site Prepared<'site>) -> DebtBlock {
    let site = prepared.site;
    if !prepared.policy.blocks_overdue {
        return DebtBlock::default();
    }
    let today = site.now.to_zoned_datetime(site.time_zone.clone()).date();
    let overdue = overdue_by_user(site, today);
    if overdue.is_empty() {
        return DebtBlock::default();
    }
    let words = Words {
        hotspot_user: "quota-debt-overdue",
        row: "debt-overdue",
    };
    let mut task = ShuttingOut::begin(prepared, words);
    let mut users = Vec::new();
    let mut new_passwords = Vec::new();
    for user in site
        .users
        .iter()
        .filter(|user| may_be_blocked_for_debts(user))
    {
        let Some(debt) = overdue.get(&user.id) else {
            continue;
        };
        users.push((user.id, columns(user, debt.reason(today))));
        if task.shut_hotspot_user(user) {
            new_passwords.push(user.id);
        }
        task.block_devices(user);
    }
    DebtBlock {
        new_passwords,
        ..task.end(users)
    }
}

/// The debts of a user that are past their due date.
struct Overdue {
    amount_mb: i64,
    earliest: Date,
}

impl Overdue {
    /// What is paid of a debt is not subtracted.
    fn reason(&self, today: Date) -> String {
        format!(
            "tunggakan_overdue|debt_mb={}|due={}|days_overdue={}",
            self.amount_mb,
            self.earliest,
            (today - self.earliest).get_days()
        )
    }
}

fn overdue_by_user(site: &Site, today: Date) -> HashMap<UserId, Overdue> {
    let mut overdue: HashMap<UserId, Overdue> = HashMap::new();
    for debt in site.debts.iter().filter(|debt| !debt.is_paid) {
        let Some(due) = debt.due.filter(|due| *due < today) else {
            continue;
        };
        let of_user = overdue.entry(debt.user_id).or_insert(Overdue {
            amount_mb: 0,
            earliest: due,
        });
        of_user.amount_mb = of_user.amount_mb.saturating_add(debt.amount_mb);
        of_user.earliest = of_user.earliest.min(due);
    }
    overdue
}
