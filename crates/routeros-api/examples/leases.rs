//! The leases of a router: `cargo run --example leases -- 192.168.88.1 audit PASSWORD`.

use std::error::Error;

use routeros_api::{Options, Print, Router, Secret};

/// Address and name of every lease that is bound.
pub async fn leases(options: &Options) -> Result<Vec<String>, Box<dyn Error>> {
    let router = Router::connect(options).await?;
    let print = Print::new("/ip/dhcp-server/lease").fields(["address", "host-name", "status"]);
    let rows = router.rows(&print).await?;
    let bound = rows
        .iter()
        .filter(|row| row.get("status") == Some(b"bound"));
    let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or(b"-")).into_owned();
    let lines = bound.map(|row| {
        format!(
            "{} {}",
            text(row.get("address")),
            text(row.get("host-name"))
        )
    });
    Ok(lines.collect())
}

#[tokio::main]
#[allow(dead_code, clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, user, password] = arguments.as_slice() else {
        return Err("give the router, the user and the password".into());
    };
    for line in leases(&Options::new(host, user, Secret::new(password))).await? {
        println!("{line}");
    }
    Ok(())
}
