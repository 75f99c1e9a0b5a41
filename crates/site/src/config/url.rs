//! What the URLs of databases and of Redis have in common, split without judging their parts.

use super::secret::Secret;
use super::secrets::Secrets;

/// A URL cut into its parts. User and password are decoded, the rest is as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UrlParts {
    /// The scheme in lower case, before a `+`.
    pub scheme: String,
    /// What follows the `+` in the scheme, in lower case; empty without one.
    pub variant: String,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// One or several `host[:port]`, separated by commas; empty when there is none.
    pub hosts: String,
    /// From the first `/` on, the `/` included; empty when there is none.
    pub path: String,
    /// The options after `?`, decoded, in their order, names in lower case.
    pub options: Vec<(String, String)>,
}

/// Splits `url`; its password is known to `secrets` from then on.
///
/// A password may hold a bare `/` or `:` as SQLAlchemy allows. A bare `@` in it could be read in
/// two ways, and is refused rather than sent to the wrong host.
///
/// # Errors
/// A reason that holds no part of the password.
pub(super) fn split_url(url: &str, secrets: &Secrets) -> Result<UrlParts, String> {
    let (scheme, rest) = url
        .trim()
        .split_once("://")
        .ok_or("it has no `scheme://` in front")?;
    let scheme = scheme.to_ascii_lowercase();
    let (scheme, variant) = scheme.split_once('+').unwrap_or((&scheme, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, password, rest) = credentials(rest)?;
    let path_start = rest.find('/').unwrap_or(rest.len());
    Ok(UrlParts {
        scheme: scheme.to_owned(),
        variant: variant.to_owned(),
        user,
        password: password.map(|written| secrets.keep_written(percent_decoded(written), written)),
        hosts: rest[..path_start].to_owned(),
        path: rest[path_start..].to_owned(),
        options: options(query),
    })
}

type Credentials<'a> = (Option<String>, Option<&'a str>, &'a str);

fn credentials(text: &str) -> Result<Credentials<'_>, String> {
    let Some((before, rest)) = text.split_once('@') else {
        return Ok((None, None, text));
    };
    let (user, password) = match before.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (before, None),
    };
    if rest.contains('@') || user.contains('/') {
        return Err("it holds an `@` that can be read in two ways; write `%40` for an `@` in a user name or password".to_owned());
    }
    let user = Some(percent_decoded(user)).filter(|user| !user.is_empty());
    Ok((user, password, rest))
}

fn options(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|option| !option.is_empty())
        .map(|option| {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            (
                percent_decoded(name).to_ascii_lowercase(),
                percent_decoded(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// One `host[:port]` or `[ipv6][:port]`.
///
/// # Errors
/// A reason when the port is not a number from 1 to 65535.
pub(super) fn host_and_port(text: &str, default_port: u16) -> Result<(String, u16), String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest
            .split_once(']')
            .ok_or("the `[` before the host is never closed")?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match port.strip_prefix(':') {
        None | Some("") => default_port,
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            // Not shown: behind a forgotten `@` it would be the password.
            .ok_or("its port is not a number from 1 to 65535")?,
    };
    Ok((percent_decoded(host), port))
}

/// `text` with `%XX` replaced. What is no escape stays, as in Python's `unquote`; bytes that do not
/// make UTF-8 become U+FFFD.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match escape(&bytes[at..]) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn escape(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(url: &str) -> Result<UrlParts, String> {
        split_url(url, &Secrets::default())
    }

    #[test]
    fn a_url_is_split_and_its_credentials_are_decoded() {
        let parts =
            split("PostgreSQL+Psycopg2://u%40x:p%2Fw%3A%@db:5433/hot?sslmode=require&A=b+c")
                .unwrap();
        assert_eq!(parts.scheme, "postgresql");
        assert_eq!(parts.variant, "psycopg2");
        assert_eq!(parts.user.as_deref(), Some("u@x"));
        assert_eq!(parts.password.unwrap().expose(), "p/w:%");
        assert_eq!(parts.hosts, "db:5433");
        assert_eq!(parts.path, "/hot");
        assert_eq!(
            parts.options,
            [
                ("sslmode".to_owned(), "require".to_owned()),
                ("a".to_owned(), "b c".to_owned())
            ]
        );
    }

    #[test]
    fn an_ambiguous_at_sign_is_refused_without_showing_the_password() {
        for url in [
            "redis://u:p@ss@h/0",
            "redis://u:p@ss/w@h/0",
            "redis://h/a@b",
        ] {
            let reason = split(url).unwrap_err();
            assert!(
                reason.contains("%40") && !reason.contains("zz9"),
                "{reason}"
            );
        }
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, host, port) in [
            ("db", "db", 1),
            ("db:99", "db", 99),
            ("db:", "db", 1),
            ("[::1]", "::1", 1),
            ("[fe80::2]:99", "fe80::2", 99),
        ] {
            assert_eq!(
                host_and_port(text, 1),
                Ok((host.to_owned(), port)),
                "{text}"
            );
        }
        for text in ["db:x", "db:0", "db:70000", "[::1"] {
            assert!(host_and_port(text, 1).is_err(), "{text}");
        }
    }
}
