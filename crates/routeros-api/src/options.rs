//! Where a router is and how to log in to it.

use std::fmt;
#[cfg(feature = "tls")]
use std::path::PathBuf;
use std::time::Duration;

use routeros_proto::{ChallengeLogin, Limits};

use crate::memory::AnswerMemory;

/// Everything needed to connect to one router.
#[derive(Debug, Clone)]
pub struct Options {
    /// A host name or an IP address, without brackets.
    pub host: String,
    /// The port: 8728 as a rule, 8729 with TLS.
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// TLS, and whom to trust. `None` sends the password in clear.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
    /// The limit for looking up the name and connecting, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// The limit for the login.
    pub login_timeout: Duration,
    /// The longest silence of the router while it is to answer, see [`Print::silence`](crate::Print::silence).
    pub silence_timeout: Duration,
    /// The limit for a command, from its sending to its end, unless it brings its own. A stream of rows
    /// has none: it takes as long as its taker.
    pub command_timeout: Duration,
    /// Whether to answer a router from before RouterOS 6.43.
    pub challenge_login: ChallengeLogin,
    /// The most the router may send in one piece.
    pub limits: Limits,
    /// The memory that answers may take together. Connections that are made with clones of these options
    /// share it. Streams take none of it.
    pub memory: AnswerMemory,
}

impl Options {
    /// Plain TCP on port 8728, 10 seconds to connect, 10 to log in, 20 of silence, 10 minutes for a
    /// command, no challenge login, the default [`Limits`], and 512 MiB for answers.
    #[must_use]
    pub fn new(host: impl Into<String>, user: impl Into<String>, password: Secret) -> Self {
        Self {
            host: host.into(),
            port: 8728,
            user: user.into(),
            password,
            #[cfg(feature = "tls")]
            tls: None,
            connect_timeout: Duration::from_secs(10),
            login_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(20),
            command_timeout: Duration::from_secs(10 * 60),
            challenge_login: ChallengeLogin::Refuse,
            limits: Limits::default(),
            memory: AnswerMemory::new(512 << 20),
        }
    }
}

/// The address of a router as errors show it: `host:port`.
pub(crate) fn address(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// How to know that a TLS peer is the router.
#[cfg(feature = "tls")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// What the certificate must be.
    pub check: CertificateCheck,
    /// The name the certificate must be for, if it is not the host. Of no use with a pin.
    pub server_name: Option<String>,
}

/// What the certificate of a router must be.
#[cfg(feature = "tls")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateCheck {
    /// Signed by an authority in this PEM file, and for the name of the server.
    CaFile(PathBuf),
    /// Signed by one of the well-known authorities (Mozilla's list), and for the name of the server.
    WellKnown,
    /// This very certificate: the SHA-256 digest of its DER form. Name and dates do not matter.
    PinSha256([u8; 32]),
}

/// A text that is never shown: `Debug` gives `***`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for sending it.
    #[must_use]
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
