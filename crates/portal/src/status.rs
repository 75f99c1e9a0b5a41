//! The access status of a user, as the portal and its pages show it.

use super::debt;

/// The seven statuses, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessStatus {
    /// Blocked by hand or automatically.
    Blocked,
    /// Not active, not approved, or nobody.
    Inactive,
    /// The quota's time is over.
    Expired,
    /// No quota is counted.
    Unlimited,
    /// Nothing is left ("habis").
    Habis,
    /// Little is left: slowed down by the fair usage policy.
    Fup,
    /// All is well.
    Active,
}

impl AccessStatus {
    /// Every status, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::Blocked,
        Self::Inactive,
        Self::Expired,
        Self::Unlimited,
        Self::Habis,
        Self::Fup,
        Self::Active,
    ];

    /// The statuses that a setting such as `HOTSPOT_BYPASS_STATUSES` lists: words between commas,
    /// in brackets or not, each in quotes or not; `[]` is none. Words that name no status are left
    /// out.
    ///
    /// ```
    /// use portal::status::AccessStatus;
    /// assert_eq!(AccessStatus::listed("[\"fup\", \"vip\"]"), [AccessStatus::Fup]);
    /// ```
    #[must_use]
    pub fn listed(text: &str) -> Vec<Self> {
        let around: &[char] = &['[', ']', '"', '\'', ' ', '\t'];
        text.split(',')
            .map(|word| word.trim_matches(around).to_lowercase())
            .filter_map(|word| Self::of_word(&word))
            .collect()
    }

    /// The status of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The portal's word for the status.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AccessStatus::Blocked => "blocked",
            AccessStatus::Inactive => "inactive",
            AccessStatus::Expired => "expired",
            AccessStatus::Unlimited => "unlimited",
            AccessStatus::Habis => "habis",
            AccessStatus::Fup => "fup",
            AccessStatus::Active => "active",
        }
    }
}

/// What the status is decided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Access {
    /// `users.is_blocked`.
    pub is_blocked: bool,
    /// `users.is_active`, and `users.approval_status` is APPROVED.
    pub is_admitted: bool,
    /// `users.quota_expiry_date` lies before now; the same moment does not.
    pub is_expired: bool,
    /// `users.is_unlimited_user`.
    pub is_unlimited: bool,
    /// `users.total_quota_purchased_mb`.
    pub purchased_mb: i64,
    /// `users.total_quota_used_mb`.
    pub used_mb: f64,
}

impl Access {
    /// The status under a fair usage threshold in MB; 0 means the portal's 3072.
    /// The role plays no part. `None` when the used quota is not a number and would decide.
    ///
    /// ```
    /// use portal::status::{Access, AccessStatus};
    /// let access = Access { is_blocked: false, is_admitted: true, is_expired: false,
    ///                       is_unlimited: false, purchased_mb: 8192, used_mb: 7168.0 };
    /// assert_eq!(access.status(3072), Some(AccessStatus::Fup));
    /// ```
    #[must_use]
    pub fn status(&self, fup_threshold_mb: i64) -> Option<AccessStatus> {
        if self.is_blocked {
            return Some(AccessStatus::Blocked);
        }
        if !self.is_admitted {
            return Some(AccessStatus::Inactive);
        }
        if self.is_expired {
            return Some(AccessStatus::Expired);
        }
        if self.is_unlimited {
            return Some(AccessStatus::Unlimited);
        }
        self.quota_status(fup_threshold_mb)
    }

    fn quota_status(&self, fup_threshold_mb: i64) -> Option<AccessStatus> {
        let threshold = fup_threshold(fup_threshold_mb);
        let remaining = debt::remaining(self.used_mb, self.purchased_mb)?;
        Some(if self.purchased_mb <= 0 || remaining <= 0.0 {
            AccessStatus::Habis
        } else if self.purchased_mb > threshold && remaining <= threshold as f64 {
            AccessStatus::Fup
        } else {
            AccessStatus::Active
        })
    }
}

/// The fair usage threshold in MB that a setting stands for: 0 means the portal's 3072. A negative
/// one stays: nothing is ever that little.
pub(super) fn fup_threshold(setting_mb: i64) -> i64 {
    const DEFAULT_THRESHOLD_MB: i64 = 3072;
    match setting_mb {
        0 => DEFAULT_THRESHOLD_MB,
        given => given,
    }
}

/// The access of somebody with whom all is well.
#[cfg(test)]
pub(super) const GOOD: Access = Access {
    is_blocked: false,
    is_admitted: true,
    is_expired: false,
    is_unlimited: false,
    purchased_mb: 8192,
    used_mb: 1024.0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_listed_with_brackets_or_without() {
        use AccessStatus::{Active, Fup, Unlimited};
        let three = [Active, Fup, Unlimited];
        for text in [
            "active,fup,unlimited",
            " Active , FUP ,unlimited",
            "[\"active\", 'fup', unlimited]",
        ] {
            assert_eq!(AccessStatus::listed(text), three, "{text}");
        }
        for text in ["", "[]", "vip", ","] {
            assert_eq!(AccessStatus::listed(text), [], "{text}");
        }
    }

    #[test]
    fn the_eight_agreed_cases_hold() {
        let cases = [
            (
                Access {
                    is_blocked: true,
                    ..GOOD
                },
                AccessStatus::Blocked,
            ),
            (
                Access {
                    is_admitted: false,
                    ..GOOD
                },
                AccessStatus::Inactive,
            ),
            (
                Access {
                    is_expired: true,
                    ..GOOD
                },
                AccessStatus::Expired,
            ),
            (
                Access {
                    used_mb: 8192.0,
                    ..GOOD
                },
                AccessStatus::Habis,
            ),
            (
                Access {
                    used_mb: 7168.0,
                    ..GOOD
                },
                AccessStatus::Fup,
            ),
            (GOOD, AccessStatus::Active),
            (
                Access {
                    is_unlimited: true,
                    ..GOOD
                },
                AccessStatus::Unlimited,
            ),
            (
                Access {
                    is_unlimited: true,
                    purchased_mb: 0,
                    ..GOOD
                },
                AccessStatus::Unlimited,
            ),
        ];
        for (access, expected) in cases {
            assert_eq!(access.status(3072), Some(expected), "{access:?}");
        }
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        let all = Access {
            is_blocked: true,
            is_admitted: false,
            is_expired: true,
            is_unlimited: true,
            ..GOOD
        };
        assert_eq!(all.status(3072), Some(AccessStatus::Blocked));
        let not_blocked = Access {
            is_blocked: false,
            ..all
        };
        assert_eq!(not_blocked.status(3072), Some(AccessStatus::Inactive));
        let admitted = Access {
            is_admitted: true,
            ..not_blocked
        };
        assert_eq!(admitted.status(3072), Some(AccessStatus::Expired));
    }

    #[test]
    fn fup_needs_more_bought_than_its_threshold() {
        let small = Access {
            purchased_mb: 3072,
            used_mb: 3000.0,
            ..GOOD
        };
        assert_eq!(small.status(3072), Some(AccessStatus::Active));
        assert_eq!(
            Access {
                used_mb: 5120.0,
                ..GOOD
            }
            .status(0),
            Some(AccessStatus::Fup)
        );
        assert_eq!(
            Access {
                used_mb: 5119.99,
                ..GOOD
            }
            .status(0),
            Some(AccessStatus::Active)
        );
        assert_eq!(
            Access {
                purchased_mb: 0,
                used_mb: -5.0,
                ..GOOD
            }
            .status(0),
            Some(AccessStatus::Habis)
        );
    }
}
