//! How to log in to a router.

use routeros_api::{AnswerMemory, CertificateCheck as Check, ChallengeLogin, Options, Secret, Tls};

use site::config::{CertificateCheck, Limits, RouterTarget, RouterTls};

/// TLS to a router whose certificate nobody would check.
pub struct UncheckedTls {
    /// The router, `host:port`.
    pub address: String,
}

/// The options of a connection to `target`. The site's limit for connecting counts for the
/// connection, and again for the login.
///
/// # Errors
/// [`UncheckedTls`].
pub fn options(target: &RouterTarget, limits: &Limits) -> Result<Options, UncheckedTls> {
    let password = Secret::new(target.password.expose());
    let mut options = Options::new(&target.host, &target.user, password);
    options.port = target.port;
    options.tls = target
        .tls
        .as_ref()
        .map(|tls| tls_of(target, tls))
        .transpose()?;
    // Routers before 6.43 ask for the challenge; the password went out in clear before that anyway.
    options.challenge_login = ChallengeLogin::Answer;
    options.connect_timeout = limits.connect;
    options.login_timeout = limits.connect;
    options.silence_timeout = limits.router_silence;
    options.command_timeout = limits.router;
    options.memory = AnswerMemory::new(limits.memory);
    Ok(options)
}

fn tls_of(target: &RouterTarget, tls: &RouterTls) -> Result<Tls, UncheckedTls> {
    let check = match &tls.check {
        CertificateCheck::Authorities => Check::WellKnown,
        CertificateCheck::CaFile(file) => Check::CaFile(file.clone()),
        CertificateCheck::PinSha256(pin) => Check::PinSha256(*pin),
        CertificateCheck::Nothing => {
            return Err(UncheckedTls {
                address: target.address(),
            });
        }
    };
    Ok(Tls {
        check,
        server_name: tls.server_name.clone(),
    })
}
