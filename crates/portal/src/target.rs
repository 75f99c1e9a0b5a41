//! Where the usage sync puts a user's addresses on the router.

use super::debt;
use super::status::Access;

/// The status list that the sync puts a user's addresses on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusList {
    /// Blocked, whatever the quota says.
    Blocked,
    /// The quota's time is over.
    Expired,
    /// Nothing is left.
    Habis,
    /// Slowed down by the fair usage policy.
    Fup,
    /// All is well, or no quota is counted.
    Active,
}

impl StatusList {
    /// The list of a user under a fair usage threshold in MB; 0 means the portal's 3072.
    /// `access.is_blocked` is to hold what the sync has decided about the block. The sync puts
    /// nobody on the list `inactive`. `None` when the used quota is not a number and would decide.
    #[must_use]
    pub fn of(access: &Access, fup_threshold_mb: i64) -> Option<StatusList> {
        if access.is_blocked {
            return Some(StatusList::Blocked);
        }
        if access.is_expired {
            return Some(StatusList::Expired);
        }
        if access.is_unlimited {
            return Some(StatusList::Active);
        }
        let threshold = super::status::fup_threshold(fup_threshold_mb);
        let remaining = debt::remaining(access.used_mb, access.purchased_mb)?;
        Some(if remaining <= 0.0 {
            StatusList::Habis
        } else if access.purchased_mb > threshold && remaining <= threshold as f64 {
            StatusList::Fup
        } else {
            StatusList::Active
        })
    }

    /// A word for scripts: `blocked`, `expired`, `habis`, `fup` or `active`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StatusList::Blocked => "blocked",
            StatusList::Expired => "expired",
            StatusList::Habis => "habis",
            StatusList::Fup => "fup",
            StatusList::Active => "active",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::GOOD;
    use super::*;

    fn list(access: Access) -> Option<StatusList> {
        StatusList::of(&access, 0)
    }

    #[test]
    fn a_block_comes_before_the_quota() {
        let lapsed = Access {
            is_blocked: true,
            is_expired: true,
            ..GOOD
        };
        assert_eq!(list(lapsed), Some(StatusList::Blocked));
        let lapsed = Access {
            is_blocked: false,
            ..lapsed
        };
        assert_eq!(list(lapsed), Some(StatusList::Expired));
    }

    #[test]
    fn the_quota_decides_by_what_is_left() {
        let used = |used_mb| list(Access { used_mb, ..GOOD });
        assert_eq!(used(5119.99), Some(StatusList::Active));
        assert_eq!(used(5120.0), Some(StatusList::Fup));
        assert_eq!(used(8191.99), Some(StatusList::Fup));
        assert_eq!(used(8192.0), Some(StatusList::Habis));
        assert_eq!(used(f64::NAN), None);
        let unlimited = Access {
            is_unlimited: true,
            used_mb: f64::NAN,
            ..GOOD
        };
        assert_eq!(list(unlimited), Some(StatusList::Active));
    }

    #[test]
    fn nobody_is_put_among_the_inactive() {
        let inactive = Access {
            is_admitted: false,
            ..GOOD
        };
        assert_eq!(list(inactive), Some(StatusList::Active));
    }
}
