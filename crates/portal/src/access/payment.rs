//! What became of a user's last payment.

use jiff::Timestamp;

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
