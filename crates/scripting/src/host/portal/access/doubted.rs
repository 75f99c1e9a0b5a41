//! The lists of which nobody knows what is on them, as their names are missing.

use portal::list_name::{Census, ListKind, ListName, ListRow};
use portal::sync::Site;
use session::router::Print;

use super::super::super::error::HostError;
use super::super::super::readers::Routers;

/// The lists whose names nobody set and the router does not know, while lists of other names carry the
/// portal's comments. All lists of the router are read only where no row speaks for a name that is not set.
///
/// # Errors
/// The router could not be read.
pub async fn lists(routers: &Routers, site: &Site) -> Result<Vec<ListKind>, HostError> {
    let names = ListKind::ALL.map(|kind| ListName::of(kind, &site.settings));
    if names.iter().all(|name| name.is_given) {
        return Ok(Vec::new());
    }
    let mut census = Census::default();
    for row in &site.router.address_list {
        census.add(ListRow {
            list: &row.fields.list,
            comment: row.fields.comment.as_deref().unwrap_or_default(),
            is_disabled: row.fields.disabled.as_deref() == Some("true"),
        });
    }
    if census.unconfirmed(&names).next().is_none() {
        return Ok(Vec::new());
    }
    let fields = ["list", "comment", "disabled"].map(str::to_owned);
    let print = Print::new("/ip/firewall/address-list").fields(fields);
    let text = routers.text();
    let mut census = Census::default();
    for row in routers.open().await?.rows(&print).await?.iter() {
        let field = |name| row.get(name).map(|bytes| text.read(bytes).into_owned());
        census.add(ListRow {
            list: &field("list").unwrap_or_default(),
            comment: &field("comment").unwrap_or_default(),
            is_disabled: field("disabled").as_deref() == Some("true"),
        });
    }
    let doubts = census.doubts(&names);
    Ok(doubts.into_iter().map(|doubt| doubt.kind).collect())
}
