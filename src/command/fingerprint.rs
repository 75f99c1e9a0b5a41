//! `tikbook fingerprint`: what to pin for a router with TLS.

use std::io::Write;
use std::time::Duration;

use crate::cli::{FingerprintArgs, Global};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use sentences::UsageOfFlag;
use session::Explained;
use site::config::RouterAddress;
use site::kind::Kind;

use super::{Setting, runtime};

/// The port of the RouterOS API with TLS (MikroTik manual, "Services": api-ssl).
const PORT: u16 = 8729;
/// How long to wait for the router where `--timeout` does not say.
const WAIT: Duration = Duration::from_secs(10);

/// Prints the SHA-256 fingerprint of the certificate that the router shows. Nothing is sent to it,
/// and nothing is trusted.
///
/// # Errors
/// The address is wrong, the router cannot be reached, or it offers no TLS with a certificate.
pub fn run(global: &Global, args: &FingerprintArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let address = RouterAddress::parse(&args.address);
    let address = address.map_err(|reason| {
        Failure::usage(UsageOfFlag {
            flag: "ADDRESS",
            why: reason.to_string(),
        })
    })?;
    let (host, port) = (&address.host, address.port.unwrap_or(PORT));
    let wait = setting.sources.timeout.unwrap_or(WAIT);
    let fingerprint = runtime::start()?
        .block_on(routeros_api::fingerprint(host, port, wait))
        .map_err(|error| {
            let kind = Kind::Unreachable.as_str();
            let failure = Failure::new(Code::Unreachable, kind, Explained::said(&error));
            let failure = failure.because(Explained::because(&error));
            match Explained::hint(&error) {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        })?;
    let text = routeros_api::fingerprint_text(&fingerprint);
    let mut out = setting.output.stdout()?;
    if setting.output.is_json() {
        let answer = serde_json::json!({ "address": address.with_port(port), "sha256": text });
        writeln!(out, "{answer}")?;
    } else {
        writeln!(out, "{text}")?;
    }
    out.flush()?;
    Ok(Code::Done)
}
