//! The site's routers: which one a name means, and how to log in to it.

use routeros_api::{
    CertificateCheck as Check, ChallengeLogin, Command, Options, Router, Secret, Tls,
};

use crate::config::{CertificateCheck, Limits, RouterTarget, RouterTls};

use super::error::SessionError;

/// Connects and logs in to a router of the site.
///
/// # Errors
/// [`SessionError::UncheckedTls`] for TLS without any check of the certificate, else
/// [`SessionError::Router`] within the site's limit for connecting, and again for the login.
pub async fn connect(target: &RouterTarget, limits: &Limits) -> Result<Router, SessionError> {
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
    options.command_timeout = limits.router;
    options.answer_limit = limits.bytes;
    Ok(Router::connect(&options).await?)
}

/// What the router has below `path`, by its `/console/inspect` (MikroTik's manual, "Console").
///
/// # Errors
/// [`SessionError::Router`].
pub async fn children(router: &Router, path: &str) -> Result<Vec<String>, SessionError> {
    let path = path.trim_matches('/').replace('/', ",");
    let command = Command::new("/console/inspect")
        .attribute("request", "child")
        .attribute("path", path);
    let answer = router.command(command).await?;
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes?.to_vec()).ok();
    let name = |row: routeros_api::RowRef<'_>| {
        let name = text(row.get("name"))?;
        let is_menu = row.get("node-type") == Some(b"dir");
        Some(if is_menu { format!("{name}/") } else { name })
    };
    Ok(answer.rows.iter().filter_map(name).collect())
}

fn tls_of(target: &RouterTarget, tls: &RouterTls) -> Result<Tls, SessionError> {
    let check = match &tls.check {
        CertificateCheck::Authorities => Check::WellKnown,
        CertificateCheck::CaFile(file) => Check::CaFile(file.clone()),
        CertificateCheck::PinSha256(pin) => Check::PinSha256(*pin),
        CertificateCheck::Nothing => {
            return Err(SessionError::UncheckedTls {
                address: format!("{}:{}", target.host, target.port),
            });
        }
    };
    Ok(Tls {
        check,
        server_name: tls.server_name.clone(),
    })
}
