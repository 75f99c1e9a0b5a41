//! The page of `explain`, where its words matter.

use crate::support::router::Router;
use crate::support::sqlite;
use crate::support::tikbook::Tikbook;

/// The portal writes a debt of 1 MB for an unlimited package, and its price.
#[test]
fn an_unlimited_package_is_shown_by_its_price_and_not_as_a_megabyte() {
    let database = sqlite::database_with_schema();
    database.execute(
        "INSERT INTO users (id, phone_number, full_name, is_active, approval_status, is_blocked, blocked_reason, \
         manual_debt_mb) VALUES ('00000000-0000-4000-8000-000000000001', '+6281200000001', 'Siti', true, 'APPROVED', \
         true, 'tunggakan_overdue|x', 1)",
    );
    database.execute(
        "INSERT INTO user_quota_debts (id, user_id, amount_mb, paid_mb, is_paid, debt_date, due_date, price_rp, note) \
         VALUES ('30000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 1, 0, false, \
         '2026-04-01', '2026-04-30', 150000, 'Paket: Unlimited')",
    );
    let router = Router::with("{}");
    let tikbook = router.tikbook(Tikbook::new());
    let page = tikbook
        .env("DATABASE_URL", database.url())
        .args(["explain", "081200000001"])
        .run()
        .code(0);
    assert!(
        page.stdout.contains("an unlimited package for Rp 150000"),
        "{page}"
    );
    assert!(!page.stdout.contains(" 1 MB"), "{page}");
}

/// Whom an answer would be for is not known: the page says so, and does not fall silent.
#[test]
fn a_reply_to_nobody_or_to_several_says_that_there_is_none() {
    for (who, said) in [
        ("0812555010", "users are known by this"),
        ("nobody at all", "no user is known by this"),
    ] {
        let page = Tikbook::new()
            .args(["--site", "demo", "explain", who, "--reply"])
            .run()
            .code(0);
        assert!(page.stdout.contains(said), "{page}");
    }
}
