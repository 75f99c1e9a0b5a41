//! `portal::` the hotspot portal's own words: what it writes on the router and in its tables, and
//! how it decides.

mod access;
mod columns;
mod decisions;
mod devices;
mod directory;
mod list_names;
mod log_lines;
mod next_sync;
mod owned;
mod selection;
mod settings;
mod site_state;
mod users;

use bigdecimal::num_bigint::BigInt;
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::call;
use super::decimal;
use super::dynamic::key_of;
use super::error::{CallResult, HostError};
use super::primitive::{Declaration, primitives};
use portal::block::BlockReason;
use portal::comment::{self, DeviceBlock, Tokens};
use portal::network::Network;
use portal::phone;
use portal::status::AccessStatus;
use portal::user_id::UserId;
use portal::who::Who;

use owned::{Directory, Owned};

/// Registers the types of users who own rows, and of rows that are owned.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Directory>("Directory")
        .register_type_with_name::<Owned>("Owned");
}

/// What the primitives of the whole namespace declare.
pub const DECLARATIONS: &[&[Declaration]] = &[
    PRIMITIVES,
    settings::PRIMITIVES,
    users::PRIMITIVES,
    decisions::PRIMITIVES,
    devices::PRIMITIVES,
    directory::PRIMITIVES,
    selection::PRIMITIVES,
    list_names::PRIMITIVES,
    log_lines::PRIMITIVES,
    next_sync::PRIMITIVES,
    access::PRIMITIVES,
];

/// The whole namespace: the primitives of this file and of the folder's.
pub fn module() -> Module {
    let mut module = exported_module!(portal_module);
    combine_with_exported_module!(&mut module, "settings", settings::settings_module);
    combine_with_exported_module!(&mut module, "users", users::users_module);
    combine_with_exported_module!(&mut module, "decisions", decisions::decisions_module);
    combine_with_exported_module!(&mut module, "devices", devices::devices_module);
    combine_with_exported_module!(&mut module, "directory", directory::directory_module);
    combine_with_exported_module!(&mut module, "selection", selection::selection_module);
    combine_with_exported_module!(&mut module, "list_names", list_names::list_names_module);
    combine_with_exported_module!(&mut module, "log_lines", log_lines::log_lines_module);
    combine_with_exported_module!(&mut module, "next_sync", next_sync::next_sync_module);
    combine_with_exported_module!(&mut module, "access", access::access_module);
    module
}

primitives! {
    _: () = plain tokens(Comment);
    _: () = plain tag(Comment, Text);
    _: () = plain is_managed(Comment);
    _: () = plain device_block(Comment);
    _: () = plain local_phone(Phone);
    _: () = plain user_id(Text);
    _: () = plain block_cause(Value);
    _: () = plain statuses(Text);
    _: () = plain networks(Text);
    _: () = plain hotspot_networks();
    _: () = plain is_within(Address, Value);
    _: () = plain who(Text);
}

/// The portal's grammar and arithmetic: comments, phones, users, debt, settings. Who should be
/// blocked is decided in `scripts/lib`, where a site can change it; what a comment or a column
/// means is decided here.
#[export_module]
pub mod portal_module {
    use super::*;

    /// The tokens the portal's audit reads in a comment: a map of `uid` (the text behind the first
    /// `uid=`), `user_id` (the id in it, in its usual spelling) and `user` (the local number behind
    /// the first `user=`), each `()` where there is none.
    ///
    /// ```rhai
    /// let tokens = portal::tokens("lpsaring|status=blocked|user=08123456789|uid=unknown");
    /// assert_eq(tokens, #{ uid: "unknown", user_id: (), user: "08123456789" });
    /// ```
    pub fn tokens(comment: &str) -> Map {
        let tokens = Tokens::read(comment);
        Map::from([
            ("uid".into(), text_or_unit(tokens.uid)),
            ("user_id".into(), id_or_unit(tokens.user_id())),
            ("user".into(), text_or_unit(tokens.user)),
        ])
    }

    /// The value of a key in a comment of the form `a|key=value|…`, by the portal's tag parser: the
    /// first occurrence wins; `()` where there is none.
    ///
    /// ```rhai
    /// assert_eq(portal::tag("lpsaring|status=fup|role=USER", "status"), "fup");
    /// assert_eq(portal::tag("lpsaring|status=fup", "ip"), ());
    /// ```
    pub fn tag(comment: &str, key: &str) -> Dynamic {
        text_or_unit(comment::tag(comment, key))
    }

    /// True if the portal takes the row of this comment for its own: `lpsaring`, `uid=` or `user=`
    /// stand anywhere in it, even in `superuser=1`.
    ///
    /// ```rhai
    /// assert(portal::is_managed("lpsaring|status=fup"), "the portal's");
    /// assert(!portal::is_managed("the boss's phone"), "somebody's");
    /// ```
    pub fn is_managed(comment: &str) -> bool {
        comment::is_managed(comment)
    }

    /// `limit-exceeded` or `pending-auth` if the comment stands for a blocked device rather than a
    /// blocked user, else `()`.
    ///
    /// ```rhai
    /// assert_eq(portal::device_block("pending-auth|user=08123456789"), "pending-auth");
    /// assert_eq(portal::device_block("lpsaring|status=blocked"), ());
    /// ```
    pub fn device_block(comment: &str) -> Dynamic {
        text_or_unit(DeviceBlock::of(comment).map(DeviceBlock::word))
    }

    /// The local number of a phone: its digits, `62…` written as `0…` and `8…` as `08…`; empty
    /// where there is no digit.
    ///
    /// ```rhai
    /// assert_eq(portal::local_phone("+62 812-3456-789"), "08123456789");
    /// ```
    pub fn local_phone(phone: &str) -> String {
        phone::local_phone(phone)
    }

    /// The id of a user in its usual spelling, read as leniently as the portal reads it: upper
    /// case, `urn:uuid:`, braces, dashes anywhere; `()` for other text.
    ///
    /// ```rhai
    /// let id = "00a733c7-2944-4fb0-ad71-e429caf590f0";
    /// assert_eq(portal::user_id("{00A733C729444FB0AD71E429CAF590F0}"), id);
    /// assert_eq(portal::user_id("unknown"), ());
    /// ```
    pub fn user_id(text: &str) -> Dynamic {
        id_or_unit(UserId::parse(text))
    }

    /// Who set a block, by the text of `users.blocked_reason`: `debt-limit` (the sync takes it away
    /// by itself), `end-of-month`, `overdue`, or `manual` for any other text and for none.
    ///
    /// ```rhai
    /// assert_eq(portal::block_cause("quota_debt_limit|debt_mb=612.25"), "debt-limit");
    /// assert_eq(portal::block_cause(()), "manual");
    /// ```
    pub fn block_cause(reason: Dynamic) -> String {
        let reason = reason.read_lock::<ImmutableString>();
        let reason = reason.as_ref().map(|text| text.as_str());
        BlockReason::of(reason).word().to_owned()
    }

    /// The access statuses that a setting such as `HOTSPOT_BYPASS_STATUSES` lists: words between
    /// commas, in brackets and quotes or not; `[]` is none.
    ///
    /// ```rhai
    /// assert_eq(portal::statuses("active, fup"), ["active", "fup"]);
    /// assert_eq(portal::statuses("[]"), []);
    /// ```
    pub fn statuses(text: &str) -> Array {
        let listed = AccessStatus::listed(text).into_iter();
        listed.map(|status| status.word().into()).collect()
    }

    /// The networks that a setting such as `HOTSPOT_CLIENT_IP_CIDRS` lists: networks and single
    /// addresses between commas, in brackets and quotes or not; what is neither is left out.
    ///
    /// ```rhai
    /// let listed = portal::networks("10.0.0.0/8, 172.16.2.1, soon");
    /// assert_eq(listed, ["10.0.0.0/8", "172.16.2.1/32"]);
    /// ```
    pub fn networks(text: &str) -> Array {
        let listed = Network::listed(text).into_iter();
        listed.map(|network| network.to_string().into()).collect()
    }

    /// The networks of the hotspot's clients, as the usage sync takes them: it passes over addresses
    /// outside. The first of `MIKROTIK_UNAUTHORIZED_CIDRS` and `HOTSPOT_CLIENT_IP_CIDRS` in the
    /// portal's environment that lists any; where the first is not set, the portal's code has
    /// 172.16.2.0/23 in its place. Where neither lists any, every address is a client's.
    ///
    /// ```rhai
    /// assert_eq(portal::hotspot_networks(), ["10.20.0.0/16"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hotspot_networks(context: NativeCallContext) -> CallResult<Array> {
        let settings = call::host(&context)?.settings();
        let networks = Network::of_clients(|name| settings.environment(name));
        Ok(match networks.is_empty() {
            true => vec!["0.0.0.0/0".into(), "::/0".into()],
            false => networks
                .iter()
                .map(|network| network.to_string().into())
                .collect(),
        })
    }

    /// True if an address is in one of `networks`, an array of texts as `portal::networks` gives
    /// them. A text that is no address is in none; so is `()`.
    ///
    /// ```rhai
    /// assert(portal::is_within("10.1.2.3", ["172.16.0.0/12", "10.0.0.0/8"]), "it begins with 10");
    /// assert(!portal::is_within("guest.example", ["0.0.0.0/0"]), "a name is no address");
    /// ```
    pub fn is_within(address: Dynamic, networks: Array) -> bool {
        let Ok(address) = key_of(&address).parse() else {
            return false;
        };
        let mut networks = networks.iter().map(|text| Network::parse(&key_of(text)));
        networks.any(|network| network.is_some_and(|network| network.contains(address)))
    }

    /// What a text names a user by: a map of `kind` (`id`, `mac`, `address`, `network`, `phone` or `name`) and
    /// `value`, its usual spelling; `()` for an empty text. A phone may be its last digits only.
    ///
    /// ```rhai
    /// assert_eq(portal::who("+62 812-5550-1001"), #{ kind: "phone", value: "081255501001" });
    /// assert_eq(portal::who("0a-5e-1c-22-00-01").value, "0A:5E:1C:22:00:01");
    /// ```
    pub fn who(text: &str) -> Dynamic {
        let Some(who) = Who::read(text) else {
            return Dynamic::UNIT;
        };
        Dynamic::from(Map::from([
            ("kind".into(), who.word().into()),
            ("value".into(), who.value().into()),
        ]))
    }
}

fn raise(context: &NativeCallContext, error: HostError) -> Box<EvalAltResult> {
    error.at(context).raise()
}

fn text_or_unit(text: Option<&str>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| Dynamic::from(text.to_owned()))
}

fn id_or_unit(id: Option<UserId>) -> Dynamic {
    id.map_or(Dynamic::UNIT, |id| Dynamic::from(id.to_string()))
}

/// The whole number, of any size, in a script's value.
fn whole(value: &Dynamic) -> Result<BigInt, HostError> {
    decimal::from_dynamic(value)
        .and_then(|number| number.to_string().parse().ok())
        .ok_or_else(|| HostError::invalid(format!("`{value}` is not a whole number")))
}

#[cfg(test)]
mod tests {
    use crate::script::engine;
    use crate::script::library::Library;

    const USERS: &str = r#"
        let users = portal::users(rows::from([
            #{ id: "00a733c7-2944-4fb0-ad71-e429caf590f0", phone_number: "+62811111111", role: "USER",
               approval_status: "APPROVED", is_active: 1, is_blocked: "t", total_quota_used_mb: "600.10" },
            #{ id: "F48542D466 no id", phone_number: "0822222222", role: "KING", approval_status: "APPROVED",
               is_active: true, total_quota_used_mb: "NaN" },
            #{ id: "a126fb93-9e81-4a81-bdc7-89135b8dfac6", phone_number: "", role: "ADMIN",
               approval_status: "REJECTED", is_active: "perhaps", total_quota_purchased_mb: "many" },
        ]));
        let devices = rows::from([
            #{ user_id: "00a733c7-2944-4fb0-ad71-e429caf590f0", ip_address: " 10.0.0.9 " },
            #{ user_id: "a126fb939e814a81bdc789135b8dfac6", ip_address: "10.0.0.9" },
            #{ user_id: "a126fb93-9e81-4a81-bdc7-89135b8dfac6", ip_address: "" },
            #{ user_id: "nobody", ip_address: "10.0.0.7" },
            #{ ip_address: "10.0.0.7" },
        ]);
        let directory = portal::directory(users, devices);
    "#;

    /// Runs `script` after the users above; it ends in an error where an assertion does not hold.
    fn run(script: &str) -> Result<(), String> {
        engine::compiler(&Library::without_folders())
            .run(&format!("{USERS}{script}"))
            .map_err(|error| match *error {
                rhai::EvalAltResult::ErrorRuntime(value, _) => value
                    .try_cast::<super::HostError>()
                    .map_or_else(|| "another error".to_owned(), |error| error.to_string()),
                other => other.to_string(),
            })
    }

    #[test]
    fn users_have_one_type_for_each_column_whatever_came() {
        let script = r#"
            assert_eq(users.column("is_active"), [true, true, false]);
            assert_eq(users.column("is_blocked"), [true, false, false]);
            assert_eq(users.column("total_quota_used_mb"), [600.1, (), ()]);
            assert_eq(users.column("debt_mb"), [600.1, (), ()]);
            assert_eq(users.column("phone"), ["0811111111", "0822222222", ""]);
            assert_eq(users.column("block_cause"), ["manual", (), ()]);
        "#;
        assert_eq!(run(script), Ok(()));
    }

    #[test]
    fn users_that_cannot_be_used_are_told_apart_and_hide_nobody() {
        let script = r#"
            assert_eq(portal::unusable(users).column("problem"),
                ["role `KING` is unknown", "is_active `perhaps` is not true or false"]);
            assert_eq(portal::sync_decision(users[1], 500), ());
        "#;
        assert_eq!(run(script), Ok(()));
    }

    #[test]
    fn an_address_may_be_held_by_several_users() {
        let script = r#"
            let list = rows::from([#{ n: 1, address: "10.0.0.9" }, #{ n: 2, address: "10.0.0.7" },
                                   #{ n: 3, address: "" }, #{ n: 4 }]);
            let held = directory.by_address(list);
            assert_eq(held.rows_of(users).column("n"), [1]);
            assert_eq(held.rows_of(users)[0]["holder.phone"], "0811111111");
            assert_eq(held.rows_of(users.where(#{ role: "ADMIN" })).column("n"), [1]);
            assert_eq(held.users_without(users).column("role"), ["KING"]);
            assert_eq(held.rows_not_of(users).column("n"), [2, 3, 4]);
        "#;
        assert_eq!(run(script), Ok(()));
    }

    #[test]
    fn a_network_is_held_by_those_whose_devices_lie_in_it() {
        let script = r#"
            let devices = rows::from([
                #{ user_id: users[0].id, ip_address: "10.0.0.9" },
                #{ user_id: users[0].id, ip_address: " 10.0.0.10 " },
                #{ user_id: users[2].id, ip_address: "10.0.0.10" },
                #{ user_id: users[0].id, ip_address: "2001:DB8::1" },
                #{ user_id: users[2].id, ip_address: "not yet" },
                #{ user_id: users[2].id, ip_address: () },
            ]);
            let directory = portal::directory(users, devices);
            for each in [
                ["10.0.0.9", ["USER"]],
                ["10.0.0.9/32", ["USER"]],
                ["10.0.0.0-10.0.0.9", ["USER"]],
                ["10.0.0.0/28", ["USER", "ADMIN"]],
                ["10.0.0.10-10.0.0.10", ["USER", "ADMIN"]],
                ["10.0.0.11-10.0.0.99", []],
                ["2001:db8::/64", ["USER"]],
                ["not yet", ["ADMIN"]],
                ["10.0.0.0/33", []],
                ["", []],
            ] {
                let held = directory.by_address(rows::from([#{ address: each[0] }]));
                let roles = [];
                for user in users {
                    let one = users.where(#{ id: user.id });
                    if held.rows_of(one).len() > 0 { roles.push(user.role); }
                    assert_eq(held.rows_not_of(one).len(), 1 - held.rows_of(one).len());
                }
                assert_eq(roles, each[1]);
            }
            let all = directory.by_address(rows::from([#{ address: "10.0.0.0/8" }]));
            assert_eq(all.users_with_more(users, 0).column("rows"), [1, 1]);
        "#;
        assert_eq!(run(script), Ok(()));
    }

    #[test]
    fn tokens_are_judged_by_what_they_name() {
        let script = r#"
            let owned = directory.by_comment(rows::from([
                #{ n: 1, comment: "uid=a126fb939e814a81bdc789135b8dfac6|user=0811111111" },
                #{ n: 2, comment: "uid=nope|user=0811111111" },
                #{ n: 3, comment: "uid=unknown" },
                #{ n: 4, comment: "user=0899999999" },
                #{ n: 5, comment: "superuser=1" },
                #{ n: 6, comment: "the boss" },
                #{ n: 7 },
            ]));
            assert_eq(owned.disputed().column("n"), [1]);
            assert_eq(owned.malformed().column("n"), [2, 5]);
            assert_eq(owned.unknown().column("n"), [3, 4]);
            assert_eq(owned.rows_of(users).column("n"), [1, 2]);
            assert_eq(owned.rows_of(users).column("user.role"), ["ADMIN", "USER"]);
            assert_eq(owned.users_with_more(users, 0).column("rows"), [1, 1]);
            assert_eq(owned.users_with_more(users, -1).len(), 3);
        "#;
        assert_eq!(run(script), Ok(()));
    }

    #[test]
    fn users_of_another_read_are_refused() {
        let script = r#"
            let others = rows::from([#{ id: "x", phone_number: "" }]);
            directory.by_comment(rows::from([])).rows_of(others)
        "#;
        let error = run(script).unwrap_err();
        assert!(
            error.contains("not among those the rows were matched with"),
            "{error}"
        );
        assert_eq!(
            run("directory.by_comment(rows::from([])).rows_of(rows::from([]))"),
            Ok(())
        );
    }

    #[test]
    fn a_limit_may_be_any_whole_number_and_nothing_else() {
        let script = r#"
            assert_eq(portal::sync_decision(users[0], decimal("99999999999999999999")), "keep-blocked");
            portal::sync_decision(users[0], "much")
        "#;
        let error = run(script).unwrap_err();
        assert_eq!(error, "`much` is not a whole number");
    }
}
