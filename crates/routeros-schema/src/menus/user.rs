//! `/user`: who may log in to the router itself.

use super::kinds::{POLICY, PREFIXES, USER_GROUP};
use super::rows::{COMMENT, DISABLED, REMARK, ROWS, SET, SWITCH};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, List, Mac, Moment, Name, Secret, Text, Words,
};
use crate::schema::{Effect, MenuSchema, Unset};
use crate::table::{INSPECT, flag, list, named, read, set, singleton, verb};

pub(super) const MENUS: &[MenuSchema] = &[
    // The last user with all rights is not removed.
    named("/user")
        .source(INSPECT)
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            &[verb("expire-password", Effect::Change)],
        ])
        .with_fields(&[&[
            set("name", Text).required(),
            set("group", USER_GROUP).required(),
            set("password", Secret).write_only(),
            set("address", PREFIXES).default("").unset(Unset::Empty),
            set("inactivity-timeout", Duration).since(7, 16),
            set(
                "inactivity-policy",
                Words(&["lockscreen", "logout", "none"]),
            )
            .since(7, 16),
            COMMENT,
            DISABLED,
            read("last-logged-in", Moment).moving(),
            flag("expired"),
        ]]),
    named("/user/group")
        .source(INSPECT)
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[
            set("name", Text).required(),
            set("policy", POLICY),
            set("skin", Text).default("default"),
            COMMENT,
        ]]),
    list("/user/active")
        .known_by(&["name", "address", "via", "when"])
        .source(INSPECT)
        .with_verbs(&[&[
            verb("remove", Effect::Change).since(7, 20),
            verb("request-logout", Effect::Change).until(7, 20),
        ]])
        .with_fields(&[&[
            read("when", Moment),
            read("name", Text),
            read("address", Either(&[Address, Mac])),
            read("via", Text),
            read("group", Name("/user/group")),
            read("by-romon", Either(&[Bool, Mac])),
            flag("radius"),
        ]]),
    // Keys come from files.
    list("/user/ssh-keys")
        .known_by(&["user", "key-owner"])
        .with_verbs(&[&[
            verb("import", Effect::Change),
            verb("remove", Effect::Change),
        ]])
        .with_fields(&[&[
            read("user", Name("/user")),
            read("bits", Counter),
            read("key-owner", Text),
        ]]),
    singleton("/user/settings")
        .with_verbs(&[SET])
        .with_fields(&[&[
            set("minimum-password-length", Counter),
            set("minimum-categories", Counter),
        ]]),
    singleton("/user/aaa").with_verbs(&[SET]).with_fields(&[&[
        set("use-radius", Bool),
        set("accounting", Bool),
        set("interim-update", Duration),
        set("default-group", USER_GROUP),
        set("exclude-groups", List(&USER_GROUP)),
    ]]),
];
