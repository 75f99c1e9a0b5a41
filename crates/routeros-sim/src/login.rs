//! Logging in, as the router sees it.

use std::sync::atomic::{AtomicU64, Ordering};

use routeros_proto::{Request, challenge_response};

use crate::trap::Trap;

/// Which generation of login a simulator speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginKind {
    /// Name and password at once, since 6.43 (manual "API").
    #[default]
    Plain,
    /// A challenge, and an MD5 digest in answer to it, before 6.43 (manual "API").
    Challenge,
}

/// Who may log in.
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) kind: LoginKind,
}

/// What a `/login` leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LoginStep {
    /// `!done`: the user is in.
    In,
    /// `!done` with this challenge as `ret`.
    Challenge(String),
    /// The trap; the connection stays usable.
    Refused(Trap),
}

/// Answers a `/login`; `challenge` is the one given last on this connection.
pub(crate) fn log_in(account: &Account, request: &Request, challenge: Option<&str>) -> LoginStep {
    let name = request.get("name").unwrap_or_default();
    let is_user = name == account.user.as_bytes();
    match (
        account.kind,
        request.get("response"),
        request.get("password"),
    ) {
        (LoginKind::Challenge, Some(response), _) => {
            let expected = challenge.and_then(|challenge| {
                challenge_response(account.password.as_bytes(), challenge.as_bytes())
            });
            let is_right = expected.is_some_and(|expected| expected.as_bytes() == response);
            decide(is_user && is_right, Trap::old_login_refused())
        }
        // Seen: a router of the new generation still gives a challenge, and takes no answer to it.
        (LoginKind::Challenge, None, _) | (LoginKind::Plain, None, None) => {
            LoginStep::Challenge(new_challenge())
        }
        (LoginKind::Plain, _, password) => {
            let is_right = password == Some(account.password.as_bytes());
            decide(is_user && is_right, Trap::login_refused())
        }
    }
}

fn decide(is_right: bool, trap: Trap) -> LoginStep {
    if is_right {
        LoginStep::In
    } else {
        LoginStep::Refused(trap)
    }
}

/// Sixteen bytes in hexadecimal, different each time. They protect nothing, so need not be random.
fn new_challenge() -> String {
    static GIVEN: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    let number = GIVEN.fetch_add(0x6a09_e667_f3bc_c909, Ordering::Relaxed);
    format!(
        "{number:016x}{:016x}",
        number.rotate_left(29) ^ 0xa5a5_a5a5_a5a5_a5a5
    )
}
