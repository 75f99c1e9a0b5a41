//! Kinds that several menus use.

use crate::kind::Kind::{
    self, Address, Bool, Counter, Duration, Either, Flags, Host, List, Name, Negatable, Network,
    Number, Pair, Prefix, Range, Rate, Rights, Size, Text, Words,
};

/// The name of an interface.
pub(super) const INTERFACE: Kind = Name("/interface");
/// Names of interfaces.
pub(super) const INTERFACES: Kind = List(&INTERFACE);
/// The name of an interface list.
pub(super) const INTERFACE_LIST: Kind = Name("/interface/list");
/// The name of an address list: there is no menu of these, a list is there with its first entry.
pub(super) const ADDRESS_LIST: Kind = Text;
/// A hotspot server.
pub(super) const HOTSPOT: Kind = Either(&[Words(&["all"]), Name("/ip/hotspot")]);
/// A profile of hotspot users; one is always there.
pub(super) const HOTSPOT_USER_PROFILE: Kind =
    Either(&[Words(&["default"]), Name("/ip/hotspot/user/profile")]);
/// A profile of hotspot servers; one is always there.
pub(super) const HOTSPOT_PROFILE: Kind =
    Either(&[Words(&["default"]), Name("/ip/hotspot/profile")]);
/// A group of users; these are always there.
pub(super) const USER_GROUP: Kind =
    Either(&[Words(&["full", "read", "write"]), Name("/user/group")]);
/// A DHCP server.
pub(super) const DHCP_SERVER: Kind = Either(&[Words(&["all"]), Name("/ip/dhcp-server")]);
/// A pool of addresses, or none.
pub(super) const POOL_OR_NONE: Kind = Either(&[Words(&["none"]), Name("/ip/pool")]);
/// A pool of addresses, or only the leases that are there.
pub(super) const POOL_OR_STATIC: Kind = Either(&[Words(&["static-only"]), Name("/ip/pool")]);
/// An address, or the pool from which it comes.
pub(super) const ADDRESS_OR_POOL: Kind = Either(&[Address, Name("/ip/pool")]);
/// A queue, or none.
pub(super) const QUEUE_OR_NONE: Kind = Either(&[Words(&["none"]), Name("/queue/simple")]);
/// Where a dynamic queue goes.
pub(super) const QUEUE_PLACE: Kind = Either(&[Words(&["bottom", "first"]), Name("/queue/simple")]);
/// The type of a queue.
pub(super) const QUEUE_TYPE: Kind = Name("/queue/type");
/// The types of a queue for both directions.
pub(super) const QUEUE_TYPES: Kind = Pair(&QUEUE_TYPE);
/// A certificate, or none.
pub(super) const CERTIFICATE: Kind = Either(&[Words(&["none"]), Name("/certificate")]);
/// A virtual routing table.
pub(super) const VRF: Kind = Name("/ip/vrf");

/// A length of time, or none.
pub(super) const NONE_OR_DURATION: Kind = Either(&[Words(&["none"]), Duration]);
/// A length of time, or what the router takes by itself.
pub(super) const AUTO_OR_DURATION: Kind = Either(&[Words(&["auto"]), Duration]);
/// How many, or as many as come.
pub(super) const UNLIMITED_OR_COUNT: Kind = Either(&[Words(&["unlimited"]), Counter]);

/// Addresses with commas between.
pub(super) const ADDRESSES: Kind = List(&Address);
/// Prefixes with commas between.
pub(super) const PREFIXES: Kind = List(&Prefix);
/// An address, or a name that the domain name system knows.
pub(super) const ADDRESS_OR_HOST: Kind = Either(&[Address, Host]);
/// The like with commas between.
pub(super) const ADDRESSES_OR_HOSTS: Kind = List(&ADDRESS_OR_HOST);
/// Prefixes and interfaces with commas between: the target of a queue.
pub(super) const TARGETS: Kind = List(&Either(&[Prefix, INTERFACE]));
/// A prefix or an interface.
pub(super) const TARGET: Kind = Either(&[Prefix, INTERFACE]);
/// What a firewall rule matches of addresses.
pub(super) const MATCHED_NETWORK: Kind = Negatable(&Network);
/// What a firewall rule matches of ports.
pub(super) const MATCHED_PORTS: Kind = Negatable(&List(&Range));
/// What a firewall rule matches of a number.
pub(super) const MATCHED_RANGE: Kind = Negatable(&Range);
/// What a firewall rule matches of a name.
pub(super) const MATCHED_TEXT: Kind = Negatable(&Text);
/// What a firewall rule matches of an interface.
pub(super) const MATCHED_INTERFACE: Kind = Negatable(&Either(&[
    Words(&["all-ethernet", "all-ppp", "all-vlan", "all-wireless"]),
    INTERFACE,
]));
/// What a firewall rule matches of an interface list.
pub(super) const MATCHED_INTERFACE_LIST: Kind = Negatable(&INTERFACE_LIST);
/// What a firewall rule matches of an address list.
pub(super) const MATCHED_ADDRESS_LIST: Kind = Negatable(&ADDRESS_LIST);

/// Rates up and down.
pub(super) const RATES: Kind = Pair(&Rate);
/// Counters up and down.
pub(super) const COUNTERS: Kind = Pair(&Counter);
/// Sizes up and down.
pub(super) const SIZES: Kind = Pair(&Size);
/// Numbers up and down.
pub(super) const NUMBERS: Kind = Pair(&Number);
/// Lengths of time up and down.
pub(super) const DURATIONS: Kind = Pair(&Duration);

/// Texts with commas between.
pub(super) const TEXTS: Kind = List(&Text);
/// Yes or no with more answers than these.
pub(super) const DEFAULT_OR_BOOL: Kind = Either(&[Words(&["default", "required"]), Bool]);
/// How an interface answers requests for addresses.
pub(super) const ARP: Kind = Words(&[
    "disabled",
    "enabled",
    "local-proxy-arp",
    "proxy-arp",
    "reply-only",
]);
/// How a link proves who it is.
pub(super) const PPP_AUTHENTICATION: Kind = Flags(&["pap", "chap", "mschap1", "mschap2"]);
/// What a user, a script or a schedule may do, in the order in which the router writes it
/// (documented for groups of users).
pub(super) const POLICY: Kind = Rights(&[
    "local",
    "telnet",
    "ssh",
    "ftp",
    "reboot",
    "read",
    "write",
    "policy",
    "test",
    "winbox",
    "password",
    "web",
    "sniff",
    "sensitive",
    "api",
    "romon",
    "rest-api",
    "dude",
    "tikapp",
]);
