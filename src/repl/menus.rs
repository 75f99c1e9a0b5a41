//! Menus and fields of a router of RouterOS 7 that hotspot sites use, for completion where no router
//! answers. Names are those of MikroTik's manual; a router that answers knows its own better.

/// A menu with the names of its fields, separated by blanks.
pub type Menu = (&'static str, &'static str);

/// The menus, in the order of their paths.
pub const MENUS: &[Menu] = &[
    (
        "/interface",
        "name type mtu mac-address running disabled comment rx-byte tx-byte",
    ),
    (
        "/interface/bridge/host",
        "mac-address on-interface bridge age local",
    ),
    ("/ip/address", "address network interface disabled comment"),
    (
        "/ip/arp",
        "address mac-address interface status dynamic published complete disabled comment",
    ),
    (
        "/ip/dhcp-server",
        "name interface lease-time address-pool disabled",
    ),
    (
        "/ip/dhcp-server/lease",
        "address mac-address client-id server host-name status expires-after last-seen \
         active-address active-mac-address dynamic blocked disabled comment",
    ),
    ("/ip/dns/static", "name address type ttl disabled comment"),
    (
        "/ip/firewall/address-list",
        "list address timeout creation-time dynamic disabled comment",
    ),
    (
        "/ip/firewall/filter",
        "chain action src-address dst-address src-address-list dst-address-list protocol dst-port \
         in-interface out-interface bytes packets disabled comment",
    ),
    (
        "/ip/hotspot",
        "name interface address-pool profile idle-timeout keepalive-timeout disabled",
    ),
    (
        "/ip/hotspot/active",
        "user address mac-address server uptime idle-time session-time-left bytes-in bytes-out \
         login-by comment",
    ),
    ("/ip/hotspot/cookie", "user mac-address domain expires-in"),
    (
        "/ip/hotspot/host",
        "mac-address address to-address server uptime idle-time bytes-in bytes-out authorized \
         bypassed comment",
    ),
    (
        "/ip/hotspot/ip-binding",
        "mac-address address to-address server type bypassed blocked disabled comment",
    ),
    (
        "/ip/hotspot/profile",
        "name hotspot-address dns-name html-directory login-by use-radius",
    ),
    (
        "/ip/hotspot/user",
        "name password profile server address mac-address limit-uptime limit-bytes-total uptime \
         bytes-in bytes-out disabled comment",
    ),
    (
        "/ip/hotspot/user/profile",
        "name rate-limit shared-users session-timeout idle-timeout keepalive-timeout address-list",
    ),
    (
        "/ip/neighbor",
        "identity address mac-address interface platform version",
    ),
    (
        "/ip/route",
        "dst-address gateway distance scope active dynamic disabled comment",
    ),
    ("/ip/service", "name port address certificate disabled"),
    (
        "/ipv6/firewall/address-list",
        "list address timeout creation-time dynamic disabled comment",
    ),
    ("/log", "time topics message"),
    (
        "/queue/simple",
        "name target max-limit burst-limit rate bytes parent disabled comment",
    ),
    ("/system/clock", "date time time-zone-name gmt-offset"),
    ("/system/identity", "name"),
    (
        "/system/resource",
        "version uptime cpu-load free-memory total-memory board-name architecture-name",
    ),
    (
        "/system/scheduler",
        "name interval on-event next-run run-count disabled comment",
    ),
    (
        "/system/script",
        "name source owner run-count last-started comment",
    ),
    (
        "/user",
        "name group address last-logged-in disabled comment",
    ),
    ("/user/active", "name address via when"),
];

/// The fields of a menu.
pub fn fields(menu: &str) -> impl Iterator<Item = &'static str> {
    let found = MENUS.iter().find(|(path, _)| *path == menu);
    found
        .into_iter()
        .flat_map(|(_, fields)| fields.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_names_nothing_twice() {
        assert!(MENUS.is_sorted_by(|a, b| a.0 < b.0));
        for (menu, text) in MENUS {
            assert!(menu.starts_with('/') && !menu.ends_with('/'), "{menu}");
            let mut names: Vec<&str> = text.split_whitespace().collect();
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count, "{menu}");
        }
    }
}
