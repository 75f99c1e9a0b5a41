//! What changes in an address list, as it changes: `cargo run --example listen -- 192.168.88.1 audit PASSWORD`.

use std::error::Error;

use routeros_api::{ClientError, Options, Print, Query, Router, Secret};

/// Calls `tell` with each change of the list `blocked`, until it says that it has heard enough.
pub async fn listen(
    router: &Router,
    mut tell: impl FnMut(String) -> bool,
) -> Result<(), ClientError> {
    let blocked = Print::new("/ip/firewall/address-list").query(Query::equal("list", "blocked"));
    let mut changes = router.listen(&blocked).await?;
    // Dropping the stream cancels the command on the router.
    while let Some(batch) = changes.next().await? {
        for row in batch.rows() {
            let field = |name| String::from_utf8_lossy(row.get(name).unwrap_or_default());
            let change = match row.get(".dead") {
                Some(_) => format!("{} is gone", field(".id")),
                None => format!("{} is {}", field(".id"), field("address")),
            };
            if !tell(change) {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[tokio::main]
#[allow(dead_code, clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, user, password] = arguments.as_slice() else {
        return Err("give the router, the user and the password".into());
    };
    let router = Router::connect(&Options::new(host, user, Secret::new(password))).await?;
    listen(&router, |change| {
        println!("{change}");
        true
    })
    .await?;
    Ok(())
}
