//! MACs as the portal compares them.

use std::borrow::Cow;

/// The text without white space around it, in upper case. What is no MAC is compared alike.
pub(crate) fn compared(text: &str) -> Cow<'_, str> {
    upper(text.trim())
}

/// The text in upper case: some of the portal's tasks leave white space where it is.
pub(crate) fn upper(text: &str) -> Cow<'_, str> {
    let is_upper = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_lowercase());
    if is_upper {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_uppercase())
    }
}
