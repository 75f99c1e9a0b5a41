//! Names that people write, where by mistake a password or a URL with one may stand.

use super::secret::MASK;

/// More than any name that somebody gives to a site, a router or a key.
const LONGEST: usize = 64;

/// The name, if it can be nothing else; what may hold a secret is not repeated.
pub fn named(text: &str) -> &str {
    let belongs = |sign: char| sign.is_alphanumeric() || "-_. ".contains(sign);
    match text.chars().count() <= LONGEST && text.chars().all(belongs) {
        true => text,
        false => MASK,
    }
}

/// Whether it can be the name or the address of a host: `gw.example`, `10.0.0.1`, `[fe80::1%ether1]`.
pub fn is_host(text: &str) -> bool {
    let belongs = |sign: char| sign.is_alphanumeric() || "-_.:%[]".contains(sign);
    !text.is_empty() && text.chars().all(belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_secret_is_no_name() {
        for text in ["north", "gw-1.example", "Wisma Melati", "рынок"] {
            assert_eq!(named(text), text);
        }
        let long = "x".repeat(65);
        for text in ["postgresql://a:b@h/p", "admin:b@h", "b@h", "a/b", &long] {
            assert_eq!(named(text), MASK, "{text}");
        }
    }

    #[test]
    fn a_host_has_neither_a_user_nor_a_scheme() {
        for (text, expected) in [
            ("gw.example", true),
            ("10.0.0.1", true),
            ("[fe80::1%ether1]", true),
            ("", false),
            ("admin@10.0.0.1", false),
            ("http://10.0.0.1", false),
            ("10.0.0.1 ", false),
        ] {
            assert_eq!(is_host(text), expected, "{text}");
        }
    }
}
