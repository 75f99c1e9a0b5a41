//! What became of a user's last payment.

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;
use jiff::{SignedDuration, Timestamp};

use crate::setting::Settings;

/// The portal writes what it gave into its ledger within this time after the payment.
const WRITTEN_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// A row of `transactions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// `midtrans_order_id`.
    pub order_id: String,
    /// `amount`, in rupiah.
    pub amount_rp: i64,
    /// `status`.
    pub status: String,
    /// `payment_time`.
    pub paid_at: Option<Timestamp>,
    /// `expiry_time`, until which it can be paid.
    pub expires_at: Option<Timestamp>,
    /// `created_at`.
    pub begun_at: Option<Timestamp>,
}

/// A row of `quota_mutation_ledger`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// `source`.
    pub source: String,
    /// `idempotency_key` and `event_details`, one after the other.
    pub details: String,
    /// `created_at`.
    pub at: Option<Timestamp>,
}

/// What an entry of the ledger gives for money: its other sources are usage, corrections by hand and blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credit {
    /// The quota of a package.
    Package,
    /// The same, written afterwards for a payment from before the ledger.
    ImportedPackage,
    /// Debts that were paid.
    Debts,
}

/// The last payment of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// `transactions.midtrans_order_id`.
    pub order_id: String,
    /// `transactions.amount`, in rupiah.
    pub amount_rp: i64,
    /// When it was paid, or else begun.
    pub at: Option<Timestamp>,
    /// What became of it.
    pub state: PaymentState,
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Paid, and the quota was given.
    Credited,
    /// Paid, and no quota was given.
    NotCredited,
    /// Not paid yet.
    Pending,
    /// The time to pay has passed.
    Expired,
    /// Refused.
    Failed,
}

impl Payment {
    /// What became of one transaction of a user by the user's entries in the ledger; `None` for the
    /// ledger where it cannot be read: then what was paid counts as given.
    ///
    /// The portal forgets its ledger after `QUOTA_MUTATION_LEDGER_RETENTION_DAYS`, so that nothing is
    /// missed of older payments.
    #[must_use]
    pub fn of(
        transaction: &Transaction,
        ledger: Option<&[LedgerEntry]>,
        settings: &Settings,
        now: Timestamp,
    ) -> Payment {
        let at = transaction.paid_at.or(transaction.begun_at);
        let is_credited = || {
            let Some(ledger) = ledger.filter(|_| is_remembered(at, settings, now)) else {
                return true;
            };
            ledger.iter().any(|entry| entry.gives(transaction))
        };
        let is_over = transaction.expires_at.is_some_and(|until| until < now);
        let state = match transaction.status.trim().to_uppercase().as_str() {
            "SUCCESS" if is_credited() => PaymentState::Credited,
            "SUCCESS" => PaymentState::NotCredited,
            "PENDING" | "UNKNOWN" if !is_over => PaymentState::Pending,
            "PENDING" | "UNKNOWN" | "EXPIRED" => PaymentState::Expired,
            _ => PaymentState::Failed,
        };
        Payment {
            order_id: transaction.order_id.clone(),
            amount_rp: transaction.amount_rp,
            at,
            state,
        }
    }

    /// Of a user's payments, the newest first, the one that says most about the user's access: one that
    /// was paid and not credited, else the newest that is paid or can still be, else the newest.
    #[must_use]
    pub fn weightiest(payments: &[Payment]) -> Option<&Payment> {
        let mut all = payments.iter();
        let of_state = |states: &[PaymentState]| {
            let mut payments = payments.iter();
            payments.find(|payment| states.contains(&payment.state))
        };
        of_state(&[PaymentState::NotCredited])
            .or_else(|| of_state(&[PaymentState::Credited, PaymentState::Pending]))
            .or_else(|| all.next())
    }
}

impl Credit {
    /// Every `quota_mutation_ledger.source` that gives something for money.
    const SOURCES: [(&str, Credit); 3] = [
        ("quota.purchase_package", Credit::Package),
        ("quota.purchase_package.imported", Credit::ImportedPackage),
        ("transactions.debt_settlement_success", Credit::Debts),
    ];

    /// What an entry of this source gives, if anything.
    #[must_use]
    pub fn of(source: &str) -> Option<Credit> {
        let mut sources = Credit::SOURCES.iter();
        let known = sources.find(|(known, _)| *known == source.trim())?;
        Some(known.1)
    }
}

impl LedgerEntry {
    /// Whether it says that what this payment was for was given: it names the order, or it gives something for
    /// money, names no order and was written right after the payment.
    fn gives(&self, transaction: &Transaction) -> bool {
        if !transaction.order_id.is_empty() && self.details.contains(&transaction.order_id) {
            return true;
        }
        let paid_and_written = transaction.paid_at.zip(self.at);
        Credit::of(&self.source).is_some()
            && !self.details.contains("order_id")
            && paid_and_written.is_some_and(|(paid, written)| {
                let after = written.duration_since(paid);
                !after.is_negative() && after <= WRITTEN_WITHIN
            })
    }
}

/// Whether the ledger must still know of a payment.
fn is_remembered(at: Option<Timestamp>, settings: &Settings, now: Timestamp) -> bool {
    const LEAST_DAYS: i64 = 30;
    const MOST_DAYS: i64 = 90;
    let days = settings.int("QUOTA_MUTATION_LEDGER_RETENTION_DAYS", &BigInt::from(90));
    let days = days.to_i64().unwrap_or(MOST_DAYS);
    let days = days.clamp(LEAST_DAYS, MOST_DAYS);
    at.is_some_and(|at| now.duration_since(at) < SignedDuration::from_hours(days * 24))
}

impl PaymentState {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PaymentState::Credited => "credited",
            PaymentState::NotCredited => "not_credited",
            PaymentState::Pending => "pending",
            PaymentState::Expired => "expired",
            PaymentState::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn transaction(status: &str, paid: Option<&str>, expires: Option<&str>) -> Transaction {
        Transaction {
            order_id: "HS-77".into(),
            amount_rp: 50_000,
            status: status.into(),
            paid_at: paid.map(time),
            expires_at: expires.map(time),
            begun_at: Some(time("2026-11-27T09:00:00Z")),
        }
    }

    fn entry(source: &str, details: &str, at: &str) -> LedgerEntry {
        LedgerEntry {
            source: source.into(),
            details: details.into(),
            at: Some(time(at)),
        }
    }

    fn state(transaction: &Transaction, ledger: Option<&[LedgerEntry]>) -> PaymentState {
        let settings = Settings::new(HashMap::new(), BTreeMap::new(), None);
        Payment::of(transaction, ledger, &settings, time("2026-11-27T10:00:00Z")).state
    }

    #[test]
    fn what_is_paid_is_credited_where_the_ledger_says_so_or_cannot_say() {
        let paid = transaction("SUCCESS", Some("2026-11-27T09:05:00Z"), None);
        for (ledger, expected) in [
            (None, PaymentState::Credited),
            (Some(vec![]), PaymentState::NotCredited),
            (
                Some(vec![entry(
                    "quota.purchase_package",
                    r#"{"order_id":"HS-77"}"#,
                    "2026-11-27T09:05:01Z",
                )]),
                PaymentState::Credited,
            ),
            (
                Some(vec![entry(
                    "quota.purchase_package",
                    r#"{"order_id":"HS-78"}"#,
                    "2026-11-27T09:05:01Z",
                )]),
                PaymentState::NotCredited,
            ),
            (
                Some(vec![entry(
                    "quota.purchase_package",
                    "",
                    "2026-11-27T09:06:00Z",
                )]),
                PaymentState::Credited,
            ),
            (
                Some(vec![entry(
                    "quota.purchase_package",
                    "",
                    "2026-11-27T09:04:00Z",
                )]),
                PaymentState::NotCredited,
            ),
            // Debts are paid for like packages, and an old payment may be written afterwards.
            (
                Some(vec![entry(
                    "transactions.debt_settlement_success",
                    "HS-77",
                    "2026-11-27T09:06:00Z",
                )]),
                PaymentState::Credited,
            ),
            (
                Some(vec![entry(
                    "quota.purchase_package.imported",
                    "import:HS-77",
                    "2026-11-27T09:55:00Z",
                )]),
                PaymentState::Credited,
            ),
            // What gives nothing for money: a correction by hand, a source that only looks like one.
            (
                Some(vec![
                    entry("quota.adjust_direct", "", "2026-11-27T09:06:00Z"),
                    entry("quota.purchase_reverted", "", "2026-11-27T09:06:00Z"),
                ]),
                PaymentState::NotCredited,
            ),
        ] {
            assert_eq!(state(&paid, ledger.as_deref()), expected, "{ledger:?}");
        }
        let long_ago = transaction("SUCCESS", Some("2026-08-01T00:00:00Z"), None);
        assert_eq!(state(&long_ago, Some(&[])), PaymentState::Credited);
    }

    #[test]
    fn what_is_not_paid_waits_until_its_time_is_over() {
        for (status, expires, expected) in [
            ("PENDING", None, PaymentState::Pending),
            (
                "PENDING",
                Some("2026-11-27T10:00:01Z"),
                PaymentState::Pending,
            ),
            (
                "PENDING",
                Some("2026-11-27T09:59:59Z"),
                PaymentState::Expired,
            ),
            ("expired", None, PaymentState::Expired),
            ("FAILED", None, PaymentState::Failed),
            ("CANCELLED", None, PaymentState::Failed),
        ] {
            let waiting = transaction(status, None, expires);
            assert_eq!(state(&waiting, Some(&[])), expected, "{status} {expires:?}");
        }
    }

    #[test]
    fn a_payment_that_was_not_credited_says_most_then_the_newest_that_counts() {
        use PaymentState::{Credited, Expired, Failed, NotCredited, Pending};
        for (states, expected) in [
            (vec![Expired, Credited, NotCredited], 2),
            (vec![Expired, Pending, Credited], 1),
            (vec![Expired, Credited, Pending], 1),
            (vec![Failed, Expired], 0),
        ] {
            let settings = Settings::new(HashMap::new(), BTreeMap::new(), None);
            let one = Payment::of(
                &transaction("FAILED", None, None),
                None,
                &settings,
                time("2026-11-27T10:00:00Z"),
            );
            let payments: Vec<Payment> = states
                .iter()
                .map(|state| Payment {
                    state: *state,
                    ..one.clone()
                })
                .collect();
            assert_eq!(
                Payment::weightiest(&payments),
                Some(&payments[expected]),
                "{states:?}"
            );
        }
        assert_eq!(Payment::weightiest(&[]), None);
    }
}
