//! Who is blocked: why, and what the portal's usage sync will do next.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{FromPrimitive, Zero};

use super::debt;
use super::number::strip;

/// What a `users` row says about blocking and quota.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account<'row> {
    /// `users.role`: USER, KOMANDAN, ADMIN or SUPER_ADMIN.
    pub role: &'row str,
    /// `users.is_blocked`.
    pub is_blocked: bool,
    /// `users.blocked_reason`.
    pub blocked_reason: Option<&'row str>,
    /// `users.is_unlimited_user`.
    pub is_unlimited: bool,
    /// `users.total_quota_used_mb`.
    pub used_mb: f64,
    /// `users.total_quota_purchased_mb`.
    pub purchased_mb: i64,
    /// `users.auto_debt_offset_mb`.
    pub offset_mb: i64,
}

impl Account<'_> {
    /// The debt the sync compares with the limit, in MB: none for a KOMANDAN and for an unlimited
    /// user. `None` when the used quota is not a number.
    #[must_use]
    pub fn sync_debt(&self) -> Option<f64> {
        if self.is_exempt() {
            return Some(0.0);
        }
        debt::automatic_debt(self.used_mb, self.purchased_mb, self.offset_mb)
    }

    /// What the usage sync decides about this account under `limit_mb` (0 or less: no limit).
    /// The sync only looks at active, approved users with a local number; that is the caller's test.
    ///
    /// `None` when the used quota is not a number.
    #[must_use]
    pub fn sync_decision(&self, limit_mb: &BigInt) -> Option<SyncDecision> {
        let over = !self.is_exempt() && reaches(self.sync_debt()?, limit_mb)?;
        Some(match (self.is_blocked, over) {
            (true, true) => SyncDecision::KeepBlocked,
            (true, false) if self.has_automatic_block() => SyncDecision::Unblock,
            (true, false) => SyncDecision::KeepBlocked,
            (false, true) => SyncDecision::Block,
            (false, false) => SyncDecision::KeepFree,
        })
    }

    /// The offset after the sync: a user whom the limit does not reach is forgiven every debt of a
    /// megabyte or more, so that losing that status makes no debt at once. `None` when the used
    /// quota is not a number.
    #[must_use]
    pub fn offset_after_sync(&self) -> Option<i64> {
        const LEAST_MB: f64 = 1.0;
        if !self.used_mb.is_finite() {
            return None;
        }
        let debt = self.used_mb - self.purchased_mb as f64 - self.offset_mb as f64;
        if !self.is_exempt() || debt < LEAST_MB {
            return Some(self.offset_mb);
        }
        Some(self.offset_mb.saturating_add(debt.ceil() as i64))
    }

    /// The type the user's ip-bindings should have; `may_bypass` says whether the access status is
    /// one of those that pass the hotspot without login (`HOTSPOT_BYPASS_STATUSES`).
    #[must_use]
    pub fn binding_type(&self, may_bypass: bool) -> BindingType {
        match (self.is_blocked, may_bypass) {
            (true, _) if !self.has_automatic_block() => BindingType::Blocked,
            (false, true) => BindingType::Bypassed,
            _ => BindingType::Regular,
        }
    }

    /// Whether the limit never applies to this account.
    fn is_exempt(&self) -> bool {
        self.is_unlimited || self.role == "KOMANDAN"
    }

    fn has_automatic_block(&self) -> bool {
        BlockReason::of(self.blocked_reason) == BlockReason::DebtLimit
    }
}

/// Whether a debt has reached a limit; a limit of 0 or less is none. `None` when the debt is not a
/// number. A limit is whole, so the whole megabytes of the debt decide, whatever their size.
#[must_use]
pub fn reaches(debt_mb: f64, limit_mb: &BigInt) -> Option<bool> {
    let whole = BigInt::from_f64(debt_mb.floor())?;
    Some(*limit_mb > BigInt::zero() && whole >= *limit_mb)
}

/// Who or what set a block, by the beginning of `users.blocked_reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockReason {
    /// The automatic debt limit; the sync takes this block away when its cause is gone.
    DebtLimit,
    /// Manual debt at the end of a month; ends by hand or by settling.
    EndOfMonth,
    /// A debt past its due date; ends by hand or by settling.
    Overdue,
    /// Anything else: an administrator.
    Manual,
}

impl BlockReason {
    /// Reads a reason: trimmed, in lower case, by its beginning up to the first `|`.
    #[must_use]
    pub fn of(reason: Option<&str>) -> BlockReason {
        const BEGINNINGS: [(&str, BlockReason); 5] = [
            ("quota_debt_limit|", BlockReason::DebtLimit),
            ("quota_auto_debt_limit|", BlockReason::DebtLimit),
            ("quota_manual_debt_end_of_month|", BlockReason::EndOfMonth),
            ("quota_debt_end_of_month|", BlockReason::EndOfMonth),
            ("tunggakan_overdue|", BlockReason::Overdue),
        ];
        let reason = strip(reason.unwrap_or_default()).to_lowercase();
        BEGINNINGS
            .iter()
            .find(|(beginning, _)| reason.starts_with(beginning))
            .map_or(BlockReason::Manual, |&(_, kind)| kind)
    }

    /// A word for reports: `debt-limit`, `end-of-month`, `overdue` or `manual`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            BlockReason::DebtLimit => "debt-limit",
            BlockReason::EndOfMonth => "end-of-month",
            BlockReason::Overdue => "overdue",
            BlockReason::Manual => "manual",
        }
    }
}

/// What the usage sync does with a user's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncDecision {
    /// Not blocked, and stays so.
    KeepFree,
    /// Becomes blocked: the debt has reached the limit.
    Block,
    /// Blocked, and stays so.
    KeepBlocked,
    /// An automatic block whose cause is gone is taken away.
    Unblock,
}

impl SyncDecision {
    /// Whether the user is blocked after the sync.
    #[must_use]
    pub fn is_blocked_after(self) -> bool {
        matches!(self, SyncDecision::Block | SyncDecision::KeepBlocked)
    }

    /// A word for scripts: `keep-free`, `block`, `keep-blocked` or `unblock`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            SyncDecision::KeepFree => "keep-free",
            SyncDecision::Block => "block",
            SyncDecision::KeepBlocked => "keep-blocked",
            SyncDecision::Unblock => "unblock",
        }
    }
}

/// The type of an ip-binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingType {
    /// No traffic at all.
    Blocked,
    /// Traffic after login.
    Regular,
    /// Traffic without login.
    Bypassed,
}

impl BindingType {
    /// The type of a setting's word, blanks and capitals forgiven.
    #[must_use]
    pub fn of(word: &str) -> Option<BindingType> {
        let word = strip(word).to_lowercase();
        let types = [Self::Blocked, Self::Regular, Self::Bypassed];
        types.into_iter().find(|kind| kind.word() == word)
    }

    /// The word the router uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            BindingType::Blocked => "blocked",
            BindingType::Regular => "regular",
            BindingType::Bypassed => "bypassed",
        }
    }

    /// The word with which the portal begins the comment of a binding of this type.
    #[must_use]
    pub fn word_in_comments(self) -> &'static str {
        match self {
            BindingType::Blocked => "blocked",
            BindingType::Regular => "managed",
            BindingType::Bypassed => "authorized",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Account<'static> = Account {
        role: "USER",
        is_blocked: false,
        blocked_reason: None,
        is_unlimited: false,
        used_mb: 600.0,
        purchased_mb: 0,
        offset_mb: 0,
    };
    const BLOCKED: Account<'static> = Account {
        is_blocked: true,
        ..FREE
    };
    const AUTOMATIC: Option<&str> =
        Some("quota_debt_limit|debt_mb=600.00|limit_mb=500|source=sync_usage");

    /// `cases`: an account, the limit, what the sync decides.
    fn check(cases: &[(Account<'_>, i64, SyncDecision)]) {
        for (account, limit, expected) in cases {
            let decision = account.sync_decision(&(*limit).into());
            assert_eq!(decision, Some(*expected), "{account:?}, {limit}");
        }
    }

    #[test]
    fn the_sync_blocks_at_the_limit_and_counts_the_offset() {
        use SyncDecision::{Block, KeepFree};
        #[rustfmt::skip]
        let cases = [
            (FREE, 500, Block),
            (Account { offset_mb: 200, ..FREE }, 500, KeepFree),
            (Account { offset_mb: 50, ..FREE }, 500, Block),
            (Account { used_mb: 500.0, ..FREE }, 500, Block),
            (Account { used_mb: 499.99, ..FREE }, 500, KeepFree),
            (Account { role: "ADMIN", ..FREE }, 500, Block),
            (Account { role: "KOMANDAN", ..FREE }, 500, KeepFree),
            (Account { is_unlimited: true, ..FREE }, 500, KeepFree),
            (FREE, 0, KeepFree),
            (FREE, -500, KeepFree),
        ];
        check(&cases);
    }

    #[test]
    fn the_sync_takes_away_automatic_blocks_only() {
        use SyncDecision::{KeepBlocked, Unblock};
        let shouted = Some(" QUOTA_AUTO_DEBT_LIMIT|x");
        let overdue = Some("tunggakan_overdue|debt_mb=1024|due=2026-01-31|days_overdue=3");
        let lapsed = Account {
            used_mb: 100.0,
            ..BLOCKED
        };
        let owing = Account {
            blocked_reason: AUTOMATIC,
            ..BLOCKED
        };
        #[rustfmt::skip]
        let cases = [
            (Account { blocked_reason: AUTOMATIC, ..lapsed }, 500, Unblock),
            (Account { blocked_reason: shouted, ..lapsed }, 500, Unblock),
            (Account { blocked_reason: overdue, ..lapsed }, 500, KeepBlocked),
            (lapsed, 500, KeepBlocked),
            (owing, 500, KeepBlocked),
            (owing, 0, Unblock),
            (Account { role: "KOMANDAN", ..owing }, 500, Unblock),
            (Account { is_unlimited: true, ..owing }, 500, Unblock),
        ];
        check(&cases);
    }

    #[test]
    fn a_limit_beyond_64_bits_is_a_limit() {
        let limit: BigInt = "99999999999999999999".parse().unwrap();
        assert_eq!(FREE.sync_decision(&limit), Some(SyncDecision::KeepFree));
    }

    #[test]
    fn a_debt_reaches_its_limit_by_equality() {
        assert_eq!(reaches(500.0, &500.into()), Some(true));
        assert_eq!(reaches(499.99, &500.into()), Some(false));
        assert_eq!(reaches(500.0, &0.into()), Some(false));
        assert_eq!(reaches(0.0, &(-500).into()), Some(false));
        assert_eq!(reaches(f64::NAN, &500.into()), None);
    }

    #[test]
    fn an_account_whose_usage_is_no_number_is_not_decided() {
        let broken = Account {
            used_mb: f64::NAN,
            ..FREE
        };
        assert_eq!(broken.sync_decision(&500.into()), None);
    }

    #[test]
    fn reasons_are_known_by_their_beginning() {
        let cases = [
            (AUTOMATIC, BlockReason::DebtLimit),
            (
                Some("QUOTA_DEBT_LIMIT|debt_mb=700.00"),
                BlockReason::DebtLimit,
            ),
            (
                Some("\u{1f} quota_auto_debt_limit|"),
                BlockReason::DebtLimit,
            ),
            (
                Some("quota_manual_debt_end_of_month|debt_mb=5"),
                BlockReason::EndOfMonth,
            ),
            (Some("quota_debt_end_of_month|"), BlockReason::EndOfMonth),
            (Some("tunggakan_overdue|debt_mb=1"), BlockReason::Overdue),
            (Some("quota_debt_limit"), BlockReason::Manual),
            (Some("see quota_debt_limit|"), BlockReason::Manual),
            (Some("manual admin block"), BlockReason::Manual),
            (Some(""), BlockReason::Manual),
            (None, BlockReason::Manual),
        ];
        for (reason, expected) in cases {
            assert_eq!(BlockReason::of(reason), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_binding_is_blocked_by_a_hard_block_only() {
        assert_eq!(BLOCKED.binding_type(true), BindingType::Blocked);
        let soft = Account {
            blocked_reason: AUTOMATIC,
            ..BLOCKED
        };
        assert_eq!(soft.binding_type(true), BindingType::Regular);
        assert_eq!(FREE.binding_type(true), BindingType::Bypassed);
        assert_eq!(FREE.binding_type(false), BindingType::Regular);
    }
}
