//! A site as the portal's own environment variables describe it.

use std::path::PathBuf;

use super::endpoints::Endpoints;
use super::error::ConfigError;
use super::secret::Secret;
use super::secret_source::secret_variable;
use super::secrets::Secrets;
use super::service::DockerHost;
use super::site::{CertificateCheck, RouterTls};
use super::variables::Variables;

/// What a layer of the configuration says about a site. `None` leaves it to the layer below.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    pub endpoints: Endpoints,
    pub router: RouterOverlay,
    pub secret_key: Option<Secret>,
    pub time_zone: Option<String>,
    pub docker: Option<DockerHost>,
    pub compose_project: Option<String>,
}

/// What a layer says about a router.
#[derive(Debug, Default)]
pub(super) struct RouterOverlay {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub tls: Option<RouterTls>,
}

/// Reads the names that the portal reads, and our own beside them; `secrets` know what is secret.
///
/// # Errors
/// [`ConfigError::InvalidValue`] naming the variable.
pub(super) fn overlay(variables: &Variables, secrets: &Secrets) -> Result<Overlay, ConfigError> {
    Ok(Overlay {
        endpoints: Endpoints::of_environment(variables, secrets)?,
        router: router(variables, secrets)?,
        secret_key: secret_variable(variables, "SECRET_KEY", secrets)?,
        time_zone: owned(variables, "APP_TIMEZONE"),
        docker: variables
            .filled("DOCKER_HOST")
            .map(|host| DockerHost::new(host, variables)),
        compose_project: owned(variables, "COMPOSE_PROJECT_NAME"),
    })
}

fn router(variables: &Variables, secrets: &Secrets) -> Result<RouterOverlay, ConfigError> {
    Ok(RouterOverlay {
        host: owned(variables, "MIKROTIK_HOST"),
        port: variables.number("MIKROTIK_PORT")?,
        user: owned(variables, "MIKROTIK_USERNAME").or_else(|| owned(variables, "MIKROTIK_USER")),
        password: secret_variable(variables, "MIKROTIK_PASSWORD", secrets)?,
        tls: router_tls(variables)?,
    })
}

fn router_tls(variables: &Variables) -> Result<Option<RouterTls>, ConfigError> {
    let ca_file = owned(variables, "MIKROTIK_TLS_CA_FILE").map(PathBuf::from);
    let pin = variables
        .filled("MIKROTIK_TLS_PIN_SHA256")
        .map(|pin| parse_pin(pin).map_err(invalid("MIKROTIK_TLS_PIN_SHA256")))
        .transpose()?;
    let wanted = truthy(variables, "MIKROTIK_USE_SSL") || ca_file.is_some() || pin.is_some();
    let check = match (pin, ca_file) {
        (Some(pin), _) => CertificateCheck::PinSha256(pin),
        (None, Some(file)) => CertificateCheck::CaFile(file),
        _ if truthy(variables, "MIKROTIK_SSL_VERIFY") => CertificateCheck::Authorities,
        _ => CertificateCheck::Nothing,
    };
    let server_name = owned(variables, "MIKROTIK_TLS_SERVER_NAME");
    Ok(wanted.then_some(RouterTls { check, server_name }))
}

/// Reads a SHA-256 fingerprint: 64 hexadecimal digits, colons allowed.
///
/// # Errors
/// A reason.
pub(super) fn parse_pin(text: &str) -> Result<[u8; 32], String> {
    let digits: String = text
        .chars()
        .filter(|c| *c != ':' && !c.is_whitespace())
        .collect();
    let mut pin = [0; 32];
    hex::decode_to_slice(digits, &mut pin)
        .map_err(|_| "a SHA-256 fingerprint has 64 hexadecimal digits".to_owned())?;
    Ok(pin)
}

fn owned(variables: &Variables, name: &str) -> Option<String> {
    variables.filled(name).map(str::to_owned)
}

fn truthy(variables: &Variables, name: &str) -> bool {
    let text = variables.filled(name).unwrap_or("").to_ascii_lowercase();
    matches!(text.as_str(), "true" | "1" | "yes" | "y" | "on" | "t")
}

fn invalid(name: &str) -> impl Fn(String) -> ConfigError {
    move |reason| ConfigError::InvalidValue {
        name: name.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &Variables) -> Result<Overlay, ConfigError> {
        overlay(variables, &Secrets::default())
    }

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::new(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn the_word_null_is_no_redis_password() {
        let site = |password| {
            let pairs = [
                ("REDIS_HOST_OTP", "r"),
                ("REDIS_DB_OTP", "2"),
                ("REDIS_PASSWORD_OTP", password),
            ];
            read(&variables(&pairs))
                .unwrap()
                .endpoints
                .redis
                .unwrap()
                .to_string()
        };
        assert_eq!(site("null"), "redis://r:6379/2");
        assert_eq!(site(""), "redis://r:6379/2");
        assert_eq!(site("pw"), "redis://:***@r:6379/2");
    }

    #[test]
    fn mikrotik_username_goes_before_mikrotik_user() {
        let both = variables(&[("MIKROTIK_USER", "b"), ("MIKROTIK_USERNAME", "a")]);
        assert_eq!(read(&both).unwrap().router.user.as_deref(), Some("a"));
        let one = variables(&[("MIKROTIK_USER", "b"), ("MIKROTIK_USERNAME", "")]);
        assert_eq!(read(&one).unwrap().router.user.as_deref(), Some("b"));
    }

    #[test]
    fn a_pin_goes_before_a_ca_file_and_both_switch_tls_on() {
        let pin = "AB:".repeat(31) + "ab";
        let check = |pairs: &[(&str, &str)]| {
            read(&variables(pairs))
                .unwrap()
                .router
                .tls
                .map(|tls| tls.check)
        };
        assert_eq!(check(&[]), None);
        assert_eq!(check(&[("MIKROTIK_USE_SSL", "False")]), None);
        assert_eq!(
            check(&[("MIKROTIK_USE_SSL", "True")]),
            Some(CertificateCheck::Nothing)
        );
        assert_eq!(
            check(&[("MIKROTIK_USE_SSL", "1"), ("MIKROTIK_SSL_VERIFY", "1")]),
            Some(CertificateCheck::Authorities)
        );
        assert_eq!(
            check(&[("MIKROTIK_TLS_CA_FILE", "/ca.pem")]),
            Some(CertificateCheck::CaFile("/ca.pem".into()))
        );
        assert_eq!(
            check(&[
                ("MIKROTIK_TLS_CA_FILE", "/ca.pem"),
                ("MIKROTIK_TLS_PIN_SHA256", &pin)
            ]),
            Some(CertificateCheck::PinSha256([0xab; 32]))
        );
    }

    #[test]
    fn an_error_names_the_variable_and_hides_its_password() {
        for (name, value) in [
            ("DATABASE_URL", "postgresql://u:s3cret@h:x/d"),
            ("REDIS_URL", "amqp://u:s3cret@h"),
            ("MIKROTIK_PORT", "87x"),
            ("MIKROTIK_TLS_PIN_SHA256", "abc"),
        ] {
            let message = read(&variables(&[(name, value)])).unwrap_err().to_string();
            assert!(
                message.contains(name) && !message.contains("s3cret"),
                "{message}"
            );
        }
    }
}
