//! Many commands at once over one connection: `cargo run --example many -- 192.168.88.1 admin PASSWORD`.

use std::error::Error;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use routeros_api::{ClientError, Id, Options, Print, Query, Router, Secret};

/// So many are under way at a time: a router gains nothing by more.
const AT_ONCE: usize = 16;

/// Removes every row of the list `old`, and says how many there were.
pub async fn remove_old(router: &Router) -> Result<usize, ClientError> {
    const LIST: &str = "/ip/firewall/address-list";
    let old = Print::new(LIST)
        .fields([".id"])
        .query(Query::equal("list", "old"));
    let rows = router.rows(&old).await?;
    let ids = rows
        .iter()
        .filter_map(|row| Id::try_from(row.get(".id")?).ok());
    let ids: Vec<Id> = ids.collect();
    stream::iter(&ids)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |id| router.remove(LIST, id))
        .await?;
    Ok(ids.len())
}

#[tokio::main]
#[allow(dead_code, clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, user, password] = arguments.as_slice() else {
        return Err("give the router, the user and the password".into());
    };
    let router = Router::connect(&Options::new(host, user, Secret::new(password))).await?;
    println!("{} rows were removed", remove_old(&router).await?);
    router.close().await;
    Ok(())
}
