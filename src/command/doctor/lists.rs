//! The names of the portal's lists: does the router have lists by these names?

use routeros_api::Print;

use portal::list_name::{Census, DoubtedName, ListKind, ListName, ListRow};
use scripting::host::settings::PortalSettings;
use sentences::{
    DoctorListsDoubted, DoctorListsDoubtedAdvice, DoctorListsKnown, DoctorListsSet,
    DoctorListsUnreadAdvice,
};
use session::Session;
use session::probe::Check;
use session::said_whole;

const ID: &str = "router-lists";
const MENU: &str = "/ip/firewall/address-list";

/// Looks for names that nobody set and that the router does not know. Nothing is said where
/// database or router cannot be used: their own checks do.
pub async fn check(session: &Session) -> Option<Check> {
    let database = session.database().await.ok()?;
    let settings = PortalSettings::of(session.site());
    let settings = settings.read(&database).await.ok()?;
    let router = session.router(None).await.ok()?;
    let names = ListKind::ALL.map(|kind| ListName::of(kind, &settings));
    if names.iter().all(|name| name.is_given) {
        return Some(Check::pass(ID, DoctorListsSet));
    }
    let rows = match router
        .rows(&Print::new(MENU).fields(["list", "comment", "disabled"]))
        .await
    {
        Ok(rows) => rows,
        Err(error) => {
            return Some(Check::unknown(
                ID,
                said_whole(&error),
                DoctorListsUnreadAdvice,
            ));
        }
    };
    let mut census = Census::default();
    for row in rows.iter() {
        let text = |field| String::from_utf8_lossy(row.get(field).unwrap_or_default()).into_owned();
        census.add(ListRow {
            list: &text("list"),
            comment: &text("comment"),
            is_disabled: text("disabled") == "true",
        });
    }
    Some(of_doubts(&census.doubts(&names)))
}

fn of_doubts(doubts: &[DoubtedName]) -> Check {
    let Some(first) = doubts.first() else {
        return Check::pass(ID, DoctorListsKnown);
    };
    let names: Vec<&str> = doubts.iter().map(|doubt| doubt.name.as_str()).collect();
    let evidence = DoctorListsDoubted {
        names: names.join(", "),
        found: first.found.join(", "),
    };
    let settings: Vec<String> = doubts
        .iter()
        .map(|doubt| {
            let name = doubt.likely.as_deref().unwrap_or("…");
            format!("{}={name}", doubt.kind.setting())
        })
        .collect();
    let advice = DoctorListsDoubtedAdvice {
        settings: settings.join(" "),
    };
    Check::warn(ID, evidence, advice)
}
