//! What can go wrong, as one word each: every error of ours is of one of these kinds.

/// What went wrong, as a stable word for scripts and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No connection could be made.
    Unreachable,
    /// The service was reached and refused the name, the password or the rights.
    LoginRefused,
    /// No answer within the limit.
    Timeout,
    /// The connection ended before the answer was complete.
    Disconnected,
    /// The peer does not speak the protocol.
    Protocol,
    /// The service answered the command with an error of its own.
    Refused,
    /// tikbook refused: a write, an undeclared read, a protected row.
    Denied,
    /// The operator did not say yes to the changes.
    Declined,
    /// The item that was named does not exist.
    NoSuchItem,
    /// The call itself is wrong: a bad argument, a bad value.
    Invalid,
    /// The site has no such service.
    NotConfigured,
    /// The operator stopped the run.
    Interrupted,
    /// The journal cannot be written, without which nothing is changed.
    Journal,
    /// The service answers and takes no writes, which the question would need.
    ReadOnly,
}

impl Kind {
    /// The word scripts compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::LoginRefused => "login_refused",
            Self::Timeout => "timeout",
            Self::Disconnected => "disconnected",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Declined => "declined",
            Self::NoSuchItem => "no_such_item",
            Self::Invalid => "invalid",
            Self::NotConfigured => "not_configured",
            Self::Interrupted => "interrupted",
            Self::Journal => "journal",
            Self::ReadOnly => "read_only",
        }
    }

    /// True where the service as a whole could not be asked, so that nothing can be said about it.
    pub fn is_unreachable(self) -> bool {
        match self {
            Self::Unreachable
            | Self::LoginRefused
            | Self::Timeout
            | Self::Disconnected
            | Self::Protocol
            | Self::ReadOnly => true,
            Self::Refused
            | Self::Denied
            | Self::Declined
            | Self::NoSuchItem
            | Self::Invalid
            | Self::NotConfigured
            | Self::Interrupted
            | Self::Journal => false,
        }
    }
}

/// The texts of the causes below an error, outermost first; the error's own text is not among them.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> impl Iterator<Item = String> {
    with_causes(error).skip(1)
}

/// The text of an error and of every cause below it, outermost first.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> impl Iterator<Item = String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}

/// An error with its causes in one line; a cause whose words stand there already is left out.
pub fn in_one_line(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).fold(error.to_string(), |line, cause| {
        if line.contains(&cause) {
            line
        } else {
            format!("{line}: {cause}")
        }
    })
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|below| below as _)
        }
    }

    #[test]
    fn causes_are_told_outermost_first_and_repeated_words_once() {
        let bottom = Layer("refused", None);
        let middle = Layer("connect: refused", Some(Box::new(bottom)));
        let error = Layer("cannot ask", Some(Box::new(middle)));
        let told: Vec<String> = causes(&error).collect();
        assert_eq!(told, ["connect: refused", "refused"]);
        assert_eq!(in_one_line(&error), "cannot ask: connect: refused");
    }
}
