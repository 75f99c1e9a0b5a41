//! `log::` lines for the operator while a runbook works; they go to stderr, of a long one the beginning.

use rhai::plugin::*;

use wording::excerpt::excerpt;

use super::call;
use super::primitive::primitives;

primitives! {
    _: () = plain info(Text);
    _: () = plain detail(Text);
    _: () = plain warn(Text);
}

/// Lines on stderr: `info` with `-v`, `detail` with `-vv`, warnings always (but for `-q`).
#[export_module]
pub mod log_module {
    /// A line for those who want to follow (`-v`).
    ///
    /// ```rhai
    /// log::info("reading the second router");
    /// ```
    pub fn info(context: NativeCallContext, text: &str) {
        if is_heard(&context) {
            tracing::info!(target: "script", "{}", excerpt(text));
        }
    }

    /// A line for those who look for a fault (`-vv`).
    ///
    /// ```rhai
    /// log::detail("group has 12 rows");
    /// ```
    pub fn detail(context: NativeCallContext, text: &str) {
        if is_heard(&context) {
            tracing::debug!(target: "script", "{}", excerpt(text));
        }
    }

    /// A line that everybody should see.
    ///
    /// ```rhai
    /// log::warn("the router's clock is two hours off");
    /// ```
    pub fn warn(context: NativeCallContext, text: &str) {
        if is_heard(&context) {
            tracing::warn!(target: "script", "{}", excerpt(text));
        }
    }
}

/// A script that is planned again before its changes are applied has said it all.
fn is_heard(context: &NativeCallContext) -> bool {
    call::host(context).is_ok_and(|host| !host.is_quiet())
}
