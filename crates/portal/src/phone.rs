//! Phone numbers as the portal shortens them: the local number, usually beginning with `08`.

use super::number::decimal_digit;

/// The local number of `phone`: its digits (of any script), `62…` written as `0…` and `8…` as
/// `08…`. Empty when there is no digit; not validated and not unique, as in the portal.
///
/// ```
/// use portal::phone::local_phone;
/// assert_eq!(local_phone("+62 812-3456-789"), "08123456789");
/// ```
#[must_use]
pub fn local_phone(phone: &str) -> String {
    let mut local = String::with_capacity(phone.len() + 1);
    local.push('0');
    local.extend(
        phone
            .chars()
            .filter(|&character| decimal_digit(character).is_some()),
    );
    match &local[1..] {
        digits if digits.starts_with("62") => local.replace_range(1..3, ""),
        digits if digits.starts_with('8') => {}
        _ => local.replace_range(..1, ""),
    }
    local
}

/// The local number that a person typed: ASCII digits, a `+` before them, and what people write
/// between them; `None` for other text.
#[must_use]
pub fn typed_phone(text: &str) -> Option<String> {
    let text = text.trim();
    let body = text.strip_prefix('+').unwrap_or(text);
    let allowed = |c: char| c.is_ascii_digit() || " -.()/".contains(c);
    let some = body.contains(|c: char| c.is_ascii_digit());
    (some && body.chars().all(allowed)).then(|| local_phone(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_is_digits_and_what_stands_between_them() {
        for text in [
            "08123456789",
            "+62 812-3456-789",
            " (0812) 3456.789 ",
            "0812/3456789",
        ] {
            assert_eq!(typed_phone(text).as_deref(), Some("08123456789"), "{text}");
        }
        for text in ["", "+", "- -", "Budi 0812", "0812+3", "08\u{661}"] {
            assert_eq!(typed_phone(text), None, "{text}");
        }
    }

    #[test]
    fn local_numbers_begin_with_08_where_the_country_is_known() {
        let cases = [
            ("+62815584929", "0815584929"),
            ("62 815 584 929", "0815584929"),
            ("815584929", "0815584929"),
            ("0815584929", "0815584929"),
            ("(0815) 584-929", "0815584929"),
            ("+62", "0"),
            ("8", "08"),
            ("+1 555 0151", "15550151"),
            ("+675 07741185", "67507741185"),
            ("", ""),
            ("none", ""),
            ("08\u{661}\u{662}", "08\u{661}\u{662}"),
            ("\u{ff16}\u{ff12}8", "\u{ff16}\u{ff12}8"),
        ];
        for (phone, expected) in cases {
            assert_eq!(local_phone(phone), expected, "{phone}");
        }
    }
}
