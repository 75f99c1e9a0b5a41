//! The address of a router, as people write it.

use std::net::Ipv6Addr;

use super::name::is_host;

/// What it has to look like.
const FORMS: &str = "it wants a name or an address, with or without a port, such as \"192.168.88.1\", \
     \"gw.example:8728\", \"[fd00::1]\" or \"[fd00::1]:8728\"; user and password are settings of their own";

/// A host and, where one was written, a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterAddress {
    /// A name or an address, without brackets.
    pub host: String,
    /// From 1 to 65535.
    pub port: Option<u16>,
}

impl RouterAddress {
    /// Reads `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address.
    ///
    /// # Errors
    /// The forms there are. What was written is not repeated: it may be `user:password@host`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || FORMS.to_owned();
        if is_ipv6(text) {
            return Self::new(text, None).ok_or_else(wrong);
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                // So a URL writes the interface (RFC 6874).
                let host = host.replacen("%25", "%", 1);
                (Some(host).filter(|host| is_ipv6(host)), port)
            }
            None => {
                let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
                let is_name = is_host(host) && !host.contains(['[', ']', '%']);
                (Some(host.to_owned()).filter(|_| is_name), port)
            }
        };
        let host = host.ok_or_else(wrong)?;
        let port = match port.strip_prefix(':') {
            Some(port) => Some(number(port).ok_or_else(wrong)?),
            None if port.is_empty() => None,
            None => return Err(wrong()),
        };
        Self::new(&host, port).ok_or_else(wrong)
    }

    /// `host:port`, with brackets where they are needed.
    pub fn with_port(&self, port: u16) -> String {
        with_port(&self.host, port)
    }

    fn new(host: &str, port: Option<u16>) -> Option<Self> {
        let host = host.to_owned();
        is_host(&host).then_some(Self { host, port })
    }
}

/// `host:port`, an address with colons of its own in brackets.
pub(super) fn with_port(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// The port that two settings of one router say, each by its name.
///
/// # Errors
/// They say different ones, or 0, which is none.
pub(super) fn one_port(
    (address, inside): (&str, Option<u16>),
    (name, beside): (&str, Option<u16>),
) -> Result<Option<u16>, String> {
    match (inside, beside) {
        (_, Some(0)) => Err(format!("`{name}` is 0: a port is from 1 to 65535")),
        (Some(inside), Some(beside)) if inside != beside => Err(format!(
            "the port in `{address}` is {inside}, and `{name}` says {beside}: keep one of them"
        )),
        _ => Ok(inside.or(beside)),
    }
}

/// `fe80::1`, also with the interface that it is reached by: `fe80::1%ether1`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty()
}

fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_stands_alone_or_with_a_port() {
        for (text, host, port) in [
            ("192.168.88.1", "192.168.88.1", None),
            ("192.168.88.1:8729", "192.168.88.1", Some(8729)),
            (" gw.example ", "gw.example", None),
            ("gw.example:1", "gw.example", Some(1)),
            ("::1", "::1", None),
            ("[::1]", "::1", None),
            ("[::1]:8728", "::1", Some(8728)),
            ("fe80::1%ether1", "fe80::1%ether1", None),
            ("[fe80::1%ether1]:65535", "fe80::1%ether1", Some(65535)),
            ("[fe80::1%25ether1]:8728", "fe80::1%ether1", Some(8728)),
            ("fd00::88:8728", "fd00::88:8728", None),
        ] {
            let expected = RouterAddress {
                host: host.to_owned(),
                port,
            };
            assert_eq!(RouterAddress::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for text in [
            "",
            ":8728",
            "gw:",
            "gw:0",
            "gw:65536",
            "gw:+1",
            "gw:api",
            "gw:8728:8729",
            "[::1",
            "::1]",
            "[::1]8728",
            "[::1]:",
            "[gw]:8728",
            "[]",
            "fe80::1%",
            "[fe80::1%25]",
            "http://10.0.0.1",
            "admin:pw0@10.0.0.1",
            "admin:pw0@10.0.0.1:8728",
            "10.0.0.1/24",
        ] {
            let reason = RouterAddress::parse(text).unwrap_err();
            assert!(reason.contains("[fd00::1]:8728"), "{text}: {reason}");
            assert!(!reason.contains("pw0"), "{text}: {reason}");
        }
    }
}
