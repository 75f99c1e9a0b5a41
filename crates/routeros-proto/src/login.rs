//! Logging in, in both generations of the protocol.
//!
//! Since RouterOS 6.43 name and password are sent at once. An older router answers that with a
//! challenge, and wants an MD5 digest of it. Source: MikroTik manual "API", section "Initial login".

use std::fmt;

use bytes::{BufMut, Bytes};
use md5::{Digest, Md5};
use thiserror::Error;

use crate::client::foreign;
use crate::error::excerpt;
use crate::{Batch, Closed, Command, Connection, Decoder, Limits, ProtoError, Reply, Spare, Trap};

/// Who logs in. `Debug` does not show the password.
#[derive(Clone)]
pub struct Credentials {
    /// The name of the user.
    pub user: String,
    /// The password, in the encoding in which it was set on the router (mostly UTF-8).
    pub password: Vec<u8>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("password", &"***")
            .finish()
    }
}

/// What to do when a router from before 6.43 answers with a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChallengeLogin {
    /// Give up. By then the password has been sent; without TLS it was readable on the way.
    #[default]
    Refuse,
    /// Answer the challenge.
    Answer,
}

/// A connection that is not logged in: it cannot send commands.
///
/// Bytes from the router go into [`Login::spare`] (or [`Login::receive`]), then [`Login::advance`] says
/// how it stands; after each step the bytes of [`Login::poll_transmit`] are to be sent.
pub struct Login {
    decoder: Decoder,
    limits: Limits,
    credentials: Credentials,
    challenge: ChallengeLogin,
    answered: bool,
    transmit: Option<Bytes>,
    traps: Vec<Trap>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the bytes to send: they hold the password.
        f.debug_struct("Login")
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// How a login stands.
#[derive(Debug)]
pub enum Step {
    /// More bytes of the router are needed.
    Waiting(Login),
    /// Logged in.
    LoggedIn(Connection),
}

impl Login {
    /// Starts a login. The first bytes to send are ready.
    #[must_use]
    pub fn new(credentials: Credentials, challenge: ChallengeLogin, limits: Limits) -> Self {
        let first = Command::new("/login")
            .attribute("name", &credentials.user)
            .attribute("password", &credentials.password);
        Self {
            decoder: Decoder::new(limits),
            limits,
            credentials,
            challenge,
            answered: false,
            transmit: Some(encoded(&first)),
            traps: Vec::new(),
        }
    }

    /// The bytes to send next, once.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.transmit.take()
    }

    /// The room to read bytes of the router into. Call [`Login::advance`] after each read.
    pub fn spare(&mut self) -> Spare<'_> {
        self.decoder.spare()
    }

    /// Takes a copy of bytes of the router and advances.
    ///
    /// # Errors
    /// As [`Login::advance`].
    pub fn receive(self, bytes: &[u8]) -> Result<Step, LoginError> {
        let mut step = Step::Waiting(self);
        for byte in bytes {
            step = match step {
                Step::Waiting(mut login) => {
                    login.spare().put_u8(*byte);
                    login.advance()?
                }
                Step::LoggedIn(mut connection) => {
                    connection.receive(&[*byte])?;
                    Step::LoggedIn(connection)
                }
            };
        }
        Ok(step)
    }

    /// Looks at the bytes read since the last call.
    ///
    /// # Errors
    /// [`LoginError`] when the login cannot succeed any more.
    pub fn advance(mut self) -> Result<Step, LoginError> {
        while let Some(batch) = self.decoder.decode()? {
            if let Some(used) = self.read(&batch)? {
                return Ok(Step::LoggedIn(Connection::new(
                    self.decoder,
                    self.limits,
                    &batch,
                    used,
                )));
            }
        }
        if foreign(self.decoder.pending()) {
            return Err(ProtoError::NotAReply {
                seen: excerpt(self.pending()),
            }
            .into());
        }
        Ok(Step::Waiting(self))
    }

    /// Bytes received that do not make a sentence yet, for an error message. If the peer echoes what it
    /// is sent, they end before the password.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        const SECRET: &[u8] = b"=password=";
        let pending = self.decoder.pending();
        let at = pending
            .windows(SECRET.len())
            .position(|window| window == SECRET);
        &pending[..at.unwrap_or(pending.len())]
    }

    /// What the end of the connection means, if it comes now.
    #[must_use]
    pub fn finish(&self) -> Closed {
        self.decoder.finish()
    }

    /// The number of sentences up to the one that logged in, if it is among them.
    fn read(&mut self, batch: &Batch) -> Result<Option<usize>, LoginError> {
        for (index, sentence) in batch.iter().enumerate() {
            match Reply::new(sentence) {
                Reply::Done(_) if !self.traps.is_empty() => {
                    return Err(LoginError::Refused {
                        traps: std::mem::take(&mut self.traps),
                    });
                }
                Reply::Done(row) => match row.get("ret") {
                    None => return Ok(Some(index + 1)),
                    Some(challenge) => self.answer(challenge)?,
                },
                Reply::Trap(sentence) if self.traps.len() < MOST_TRAPS => {
                    self.traps.push(Trap::new(sentence))
                }
                Reply::Fatal { reason } => {
                    return Err(LoginError::Fatal {
                        reason: String::from_utf8_lossy(reason).into_owned(),
                    });
                }
                Reply::Other(sentence) if !sentence.first().starts_with(b"!") => {
                    return Err(ProtoError::NotAReply {
                        seen: excerpt(sentence.first()),
                    }
                    .into());
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<(), LoginError> {
        if self.answered || self.challenge == ChallengeLogin::Refuse {
            return Err(LoginError::ChallengeRefused);
        }
        let response =
            challenge_response(&self.credentials.password, challenge).ok_or_else(|| {
                LoginError::Challenge {
                    seen: excerpt(challenge),
                }
            })?;
        let second = Command::new("/login")
            .attribute("name", &self.credentials.user)
            .attribute("response", response);
        self.answered = true;
        self.transmit = Some(encoded(&second));
        Ok(())
    }
}

/// Nobody reads more errors than this of one login.
const MOST_TRAPS: usize = 16;

/// The `response` to a challenge in hexadecimal: `00` and the MD5 digest of a zero byte, the password
/// and the challenge. `None` if the challenge is not hexadecimal.
#[must_use]
pub fn challenge_response(password: &[u8], challenge: &[u8]) -> Option<String> {
    let mut digest = Md5::new();
    digest.update([0]);
    digest.update(password);
    digest.update(hex::decode(challenge).ok()?);
    Some(format!("00{}", hex::encode(digest.finalize())))
}

fn encoded(command: &Command) -> Bytes {
    let mut wire = bytes::BytesMut::new();
    // Without a tag: at this time nothing else is under way, and no router can misunderstand it.
    command.write(b"", &mut wire);
    wire.freeze()
}

/// Why a login failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoginError {
    /// The router said no: a wrong name or password, or a user whose group lacks the policy `api`.
    #[error("the router refused the login: {}", texts(traps))]
    Refused {
        /// What the router said.
        traps: Vec<Trap>,
    },
    /// The router ended the connection, for example after too many attempts.
    #[error("the router ended the connection: `{reason}`")]
    Fatal {
        /// The reason in the router's words.
        reason: String,
    },
    /// The router wants the challenge login of RouterOS before 6.43, which is not allowed, or wants it again.
    #[error("the router asks for the challenge login of RouterOS before 6.43")]
    ChallengeRefused,
    /// The challenge is not hexadecimal.
    #[error("the challenge `{seen}` of the router is not hexadecimal")]
    Challenge {
        /// The challenge, printable and cut.
        seen: String,
    },
    /// The peer does not speak the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtoError),
}

fn texts(traps: &[Trap]) -> String {
    traps
        .iter()
        .map(|trap| format!("`{trap}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
