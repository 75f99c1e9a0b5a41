//! Phone numbers as the portal shortens them: the local number, usually beginning with `08`.

use super::number::decimal_digit;

/// The local number of `phone`: its digits (of any script), `62…` written as `0…` and `8…` as
/// `08…`. Empty when there is no digit; not validated and not unique, as in the portal.
///
/// ```
/// use tikbook::portal::phone::local_phone;
/// assert_eq!(local_phone("+62 812-3456-789"), "08123456789");
/// ```
#[must_use]
pub fn local_phone(phone: &str) -> String {
    let digits: String = phone
        .chars()
        .filter(|&character| decimal_digit(character).is_some())
        .collect();
    if let Some(rest) = digits.strip_prefix("62") {
        return format!("0{rest}");
    }
    if digits.starts_with('8') {
        return format!("0{digits}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

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
