//! What can go wrong between a caller and a router.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use routeros_proto::{CommandError, ProtoError, Trap};
use thiserror::Error;

/// A call that failed, with the router it was meant for.
///
/// `Display` names the router's address and says what was tried; the cause, if there is one, is the
/// [`Error::source`] and not repeated in the text.
#[derive(Debug, Clone)]
pub struct ClientError {
    router: Arc<str>,
    fault: Box<Fault>,
}

/// Whose word an error is, which decides what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The router understood and said no. The connection stays usable, except after a login.
    Refused,
    /// The peer does not speak the protocol, or broke it.
    Protocol,
    /// The router could not be reached or trusted, did not answer in time, or is gone.
    Connection,
    /// Nothing is wrong with the router: the call was, or exceeded a limit set on this side.
    Caller,
}

impl ClientError {
    pub(crate) fn new(router: &Arc<str>, fault: Fault) -> Self {
        Self {
            router: router.clone(),
            fault: Box::new(fault),
        }
    }

    /// The address of the router, `host:port`.
    #[must_use]
    pub fn router(&self) -> &str {
        &self.router
    }

    /// What happened.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Whose word it is.
    #[must_use]
    pub fn class(&self) -> Class {
        self.fault.class()
    }

    /// What the router said, if it refused; of a command that came to no end, what it said until then.
    #[must_use]
    pub fn traps(&self) -> &[Trap] {
        match &*self.fault {
            Fault::Refused { traps, .. }
            | Fault::LoginRefused { traps, .. }
            | Fault::Silent { traps, .. }
            | Fault::Timeout { traps, .. }
            | Fault::Lost { traps, .. } => traps,
            _ => &[],
        }
    }

    /// How many rows of the command had come before it failed. They are not a complete answer.
    #[must_use]
    pub fn rows_before(&self) -> usize {
        match &*self.fault {
            Fault::Refused { rows_before, .. }
            | Fault::Silent { rows_before, .. }
            | Fault::Timeout { rows_before, .. }
            | Fault::Lost { rows_before, .. } => *rows_before,
            _ => 0,
        }
    }

    /// What to do next, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        self.fault.hint()
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "router `{}`: {}", self.router, self.fault)
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The fault itself is already in the text.
        self.fault.source()
    }
}

/// What happened, without the router's address.
#[derive(Debug, Clone, Error)]
pub enum Fault {
    /// No connection could be made.
    #[error("cannot connect")]
    Unreachable {
        /// The system's reason.
        #[source]
        source: Arc<io::Error>,
    },
    /// Looking up the name and connecting took too long.
    #[error("no connection within {after:?}")]
    ConnectTimeout {
        /// The limit.
        after: Duration,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The router did not answer the login in time.
    #[error(
        "connected, but no answer to the login within {after:?}{}; {ADDRESS_FILTER}",
        seen_text(seen)
    )]
    LoginTimeout {
        /// The limit.
        after: Duration,
        /// The bytes that came, printable; empty if none did.
        seen: String,
    },
    /// The connection ended before the login was answered.
    #[error(
        "connected, but the connection was closed before the login was answered{}; {ADDRESS_FILTER}, or too many sessions",
        seen_text(seen)
    )]
    LoginCut {
        /// The bytes that came, printable; empty if none did.
        seen: String,
        /// The system's reason, if the connection broke.
        #[source]
        source: Option<Arc<io::Error>>,
    },
    /// The router refused the login.
    #[error(
        "cannot log in as `{user}`: {}; either the name or the password is wrong, or the user's group lacks the policy `api`",
        said(traps)
    )]
    LoginRefused {
        /// The user.
        user: String,
        /// What the router said.
        traps: Vec<Trap>,
    },
    /// The router ended the connection instead of letting the user in.
    #[error("cannot log in as `{user}`: the router ended the connection with `{reason}`")]
    LoginEnded {
        /// The user.
        user: String,
        /// The router's words.
        reason: String,
    },
    /// The router is older than RouterOS 6.43 and wants a login that is not allowed by the options.
    #[error(
        "cannot log in as `{user}`: the router asks for the challenge login of RouterOS before 6.43, which is not allowed"
    )]
    ChallengeRefused {
        /// The user.
        user: String,
    },
    /// The peer does not speak the RouterOS API.
    #[error("this is not the API of a RouterOS router")]
    NotRouterOs {
        /// What is wrong with its bytes.
        #[source]
        source: ProtoError,
    },
    /// The peer was spoken to without TLS, and speaks nothing else.
    #[error("this port speaks TLS, and was spoken to without it")]
    SpeaksTls,
    /// The router answered a command with errors.
    #[error("`{command}` was refused: {}{}", said(traps), rows_text(*rows_before))]
    Refused {
        /// The path of the command.
        command: String,
        /// What the router said, in order.
        traps: Vec<Trap>,
        /// How many rows came before; they are not a complete answer.
        rows_before: usize,
    },
    /// A command did not end in the time for all of it, whether the router still sent something or not. It
    /// was cancelled, and the connection stays usable if the router does.
    #[error(
        "`{command}` did not end within {after:?}, {}{}{}",
        silent_text(*silent),
        rows_text(*rows_before),
        before_text(traps)
    )]
    Timeout {
        /// The path of the command.
        command: String,
        /// The limit.
        after: Duration,
        /// For how long nothing at all had come from the router by then, where that was half of the time
        /// or more.
        silent: Option<Duration>,
        /// How many rows came before; they are not a complete answer.
        rows_before: usize,
        /// What the router said before, in order.
        traps: Vec<Trap>,
    },
    /// Nothing at all came from the router while it was to answer a command. It was cancelled; the
    /// connection may be dead or not.
    #[error(
        "the router was silent for {after:?} during `{command}`{}{}",
        rows_text(*rows_before),
        before_text(traps)
    )]
    Silent {
        /// The path of the command.
        command: String,
        /// For how long.
        after: Duration,
        /// How many rows came before; they are not a complete answer.
        rows_before: usize,
        /// What the router said before, in order.
        traps: Vec<Trap>,
    },
    /// The connection ended before the command did.
    #[error(
        "the connection was lost during `{command}`{}{}",
        rows_text(*rows_before),
        before_text(traps)
    )]
    Lost {
        /// The path of the command.
        command: String,
        /// How many rows came before; they are not a complete answer.
        rows_before: usize,
        /// What the router said before, in order.
        traps: Vec<Trap>,
        /// How it ended.
        #[source]
        source: Lost,
    },
    /// The answer of a command makes no sense.
    #[error("`{command}` was answered with {what}")]
    Answer {
        /// The path of the command.
        command: String,
        /// What came instead of what the command answers.
        what: String,
    },
    /// The command cannot be sent.
    #[error("the command cannot be sent")]
    Command {
        /// What is wrong with it.
        #[source]
        source: CommandError,
    },
    /// A stream's rows were not taken for so long that they would have held up other commands.
    #[error(
        "the rows of `{command}` were not taken fast enough: {waiting} bytes were waiting while other commands ran"
    )]
    SlowConsumer {
        /// The path of the command.
        command: String,
        /// How many bytes of rows had not been taken.
        waiting: usize,
    },
    /// There is no room for an answer beside the others.
    #[error(
        "no memory is left for the answer to `{command}`: all answers together may take {limit} bytes"
    )]
    NoMemory {
        /// The path of the command.
        command: String,
        /// The limit of all answers in bytes.
        limit: usize,
    },
}

/// Seen in the field: a router accepts a connection from an address that is not allowed, and is silent.
const ADDRESS_FILTER: &str =
    "the usual cause is that the `address` list of /ip/service does not allow this host";

impl Fault {
    fn class(&self) -> Class {
        match self {
            Self::LoginRefused { .. } | Self::LoginEnded { .. } | Self::ChallengeRefused { .. } => {
                Class::Refused
            }
            Self::Refused { .. } => Class::Refused,
            Self::NotRouterOs { .. } | Self::SpeaksTls | Self::Answer { .. } => Class::Protocol,
            Self::Tls(TlsFault::NotTls { .. } | TlsFault::SpeaksPlain) => Class::Protocol,
            Self::Lost {
                source: Lost::Protocol(_),
                ..
            } => Class::Protocol,
            Self::Tls(TlsFault::CaFile { .. } | TlsFault::ServerName { .. }) => Class::Caller,
            Self::Lost {
                source: Lost::Closed,
                ..
            } => Class::Caller,
            Self::Command { .. } | Self::SlowConsumer { .. } | Self::NoMemory { .. } => {
                Class::Caller
            }
            Self::Unreachable { .. } | Self::ConnectTimeout { .. } | Self::Tls(_) => {
                Class::Connection
            }
            Self::LoginTimeout { .. } | Self::LoginCut { .. } => Class::Connection,
            Self::Silent { .. } | Self::Timeout { .. } | Self::Lost { .. } => Class::Connection,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } | Self::ConnectTimeout { .. } => Some(
                "check address and port, and that the service api (8728) or api-ssl (8729) is enabled in /ip/service",
            ),
            Self::LoginTimeout { .. } | Self::LoginCut { .. } => Some(
                "on the router: /ip/service print, and add the address of this host to the service's `address`",
            ),
            Self::LoginRefused { .. } => Some(
                "check name and password; on the router: /user group print, the group needs the policies api and read",
            ),
            Self::Refused { traps, .. }
            | Self::Silent { traps, .. }
            | Self::Timeout { traps, .. }
            | Self::Lost { traps, .. }
                if traps.iter().any(Trap::is_about_permissions) =>
            {
                Some(
                    "on the router: /user group print, the group needs the policy read to look, and write to change",
                )
            }
            Self::ChallengeRefused { .. } => {
                Some("allow the challenge login for this router, or upgrade it")
            }
            Self::NotRouterOs { .. } => {
                Some("check the port: 8728 is the API, 8729 the API with TLS")
            }
            Self::SpeaksTls => Some(
                "8729 is the API with TLS, 8728 the one without: use TLS for this router, or the other port; change the password if the way to the router is not trusted, for it went out in clear",
            ),
            Self::Tls(fault) => fault.hint(),
            Self::Timeout {
                silent: Some(_), ..
            } => Some(
                "see whether the router still answers others; one that needs longer wants more time",
            ),
            Self::Timeout { silent: None, .. } => {
                Some("ask for fewer rows or fields, or allow more time")
            }
            Self::Silent { .. } => Some(
                "see whether the router still answers others; one that thinks for long before its first row needs a longer silence",
            ),
            Self::NoMemory { .. } => Some(
                "ask for fewer rows or fields, let go of earlier answers, or take rows as they come",
            ),
            Self::Lost { .. } => Some(
                "run it again; if it ends there again, /log print on the router says why it ended the session",
            ),
            _ => None,
        }
    }
}

/// Why TLS could not be set up.
#[derive(Debug, Clone, Error)]
pub enum TlsFault {
    /// The file of authorities cannot be used.
    #[error("cannot read certificates from `{}`: {reason}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The name of the server is neither a host name nor an IP address.
    #[error("`{name}` cannot be the name of a TLS server")]
    ServerName {
        /// The name.
        name: String,
    },
    /// The handshake took too long.
    #[error(
        "connected, but no TLS handshake within {after:?}{}; {ADDRESS_FILTER}, or the peer does not speak TLS",
        seen_text(seen)
    )]
    Timeout {
        /// The limit.
        after: Duration,
        /// The bytes that came, printable; empty if none did.
        seen: String,
    },
    /// The connection ended before the peer said anything.
    #[error(
        "connected, but the connection was closed before the TLS handshake; {ADDRESS_FILTER}, or the peer does not speak TLS"
    )]
    Cut {
        /// The system's reason.
        #[source]
        source: Arc<io::Error>,
    },
    /// The peer does not speak TLS.
    #[error("the peer does not speak TLS, it answers `{seen}`")]
    NotTls {
        /// The bytes that came, printable.
        seen: String,
    },
    /// The peer speaks the API, and no TLS.
    #[error("this port speaks the API without TLS")]
    SpeaksPlain,
    /// The peer can agree on keys only in a way that this client does not speak.
    #[error("{exchange}")]
    KeyExchange {
        /// The way.
        exchange: KeyExchange,
        /// How the handshake ended.
        #[source]
        source: Arc<io::Error>,
    },
    /// The peer and this client have no way to speak TLS in common, or it broke off.
    #[error(
        "the TLS handshake failed; a router whose service api-ssl has no certificate offers anonymous Diffie-Hellman only, which protects from nobody and is not supported"
    )]
    Handshake {
        /// The reason.
        #[source]
        source: Arc<io::Error>,
    },
    /// The certificate is not one to trust.
    #[error(
        "the certificate of the router is not trusted; its SHA-256 fingerprint is {}",
        fingerprint_text(fingerprint)
    )]
    Untrusted {
        /// SHA-256 of the certificate.
        fingerprint: [u8; 32],
        /// Why not.
        #[source]
        source: Arc<io::Error>,
    },
    /// The certificate is not the pinned one.
    #[error(
        "the router shows another certificate than the pinned one: expected {}, seen {}",
        fingerprint_text(expected),
        fingerprint_text(seen)
    )]
    PinMismatch {
        /// The pinned fingerprint.
        expected: [u8; 32],
        /// The fingerprint of the certificate shown.
        seen: [u8; 32],
    },
}

impl TlsFault {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::KeyExchange {
                exchange: KeyExchange::DiffieHellman | KeyExchange::Rsa,
                ..
            } => Some(
                "upgrade the router to RouterOS 7, which offers ECDHE; or speak to its service api, without TLS, over a network that you trust",
            ),
            Self::SpeaksPlain => Some(
                "8728 is the API without TLS, 8729 the one with it: use the other port, or no TLS; on the router: /ip/service print",
            ),
            Self::Handshake { .. } | Self::KeyExchange { .. } => Some(
                "on the router: /certificate add name=api common-name=router, /certificate sign api, /ip/service set api-ssl certificate=api",
            ),
            Self::Timeout { .. } | Self::Cut { .. } | Self::NotTls { .. } => Some(
                "check the port: 8729 is the API with TLS, 8728 the one without; on the router: /ip/service print",
            ),
            Self::Untrusted { .. } => Some(
                "compare the fingerprint on the router with /certificate print detail, and pin it",
            ),
            Self::PinMismatch { .. } => Some(
                "if the certificate was renewed on purpose, compare with /certificate print detail and pin the new one; if not, somebody is in between",
            ),
            Self::CaFile { .. } | Self::ServerName { .. } => None,
        }
    }
}

/// A way to agree on the keys of a TLS connection that is not spoken here: only ECDHE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyExchange {
    /// Diffie-Hellman without a certificate: what a router offers whose service api-ssl has none.
    Anonymous,
    /// Diffie-Hellman over finite fields (DHE), with a certificate.
    DiffieHellman,
    /// The key of the certificate itself.
    Rsa,
}

impl fmt::Display for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => {
                "the router's service api-ssl has no certificate: it offers anonymous Diffie-Hellman only, which protects from nobody and is not supported"
            }
            Self::DiffieHellman => {
                "the router has a certificate, but offers only DHE to agree on keys, as RouterOS 6 does; ECDHE alone is supported"
            }
            Self::Rsa => {
                "the router has a certificate, but offers only its RSA key to agree on keys, as old RouterOS does; ECDHE alone is supported"
            }
        })
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Error)]
pub enum Lost {
    /// This side closed it.
    #[error("the connection was closed by this side")]
    Closed,
    /// The router closed it, or something in between did.
    #[error("the router closed the connection")]
    ByPeer,
    /// It ended in the middle of a sentence.
    #[error("the connection was cut in the middle of a sentence")]
    InsideSentence,
    /// The router announced the end.
    #[error("the router ended the session with `{reason}`")]
    Fatal {
        /// The router's words.
        reason: String,
    },
    /// The system reported an error.
    #[error("the connection broke")]
    Io(#[source] Arc<io::Error>),
    /// The router sent bytes that are not the protocol, or exceed a limit.
    #[error("the router broke the protocol")]
    Protocol(#[source] ProtoError),
}

/// A SHA-256 fingerprint as certificates are compared: `AB:CD:…`.
#[must_use]
pub fn fingerprint_text(fingerprint: &[u8; 32]) -> String {
    fingerprint.map(|byte| format!("{byte:02X}")).join(":")
}

fn said(traps: &[Trap]) -> String {
    traps
        .iter()
        .map(|trap| format!("`{trap}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn rows_text(rows: usize) -> String {
    match rows {
        0 => String::new(),
        rows => format!(", after {rows} rows that are not all"),
    }
}

fn silent_text(silent: Option<Duration>) -> String {
    match silent {
        Some(silent) => format!("and the router was silent for the last {silent:?} of it"),
        None => "although the router still sent something".to_owned(),
    }
}

fn before_text(traps: &[Trap]) -> String {
    match traps {
        [] => String::new(),
        traps => format!("; before that it refused: {}", said(traps)),
    }
}

fn seen_text(seen: &str) -> String {
    if seen.is_empty() {
        String::new()
    } else {
        format!(" (it sent `{seen}`)")
    }
}
