//! What is protected whatever a script asks: rows of others, and what the site lists.

use catalogue::Said;
use routeros_schema::{Menu, schema};
use sentences::{ProtectedBySite, ProtectedIpBinding, ProtectedToken};

use super::change::{Change, Write};
use super::fields::Fields;
use super::own::OwnRows;
use portal::comment::Tokens;
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
/// What the site lists is. Of the other rows those are not that a run of ours added. An ip-binding whose comment names a user is how the portal finds the user of a device; a row of
/// an address list without a token is somebody else's, unless the site says that the list is its own.
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
    let is_own = site.writable.iter().any(|own| own == list);
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
        site.writable = vec!["vip".to_owned()];
        assert!(protection_of(LISTS[0], row("vip", ""), &site).is_none());
        assert!(protection_of(LISTS[0], row("VIP", ""), &site).is_some());
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
