//! What is protected whatever a script asks: rows of others, and what the site lists.

use catalogue::Said;
use routeros_schema::{Menu, schema};
use sentences::{ProtectedBySite, ProtectedIpBinding, ProtectedToken};

use super::change::{Change, Write};
use super::fields::Fields;
use super::own::OwnRows;
use super::row::{Edit, RowWrite};
use portal::comment::{ListComment, Tokens, naming_parts};
use site::config::{Pattern, Protected, Site};
use site::grant::Target;
use wording::bytes::shown;

const BINDINGS: &str = "/ip/hotspot/ip-binding";
const LISTS: [&str; 2] = ["/ip/firewall/address-list", "/ipv6/firewall/address-list"];

/// Why the row that `change` would set or remove on the site is protected, if it is.
pub fn protection(change: &Change, site: &Site, own: &dyn OwnRows) -> Option<Said> {
    let patterns = &site.protected;
    match &change.write {
        Write::Row(row) => {
            let (menu, before) = (&row.menu, row.before()?);
            match change.undoes {
                // What a run of ours made may be unmade, unless the site itself says no.
                Some(_) => listed(patterns, |protected| is_row(protected, menu, before)),
                // A binding that goes on naming its user may be another one otherwise.
                None if keeps_its_names(row) => {
                    listed(patterns, |protected| is_row(protected, menu, before))
                }
                None => row_protection((row.router.as_deref(), menu), before, site, own),
            }
        }
        Write::Keys(keys) => keys
            .targets()
            .iter()
            .find_map(|target| listed(patterns, |protected| is_key(protected, target))),
        Write::Statement(_) | Write::Request(_) => None,
        Write::Command(command) => {
            let none = Fields::default();
            let target = command.target();
            let path = target.menu()?;
            let of_row = command.row.as_ref().and_then(|row| {
                let place = (row.router.as_deref(), &row.menu);
                row_protection(place, row.before()?, site, own)
            });
            of_row.or_else(|| listed(patterns, |protected| is_row(protected, path, &none)))
        }
    }
}

/// Why a row of a router's `menu` is protected, if it is; the first router where none is named.
///
/// What the site lists is. Of the other rows those are not that a run of ours added. An ip-binding whose comment
/// names a user is how the portal finds the user of a device: it is not removed, and only set where it goes on
/// naming the same user for the same device. A row of an address list without a token is somebody else's, unless
/// the site says that the list is its own, or the comment is the one that the portal writes for the address of a
/// device that nobody authorised, `lpsaring:unauthorized …`.
pub fn row_protection(
    (router, menu): (Option<&str>, &Menu),
    row: &Fields,
    site: &Site,
    own: &dyn OwnRows,
) -> Option<Said> {
    foreign(menu, row, site)
        .filter(|_| !own.has(router, menu, row))
        .or_else(|| listed(&site.protected, |protected| is_row(protected, menu, row)))
}

/// Whether a change sets fields of an ip-binding and leaves it the user's of the same device: whoever its
/// comment names is named after it as before, and so is what makes the device known, its MAC or, where
/// it has none, its address.
fn keeps_its_names(row: &RowWrite) -> bool {
    let Edit::Set { before, after, .. } = &row.edit else {
        return false;
    };
    let is_device = |name: &str| match before.get("mac-address").is_some_and(|mac| !mac.is_empty())
    {
        true => name == "mac-address",
        false => ["mac-address", "address"].contains(&name),
    };
    // Until it was looked at, only what is to be written is known of the row after.
    let is_kept = |name: &str| {
        after
            .get(name)
            .is_none_or(|value| before.get(name) == Some(value))
    };
    let comments = [before, after].map(|row| row.get("comment").map(shown));
    let names_the_same = match &comments {
        [_, None] => true,
        [before, Some(after)] => {
            naming_parts(before.as_deref().unwrap_or_default()) == naming_parts(after)
        }
    };
    let mut written = after.iter().map(|(name, _)| name);
    row.menu.path() == BINDINGS
        && names_the_same
        && written.all(|name| !is_device(name) || is_kept(name))
}

/// Why a row looks like somebody else's, if it does.
fn foreign(menu: &Menu, row: &Fields, site: &Site) -> Option<Said> {
    let path = menu.path();
    let comment = shown(row.get("comment").unwrap_or_default());
    let names_user = || {
        ["uid=", "user_id=", "user="]
            .iter()
            .any(|key| comment.contains(key))
    };
    if path == BINDINGS && names_user() {
        return Some(ProtectedIpBinding.into());
    }
    let tokens = Tokens::read(&comment);
    let list = super::menu::list_of(row).unwrap_or_default();
    let is_own = site.writable.iter().any(|own| own == list)
        || ListComment::of(&comment) == Some(ListComment::Unauthorized);
    if LISTS.contains(&path) && !is_own && tokens.uid.is_none() && tokens.user.is_none() {
        let setting = format!("writable = [{list:?}]");
        return Some(ProtectedToken { setting }.into());
    }
    None
}

fn listed(patterns: &[Protected], matches: impl Fn(&Protected) -> bool) -> Option<Said> {
    let pattern = patterns.iter().find(|protected| matches(protected))?;
    let pattern = pattern.to_string();
    Some(ProtectedBySite { pattern }.into())
}

fn is_row(protected: &Protected, menu: &Menu, row: &Fields) -> bool {
    match protected {
        Protected::Menu(whole) => whole == menu,
        Protected::Pattern(pattern) => is_matched(pattern, menu, row),
    }
}

fn is_key(protected: &Protected, key: &Target) -> bool {
    match protected {
        Protected::Menu(_) => false,
        Protected::Pattern(pattern) => pattern.is_key(key.name()),
    }
}

/// Whether any value of the row looks as the pattern says.
fn is_matched(pattern: &Pattern, menu: &Menu, row: &Fields) -> bool {
    let schema = schema::menu(menu);
    row.iter()
        .any(|(name, value)| pattern.is_value(schema, name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::At;

    struct Nothing;

    impl OwnRows for Nothing {
        fn has(&self, _: Option<&str>, _: &Menu, _: &Fields) -> bool {
            false
        }
    }

    fn menu(path: &str) -> Menu {
        path.parse().unwrap()
    }

    fn row(list: &str, comment: &str) -> Fields {
        [
            ("list", list),
            ("address", "10.0.0.9"),
            ("comment", comment),
        ]
        .into_iter()
        .collect()
    }

    fn protection_of(path: &str, row: Fields, site: &Site) -> Option<Said> {
        row_protection((None, &menu(path)), &row, site, &Nothing)
    }

    #[test]
    fn bindings_of_users_and_rows_without_a_token_are_protected() {
        let mut site = Site::named("home");
        let protected = |path, comment| protection_of(path, row("blocked", comment), &site);
        assert!(protected(BINDINGS, "authorized|user=0812345678").is_some());
        assert!(protected(BINDINGS, "authorized|user_id=7").is_some());
        assert!(protected(BINDINGS, "printer in the hall").is_none());
        assert!(protected(LISTS[0], "superuser=1").is_some());
        assert!(protected(LISTS[0], "lpsaring|status=blocked|user=0812345678").is_none());
        assert!(
            protected(
                LISTS[0],
                "lpsaring:unauthorized mac=0A:5E:1C:00:00:01 uptime=9m"
            )
            .is_none()
        );
        assert!(protected(LISTS[0], "was lpsaring:unauthorized").is_some());
        site.writable = vec!["vip".to_owned()];
        assert!(protection_of(LISTS[0], row("vip", ""), &site).is_none());
        assert!(protection_of(LISTS[0], row("VIP", ""), &site).is_some());
    }

    #[test]
    fn a_binding_of_a_user_may_be_set_where_it_goes_on_naming_the_user_for_the_device() {
        let binding = |fields: &[(&str, &str)]| {
            let mut row: Fields = [
                ("mac-address", "0A:5E:1C:00:00:01"),
                ("type", "blocked"),
                ("comment", "blocked|user=0812345678|uid=7"),
            ]
            .into_iter()
            .collect();
            for (name, value) in fields {
                row.set(*name, *value);
            }
            row
        };
        let mut site = Site::named("home");
        let is_protected = |site: &Site, before: &[(&str, &str)], set: &[(&str, &str)]| {
            let (before, after) = (binding(before), set.iter().copied().collect());
            let at = At::row("*1");
            let change = Change::set(None, &menu(BINDINGS), at, (before, after), "");
            protection(&change, site, &Nothing).is_some()
        };
        for (set, expected) in [
            (&[("type", "bypassed")][..], false),
            (&[("disabled", "false"), ("server", "srv-user")], false),
            (&[("address", ""), ("to-address", "10.0.0.9")], false),
            (
                &[("comment", "authorized|uid=7|user=0812345678|role=USER")],
                false,
            ),
            (&[("mac-address", "0A:5E:1C:00:00:01")], false),
            // Another device's, another user's, nobody's.
            (&[("mac-address", "0A:5E:1C:00:00:02")], true),
            (&[("mac-address", "")], true),
            (&[("comment", "authorized|user=0812345678|uid=8")], true),
            (&[("comment", "authorized|user=0812345678")], true),
            (
                &[("comment", "blocked|user=0812345678|uid=7|user_id=9")],
                true,
            ),
            (&[("type", "bypassed"), ("comment", "")], true),
        ] {
            assert_eq!(is_protected(&site, &[], set), expected, "{set:?}");
        }
        // Without a MAC the address says which device it is.
        let by_address = [("mac-address", ""), ("address", "10.0.0.9")];
        assert!(is_protected(&site, &by_address, &[("address", "10.0.0.8")]));
        assert!(!is_protected(&site, &by_address, &[("type", "regular")]));
        site.protected = vec!["0A:5E:1C:00:00:01".parse().unwrap()];
        assert!(
            is_protected(&site, &[], &[("type", "bypassed")]),
            "the site says no"
        );
    }

    #[test]
    fn the_site_protects_rows_by_any_field_or_by_one() {
        let matched = |pattern: &str| {
            let row = row("blocked", "x|user=0812345678");
            let mut site = Site::named("home");
            site.protected = vec![pattern.parse().unwrap()];
            protection_of(LISTS[0], row, &site).is_some()
        };
        assert!(matched("10.0.0.*"));
        assert!(matched("address=10.*"));
        assert!(matched("*user=0812345678*"));
        assert!(!matched("comment=10.*"));
    }
}
