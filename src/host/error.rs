//! `HostError`: what a primitive reports when it fails, readable from a script.

use std::fmt;

use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext, Position};

use crate::change::ChangeError;
use crate::grant::Service;
use crate::session::SessionError;
use crate::session::celery::CeleryError;
use crate::session::database::DatabaseError;
use crate::session::docker::DockerError;
use crate::session::redis::RedisError;

/// A failed primitive: what was tried, on what, why, and what to do next.
///
/// A script reads it in `catch (err)` as `err.kind`, `err.service`, `err.message`, `err.cause`
/// and `err.hint`, which is `()` where nobody knows what to do; `kind` is a stable word (see
/// [`Kind`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What happened, as a stable word.
    pub kind: Kind,
    /// The service of the site that was asked, if one was.
    pub service: Option<Service>,
    /// What was tried and on what: lower case, no dot at the end.
    pub message: String,
    /// Why it failed, in the words of the peer; outermost cause first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Where the failing call stands in a script.
    pub origin: Option<Origin>,
}

/// The stable words of `err.kind`.
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
    const ALL: [Self; 13] = [
        Self::Unreachable,
        Self::LoginRefused,
        Self::Timeout,
        Self::Disconnected,
        Self::Protocol,
        Self::Refused,
        Self::Denied,
        Self::NoSuchItem,
        Self::Invalid,
        Self::NotConfigured,
        Self::Interrupted,
        Self::Journal,
        Self::ReadOnly,
    ];

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
            Self::NoSuchItem => "no_such_item",
            Self::Invalid => "invalid",
            Self::NotConfigured => "not_configured",
            Self::Interrupted => "interrupted",
            Self::Journal => "journal",
            Self::ReadOnly => "read_only",
        }
    }

    /// The kind that a service's word for an error means; a word without a kind of its own is the
    /// service's refusal.
    pub fn from_word(word: &str) -> Self {
        match word {
            "parameter" | "value" | "too_much" => Self::Invalid,
            word => Self::ALL
                .into_iter()
                .find(|kind| kind.as_str() == word)
                .unwrap_or(Self::Refused),
        }
    }

    /// True where the service as a whole could not be asked, so that nothing can be said about it.
    pub fn is_unreachable(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::LoginRefused
                | Self::Timeout
                | Self::Disconnected
                | Self::Protocol
                | Self::ReadOnly
        )
    }
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The script's name as the engine knows it; empty for the main script of an expression.
    pub source: String,
    /// Line and column of the call.
    pub position: Position,
}

impl HostError {
    /// A new error without service, cause or hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            service: None,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            origin: None,
        }
    }

    /// An argument or a value that cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// The same error about `service`.
    pub fn on(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// The same error with one more cause below the others.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same error with these causes below the others.
    pub fn because_all(mut self, causes: Vec<String>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// The same error with the next step for the operator.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The causes of `error`, outermost first, below this one.
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        self.causes.extend(causes(error));
        self
    }

    /// The error with the place of the call that failed, unless it already has one.
    pub fn at(mut self, context: &NativeCallContext) -> Self {
        if self.origin.is_none() {
            self.origin = Some(Origin {
                source: context.call_source().unwrap_or_default().to_owned(),
                position: context.call_position(),
            });
        }
        self
    }

    /// The error as the engine carries it: typed, catchable, with its position. The engine loses the
    /// place of a function that is called with its namespace: give that error its place by
    /// [`HostError::at`] first.
    pub fn raise(self) -> Box<EvalAltResult> {
        let position = self
            .origin
            .as_ref()
            .map_or(Position::NONE, |origin| origin.position);
        EvalAltResult::ErrorRuntime(Dynamic::from(self), position).into()
    }
}

/// The text of an error and of every cause below it, outermost first.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> impl Iterator<Item = String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}

impl From<SessionError> for HostError {
    fn from(error: SessionError) -> Self {
        let service = match &error {
            SessionError::Redis(_) => Some(Service::Redis),
            SessionError::Celery(_) => Some(Service::Celery),
            SessionError::Database(_) => Some(Service::Db),
            SessionError::Docker(_) => Some(Service::Docker),
            SessionError::NotConfigured { service, .. } => Service::ALL
                .into_iter()
                .find(|known| service.starts_with(known.noun())),
            SessionError::Router(_) | SessionError::UncheckedTls { .. } => Some(Service::Mikrotik),
            SessionError::UnknownRouter { .. } => Some(Service::Mikrotik),
            SessionError::Demo { .. } => None,
        };
        let kind = Kind::from_word(error.kind());
        let mut failed = HostError::new(kind, error.to_string());
        let mut cause = std::error::Error::source(&error);
        while let Some(below) = cause {
            failed = failed.because(below.to_string());
            cause = below.source();
        }
        failed.service = service;
        failed.hint = error.hint();
        failed
    }
}

impl From<ChangeError> for HostError {
    fn from(error: ChangeError) -> Self {
        let kind = match &error {
            ChangeError::Session(error) => return error.clone().into(),
            ChangeError::Journal { .. } => Kind::Journal,
            ChangeError::Interrupted => Kind::Interrupted,
            _ if error.is_refusal() => Kind::Denied,
            _ => Kind::Invalid,
        };
        let mut failed = HostError::new(kind, error.to_string());
        if let Some(cause) = std::error::Error::source(&error) {
            failed = failed.caused_by(cause);
        }
        failed.hint = error.hint();
        failed
    }
}

impl From<CeleryError> for HostError {
    fn from(error: CeleryError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<DatabaseError> for HostError {
    fn from(error: DatabaseError) -> Self {
        SessionError::from(error).into()
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for HostError {}

impl From<DockerError> for HostError {
    fn from(error: DockerError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<RedisError> for HostError {
    fn from(error: RedisError) -> Self {
        SessionError::from(error).into()
    }
}

/// Lets scripts read an error: `catch (err) { err.kind }`.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<HostError>("Error")
        .register_get("kind", |error: &mut HostError| {
            ImmutableString::from(error.kind.as_str())
        })
        .register_get("message", |error: &mut HostError| error.message.clone())
        .register_get("cause", |error: &mut HostError| error.causes.join(": "))
        .register_get("hint", |error: &mut HostError| {
            error.hint.clone().map_or(Dynamic::UNIT, Dynamic::from)
        })
        .register_get("service", |error: &mut HostError| {
            error.service.map_or("", Service::as_str)
        })
        .register_get("unreachable", |error: &mut HostError| {
            error.kind.is_unreachable()
        })
        .register_get("line", |error: &mut HostError| {
            error
                .origin
                .as_ref()
                .and_then(|origin| origin.position.line())
                .map_or(Dynamic::UNIT, |line| Dynamic::from_int(line as i64))
        })
        .register_fn("to_string", |error: &mut HostError| error.to_string())
        .register_fn("to_debug", |error: &mut HostError| error.to_string());
}
