//! The packages that users buy, as far as debts are estimated by them.

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, FromPrimitive, RoundingMode, ToPrimitive};

/// A row of `packages`.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// `name`.
    pub name: String,
    /// `is_active`.
    pub is_active: bool,
    /// `data_quota_gb`.
    pub quota_gb: BigDecimal,
    /// `price`, in rupiah.
    pub price_rp: i64,
}

impl Package {
    /// The package that a debt is estimated by: the smallest that covers it, else the largest; of
    /// equally large ones the cheapest. Only active ones with a quota and a price count.
    #[must_use]
    pub fn for_debt(packages: &[Package], debt_mb: f64) -> Option<&Package> {
        let mut known: Vec<&Package> = packages.iter().filter(|package| package.counts()).collect();
        known.sort_by(|one, other| {
            let by_quota = one.quota_gb.cmp(&other.quota_gb);
            by_quota.then(one.price_rp.cmp(&other.price_rp))
        });
        let debt = BigDecimal::from_f64(debt_mb)?;
        let covers = |package: &&&Package| &package.quota_gb * MB_PER_GB >= debt;
        known.iter().find(covers).or(known.last()).copied()
    }

    /// What a debt is worth at the price of this package: rounded half up to a rupiah, and then up to
    /// ten thousand. `None` where the package has no quota, or the debt is no number.
    ///
    /// ```
    /// use portal::package::Package;
    /// let package = Package { name: "10 GB".into(), is_active: true, quota_gb: 10.into(), price_rp: 100_000 };
    /// assert_eq!(package.price_of(2048.0), Some(20_000));
    /// assert_eq!(package.price_of(2049.0), Some(30_000));
    /// ```
    #[must_use]
    pub fn price_of(&self, debt_mb: f64) -> Option<i64> {
        const STEP: i64 = 10_000;
        if !self.counts() {
            return None;
        }
        let debt = BigDecimal::from_f64(debt_mb)?;
        let price = debt * self.price_rp / (&self.quota_gb * MB_PER_GB);
        let rupiah = price.with_scale_round(0, RoundingMode::HalfUp).to_i64()?;
        let steps = rupiah.max(0).checked_add(STEP - 1)? / STEP;
        steps.checked_mul(STEP)
    }

    fn counts(&self) -> bool {
        self.is_active && self.quota_gb.sign() == Sign::Plus && self.price_rp > 0
    }
}

const MB_PER_GB: i64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, quota_gb: i64, price_rp: i64) -> Package {
        Package {
            name: name.to_owned(),
            is_active: true,
            quota_gb: quota_gb.into(),
            price_rp,
        }
    }

    #[test]
    fn a_debt_is_estimated_by_the_smallest_package_that_covers_it() {
        let packages = [
            package("large", 10, 90_000),
            package("small dear", 2, 30_000),
            package("small", 2, 20_000),
            package("free", 5, 0),
            package("unlimited", 0, 200_000),
            Package {
                is_active: false,
                ..package("gone", 3, 1000)
            },
        ];
        let name = |debt_mb| Package::for_debt(&packages, debt_mb).map(|found| found.name.as_str());
        assert_eq!(name(2048.0), Some("small"));
        assert_eq!(name(2048.01), Some("large"));
        assert_eq!(
            name(99_999.0),
            Some("large"),
            "the largest, where none covers it"
        );
        assert_eq!(name(f64::NAN), None);
        assert!(Package::for_debt(&packages[3..], 1.0).is_none());
    }

    #[test]
    fn a_price_is_rounded_to_a_rupiah_before_it_is_rounded_up() {
        // A debt of 1024 MB at a package of 1 GB costs the package's price.
        let table = [(20_000, 20_000), (20_001, 30_000), (1, 10_000), (0, 0)];
        for (price, expected) in table {
            let package = package("one", 1, price.max(1));
            let debt = if price == 0 { 0.4 } else { 1024.0 };
            assert_eq!(package.price_of(debt), Some(expected), "{price}");
        }
    }
}
