//! Reading rows again: by their ids, by their natural keys, in one go.

use jiff::{SignedDuration, Timestamp};
use routeros_api::{Class, ClientError, Print, Rows};
use routeros_schema::Menu;

use plan::found::{Found, Wanted};
use plan::menu::seconds;
use session::RouterReader;

/// For more rows than this the whole menu is read: the router looks at all rows in either case.
const MOST_BY_QUERY: usize = 64;

/// Reads the wanted rows of `menu` with all their fields.
///
/// # Errors
/// As [`RouterReader::rows`]; part of an answer is never given as the answer.
pub async fn read(
    router: &RouterReader,
    menu: &Menu,
    wanted: &Wanted,
) -> Result<Found, ClientError> {
    let mut found = Found::new(menu);
    let count = wanted.count();
    if count == 0 && !wanted.all {
        return Ok(found);
    }
    let mut print = Print::new(menu.path());
    let is_few = count <= MOST_BY_QUERY && !wanted.all;
    match is_few.then(|| wanted.query(menu)).flatten() {
        Some(query) => print = print.query(query),
        None => found.see_all(),
    }
    let mut stream = router.stream(&print).await?;
    while let Some(batch) = stream.next().await? {
        let mut rows = Rows::default();
        rows.push(batch);
        for row in rows.iter() {
            found.keep(wanted, row);
        }
    }
    Ok(found)
}

/// Since when the rows of a router have the ids that they have, at the latest: since it started, and so
/// since before it was connected. It is not asked where that is enough for ids of the time `needed`.
///
/// # Errors
/// As [`RouterReader::rows`].
pub async fn ids_since(router: &RouterReader, needed: Timestamp) -> Result<Timestamp, ClientError> {
    let connected = router.connected_at();
    if connected <= needed {
        return Ok(connected);
    }
    let print = Print::new("/system/resource").fields(["uptime"]);
    let asked = Timestamp::now();
    let rows = match router.rows(&print).await {
        Err(error) if error.class() == Class::Refused => return Ok(connected),
        rows => rows?,
    };
    // It says whole seconds, so what is reckoned is up to one too late, and never too early.
    let up = rows.iter().find_map(|row| seconds(row.get("uptime")?));
    let up = up.and_then(|up| i64::try_from(up).ok());
    let started = up.and_then(|up| asked.checked_sub(SignedDuration::from_secs(up)).ok());
    Ok(started.map_or(connected, |started| started.min(connected)))
}
