//! Finding a menu of the table, or the nearest to one that is not there.

use std::sync::LazyLock;

use crate::menu::Menu;
use crate::menus;
use crate::nearest::{closest, misspelt};
use crate::schema::MenuSchema;

/// All menus, in the order of their paths.
static ALL: LazyLock<Vec<&'static MenuSchema>> = LazyLock::new(|| {
    let mut all: Vec<_> = menus::GROUPS.iter().copied().flatten().collect();
    all.sort_by_key(|menu| menu.path);
    all
});

/// What is known of a menu.
///
/// ```
/// use routeros_schema::{Menu, schema};
///
/// let menu: Menu = "/ip hotspot host".parse()?;
/// let host = schema::menu(&menu).unwrap();
/// assert!(host.field("bytes-in").unwrap().is_moving());
/// assert_eq!(host.closest_field("mac-adress"), Some("mac-address"));
/// # Ok::<(), routeros_schema::MenuError>(())
/// ```
pub fn menu(menu: &Menu) -> Option<&'static MenuSchema> {
    menu.schema()
}

/// All menus and commands of the table, in the order of their paths.
pub fn menus() -> impl Iterator<Item = &'static MenuSchema> {
    ALL.iter().copied()
}

/// The path that is nearest to a menu that is not in the table.
pub fn closest_menu(menu: &Menu) -> Option<&'static str> {
    closest(menu.path(), menus().map(|known| known.path))
}

/// The menu of the table that is one slip of the pen away from one that is not in it: then it is
/// more likely misspelt than unknown.
pub fn misspelt_menu(menu: &Menu) -> Option<&'static str> {
    misspelt(menu.path(), menus().map(|known| known.path))
}

/// What is known of the menu with this canonical path.
pub(crate) fn at(path: &str) -> Option<&'static MenuSchema> {
    let index = ALL.binary_search_by_key(&path, |menu| menu.path).ok()?;
    ALL.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CommandPath;
    use crate::schema::Effect;

    fn parsed(path: &str) -> Menu {
        path.parse().unwrap()
    }

    #[test]
    fn a_misspelt_menu_has_a_suggestion() {
        for (text, nearest) in [
            ("/ip/hotspot/ip-bindings", Some("/ip/hotspot/ip-binding")),
            ("/ip/adress", Some("/ip/address")),
            ("/ip/firewal/filter", Some("/ip/firewall/filter")),
            ("/made/up/menu", None),
        ] {
            assert_eq!(closest_menu(&parsed(text)), nearest, "{text}");
        }
    }

    #[test]
    fn a_misspelt_field_has_a_suggestion() {
        let list = menu(&parsed("/ip/firewall/address-list")).unwrap();
        assert_eq!(list.closest_field("adress"), Some("address"));
        assert_eq!(list.closest_field("coment"), Some("comment"));
        assert_eq!(list.closest_field("flavour"), None);
    }

    #[test]
    fn only_one_slip_is_taken_for_a_misspelling() {
        for (text, meant) in [
            ("/ip/hotspot/ip-bindings", Some("/ip/hotspot/ip-binding")),
            ("/ip/adress", Some("/ip/address")),
            ("/ipv6/address", None),
            ("/ip/arp", None),
        ] {
            assert_eq!(misspelt_menu(&parsed(text)), meant, "{text}");
        }
        let list = menu(&parsed("/ip/firewall/address-list")).unwrap();
        assert_eq!(list.misspelt_field("coment"), Some("comment"));
        assert_eq!(list.misspelt_field("comments-x"), None);
        assert_eq!(list.misspelt_field("comment"), None);
    }

    #[test]
    fn a_command_has_the_effect_that_it_has() {
        for (path, verb, expected) in [
            ("/ip/arp", "print", Some(Effect::Read)),
            ("/ip/arp", "listen", Some(Effect::Measure)),
            ("/ip/arp", "add", Some(Effect::Change)),
            ("/ip/arp", "make-coffee", None),
            ("/", "ping", Some(Effect::Measure)),
            ("/tool", "ping", Some(Effect::Measure)),
            ("/ip", "arp", None),
            ("/tool", "torch", Some(Effect::Measure)),
            ("/interface", "monitor-traffic", Some(Effect::Measure)),
            ("/ip/dhcp-server/lease", "make-static", Some(Effect::Change)),
            ("/system/script", "run", Some(Effect::Change)),
            ("/system", "reboot", Some(Effect::Change)),
        ] {
            let command = CommandPath::new(path, verb).unwrap();
            assert_eq!(command.effect(), expected, "{path} {verb}");
        }
    }
}
