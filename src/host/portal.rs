//! `portal::` the hotspot portal's own words: what it writes on the router and in its tables, and
//! how it decides.

mod columns;
mod devices;
mod log_lines;
mod owned;
mod settings;
mod users;

use std::collections::HashSet;

use bigdecimal::num_bigint::BigInt;
use jiff::Timestamp;
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};

use super::call::{self, CallResult};
use super::decimal::{self, Decimal};
use super::error::HostError;
use super::rows::{Row, Rows};
use super::value::{Value, key_of};
use crate::grant::Service;
use crate::portal::block::{Account, BindingType, BlockReason};
use crate::portal::comment::{self, DeviceBlock, Tokens};
use crate::portal::network::Network;
use crate::portal::phone;
use crate::portal::setting::Settings;
use crate::portal::status::AccessStatus;
use crate::portal::target::StatusList;
use crate::portal::user_id::UserId;
use crate::portal::who::Who;

use owned::{Directory, Owned};

/// Registers the types of users who own rows, and of rows that are owned.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Directory>("Directory")
        .register_type_with_name::<Owned>("Owned");
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

    /// A setting of the portal: its row in `application_settings` unless that is empty (decrypted
    /// with `SECRET_KEY` where it is encrypted), else the environment variable of the same name,
    /// else `default`. The table is read once a run. Fails as the database fails.
    ///
    /// ```rhai
    /// assert_eq(portal::setting("NO_SUCH_SETTING", "blocked"), "blocked");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting(context: NativeCallContext, name: &str, default: &str) -> CallResult<Dynamic> {
        let default = default.to_owned();
        of_settings(&context, name, move |settings, name| {
            Value::Text(settings.text(name).text.unwrap_or(default))
        })
    }

    /// A setting as a whole number, of any size. A text that is no whole number for the portal
    /// (`500.0`, `1e3`) gives `default`, as there; see `portal::setting` for where it is looked up.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_int("NO_SUCH_SETTING", 3072), 3072);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_int(
        context: NativeCallContext,
        name: &str,
        default: INT,
    ) -> CallResult<Dynamic> {
        of_settings(&context, name, move |settings, name| {
            whole_number(settings.int(name, &default.into()))
        })
    }

    /// A setting as a truth value: true, 1, yes, y, on, t or false, 0, no, n, off, f in any case.
    /// Any other text gives `default`; see `portal::setting` for where it is looked up.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_bool("NO_SUCH_SETTING", true), true);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_bool(
        context: NativeCallContext,
        name: &str,
        default: bool,
    ) -> CallResult<Dynamic> {
        of_settings(&context, name, move |settings, name| {
            Value::Bool(settings.bool(name, default))
        })
    }

    /// What is wrong with a setting's stored value, in words: that it cannot be decrypted, so that
    /// the portal, too, takes the environment or the default; `()` if nothing is.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_problem("NO_SUCH_SETTING"), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_problem(context: NativeCallContext, name: &str) -> CallResult<Dynamic> {
        of_settings(&context, name, move |settings, name| {
            let problem = settings.text(name).problem;
            problem.map_or(Value::Unit, |problem| Value::Text(problem.to_string()))
        })
    }

    /// The portal's users as rows with the same types from every database. `rows` need the columns
    /// id, phone_number, full_name, role, approval_status, is_active, is_blocked, blocked_reason,
    /// is_unlimited_user, total_quota_purchased_mb, total_quota_used_mb, auto_debt_offset_mb,
    /// manual_debt_mb and quota_expiry_date of the table `users`. Each user also has:
    /// `phone`, the local number; `debt_mb`, the debt the audit sees (used − purchased), and
    /// `sync_debt_mb`, the debt the usage sync sees (offset counted, none for a KOMANDAN and for an
    /// unlimited user), both `()` where the used quota is not a number; `block_cause` of a blocked
    /// user; `problem`, why the portal cannot use the row, else `()`.
    /// Fails with kind `invalid` if a column is missing, or as the read failed.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "00a733c7-2944-4fb0-ad71-e429caf590f0",
    ///     phone_number: "+62812345678", role: "USER", approval_status: "APPROVED",
    ///     total_quota_used_mb: 600.1, total_quota_purchased_mb: 0, auto_debt_offset_mb: 200 }]));
    /// assert_eq(users[0].phone, "0812345678");
    /// assert_eq(users[0].debt_mb, 600.1);
    /// assert_eq(users[0].sync_debt_mb, 400.1);
    /// assert_eq(users[0].problem, ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn users(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        let read = rows.resolve().and_then(|view| users::table(&view));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }

    /// What the usage sync does with a user's block under a debt limit in MB (0 or less: none):
    /// `keep-free`, `block`, `keep-blocked` or `unblock`; `()` where the used quota is not a number.
    /// It only looks at active, approved users with a local number, which is not tested here.
    /// Fails with kind `invalid` if the limit is not a number or a column is missing.
    ///
    /// ```rhai
    /// let owing = portal::users(rows::from([#{ id: "", role: "ADMIN", total_quota_used_mb: 600 }]));
    /// assert_eq(portal::sync_decision(owing[0], 500), "block");
    /// assert_eq(portal::sync_decision(owing[0], 0), "keep-free");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sync_decision(
        context: NativeCallContext,
        user: Row,
        limit_mb: Dynamic,
    ) -> CallResult<Dynamic> {
        let decided = whole(&limit_mb)
            .and_then(|limit| users::of_account(&user, |account| account.sync_decision(&limit)));
        let word = decided.map_err(|error| raise(&context, error))?;
        Ok(text_or_unit(word.map(|decision| decision.word())))
    }

    /// The access status the portal shows for a user now: `blocked`, `inactive`, `expired`,
    /// `unlimited`, `habis`, `fup` or `active`; `()` where the used quota is not a number. The fair
    /// usage threshold is in MB; 0 stands for 3072.
    /// Fails with kind `invalid` if a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER", is_active: true,
    ///     approval_status: "APPROVED", total_quota_purchased_mb: 8192, total_quota_used_mb: 7168 }]));
    /// assert_eq(portal::access_status(users[0], 3072), "fup");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn access_status(
        context: NativeCallContext,
        user: Row,
        fup_threshold_mb: INT,
    ) -> CallResult<Dynamic> {
        let now = call::host(&context)?.now();
        let access = users::access(&user, now).map_err(|error| raise(&context, error))?;
        let status = access.and_then(|access| access.status(fup_threshold_mb));
        Ok(text_or_unit(status.map(|status| status.word())))
    }

    /// The status list that the usage sync puts a user's addresses on: `blocked`, `expired`, `habis`,
    /// `fup` or `active`, after its own decision about the block under a debt limit in MB. The fair
    /// usage threshold is in MB; 0 stands for 3072. `()` where the used quota is not a number.
    /// Fails with kind `invalid` if the limit is not a number or a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER",
    ///     total_quota_purchased_mb: 1024, total_quota_used_mb: 1600 }]));
    /// assert_eq(portal::status_list(users[0], 500, 0), "blocked");
    /// assert_eq(portal::status_list(users[0], 0, 0), "habis");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn status_list(
        context: NativeCallContext,
        user: Row,
        limit_mb: Dynamic,
        fup_threshold_mb: INT,
    ) -> CallResult<Dynamic> {
        let now = call::host(&context)?.now();
        let list = list_after_sync(&user, &limit_mb, fup_threshold_mb, now);
        let list = list.map_err(|error| raise(&context, error))?;
        Ok(text_or_unit(list.map(StatusList::word)))
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

    /// What a text names a user by: a map of `kind` (`id`, `mac`, `address`, `phone` or `name`) and
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

    /// The portal's devices as rows with the same types from every database. `rows` need the columns
    /// user_id, mac_address, ip_address, is_authorized and label of the table `user_devices`. Each
    /// device has `user_id` and `mac` in their usual spelling, `ip_address` and `label` or `()`, and
    /// `is_authorized`.
    /// Fails with kind `invalid` if a column is missing, or as the read failed.
    ///
    /// ```rhai
    /// let devices = portal::devices(rows::from([#{ user_id: "00A733C729444FB0AD71E429CAF590F0",
    ///     mac_address: "0a-5e-1c-22-00-01", ip_address: "", is_authorized: 1 }]));
    /// assert_eq(devices[0].user_id, "00a733c7-2944-4fb0-ad71-e429caf590f0");
    /// assert_eq(devices[0].mac, "0A:5E:1C:22:00:01");
    /// assert_eq(devices.where(#{ is_authorized: true, ip_address: () }).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn devices(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        let read = rows.resolve().and_then(|view| devices::table(&view));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }

    /// Users with their devices, for finding whose a row of the router is. A user is a row with `id`
    /// and `phone_number`, a device one with `user_id` and `ip_address`.
    /// Fails as a read failed.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "00a733c7-2944-4fb0-ad71-e429caf590f0", phone_number: "+62812345678" }]);
    /// let directory = portal::directory(users, rows::from([]));
    /// assert_eq(directory.by_comment(rows::from([#{ comment: "user=0812345678" }])).rows_of(users).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn directory(
        context: NativeCallContext,
        users: Rows,
        devices: Rows,
    ) -> CallResult<Directory> {
        users
            .resolve()
            .and_then(|users| Ok(Directory::new(users, devices.resolve()?)))
            .map_err(|error| raise(&context, error))
    }

    /// The type the portal expects of a user's ip-bindings: `blocked` for a user who was blocked by
    /// hand or for overdue debt, `regular` for one the debt limit blocks, else `bypassed` where the
    /// access status is among `bypass` (HOTSPOT_BYPASS_STATUSES, by default active, fup and
    /// unlimited) and `regular` where it is not; `()` where the used quota is not a number. For the
    /// threshold see `portal::access_status`.
    /// Fails with kind `invalid` if a column is missing.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "", role: "USER", is_active: true,
    ///     approval_status: "APPROVED", total_quota_purchased_mb: 8192, total_quota_used_mb: 0 }]));
    /// assert_eq(portal::binding_type(users[0], 3072, ["active", "fup", "unlimited"]), "bypassed");
    /// assert_eq(portal::binding_type(users[0], 3072, []), "regular");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn binding_type(
        context: NativeCallContext,
        user: Row,
        fup_threshold_mb: INT,
        bypass: Array,
    ) -> CallResult<Dynamic> {
        let raise = |error| raise(&context, error);
        let now = call::host(&context)?.now();
        let access = users::access(&user, now).map_err(raise)?;
        let Some(status) = access.and_then(|access| access.status(fup_threshold_mb)) else {
            return Ok(Dynamic::UNIT);
        };
        let is_bypassed = bypass.iter().any(|word| word.to_string() == status.word());
        let decide = |account: &Account<'_>| Some(account.binding_type(is_bypassed));
        let binding = users::of_account(&user, decide).map_err(raise)?;
        Ok(text_or_unit(binding.map(BindingType::word)))
    }

    /// Matches rows of the router with users by the tokens of their comments, as the portal's audit
    /// does: the user whose id is in `uid=`, else the one whose local number is in `user=`; of two
    /// users with one number the later. Ask the result for `rows_of(users)`, `users_without(users)`,
    /// `users_with_more(users, most)`, `rows_not_of(users)`, `unknown()`, `malformed()`, `disputed()`.
    /// Fails with kind `invalid` if a user's `id` or `phone_number` is missing, or as a read failed.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "00a733c7-2944-4fb0-ad71-e429caf590f0", phone_number: "+62812345678" }]);
    /// let list = rows::from([#{ ".id": "*1", comment: "lpsaring|status=blocked|user=0812345678" }]);
    /// let row = portal::directory(users, rows::from([])).by_comment(list).rows_of(users)[0];
    /// assert_eq(row[".id"], "*1");
    /// assert_eq(row["user.phone_number"], "+62812345678");
    /// ```
    #[rhai_fn(global, name = "by_comment", return_raw, pure)]
    pub fn by_comment(
        context: NativeCallContext,
        directory: &mut Directory,
        rows: Rows,
    ) -> CallResult<Owned> {
        rows.resolve()
            .and_then(|rows| directory.by_comment(rows))
            .map_err(|error| raise(&context, error))
    }

    /// Matches rows of the router with the users who have a device with the row's address. Rows then
    /// have their user's fields under `holder.`.
    /// Fails with kind `invalid` if a field is missing, or as a read failed.
    ///
    /// ```rhai
    /// let id = "00a733c7-2944-4fb0-ad71-e429caf590f0";
    /// let users = rows::from([#{ id: id, phone_number: "+62812345678" }]);
    /// let devices = rows::from([#{ user_id: id, ip_address: "10.0.0.9" }]);
    /// let list = rows::from([#{ ".id": "*1", address: "10.0.0.9" }]);
    /// let row = portal::directory(users, devices).by_address(list).rows_of(users)[0];
    /// assert_eq(row["holder.phone_number"], "+62812345678");
    /// ```
    #[rhai_fn(global, name = "by_address", return_raw, pure)]
    pub fn by_address(
        context: NativeCallContext,
        directory: &mut Directory,
        rows: Rows,
    ) -> CallResult<Owned> {
        rows.resolve()
            .and_then(|rows| directory.by_address(rows))
            .map_err(|error| raise(&context, error))
    }

    /// The rows that belong to some of `users`, in their order; each has the fields of its user
    /// under `user.` (after `by_comment`) or `holder.` (after `by_address`).
    /// Fails with kind `invalid` if `users` are not some of those that were matched.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "a", phone_number: "0811111111" }, #{ id: "b", phone_number: "0822222222" }]);
    /// let list = rows::from([#{ n: 1, comment: "user=0811111111" }, #{ n: 2, comment: "user=0822222222" }]);
    /// let of_second = portal::directory(users, rows::from([])).by_comment(list).rows_of(users.where(#{ id: "b" }));
    /// assert_eq(of_second.column("n"), [2]);
    /// ```
    #[rhai_fn(global, name = "rows_of", return_raw, pure)]
    pub fn rows_of(context: NativeCallContext, owned: &mut Owned, users: Rows) -> CallResult<Rows> {
        users
            .resolve()
            .and_then(|users| owned.rows_of(&users))
            .map_err(|error| raise(&context, error))
    }

    /// Those of `users` to whom none of the rows belongs.
    /// Fails with kind `invalid` if `users` are not some of those that were matched.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "a", phone_number: "0811111111" }]);
    /// assert_eq(portal::directory(users, rows::from([])).by_comment(rows::from([])).users_without(users).len(), 1);
    /// ```
    #[rhai_fn(global, name = "users_without", return_raw, pure)]
    pub fn users_without(
        context: NativeCallContext,
        owned: &mut Owned,
        users: Rows,
    ) -> CallResult<Rows> {
        users
            .resolve()
            .and_then(|users| owned.users_without(&users))
            .map_err(|error| raise(&context, error))
    }

    /// Those of `users` to whom more than `most` rows belong, with their number as `rows`.
    /// Fails with kind `invalid` if `users` are not some of those that were matched.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "a", phone_number: "0811111111" }]);
    /// let list = rows::from([#{ comment: "user=0811111111" }, #{ comment: "user=0811111111" }]);
    /// assert_eq(portal::directory(users, rows::from([])).by_comment(list).users_with_more(users, 1)[0].rows, 2);
    /// ```
    #[rhai_fn(global, name = "users_with_more", return_raw, pure)]
    pub fn users_with_more(
        context: NativeCallContext,
        owned: &mut Owned,
        users: Rows,
        most: Dynamic,
    ) -> CallResult<Rows> {
        whole(&most)
            .and_then(|most| owned.users_with_more(&users.resolve()?, &most))
            .map_err(|error| raise(&context, error))
    }

    /// The rows that belong to none of `users`, in their order.
    /// Fails with kind `invalid` if `users` are not some of those that were matched.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "a", phone_number: "0811111111" }]);
    /// let list = rows::from([#{ n: 1, comment: "user=0811111111" }, #{ n: 2, comment: "the boss" }]);
    /// let others = portal::directory(users, rows::from([])).by_comment(list).rows_not_of(users);
    /// assert_eq(others.column("n"), [2]);
    /// ```
    #[rhai_fn(global, name = "rows_not_of", return_raw, pure)]
    pub fn rows_not_of(
        context: NativeCallContext,
        owned: &mut Owned,
        users: Rows,
    ) -> CallResult<Rows> {
        users
            .resolve()
            .and_then(|users| owned.rows_not_of(&users))
            .map_err(|error| raise(&context, error))
    }

    /// The rows whose tokens can be read and name none of the users.
    ///
    /// ```rhai
    /// let list = rows::from([#{ comment: "user=0811111111" }]);
    /// assert_eq(portal::directory(rows::from([]), rows::from([])).by_comment(list).unknown().len(), 1);
    /// ```
    #[rhai_fn(global, name = "unknown", pure)]
    pub fn unknown(owned: &mut Owned) -> Rows {
        owned.unknown()
    }

    /// The rows whose `uid=` is no id, and those with the portal's mark but no token at all.
    ///
    /// ```rhai
    /// let list = rows::from([#{ comment: "uid=nope" }, #{ comment: "lpsaring" }, #{ comment: "x" }]);
    /// assert_eq(portal::directory(rows::from([]), rows::from([])).by_comment(list).malformed().len(), 2);
    /// ```
    #[rhai_fn(global, name = "malformed", pure)]
    pub fn malformed(owned: &mut Owned) -> Rows {
        owned.malformed()
    }

    /// The rows whose `uid=` names one user and whose `user=` names another.
    ///
    /// ```rhai
    /// let id = "00a733c7-2944-4fb0-ad71-e429caf590f0";
    /// let users = rows::from([#{ id: id, phone_number: "0811111111" }, #{ id: "b", phone_number: "0822222222" }]);
    /// let list = rows::from([#{ comment: "user=0822222222|uid=" + id }]);
    /// assert_eq(portal::directory(users, rows::from([])).by_comment(list).disputed().len(), 1);
    /// ```
    #[rhai_fn(global, name = "disputed", pure)]
    pub fn disputed(owned: &mut Owned) -> Rows {
        owned.disputed()
    }

    /// The rows the portal takes for its own; see `portal::is_managed`.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let list = rows::from([#{ comment: "lpsaring|status=fup" }, #{ comment: "the boss" }, #{ n: 1 }]);
    /// assert_eq(portal::managed(list).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn managed(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        keep(&context, &rows, "comment", comment::is_managed)
    }

    /// The users whose row the portal cannot use; see `problem` in `portal::users`.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "7", role: "USER", approval_status: "OK" }]));
    /// assert_eq(portal::unusable(users)[0].problem, "approval_status `OK` is unknown");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unusable(context: NativeCallContext, users: Rows) -> CallResult<Rows> {
        keep(&context, &users, "problem", |_| true)
    }

    /// The rows that stand for blocked devices; see `portal::device_block`.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let list = rows::from([#{ comment: "limit-exceeded|user=0811111111" }, #{ comment: "uid=x" }]);
    /// assert_eq(portal::device_blocks(list).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn device_blocks(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        keep(&context, &rows, "comment", |comment| {
            DeviceBlock::of(comment).is_some()
        })
    }

    /// The rows with a comment that does not stand for a blocked device; see `portal::device_block`.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let list = rows::from([#{ comment: "limit-exceeded|user=0811111111" }, #{ comment: "uid=x" }]);
    /// assert_eq(portal::user_blocks(list).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn user_blocks(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        keep(&context, &rows, "comment", |comment| {
            DeviceBlock::of(comment).is_none()
        })
    }

    /// The rows whose text in `field` an earlier row has as well.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let list = rows::from([#{ n: 1, address: "10.0.0.9" }, #{ n: 2, address: "10.0.0.9" }, #{ n: 3 }]);
    /// assert_eq(portal::repeats(list, "address").column("n"), [2]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn repeats(context: NativeCallContext, rows: Rows, field: &str) -> CallResult<Rows> {
        let mut seen = HashSet::new();
        keep(&context, &rows, field, |text| !seen.insert(text.to_owned()))
    }

    /// The rows with an address that none of the devices has; texts are compared, so `10.0.0.1/32`
    /// is not `10.0.0.1`. A device is a row with `ip_address`.
    /// Fails with kind `invalid` if that field is missing, or as a read failed.
    ///
    /// ```rhai
    /// let devices = rows::from([#{ ip_address: " 10.0.0.9 " }]);
    /// let list = rows::from([#{ n: 1, address: "10.0.0.9" }, #{ n: 2, address: "10.0.0.1" }, #{ n: 3 }]);
    /// assert_eq(portal::away_from(list, devices).column("n"), [2]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn away_from(context: NativeCallContext, rows: Rows, devices: Rows) -> CallResult<Rows> {
        rows.resolve()
            .and_then(|rows| owned::away_from(&rows, &devices.resolve()?))
            .map_err(|error| raise(&context, error))
    }

    /// What the lines of `docker::logs` say, or of other rows with `text`: rows of `service`,
    /// `container`, `at` (RFC 3339 in UTC: the Engine's time, else the line's own, else `()`),
    /// `level` (`INFO`, `WARNING`, `ERROR`, …), `message`, `sign` (a stable word for what the
    /// portal's and Celery's own sentences say, such as `sync-result` or `beat-sent`;
    /// `scripts/README.md` has them all), `task`, `id` (of the task) and `detail` (what the sentence
    /// says beyond the sign); what a line does not have is `()`. The portal writes the time of its
    /// site, Celery UTC. A line without a head of its own, as in a traceback, has neither time nor
    /// level. Fails with kind `invalid` for a row without `text`, or as the rows' read failed.
    ///
    /// ```rhai
    /// let lines = portal::log_lines(docker::logs("celery_worker"));
    /// let results = lines.where(#{ sign: "sync-result" });
    /// assert_eq(results[0].task, "sync_hotspot_usage_task");
    /// assert(results[0].detail.starts_with("{'processed': 18"), "the counters of the run");
    /// try { portal::log_lines(rows::from([#{ line: "x" }])) } catch (err) { assert_eq(err.kind, "invalid") }
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        let zone = call::host(&context)?.time_zone();
        let read = rows.resolve();
        let read = read.and_then(|rows| log_lines::of_rows(&rows, &zone));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }

    /// What the lines of a log file say; see `log_lines(rows)`. What `docker compose logs` puts in
    /// front of a line gives its `container`, and the `service` of that name.
    ///
    /// ```rhai
    /// let lines = portal::log_lines([
    ///     "celery_beat-1  | [2026-05-31 12:00:00,123: INFO/MainProcess] beat: Starting...",
    ///     "31-05-2026 20:00:01 ERROR    [app.redis] Koneksi ke Redis GAGAL: timed out",
    /// ]);
    /// assert_eq(lines.column("sign"), ["beat-started", "redis-error"]);
    /// assert_eq(lines[0].service, "celery_beat");
    /// assert_eq(lines[1].at, "2026-05-31T12:00:01Z");
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines_of_texts(context: NativeCallContext, texts: Array) -> CallResult<Rows> {
        let zone = call::host(&context)?.time_zone();
        let read = log_lines::of_texts(&texts, &zone);
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }
}

/// Reads the portal's settings, once a run, and gives what `choose` makes of the setting `name`.
fn of_settings(
    context: &NativeCallContext,
    name: &str,
    choose: impl FnOnce(&Settings, &str) -> Value + Send + 'static,
) -> CallResult<Dynamic> {
    let loaded = call::host(context)?.settings();
    let name = name.to_owned();
    call::value(
        context,
        Service::Db,
        format!("setting {name}"),
        move |session| async move {
            let settings = loaded.get_or_try_init(|| settings::load(&session)).await?;
            Ok(choose(settings, &name))
        },
    )
}

fn keep(
    context: &NativeCallContext,
    rows: &Rows,
    field: &str,
    test: impl FnMut(&str) -> bool,
) -> CallResult<Rows> {
    let view = rows.resolve().map_err(|error| raise(context, error))?;
    Ok(owned::keep(&view, field, test))
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

/// A script's integer where the number fits one, else an exact decimal.
fn whole_number(number: BigInt) -> Value {
    match i64::try_from(&number) {
        Ok(number) => Value::Int(number),
        Err(_) => Value::Decimal(Decimal(number.into())),
    }
}

/// The list after the sync has decided about the block.
fn list_after_sync(
    user: &Row,
    limit_mb: &Dynamic,
    fup_threshold_mb: INT,
    now: Timestamp,
) -> Result<Option<StatusList>, HostError> {
    let limit = whole(limit_mb)?;
    let decision = users::of_account(user, |account| account.sync_decision(&limit))?;
    let access = users::access(user, now)?;
    Ok(decision.zip(access).and_then(|(decision, mut access)| {
        access.is_blocked = decision.is_blocked_after();
        StatusList::of(&access, fup_threshold_mb)
    }))
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
        engine::compiler(&Library::new(Vec::new()))
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
