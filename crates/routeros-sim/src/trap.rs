//! What the router says when it refuses, in its own words.
//!
//! Texts marked *seen* were reported from real routers or captured; *ours* are made up in the
//! router's manner where no text is known, so a client should not depend on them.

use std::borrow::Cow;

/// One `!trap` reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trap {
    /// The documented category, which the router often leaves out.
    pub(crate) category: Option<u8>,
    /// The text.
    pub(crate) message: Cow<'static, str>,
}

/// A command that was refused: one trap or, for a bad path, two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) Vec<Trap>);

impl From<Trap> for Refusal {
    fn from(trap: Trap) -> Refusal {
        Refusal(vec![trap])
    }
}

impl Trap {
    /// A text of the router's without category.
    pub(crate) fn text(message: impl Into<Cow<'static, str>>) -> Trap {
        Trap {
            category: None,
            message: message.into(),
        }
    }

    fn in_category(category: u8, message: impl Into<Cow<'static, str>>) -> Trap {
        Trap {
            category: Some(category),
            ..Trap::text(message)
        }
    }

    /// A cancelled command (manual "API", and seen).
    pub(crate) fn interrupted() -> Trap {
        Trap::in_category(2, "interrupted")
    }

    /// A command that its menu does not have (seen).
    pub(crate) fn no_such_command() -> Trap {
        Trap::text("no such command")
    }

    /// Words after a command's name, as in `.../print/where` (seen).
    pub(crate) fn no_such_prefix() -> Trap {
        Trap::text("no such command prefix")
    }

    /// An id that is gone (seen; older releases add the status in brackets).
    pub(crate) fn no_such_item() -> Trap {
        Trap::text("no such item")
    }

    /// A row that vanished while its table was being printed (seen).
    pub(crate) fn item_vanished() -> Trap {
        Trap::text("no such item (4)")
    }

    /// An id that is not `*` and hexadecimal digits (seen).
    pub(crate) fn malformed_id() -> Trap {
        Trap::text("invalid internal item number")
    }

    /// A required argument that is absent (seen).
    pub(crate) fn missing(arguments: &str) -> Trap {
        Trap::text(format!("missing value(s) of argument(s) {arguments}"))
    }

    /// A word outside an enumeration (manual "API").
    pub(crate) fn no_match(argument: &str) -> Trap {
        let message = format!("input does not match any value of {argument}");
        Trap::in_category(1, message)
    }

    /// A prefix of several words of an enumeration, or of several names (seen).
    pub(crate) fn ambiguous(argument: &str) -> Trap {
        Trap::text(format!(
            "ambiguous value of {argument}, more than one possible value matches input"
        ))
    }

    /// A value of the wrong form (seen).
    pub(crate) fn invalid(argument: &str) -> Trap {
        Trap::text(format!("invalid value for argument {argument}"))
    }

    /// A duration of the wrong form (seen).
    pub(crate) fn invalid_time(argument: &str) -> Trap {
        Trap::text(format!("invalid time value for argument {argument}"))
    }

    /// The general refusal (seen for other reasons): the simulator's faults use it.
    pub(crate) fn action_failed() -> Trap {
        Trap::text("action failed (6)")
    }

    /// A wrong password since 6.43 (seen).
    pub(crate) fn login_refused() -> Trap {
        Trap::text("invalid user name or password (6)")
    }

    /// A wrong password before 6.43 (seen).
    pub(crate) fn old_login_refused() -> Trap {
        Trap::text("cannot log in")
    }

    /// A command for which the user's group lacks the policy (seen).
    pub(crate) fn not_enough_permissions() -> Trap {
        Trap::text("not enough permissions (9)")
    }

    /// A command that would keep the router busy for long (ours).
    pub(crate) fn too_many(what: &str) -> Trap {
        Trap::text(format!("failure: too many {what}"))
    }

    /// Something a real router does and this one does not (ours, and it says so).
    pub(crate) fn not_imitated(what: &str) -> Trap {
        Trap::text(format!("failure: this simulator does not imitate {what}"))
    }
}

impl Refusal {
    /// A path that leads nowhere: two traps (seen).
    pub(crate) fn bad_path(part: &str) -> Refusal {
        let message = format!("no such command or directory ({part})");
        Refusal(vec![Trap::in_category(0, message), Trap::no_such_prefix()])
    }
}
