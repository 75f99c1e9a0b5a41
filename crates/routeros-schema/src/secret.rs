//! Which fields hold secrets.

use crate::{Menu, schema};

/// Parts of names that make a field a secret wherever they stand: `mschapv2-password`,
/// `ipsec-secret`, `security.passphrase`, `static-sta-private-key`, `static-key-0`.
const PARTS: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "private-key",
    "static-key",
];
/// Names that have such a part and only say how passwords are dealt with.
const OPEN: [&str; 3] = [
    "always-allow-password-login",
    "minimum-password-length",
    "password-authentication",
];
/// Ends of names; `public-key` and `static-transmit-key` are not among them, for they are to be
/// seen. `shared-key` is the end of `preshared-key`, `wpa2-pre-shared-key`, and their like.
const ENDS: [&str; 10] = [
    "shared-key",
    "reconfigure-key",
    "auth-key",
    "enc-key",
    "authentication-key",
    "encryption-key",
    "md5-key",
    "management-protection-key",
    "-token",
    "-pin",
];
/// Whole names: the key of a chain, the answer to a login's challenge, the PIN of a modem, the key
/// of MACsec, the community by which SNMP lets in, what a fetch sends as its own.
const WHOLE: [&str; 17] = [
    "key",
    "response",
    "token",
    "api-key",
    "pin",
    "cak",
    "trap-community",
    "psk",
    "preshared-keys",
    "pass",
    "key-pass",
    "new-pass",
    "access-key",
    "license-key",
    "cookie",
    "http-data",
    "http-header-field",
];

/// Whether the value of the field `name` is a secret: a password, a key, an answer to a challenge.
///
/// Decided by the name alone, in whatever menu it stands, and rather once too often: what shows
/// commands, rows and changes asks it.
///
/// ```
/// assert!(routeros_schema::is_secret("wpa2-pre-shared-key"));
/// assert!(!routeros_schema::is_secret("public-key"));
/// ```
#[must_use]
pub fn is_secret(name: impl AsRef<[u8]>) -> bool {
    let name = String::from_utf8_lossy(name.as_ref()).to_ascii_lowercase();
    let has_part = PARTS.iter().any(|part| name.contains(part));
    (has_part && !OPEN.contains(&name.as_str()))
        || ENDS.iter().any(|end| name.ends_with(end))
        || WHOLE.contains(&name.as_str())
}

/// Whether the field `name` of `menu` holds a secret: by its name in any menu, or by what is known of
/// the menu, such as the `name` of `/snmp/community`, which lets in who says it.
///
/// ```
/// let community = "/snmp/community".parse()?;
/// assert!(routeros_schema::is_secret_of(&community, "name"));
/// assert!(!routeros_schema::is_secret_of(&"/ip/hotspot/user".parse()?, "name"));
/// # Ok::<(), routeros_schema::MenuError>(())
/// ```
#[must_use]
pub fn is_secret_of(menu: &Menu, name: &str) -> bool {
    let known = || schema::menu(menu)?.field(name);
    is_secret(name) || known().is_some_and(|field| field.kind.is_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_keys_and_pins_of_every_menu_are_secrets() {
        let secrets = [
            // /user, /ppp/secret, /ip/hotspot/user, /interface/*-client, /tool/e-mail
            "password",
            // /radius, /ip/ipsec/identity, /tool/sms, /user-manager
            "secret",
            "shared-secret",
            "otp-secret",
            // /interface/l2tp-client, eoip, gre, ipip
            "ipsec-secret",
            // /interface/wireless and its lists
            "wpa-pre-shared-key",
            "wpa2-pre-shared-key",
            "private-pre-shared-key",
            "private-key",
            "static-key-0",
            "static-key-3",
            "static-sta-private-key",
            "management-protection-key",
            "mschapv2-password",
            // /interface/wifi, /caps-man
            "passphrase",
            "security.passphrase",
            "eap-password",
            // /interface/wireguard/peers
            "preshared-key",
            // /snmp/community
            "authentication-password",
            "encryption-password",
            // /ip/ipsec/installed-sa
            "auth-key",
            "enc-key",
            // /routing
            "authentication-key",
            "tcp-md5-key",
            "key",
            // /interface/lte, /tool/sms, /interface/macsec, /disk
            "pin",
            "sim-pin",
            "cak",
            "encryption-key",
            // Spelled otherwise by whoever writes a command.
            "Password",
            "new-password",
            "response",
        ];
        for name in secrets {
            assert!(is_secret(name), "{name}");
        }
        assert!(is_secret(b"password\xff"));
    }

    #[test]
    fn what_an_operator_must_read_is_none() {
        let open = [
            "comment",
            "address",
            "public-key",
            "static-transmit-key",
            "static-algo-0",
            "auth-algorithms",
            "key-size",
            "authentication-types",
            "always-allow-password-login",
            "minimum-password-length",
            "mac-address",
            "name",
            "",
        ];
        for name in open {
            assert!(!is_secret(name), "{name}");
        }
    }
}
