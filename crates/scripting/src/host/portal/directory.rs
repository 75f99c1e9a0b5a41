//! Whose a row of the router is: rows matched with users, and what came of it.

use rhai::Dynamic;
use rhai::plugin::*;

use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Rows, View};
use super::owned::{Directory, Owned};
use super::{raise, whole};

primitives! {
    _: () = plain directory(Value, Value);
    _: () = plain by_comment(Value, Value);
    _: () = plain by_address(Value, Value);
    _: () = plain rows_of(Value, Value);
    _: () = plain users_without(Value, Value);
    _: () = plain users_with_more(Value, Value, Value);
    _: () = plain rows_not_of(Value, Value);
    _: () = plain unknown(Value);
    _: () = plain malformed(Value);
    _: () = plain disputed(Value);
}

/// Rows matched with users.
#[export_module]
pub mod directory_module {
    use super::*;

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
        of_rows(&context, rows, |rows| directory.by_comment(rows))
    }

    /// Matches rows of the router with the users who have a device with the row's address, or with one
    /// that lies in the row's network or range. Rows then have their user's fields under `holder.`.
    /// Fails with kind `invalid` if a field is missing, or as a read failed.
    ///
    /// ```rhai
    /// let id = "00a733c7-2944-4fb0-ad71-e429caf590f0";
    /// let users = rows::from([#{ id: id, phone_number: "+62812345678" }]);
    /// let devices = rows::from([#{ user_id: id, ip_address: "10.0.0.9" }]);
    /// let list = rows::from([#{ ".id": "*1", address: "10.0.0.0/28" }]);
    /// let row = portal::directory(users, devices).by_address(list).rows_of(users)[0];
    /// assert_eq(row["holder.phone_number"], "+62812345678");
    /// ```
    #[rhai_fn(global, name = "by_address", return_raw, pure)]
    pub fn by_address(
        context: NativeCallContext,
        directory: &mut Directory,
        rows: Rows,
    ) -> CallResult<Owned> {
        of_rows(&context, rows, |rows| directory.by_address(rows))
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
        of_rows(&context, users, |users| owned.rows_of(&users))
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
        of_rows(&context, users, |users| owned.users_without(&users))
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
        of_rows(&context, users, |users| owned.rows_not_of(&users))
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
}

/// What is found of rows, once they are here.
fn of_rows<T>(
    context: &NativeCallContext,
    rows: Rows,
    find: impl FnOnce(View) -> Result<T, HostError>,
) -> CallResult<T> {
    let found = rows.resolve().and_then(find);
    found.map_err(|error| raise(context, error))
}
