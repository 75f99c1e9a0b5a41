//! A router: its login, whether it lets itself be read, and its clock.

use routeros_api::{ClientError, Print};

use super::RouterReader;
use crate::Session;
use crate::error::{SessionError, said_whole};
use crate::probe::{Check, Probe, clock, of_error};
use sentences::{DoctorRouter, DoctorRouterPolicies, DoctorRouterRelease};

/// Of each router, by name where there are several: logs in, reads the release, compares the clock.
pub(super) fn probes(session: &Session) -> Vec<Probe<'_>> {
    let names: Vec<Option<&str>> = match session.site().routers.as_slice() {
        [] | [_] => vec![None],
        several => several
            .iter()
            .map(|target| Some(target.name.as_str()))
            .collect(),
    };
    let probe = |name| Probe::new(named("router", name), checks(session, name));
    names.into_iter().map(probe).collect()
}

async fn checks(session: &Session, name: Option<&str>) -> Vec<Check> {
    let id = named("router", name);
    match session.router(name).await {
        Err(error) => vec![of_error(&id, &error)],
        Ok(router) => {
            let open = DoctorRouter {
                address: router.address(),
            };
            let (read, clock) = tokio::join!(reading(&router, name), its_clock(&router, name));
            vec![Check::pass(&id, open), read, clock]
        }
    }
}

async fn reading(router: &RouterReader, name: Option<&str>) -> Check {
    let id = named("router-read", name);
    match first(router, "/system/resource", ["version", "board-name"]).await {
        Ok(values) => Check::pass(
            &id,
            DoctorRouterRelease {
                release: values.join(", "),
            },
        ),
        Err(error) => refused(&id, error),
    }
}

async fn its_clock(router: &RouterReader, name: Option<&str>) -> Check {
    let id = named("clock-router", name);
    match router.clock().await {
        Err(error) => refused(&id, error),
        Ok(told) => clock::check_told(&id, &told),
    }
}

/// A router that lets the user in, but not look.
fn refused(id: &str, error: ClientError) -> Check {
    if error.traps().is_empty() {
        return of_error(id, &SessionError::from(error));
    }
    Check::fail(id, said_whole(&error), DoctorRouterPolicies)
}

/// The texts of these fields in the first row of a menu; empty where the row has none.
async fn first<const N: usize>(
    router: &RouterReader,
    menu: &str,
    fields: [&str; N],
) -> Result<[String; N], ClientError> {
    let rows = router.rows(&Print::new(menu).fields(fields)).await?;
    let row = rows.iter().next();
    Ok(fields.map(|field| {
        let value = row.as_ref().and_then(|row| row.get(field));
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    }))
}

fn named(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{id}:{name}"),
        None => id.to_owned(),
    }
}
