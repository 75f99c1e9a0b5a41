//! The comments the portal writes on router rows, and the tokens it finds in them again.
//!
//! `uid=<id of a user>` and `user=<local number>` tie a row to a user. The portal has several
//! readers with different rules; [`Tokens`] follows its audit, [`tag`] its tag parser.

use std::collections::BTreeSet;

use super::block::BlockReason;
use super::number::{decimal_digit, is_space, strip};
use super::status::AccessStatus;
use super::user_id::UserId;

/// What the audit reads in a comment: the first `uid=` and the first `user=` that count.
///
/// A key counts at the start of the text or after `|` or white space. The value of `uid=` runs to
/// the next `|` or white space and may not be empty; the value of `user=` is a `0` and at least six
/// more digits, whatever follows them. A key without such a value is passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens<'comment> {
    /// The value of the first `uid=`, as written. It need not be an id: see [`Tokens::user_id`].
    pub uid: Option<&'comment str>,
    /// The value of the first `user=`.
    pub user: Option<&'comment str>,
}

impl<'comment> Tokens<'comment> {
    /// Reads the tokens of `comment`.
    ///
    /// ```
    /// use portal::comment::Tokens;
    /// let tokens = Tokens::read("lpsaring|status=blocked|user=08123456789|uid=nope");
    /// assert_eq!(tokens.user, Some("08123456789"));
    /// assert_eq!(tokens.uid, Some("nope"));
    /// ```
    #[must_use]
    pub fn read(comment: &'comment str) -> Self {
        Tokens {
            uid: first_value(comment, "uid=", id_value),
            user: first_value(comment, "user=", phone_value),
        }
    }

    /// The id in `uid=`, if its text is one. Only the first `uid=` is looked at: a second one does
    /// not help a broken first one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.uid.and_then(UserId::parse)
    }
}

/// Why a row is on the blocked list although its user is not blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceBlock {
    /// `limit-exceeded|…`: the user has more devices than allowed.
    LimitExceeded,
    /// `pending-auth|…`: the device waits for the user's consent.
    PendingAuthorization,
}

impl DeviceBlock {
    /// The device block a comment stands for, by the word it begins with.
    #[must_use]
    pub fn of(comment: &str) -> Option<DeviceBlock> {
        match comment.split_once('|')?.0 {
            "limit-exceeded" => Some(DeviceBlock::LimitExceeded),
            "pending-auth" => Some(DeviceBlock::PendingAuthorization),
            _ => None,
        }
    }

    /// The word the comment begins with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DeviceBlock::LimitExceeded => "limit-exceeded",
            DeviceBlock::PendingAuthorization => "pending-auth",
        }
    }
}

/// What a row of the address-lists is, where its comment has the form in which a task of the portal
/// writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListComment {
    /// `lpsaring|status=…`: an address of a user of that status.
    Status(AccessStatus),
    /// `lpsaring:unauthorized …`: an address that nobody authorised.
    Unauthorized,
    /// The address of a device that is blocked for itself.
    Device(DeviceBlock),
}

impl ListComment {
    /// What the comment says.
    ///
    /// ```
    /// use portal::comment::ListComment;
    /// use portal::status::AccessStatus;
    /// let comment = ListComment::of("lpsaring|status=fup|user=08123456789");
    /// assert_eq!(comment, Some(ListComment::Status(AccessStatus::Fup)));
    /// ```
    #[must_use]
    pub fn of(comment: &str) -> Option<ListComment> {
        if comment.starts_with("lpsaring:unauthorized") {
            return Some(ListComment::Unauthorized);
        }
        if let Some(block) = DeviceBlock::of(comment) {
            return Some(ListComment::Device(block));
        }
        if !comment.starts_with("lpsaring|") {
            return None;
        }
        AccessStatus::of_word(tag(comment, "status")?).map(ListComment::Status)
    }
}

/// The block for debts that wrote a row, a binding or a hotspot user with this comment.
///
/// ```
/// use portal::block::BlockReason;
/// use portal::comment::debt_block;
/// assert_eq!(debt_block("blocked|debt-overdue|user=0812"), Some(BlockReason::Overdue));
/// assert_eq!(debt_block("blocked|user=0812|uid=7"), None);
/// ```
#[must_use]
pub fn debt_block(comment: &str) -> Option<BlockReason> {
    const WORDS: [(&str, BlockReason); 4] = [
        ("debt-overdue", BlockReason::Overdue),
        ("quota-debt-overdue", BlockReason::Overdue),
        ("manual-debt-eom", BlockReason::EndOfMonth),
        ("quota-debt-eom", BlockReason::EndOfMonth),
    ];
    let mut parts = comment.split('|').map(strip);
    parts.find_map(|part| {
        let word = part.strip_prefix("reason=").unwrap_or(part);
        let known = WORDS.iter().find(|(known, _)| *known == word)?;
        Some(known.1)
    })
}

/// Whether the portal takes the row of this comment for its own: `lpsaring`, `uid=` or `user=`
/// stand anywhere in it. A foreign `superuser=1` passes too.
#[must_use]
pub fn is_managed(comment: &str) -> bool {
    ["lpsaring", "uid=", "user="]
        .iter()
        .any(|mark| comment.contains(mark))
}

/// The value of `key` by the portal's tag parser: split at `|`, then at the first `=`; the first
/// occurrence of a key wins, and may be empty.
#[must_use]
pub fn tag<'comment>(comment: &'comment str, key: &str) -> Option<&'comment str> {
    tags(comment)
        .find(|&(name, _)| name == key)
        .map(|(_, value)| value)
}

/// All `key=value` parts of a comment between its `|`, in order. Parts without `=` are left out.
pub fn tags(comment: &str) -> impl Iterator<Item = (&str, &str)> {
    comment.split('|').filter_map(|part| part.split_once('='))
}

/// What stands at the end of a comment that a task writes, where its date and time are not known
/// beforehand.
pub const WRITTEN_NOW: &str = "|date=<date>|time=<time>";

/// What stands before the name of somebody, that which counts more first.
const KEYS: [&str; 3] = ["uid=", "user_id=", "user="];

/// Whom the comment of an ip-binding names, by the portal's map of bindings: the first `uid=` with
/// a value at a boundary, else `user_id=`, else `user=`, which may have any value here.
///
/// ```
/// use portal::comment::binding_token;
/// assert_eq!(binding_token("blocked|user=0812|uid=7"), Some("7"));
/// assert_eq!(binding_token("the boss's phone"), None);
/// ```
#[must_use]
pub fn binding_token(comment: &str) -> Option<&str> {
    KEYS.iter()
        .find_map(|key| first_value(comment, key, id_value))
}

/// The parts of a comment between `|` and white space by which the portal may find somebody: those with
/// `uid=`, `user_id=` or `user=` anywhere in them. Comments with the same parts name the same people.
///
/// ```
/// use portal::comment::naming_parts;
/// let before = naming_parts("authorized|user=0812|uid=7");
/// assert_eq!(before, naming_parts("blocked|uid=7|user=0812|date=29-11-2026"));
/// assert_ne!(before, naming_parts("blocked|user=0812"));
/// ```
#[must_use]
pub fn naming_parts(comment: &str) -> BTreeSet<&str> {
    let parts = comment.split(|c: char| c == '|' || is_space(c));
    let is_naming = |part: &&str| KEYS.iter().any(|key| part.contains(key));
    parts.filter(is_naming).collect()
}

/// The users whom the comment of a status row names, by the rule the usage sync prunes by: the
/// texts behind `uid=` and `user=` at the start of a part between `|`. Nobody if the comment is
/// not a status row's.
pub fn status_owners(comment: &str) -> impl Iterator<Item = &str> {
    let comment = strip(comment);
    let is_status = comment.contains("lpsaring|status=");
    let parts = is_status.then(|| comment.split('|')).into_iter().flatten();
    parts.map(strip).filter_map(|part| {
        let value = part.strip_prefix("uid=");
        value.or_else(|| part.strip_prefix("user="))
    })
}

/// The first value behind `key` at a boundary that `value` accepts.
fn first_value<'comment>(
    comment: &'comment str,
    key: &str,
    value: impl Fn(&'comment str) -> Option<&'comment str>,
) -> Option<&'comment str> {
    comment
        .match_indices(key)
        .filter(|&(place, _)| is_boundary(&comment[..place]))
        .find_map(|(place, _)| value(&comment[place + key.len()..]))
}

/// Whether a key may begin behind `before`.
fn is_boundary(before: &str) -> bool {
    before.chars().next_back().is_none_or(ends_value)
}

fn ends_value(character: char) -> bool {
    character == '|' || is_space(character)
}

/// The value of `uid=` at the start of `text`.
fn id_value(text: &str) -> Option<&str> {
    let end = text.find(ends_value).unwrap_or(text.len());
    Some(&text[..end]).filter(|value| !value.is_empty())
}

/// The value of `user=` at the start of `text`: an ASCII zero, then six or more digits.
fn phone_value(text: &str) -> Option<&str> {
    const FEWEST_DIGITS: usize = 7;
    let end = text
        .find(|character| decimal_digit(character).is_none())
        .unwrap_or(text.len());
    let number = &text[..end];
    (number.starts_with('0') && number.chars().nth(FEWEST_DIGITS - 1).is_some()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_at_boundaries_only() {
        let cases: &[(&str, Option<&str>, Option<&str>)] = &[
            (
                "lpsaring|status=blocked|user=08123456789|uid=abc|role=USER",
                Some("abc"),
                Some("08123456789"),
            ),
            ("uid=abc", Some("abc"), None),
            ("a b uid=abc c", Some("abc"), None),
            ("x\tuser=0812345678\ty", None, Some("0812345678")),
            ("note\nuser=0812345678", None, Some("0812345678")),
            ("\u{1c}uid=abc\u{1f}x", Some("abc"), None),
            ("\u{3000}uid=abc\u{a0}", Some("abc"), None),
            ("\u{200b}uid=abc", None, None),
            ("\u{180e}uid=abc", None, None),
            ("\u{feff}uid=abc", None, None),
            ("guid=abc|n", None, None),
            ("user_id=abc", None, None),
            ("superuser=08123456789", None, None),
            ("xuid=abc", None, None),
            ("lpsaring;uid=abc;user=0812345678", None, None),
            ("uid=abc,user=0812345678", Some("abc,user=0812345678"), None),
            ("user=0812345678|uid=abc", Some("abc"), Some("0812345678")),
            ("UID=abc|User=0812345678", None, None),
            ("uid =  abc", None, None),
            ("", None, None),
        ];
        check(cases);
    }

    #[test]
    fn rows_of_the_lists_are_known_by_the_forms_in_which_tasks_write_them() {
        use ListComment::{Device, Status, Unauthorized};
        let cases = [
            (
                "lpsaring|status=unlimited|user=08123456789",
                Some(Status(AccessStatus::Unlimited)),
            ),
            (
                "lpsaring|status=blocked|reason=debt-overdue|user=08123456789",
                Some(Status(AccessStatus::Blocked)),
            ),
            ("lpsaring:unauthorized mac=0A uptime=1h", Some(Unauthorized)),
            (
                "limit-exceeded|user=08123456789",
                Some(Device(DeviceBlock::LimitExceeded)),
            ),
            ("lpsaring|status=vip|user=08123456789", None),
            ("lpsaring|static-dhcp|user=08123456789", None),
            ("status=blocked|user=08123456789", None),
            ("the boss", None),
        ];
        for (comment, expected) in cases {
            assert_eq!(ListComment::of(comment), expected, "{comment}");
        }
    }

    #[test]
    fn the_first_value_wins_and_a_key_without_a_value_is_passed_over() {
        let cases: &[(&str, Option<&str>, Option<&str>)] = &[
            ("uid=nope|uid=abc", Some("nope"), None),
            ("uid=|uid=abc", Some("abc"), None),
            ("uid= |user=0812345678", None, Some("0812345678")),
            ("uid=", None, None),
            ("uid=|user=", None, None),
            ("user=|user=0812345678", None, Some("0812345678")),
            ("user=nobody|user=0812345678", None, Some("0812345678")),
            ("user=0811111111|user=0812345678", None, Some("0811111111")),
            ("uid=uid=abc", Some("uid=abc"), None),
        ];
        check(cases);
    }

    #[test]
    fn a_user_is_a_zero_and_at_least_six_digits_whatever_follows() {
        let cases: &[(&str, Option<&str>, Option<&str>)] = &[
            ("user=0812345", None, Some("0812345")),
            ("user=081234", None, None),
            ("user=0812345678x", None, Some("0812345678")),
            ("user=08123456-78", None, Some("08123456")),
            ("user=0812345678.1", None, Some("0812345678")),
            ("user=62812345678", None, None),
            ("user=+62812345678", None, None),
            ("user=812345678", None, None),
            ("user='0812345678'", None, None),
            ("user= 0812345678", None, None),
            (
                "user=08\u{661}\u{662}\u{663}\u{664}\u{665}",
                None,
                Some("08\u{661}\u{662}\u{663}\u{664}\u{665}"),
            ),
            ("user=\u{ff10}812345678", None, None),
        ];
        check(cases);
    }

    fn check(cases: &[(&str, Option<&str>, Option<&str>)]) {
        for &(comment, uid, user) in cases {
            assert_eq!(Tokens::read(comment), Tokens { uid, user }, "{comment:?}");
        }
    }

    #[test]
    fn managed_is_decided_by_what_stands_anywhere() {
        for managed in ["lpsaring", "xuid=", "superuser=1", "a lpsaring:host b"] {
            assert!(is_managed(managed), "{managed}");
        }
        for foreign in ["", "LPSARING", "blocked by hand", "uid: 5", "User=1"] {
            assert!(!is_managed(foreign), "{foreign}");
        }
    }

    #[test]
    fn device_blocks_are_known_by_their_first_word() {
        assert_eq!(
            DeviceBlock::of("limit-exceeded|user=08"),
            Some(DeviceBlock::LimitExceeded)
        );
        assert_eq!(
            DeviceBlock::of("pending-auth|user=08"),
            Some(DeviceBlock::PendingAuthorization)
        );
        for other in ["limit-exceeded", "x|limit-exceeded|", "pending-authx|", ""] {
            assert_eq!(DeviceBlock::of(other), None, "{other}");
        }
    }

    #[test]
    fn tags_are_split_at_bars_and_at_the_first_equals_sign() {
        let comment = "lpsaring|status=active|user=|user=08|note=a=b| role=USER";
        assert_eq!(tag(comment, "status"), Some("active"));
        assert_eq!(tag(comment, "user"), Some(""));
        assert_eq!(tag(comment, "note"), Some("a=b"));
        assert_eq!(tag(comment, "role"), None);
        assert_eq!(tag(comment, "lpsaring"), None);
    }
}
