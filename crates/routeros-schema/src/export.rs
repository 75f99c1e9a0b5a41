//! Texts of `export`: commands in the console's language.

use std::borrow::Cow;

use crate::is_secret;

/// What stands in the place of a secret.
const HIDDEN: &[u8] = b"***";

/// An exported text in which the value of each argument that is a secret is `***`.
///
/// RouterOS 7 leaves them out by itself; before, they stand there unless `hide-sensitive` was given. What a secret is
/// says the argument's name ([`is_secret`]), in whatever menu it stands.
///
/// ```
/// use routeros_schema::hidden_in_export;
///
/// let text = b"/ppp secret\nadd name=alice password=\"a \\\"b\" service=pppoe\n";
/// assert_eq!(&*hidden_in_export(text), b"/ppp secret\nadd name=alice password=*** service=pppoe\n");
/// ```
#[must_use]
pub fn hidden_in_export(text: &[u8]) -> Cow<'_, [u8]> {
    let mut open = Vec::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(equals) = text[at..].iter().position(|byte| *byte == b'=') {
        let equals = at + equals;
        let value = equals + 1;
        let end = value + length_of_value(&text[value..]);
        let name = name_before(&text[at..equals]);
        if end > value && is_secret(name) {
            open.extend_from_slice(&text[kept..value]);
            open.extend_from_slice(HIDDEN);
            kept = end;
        }
        at = end;
    }
    match kept {
        0 => Cow::Borrowed(text),
        _ => {
            open.extend_from_slice(&text[kept..]);
            Cow::Owned(open)
        }
    }
}

/// The argument's name that a text ends with.
fn name_before(text: &[u8]) -> &[u8] {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let begin = text.iter().rposition(|byte| !belongs(byte));
    &text[begin.map_or(0, |before| before + 1)..]
}

/// How long the value is that a text begins with: to the quote that ends it, else to a blank. A line may be broken by
/// a `\\` before its end, and goes on behind the blanks of the next one, also in quotes.
fn length_of_value(text: &[u8]) -> usize {
    let is_quoted = text.first() == Some(&b'"');
    let mut at = usize::from(is_quoted);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => {
                at += match &text[at + 1..] {
                    [b'\r', b'\n', rest @ ..] => 3 + blanks(rest),
                    [b'\n', rest @ ..] => 2 + blanks(rest),
                    [_, ..] => 2,
                    [] => 1,
                };
            }
            b'"' if is_quoted => return at + 1,
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b']' | b'}' if !is_quoted => return at,
            _ => at += 1,
        }
    }
    text.len()
}

fn blanks(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_secrets_are_hidden_and_nothing_else() {
        for (text, expected) in [
            ("", ""),
            (
                "/ip arp\nadd address=10.0.0.1\n",
                "/ip arp\nadd address=10.0.0.1\n",
            ),
            ("set password=a", "set password=***"),
            ("set password=a name=b", "set password=*** name=b"),
            ("set password=\"a b\" name=b", "set password=*** name=b"),
            (
                "set password=\"a\\\" name=c\" name=b",
                "set password=*** name=b",
            ),
            ("set password=\"a\\\\\" name=b", "set password=*** name=b"),
            ("set password=a=b name=c", "set password=*** name=c"),
            ("set password=\"\" name=c", "set password=*** name=c"),
            ("set password= name=c", "set password= name=c"),
            (
                "set comment=\"password=a b\" name=c",
                "set comment=\"password=a b\" name=c",
            ),
            (
                "set name=c \\\n    password=a\nset x=y",
                "set name=c \\\n    password=***\nset x=y",
            ),
            (
                "set password=\"long \\\r\n    text\" x=y",
                "set password=*** x=y",
            ),
            (
                "set wpa2-pre-shared-key=k authentication-types=wpa2-psk",
                "set wpa2-pre-shared-key=*** authentication-types=wpa2-psk",
            ),
            (
                "set security.passphrase=k ssid=s",
                "set security.passphrase=*** ssid=s",
            ),
            ("set password=\"never closed", "set password=***"),
            ("set password=a\\", "set password=***"),
        ] {
            let found = hidden_in_export(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&found), expected, "{text}");
        }
    }
}
