//! TLS to a router whose certificate nobody signed: look at its fingerprint once, compare it with the router's own
//! word (`/certificate print detail`), and pin it. `cargo run --example pinned -- 192.168.88.1 audit PASSWORD [PIN]`.

use std::error::Error;
use std::time::Duration;

use routeros_api::{
    CertificateCheck, Options, Print, Router, Secret, Tls, fingerprint, fingerprint_text,
};

/// The same options with TLS to this one certificate.
pub fn pinned(mut options: Options, pin: [u8; 32]) -> Options {
    options.tls = Some(Tls {
        check: CertificateCheck::PinSha256(pin),
        server_name: None,
    });
    options
}

/// The digits of a fingerprint, with colons or without.
pub fn pin(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[tokio::main]
#[allow(dead_code, clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (host, user, password, given) = match arguments.as_slice() {
        [host, user, password] => (host, user, password, None),
        [host, user, password, pin] => (host, user, password, Some(pin)),
        _ => return Err("give the router, the user, the password and the pin".into()),
    };
    let mut options = Options::new(host, user, Secret::new(password));
    options.port = 8729;
    let Some(given) = given else {
        let seen = fingerprint(host, options.port, Duration::from_secs(10)).await?;
        println!("{}", fingerprint_text(&seen));
        return Ok(());
    };
    let pin = pin(given).ok_or("a pin has 64 hexadecimal digits")?;
    let router = Router::connect(&pinned(options, pin)).await?;
    let rows = router.rows(&Print::new("/system/identity")).await?;
    println!("{rows:?}");
    Ok(())
}
