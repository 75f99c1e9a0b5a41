//! `HostError`: what a primitive reports when it fails, readable from a script.

use std::fmt;

use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext, Position};

use catalogue::Said;
use session::{Explained, whole};
use site::config::Service;
use site::kind::with_causes;

pub use site::kind::Kind;

/// A failed primitive: what was tried, on what, why, and what to do next.
///
/// A script reads it in `catch (err)` as `err.kind`, `err.service`, `err.message`, `err.cause`
/// and `err.hint`, which is `()` where nobody knows what to do; `kind` is the stable word of its
/// [`Kind`]. These are texts, in English. What a report takes of it are messages: `err.said` is what went wrong
/// with its causes, `err.advice` the hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What happened, as a stable word.
    pub kind: Kind,
    /// The service of the site that was asked, if one was.
    pub service: Option<Service>,
    /// What was tried and on what: lower case, no dot at the end.
    pub message: Said,
    /// Why it failed, in the words of the peer; outermost cause first.
    pub causes: Vec<Said>,
    /// What to do next.
    pub hint: Option<Said>,
    /// Where the failing call stands in a script.
    pub origin: Option<Origin>,
    /// Was it the operator, who did not say yes, and knows it? Then no script is at fault.
    pub declined: bool,
}

/// What a primitive gives back.
pub type CallResult<T> = Result<T, Box<EvalAltResult>>;

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The script's name as the engine knows it; empty for the main script of an expression.
    pub source: String,
    /// Line and column of the call.
    pub position: Position,
}

impl Origin {
    /// The place of a call.
    pub fn of(context: &NativeCallContext) -> Self {
        Self {
            source: context.call_source().unwrap_or_default().to_owned(),
            position: context.call_position(),
        }
    }
}

impl HostError {
    /// A new error without service, cause or hint.
    pub fn new(kind: Kind, message: impl Into<Said>) -> Self {
        Self {
            kind,
            service: None,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            origin: None,
            declined: false,
        }
    }

    /// An argument or a value that cannot be used.
    pub fn invalid(message: impl Into<Said>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// The same error about `service`.
    pub fn on(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// The same error with one more cause below the others.
    pub fn because(mut self, cause: impl Into<Said>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same error with these causes below the others.
    pub fn because_all(mut self, causes: Vec<Said>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// The same error with the next step for the operator.
    pub fn hint(mut self, hint: impl Into<Said>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The causes of `error`, outermost first, below this one.
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        self.causes.extend(with_causes(error).map(Said::from));
        self
    }

    /// The error with the place of the call that failed, unless it already has one.
    pub fn at(mut self, context: &NativeCallContext) -> Self {
        if self.origin.is_none() {
            self.origin = Some(Origin::of(context));
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

impl<E: Explained + 'static> From<E> for HostError {
    fn from(error: E) -> Self {
        let mut failed = HostError::new(error.kind(), error.said());
        failed.causes = error.because();
        failed.service = error.service();
        failed.hint = error.hint();
        failed.declined = error.is_declined();
        failed
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for HostError {}

/// Lets scripts read an error: `catch (err) { err.kind }`.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<HostError>("Error")
        .register_get("kind", |error: &mut HostError| {
            ImmutableString::from(error.kind.as_str())
        })
        .register_get("message", |error: &mut HostError| error.message.to_string())
        .register_get("cause", |error: &mut HostError| {
            let causes: Vec<_> = error.causes.iter().map(Said::to_string).collect();
            causes.join(": ")
        })
        .register_get("said", |error: &mut HostError| {
            whole(error.message.clone(), error.causes.iter().cloned())
        })
        .register_get("advice", |error: &mut HostError| {
            error.hint.clone().map_or(Dynamic::UNIT, Dynamic::from)
        })
        .register_get("hint", |error: &mut HostError| {
            let hint = error.hint.as_ref().map(ToString::to_string);
            hint.map_or(Dynamic::UNIT, Dynamic::from)
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
