//! A site as the portal's own environment variables describe it.

use std::path::PathBuf;

use super::endpoints::Endpoints;
use super::error::ConfigError;
use super::router_address::{RouterAddress, one_port};
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
    let address = variables.filled("MIKROTIK_HOST").map(RouterAddress::parse);
    let address = address.transpose().map_err(invalid("MIKROTIK_HOST"))?;
    let said = address.as_ref().and_then(|address| address.port);
    let beside = variables.number("MIKROTIK_PORT")?;
    let port = one_port(("MIKROTIK_HOST", said), ("MIKROTIK_PORT", beside))
        .map_err(invalid("MIKROTIK_HOST"))?;
    Ok(RouterOverlay {
        host: address.map(|address| address.host),
        port,
        user: owned(variables, "MIKROTIK_USERNAME").or_else(|| owned(variables, "MIKROTIK_USER")),
        password: secret_variable(variables, "MIKROTIK_PASSWORD", secrets)?,
        tls: router_tls(variables)?,
    })
}

fn router_tls(variables: &Variables) -> Result<Option<RouterTls>, ConfigError> {
    let ca_file = not_empty(variables, "MIKROTIK_TLS_CA_FILE")?.map(PathBuf::from);
    let pin = not_empty(variables, "MIKROTIK_TLS_PIN_SHA256")?
        .map(|pin| parse_pin(pin).map_err(invalid("MIKROTIK_TLS_PIN_SHA256")))
        .transpose()?;
    let verify = switch(variables, "MIKROTIK_SSL_VERIFY")?;
    let wanted = switch(variables, "MIKROTIK_USE_SSL")? || ca_file.is_some() || pin.is_some();
    let check = match (pin, ca_file) {
        (Some(pin), _) => CertificateCheck::PinSha256(pin),
        (None, Some(file)) => CertificateCheck::CaFile(file),
        _ if verify => CertificateCheck::Authorities,
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
    if text.trim().is_empty() {
        return Err(EMPTY.to_owned());
    }
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

/// What is said of a setting that was made and left empty: nobody means "check nothing" by it.
pub(super) const EMPTY: &str = "it is empty; give it a value, or leave it out";

/// The text of `name`; one that is set has to hold something.
fn not_empty<'v>(variables: &'v Variables, name: &str) -> Result<Option<&'v str>, ConfigError> {
    match (variables.get(name), variables.filled(name)) {
        (Some(_), None) => Err(invalid(name)(EMPTY.to_owned())),
        (_, filled) => Ok(filled),
    }
}

/// A setting that is on or off, in the words that the portal understands; off where it is not set. A word
/// that the portal takes for "off" because it does not know it is refused.
fn switch(variables: &Variables, name: &str) -> Result<bool, ConfigError> {
    let text = variables.filled(name).unwrap_or("false");
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "on" | "t" => Ok(true),
        "false" | "0" | "no" | "n" | "off" | "f" => Ok(false),
        _ => Err(invalid(name)("it wants True or False".to_owned())),
    }
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
    fn broker_and_results_are_where_the_portal_looks_for_them() {
        let places = |pairs: &[(&str, &str)]| {
            let endpoints = read(&variables(pairs)).unwrap().endpoints;
            let shown = [endpoints.broker, endpoints.results];
            shown.map(|place| place.map_or("none".to_owned(), |place| place.to_string()))
        };
        let broker = ("REDIS_HOST_CELERY_BROKER", "cache");
        let results = ("REDIS_HOST_CELERY_BACKEND", "cache");
        for (pairs, expected) in [
            (&[][..], ["none", "none"]),
            (&[broker], ["redis://cache:6379/1", "none"]),
            (&[results], ["none", "redis://cache:6379/2"]),
            (
                &[
                    broker,
                    ("REDIS_PORT_CELERY_BROKER", "7000"),
                    ("REDIS_DB_CELERY_BROKER", "5"),
                    ("REDIS_PASSWORD_CELERY_BROKER", "pw"),
                ],
                ["redis://:***@cache:7000/5", "none"],
            ),
            // The portal's code has this host where none is named.
            (
                &[("REDIS_DB_CELERY_BROKER", "4")],
                ["redis://redis:6379/4", "none"],
            ),
            (
                &[("REDIS_PASSWORD_CELERY_BACKEND", "null")],
                ["none", "redis://redis:6379/2"],
            ),
            (
                &[broker, ("REDIS_PASSWORD_CELERY_BROKER", "null")],
                ["redis://cache:6379/1", "none"],
            ),
            (
                &[
                    broker,
                    results,
                    ("CELERY_BROKER_URL", "redis://own:1/1"),
                    ("CELERY_RESULT_BACKEND", "redis://own:1/9"),
                ],
                ["redis://own:1/1", "redis://own:1/9"],
            ),
            (
                &[broker, ("CELERY_BROKER_URL", "")],
                ["redis://cache:6379/1", "none"],
            ),
            // The portal's own Redis says nothing of the broker.
            (&[("REDIS_HOST_OTP", "cache")], ["none", "none"]),
        ] {
            assert_eq!(places(pairs), expected, "{pairs:?}");
        }
        let wrong = [broker, ("REDIS_PORT_CELERY_BROKER", "many")];
        let said = read(&variables(&wrong)).unwrap_err().to_string();
        assert!(said.contains("REDIS_PORT_CELERY_BROKER"), "{said}");
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
    fn an_address_may_hold_a_port_and_brackets() {
        for (host, port, expected) in [
            ("10.0.0.1", None, ("10.0.0.1", None)),
            ("10.0.0.1", Some("8729"), ("10.0.0.1", Some(8729))),
            ("10.0.0.1:8730", None, ("10.0.0.1", Some(8730))),
            ("10.0.0.1:8730", Some("8730"), ("10.0.0.1", Some(8730))),
            ("[::1]", None, ("::1", None)),
            ("[::1]", Some("8728"), ("::1", Some(8728))),
            ("[::1]:8728", None, ("::1", Some(8728))),
            ("::1", None, ("::1", None)),
        ] {
            let port = port.map(|port| ("MIKROTIK_PORT", port));
            let pairs: Vec<_> = port.into_iter().chain([("MIKROTIK_HOST", host)]).collect();
            let router = read(&variables(&pairs)).unwrap().router;
            let read = (router.host.as_deref(), router.port);
            assert_eq!(read, (Some(expected.0), expected.1), "{pairs:?}");
        }
        let none = variables(&[("MIKROTIK_HOST", "gw"), ("MIKROTIK_PORT", "0")]);
        let said = read(&none).unwrap_err().to_string();
        assert!(said.contains("from 1 to 65535"), "{said}");
        let two = variables(&[("MIKROTIK_HOST", "gw:8728"), ("MIKROTIK_PORT", "8729")]);
        let said = read(&two).unwrap_err().to_string();
        assert!(said.contains("8728") && said.contains("8729"), "{said}");
    }

    #[test]
    fn a_switch_is_on_or_off_and_nothing_else() {
        for name in ["MIKROTIK_USE_SSL", "MIKROTIK_SSL_VERIFY"] {
            for text in [
                "true", "True", "1", "yes", "on", "FALSE", "0", "no", "off", "", " ",
            ] {
                assert!(read(&variables(&[(name, text)])).is_ok(), "{name}={text}");
            }
            for text in ["enabled", "2", "none", "tru", "\"True\""] {
                let said = read(&variables(&[(name, text)])).unwrap_err().to_string();
                assert!(
                    said.contains(name) && said.contains("True or False"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn a_pin_or_an_authority_that_is_set_and_empty_is_no_consent_to_anybody() {
        for name in ["MIKROTIK_TLS_PIN_SHA256", "MIKROTIK_TLS_CA_FILE"] {
            for text in ["", "  "] {
                let said = read(&variables(&[(name, text)])).unwrap_err().to_string();
                assert!(
                    said.contains(name) && said.contains("it is empty"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn an_error_names_the_variable_and_hides_its_password() {
        for (name, value) in [
            ("MIKROTIK_HOST", "admin:s3cret@10.0.0.1"),
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
