//! Quota debt: what a user used beyond what was bought, in MB with two decimals.

use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

/// The debt the portal's audit sees: used − purchased, never below zero, rounded half up to two
/// decimals. The offset and manual debt play no part in it.
///
/// `None` when `used_mb` is not finite (PostgreSQL's numeric can hold `NaN`).
///
/// ```
/// use portal::debt::audit_debt;
/// assert_eq!(audit_debt(1624.1, 1024), Some(600.1));
/// ```
#[must_use]
pub fn audit_debt(used_mb: f64, purchased_mb: i64) -> Option<f64> {
    beyond(used_mb, purchased_mb.into())
}

/// The debt the usage sync decides by: used − (purchased + offset), never below zero, rounded half
/// up to two decimals. Nothing for a KOMANDAN and for an unlimited user: see
/// [`block::Account::sync_debt`](super::block::Account::sync_debt).
///
/// `None` when `used_mb` is not finite.
#[must_use]
pub fn automatic_debt(used_mb: f64, purchased_mb: i64, offset_mb: i64) -> Option<f64> {
    beyond(used_mb, i128::from(purchased_mb) + i128::from(offset_mb))
}

/// What is left of the bought quota: purchased − used, never below zero, in MB. `None` when
/// `used_mb` is not finite.
#[must_use]
pub fn remaining(used_mb: f64, purchased_mb: i64) -> Option<f64> {
    let left = BigDecimal::from(purchased_mb) - decimal(used_mb)?;
    left.to_f64().map(|left| left.max(0.0))
}

/// `megabytes` with two decimals, half up. `None` when it is not finite.
pub(crate) fn to_hundredths(megabytes: f64) -> Option<f64> {
    decimal(megabytes)?
        .with_scale_round(2, RoundingMode::HalfUp)
        .to_f64()
}

/// `used − credit` where positive, in decimal, half up to two decimals.
fn beyond(used_mb: f64, credit_mb: i128) -> Option<f64> {
    if let Some(hundredths) = hundredths(used_mb) {
        let debt = i128::from(hundredths) - credit_mb * 100;
        return Some(debt.max(0) as f64 / 100.0);
    }
    let debt = decimal(used_mb)? - BigDecimal::from(credit_mb);
    if debt <= BigDecimal::zero() {
        return Some(0.0);
    }
    debt.with_scale_round(2, RoundingMode::HalfUp).to_f64()
}

/// `number` in hundredths where it has no more than two decimals, as the portal's column has: the
/// usual case, without decimals of any size.
fn hundredths(number: f64) -> Option<i64> {
    const LARGEST: f64 = 1e15;
    let hundredths = (number * 100.0).round();
    (hundredths.abs() < LARGEST && hundredths / 100.0 == number).then_some(hundredths as i64)
}

/// The decimal that `number` shows in its shortest text, so that 0.1 is a tenth.
fn decimal(number: f64) -> Option<BigDecimal> {
    if !number.is_finite() {
        return None;
    }
    BigDecimal::from_str(&number.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debt_is_what_was_used_beyond_what_was_bought() {
        let cases = [
            (600.0, 0, 600.0),
            (1024.0, 1024, 0.0),
            (974.0, 1024, 0.0),
            (-50.0, 0, 0.0),
            (0.0, -600, 600.0),
            (-50.0, -100, 50.0),
            (1523.99, 1024, 499.99),
            (10740.01, 10240, 500.01),
            (9_999_999_999_999.99, 0, 9_999_999_999_999.99),
            (1.0, i64::MAX, 0.0),
        ];
        for (used, purchased, debt) in cases {
            assert_eq!(
                audit_debt(used, purchased),
                Some(debt),
                "{used} of {purchased}"
            );
        }
    }

    #[test]
    fn halves_are_rounded_up_in_decimal() {
        // Binary arithmetic gives 1.00 and 0.28 here.
        assert_eq!(audit_debt(1.005, 0), Some(1.01));
        assert_eq!(audit_debt(0.285, 0), Some(0.29));
        assert_eq!(audit_debt(500.004, 0), Some(500.0));
        assert_eq!(audit_debt(499.995, 0), Some(500.0));
    }

    #[test]
    fn the_offset_counts_for_the_sync_only() {
        assert_eq!(audit_debt(600.0, 0), Some(600.0));
        assert_eq!(automatic_debt(600.0, 0, 200), Some(400.0));
        assert_eq!(automatic_debt(600.0, i64::MAX, i64::MAX), Some(0.0));
    }

    #[test]
    fn numbers_that_are_none_give_no_debt() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(audit_debt(number, 0), None);
            assert_eq!(remaining(number, 0), None);
        }
        assert!(audit_debt(f64::MAX, i64::MIN).is_some());
    }

    #[test]
    fn what_is_left_is_never_negative() {
        assert_eq!(remaining(7168.0, 8192), Some(1024.0));
        assert_eq!(remaining(9000.0, 8192), Some(0.0));
    }
}
