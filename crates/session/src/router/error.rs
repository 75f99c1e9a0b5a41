//! What can go wrong with a router, in the operator's words.

use catalogue::Said;
use routeros_api::{
    Class, ClientError, Fault, KeyExchange, Lost, TlsFault, Trap, fingerprint_text,
};
use sentences::{
    ErrorRouterAnonymous, ErrorRouterAnswer, ErrorRouterCaFile, ErrorRouterChallenge,
    ErrorRouterCommand, ErrorRouterConnectTimeout, ErrorRouterDhe, ErrorRouterForeign,
    ErrorRouterHandshake, ErrorRouterLogin, ErrorRouterLoginCut, ErrorRouterLoginEnded,
    ErrorRouterLoginTimeout, ErrorRouterLost, ErrorRouterMemory, ErrorRouterNotTls, ErrorRouterPin,
    ErrorRouterRefused, ErrorRouterRsa, ErrorRouterServerName, ErrorRouterSilent,
    ErrorRouterSlowConsumer, ErrorRouterSpeaksPlain, ErrorRouterSpeaksTls, ErrorRouterTimeout,
    ErrorRouterTimeoutSilent, ErrorRouterTlsCut, ErrorRouterTlsTimeout, ErrorRouterUnreachable,
    ErrorRouterUntrusted, HintRouterAddress, HintRouterCertificate, HintRouterChallenge,
    HintRouterForeign, HintRouterKeyExchange, HintRouterLimit, HintRouterLimitLong,
    HintRouterLogin, HintRouterLost, HintRouterMemory, HintRouterNarrow, HintRouterPin,
    HintRouterPolicies, HintRouterSilent, HintRouterSlow, HintRouterSpeaksPlain,
    HintRouterSpeaksTls, HintRouterTlsPort, HintRouterUnreachable, HintRouterUntrusted,
    RouterBroke, RouterBrokeProtocol, RouterClosed, RouterClosedHere, RouterCut, RouterEnded,
    RouterRefusedBefore, RouterRowsBefore, RouterSent,
};
use site::config::Service;
use site::kind::{Kind, causes};
use wording::duration;

use crate::error::ServiceError;

impl ServiceError for ClientError {
    fn said(&self) -> Said {
        let before = [
            rows_before(self.fault()),
            traps_before(self.fault()),
            sent(self.fault()),
        ];
        Said::several(
            [said(self.router(), self.fault())]
                .into_iter()
                .chain(before.into_iter().flatten()),
        )
    }

    fn because(&self) -> Vec<Said> {
        match self.fault() {
            Fault::Lost { source, .. } => ended(source),
            _ => causes(self).map(Said::from).collect(),
        }
    }

    fn service(&self) -> Service {
        Service::Mikrotik
    }

    fn kind(&self) -> Kind {
        match (self.class(), self.fault()) {
            (
                _,
                Fault::LoginRefused { .. }
                | Fault::LoginEnded { .. }
                | Fault::ChallengeRefused { .. },
            ) => Kind::LoginRefused,
            (
                _,
                Fault::Silent { .. }
                | Fault::Timeout { .. }
                | Fault::LoginTimeout { .. }
                | Fault::ConnectTimeout { .. },
            ) => Kind::Timeout,
            (Class::Protocol, _) => Kind::Protocol,
            (_, Fault::Lost { .. } | Fault::LoginCut { .. }) => Kind::Disconnected,
            (Class::Refused, _) => Kind::Refused,
            (Class::Connection, _) => Kind::Unreachable,
            (Class::Caller, _) => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<Said> {
        let hint = hint(self.fault());
        let limit = |example, limit| Some(HintRouterLimitLong { example, limit }.into());
        let setting: Option<Said> = match self.fault() {
            // What the router said before is worth more than more time.
            _ if !self.traps().is_empty() => None,
            Fault::Timeout { silent: None, .. } => limit("30m", "router_timeout"),
            Fault::Timeout { .. } => limit("2m", "router_timeout"),
            Fault::Silent { .. } => limit("2m", "router_silence"),
            Fault::NoMemory { .. } => {
                let setting = "max_memory";
                Some(HintRouterLimit { setting }.into())
            }
            Fault::ConnectTimeout { .. } | Fault::LoginTimeout { .. } => {
                limit("30s", "connect_timeout")
            }
            _ => None,
        };
        let said = Said::several(hint.into_iter().chain(setting));
        (!said.is_empty()).then_some(said)
    }
}

/// What happened with the router, without what had come before.
fn said(router: &str, fault: &Fault) -> Said {
    match fault {
        Fault::Unreachable { .. } => ErrorRouterUnreachable { router }.into(),
        Fault::ConnectTimeout { after } => {
            let limit = duration::text(*after);
            ErrorRouterConnectTimeout { router, limit }.into()
        }
        Fault::Tls(fault) => said_of_tls(router, fault),
        Fault::LoginTimeout { after, .. } => {
            let limit = duration::text(*after);
            ErrorRouterLoginTimeout { router, limit }.into()
        }
        Fault::LoginCut { .. } => ErrorRouterLoginCut { router }.into(),
        Fault::LoginRefused { user, traps } => {
            let traps = quoted(traps);
            ErrorRouterLogin {
                router,
                user,
                traps,
            }
            .into()
        }
        Fault::LoginEnded { user, reason } => ErrorRouterLoginEnded {
            router,
            user,
            message: reason,
        }
        .into(),
        Fault::ChallengeRefused { user } => ErrorRouterChallenge { router, user }.into(),
        Fault::NotRouterOs { .. } => ErrorRouterForeign { router }.into(),
        Fault::SpeaksTls => ErrorRouterSpeaksTls { router }.into(),
        Fault::Refused { command, traps, .. } => {
            let traps = quoted(traps);
            ErrorRouterRefused {
                router,
                command,
                traps,
            }
            .into()
        }
        Fault::Timeout {
            command,
            after,
            silent: Some(silent),
            ..
        } => ErrorRouterTimeoutSilent {
            router,
            command,
            limit: duration::text(*after),
            silent: duration::text(*silent),
        }
        .into(),
        Fault::Timeout { command, after, .. } => {
            let limit = duration::text(*after);
            ErrorRouterTimeout {
                router,
                command,
                limit,
            }
            .into()
        }
        Fault::Silent { command, after, .. } => {
            let limit = duration::text(*after);
            ErrorRouterSilent {
                router,
                command,
                limit,
            }
            .into()
        }
        Fault::Lost { command, .. } => ErrorRouterLost { router, command }.into(),
        Fault::Answer { command, what } => ErrorRouterAnswer {
            router,
            command,
            what,
        }
        .into(),
        Fault::Command { .. } => ErrorRouterCommand { router }.into(),
        Fault::SlowConsumer { command, waiting } => ErrorRouterSlowConsumer {
            router,
            command,
            bytes: *waiting,
        }
        .into(),
        Fault::NoMemory { command, limit } => ErrorRouterMemory {
            router,
            command,
            bytes: *limit,
        }
        .into(),
    }
}

fn said_of_tls(router: &str, fault: &TlsFault) -> Said {
    match fault {
        TlsFault::CaFile { path, reason } => ErrorRouterCaFile {
            router,
            path: path.display().to_string(),
            reason,
        }
        .into(),
        TlsFault::ServerName { name } => ErrorRouterServerName { router, name }.into(),
        TlsFault::Timeout { after, .. } => {
            let limit = duration::text(*after);
            ErrorRouterTlsTimeout { router, limit }.into()
        }
        TlsFault::Cut { .. } => ErrorRouterTlsCut { router }.into(),
        TlsFault::NotTls { seen } => ErrorRouterNotTls { router, sent: seen }.into(),
        TlsFault::SpeaksPlain => ErrorRouterSpeaksPlain { router }.into(),
        TlsFault::KeyExchange { exchange, .. } => match exchange {
            KeyExchange::Anonymous => ErrorRouterAnonymous { router }.into(),
            KeyExchange::DiffieHellman => ErrorRouterDhe { router }.into(),
            KeyExchange::Rsa => ErrorRouterRsa { router }.into(),
        },
        TlsFault::Handshake { .. } => ErrorRouterHandshake { router }.into(),
        TlsFault::Untrusted { fingerprint, .. } => {
            let fingerprint = fingerprint_text(fingerprint);
            ErrorRouterUntrusted {
                router,
                fingerprint,
            }
            .into()
        }
        TlsFault::PinMismatch { expected, seen } => ErrorRouterPin {
            router,
            expected: fingerprint_text(expected),
            seen: fingerprint_text(seen),
        }
        .into(),
    }
}

/// How many rows had come before.
fn rows_before(fault: &Fault) -> Option<Said> {
    let rows = match fault {
        Fault::Refused { rows_before, .. }
        | Fault::Timeout { rows_before, .. }
        | Fault::Silent { rows_before, .. }
        | Fault::Lost { rows_before, .. } => *rows_before,
        _ => 0,
    };
    (rows > 0).then(|| RouterRowsBefore { rows }.into())
}

/// What the router had refused before.
fn traps_before(fault: &Fault) -> Option<Said> {
    let traps = match fault {
        Fault::Timeout { traps, .. } | Fault::Silent { traps, .. } | Fault::Lost { traps, .. } => {
            traps.as_slice()
        }
        _ => &[],
    };
    let traps = (!traps.is_empty()).then(|| quoted(traps))?;
    Some(RouterRefusedBefore { traps }.into())
}

/// What bytes came instead of an answer.
fn sent(fault: &Fault) -> Option<Said> {
    match fault {
        Fault::LoginTimeout { seen, .. }
        | Fault::LoginCut { seen, .. }
        | Fault::Tls(TlsFault::Timeout { seen, .. })
            if !seen.is_empty() =>
        {
            Some(RouterSent { sent: seen }.into())
        }
        _ => None,
    }
}

/// What the router said, as it said it.
fn quoted(traps: &[Trap]) -> String {
    let traps = traps.iter().map(|trap| format!("`{trap}`"));
    traps.collect::<Vec<_>>().join(", ")
}

/// How a connection ended, and what that came of.
fn ended(lost: &Lost) -> Vec<Said> {
    let said = match lost {
        Lost::Closed => RouterClosedHere.into(),
        Lost::ByPeer => RouterClosed.into(),
        Lost::InsideSentence => RouterCut.into(),
        Lost::Fatal { reason } => RouterEnded { message: reason }.into(),
        Lost::Io(_) => RouterBroke.into(),
        Lost::Protocol(_) => RouterBrokeProtocol.into(),
    };
    let below = causes(lost).map(Said::from);
    [said].into_iter().chain(below).collect()
}

/// What to do next, where that is known.
fn hint(fault: &Fault) -> Option<Said> {
    Some(match fault {
        Fault::Unreachable { .. } | Fault::ConnectTimeout { .. } => HintRouterUnreachable.into(),
        Fault::LoginTimeout { .. } | Fault::LoginCut { .. } => HintRouterAddress.into(),
        Fault::LoginRefused { .. } => HintRouterLogin.into(),
        Fault::Refused { traps, .. }
        | Fault::Silent { traps, .. }
        | Fault::Timeout { traps, .. }
        | Fault::Lost { traps, .. }
            if traps.iter().any(Trap::is_about_permissions) =>
        {
            HintRouterPolicies.into()
        }
        Fault::ChallengeRefused { .. } => HintRouterChallenge.into(),
        Fault::NotRouterOs { .. } => HintRouterForeign.into(),
        Fault::SpeaksTls => HintRouterSpeaksTls.into(),
        Fault::Tls(fault) => return hint_of_tls(fault),
        Fault::Timeout {
            silent: Some(_), ..
        } => HintRouterSlow.into(),
        Fault::Timeout { silent: None, .. } => HintRouterNarrow.into(),
        Fault::Silent { .. } => HintRouterSilent.into(),
        Fault::NoMemory { .. } => HintRouterMemory.into(),
        Fault::Lost { .. } => HintRouterLost.into(),
        Fault::LoginEnded { .. }
        | Fault::Refused { .. }
        | Fault::Answer { .. }
        | Fault::Command { .. }
        | Fault::SlowConsumer { .. } => return None,
    })
}

fn hint_of_tls(fault: &TlsFault) -> Option<Said> {
    Some(match fault {
        TlsFault::KeyExchange {
            exchange: KeyExchange::DiffieHellman | KeyExchange::Rsa,
            ..
        } => HintRouterKeyExchange.into(),
        TlsFault::SpeaksPlain => HintRouterSpeaksPlain.into(),
        TlsFault::Handshake { .. } | TlsFault::KeyExchange { .. } => HintRouterCertificate.into(),
        TlsFault::Timeout { .. } | TlsFault::Cut { .. } | TlsFault::NotTls { .. } => {
            HintRouterTlsPort.into()
        }
        TlsFault::Untrusted { .. } => HintRouterUntrusted.into(),
        TlsFault::PinMismatch { .. } => HintRouterPin.into(),
        TlsFault::CaFile { .. } | TlsFault::ServerName { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    /// The client has words of its own, in English, for those who have nothing but it: they say the same.
    #[test]
    fn the_english_of_a_routers_fault_is_that_of_the_client() {
        let after = Duration::from_secs(2);
        let source = || Arc::new(io::Error::other("why"));
        let (seen, user, command) = (String::new, || "u".to_owned(), || "/x/print".to_owned());
        let of_tls = [
            TlsFault::CaFile {
                path: PathBuf::from("a/b"),
                reason: "why".to_owned(),
            },
            TlsFault::ServerName { name: user() },
            TlsFault::Timeout {
                after,
                seen: seen(),
            },
            TlsFault::Cut { source: source() },
            TlsFault::NotTls { seen: user() },
            TlsFault::SpeaksPlain,
            TlsFault::Handshake { source: source() },
            TlsFault::Untrusted {
                fingerprint: [7; 32],
                source: source(),
            },
            TlsFault::PinMismatch {
                expected: [1; 32],
                seen: [2; 32],
            },
        ];
        let exchanges = [
            KeyExchange::Anonymous,
            KeyExchange::DiffieHellman,
            KeyExchange::Rsa,
        ];
        let exchanges = exchanges.map(|exchange| TlsFault::KeyExchange {
            exchange,
            source: source(),
        });
        let others = [
            Fault::Unreachable { source: source() },
            Fault::ConnectTimeout { after },
            Fault::LoginTimeout {
                after,
                seen: seen(),
            },
            Fault::LoginCut {
                seen: seen(),
                source: None,
            },
            Fault::LoginEnded {
                user: user(),
                reason: user(),
            },
            Fault::ChallengeRefused { user: user() },
            Fault::SpeaksTls,
            Fault::Answer {
                command: command(),
                what: user(),
            },
            Fault::SlowConsumer {
                command: command(),
                waiting: 7,
            },
            Fault::NoMemory {
                command: command(),
                limit: 7,
            },
            Fault::Silent {
                command: command(),
                after,
                rows_before: 0,
                traps: Vec::new(),
            },
            Fault::Timeout {
                command: command(),
                after,
                silent: None,
                rows_before: 0,
                traps: Vec::new(),
            },
            Fault::Timeout {
                command: command(),
                after,
                silent: Some(after),
                rows_before: 0,
                traps: Vec::new(),
            },
            Fault::Lost {
                command: command(),
                rows_before: 0,
                traps: Vec::new(),
                source: Lost::ByPeer,
            },
        ];
        let of_tls = of_tls.into_iter().chain(exchanges).map(Fault::Tls);
        for fault in of_tls.chain(others) {
            let english = said("gw:1", &fault).to_string();
            assert_eq!(english, format!("router `gw:1`: {fault}"));
        }
    }

    #[test]
    fn how_a_connection_ended_is_said_as_the_client_says_it() {
        let io = Arc::new(io::Error::other("why"));
        for lost in [
            Lost::Closed,
            Lost::ByPeer,
            Lost::InsideSentence,
            Lost::Fatal {
                reason: "late".to_owned(),
            },
            Lost::Io(io),
        ] {
            let said = ended(&lost).iter().map(Said::to_string).collect::<Vec<_>>();
            let expected: Vec<String> = site::kind::with_causes(&lost).collect();
            assert_eq!(said, expected);
        }
    }
}
