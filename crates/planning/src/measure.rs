//! How much changes are, counted before they are made.

use std::collections::BTreeMap;

use routeros_api::{Print, Query};

use super::error::ChangeError;
use plan::judged::Judged;
use plan::radius::{List, Radius};
use session::Session;

/// Counts what is to change, and the lists it is part of, as far as their `sizes` were not seen.
///
/// # Errors
/// A router cannot be asked.
pub async fn measure(
    session: &Session,
    radius: &mut Radius,
    (judged, sizes): (&[Judged], &BTreeMap<List, u64>),
) -> Result<(), ChangeError> {
    let changes = || {
        let going = judged.iter().filter(|judged| judged.goes_ahead());
        going.map(|judged| &judged.change)
    };
    for list in changes().filter_map(List::of) {
        if radius.lacks(&list) {
            let size = match sizes.get(&list) {
                Some(size) => *size,
                None => size_of(session, &list).await?,
            };
            radius.counted(list, size);
        }
    }
    radius.add(changes());
    Ok(())
}

async fn size_of(session: &Session, list: &List) -> Result<u64, ChangeError> {
    let router = session.router(list.router.as_deref()).await?;
    let mut print = Print::new(list.menu.path());
    if let Some(name) = &list.list {
        print = print.query(Query::equal("list", name));
    }
    Ok(router.count(&print).await?)
}
