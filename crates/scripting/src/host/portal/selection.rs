//! Rows picked out by what a field of theirs says.

use std::collections::HashSet;
use std::net::IpAddr;

use rhai::Array;
use rhai::plugin::*;

use super::super::dynamic::key_of;
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Rows, View};
use super::owned::with_field;
use super::raise;
use portal::comment::{self, DeviceBlock};
use portal::network::Network;
use portal::number::strip;

primitives! {
    _: () = plain managed(Value);
    _: () = plain unusable(Value);
    _: () = plain device_blocks(Value);
    _: () = plain user_blocks(Value);
    _: () = plain repeats(Value, Column);
    _: () = plain away_from(Value, Value);
    _: () = plain outside(Value, Value);
}

/// Rows picked out of others.
#[export_module]
pub mod selection_module {
    use super::*;

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
            .and_then(|rows| without_device(&rows, &devices.resolve()?))
            .map_err(|error| raise(&context, error))
    }

    /// The hosts of the hotspot that have an address, `address` or `to-address`, and none that is in one of
    /// `networks`, an array of texts as `portal::networks` gives them. `0.0.0.0` is no address.
    /// Fails as the rows' read failed.
    ///
    /// ```rhai
    /// let hosts = rows::from([#{ n: 1, address: "10.0.0.9" }, #{ n: 2, address: "192.168.1.9" },
    ///                         #{ n: 3, address: "192.168.1.8", "to-address": "10.0.0.8" }, #{ n: 4 }]);
    /// assert_eq(portal::outside(hosts, ["10.0.0.0/8"]).column("n"), [2]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn outside(context: NativeCallContext, hosts: Rows, networks: Array) -> CallResult<Rows> {
        let networks = networks.iter().map(|text| Network::parse(&key_of(text)));
        let networks: Vec<Network> = networks.flatten().collect();
        hosts
            .resolve()
            .and_then(|hosts| outside_of(&hosts, &networks))
            .map_err(|error| raise(&context, error))
    }
}

fn outside_of(hosts: &View, networks: &[Network]) -> Result<Rows, HostError> {
    let mut outside = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        let mut addresses = Vec::new();
        for field in ["address", "to-address"] {
            let address: Option<IpAddr> = host.value(field)?.key().parse().ok();
            addresses.extend(address.filter(|address| !address.is_unspecified()));
        }
        let is_inside =
            |address: &IpAddr| networks.iter().any(|network| network.contains(*address));
        if !addresses.is_empty() && !addresses.iter().any(is_inside) {
            outside.push(number);
        }
    }
    Ok(hosts.select(outside))
}

fn keep(
    context: &NativeCallContext,
    rows: &Rows,
    field: &str,
    test: impl FnMut(&str) -> bool,
) -> CallResult<Rows> {
    let view = rows.resolve().map_err(|error| raise(context, error))?;
    Ok(passing(&view, field, test))
}

/// The rows whose address no device has, or has had; rows without an address are left out.
///
/// # Errors
/// A device's `ip_address` was not selected.
fn without_device(rows: &View, devices: &View) -> Result<Rows, HostError> {
    let mut known = HashSet::new();
    for device in 0..devices.len() {
        let address = devices.value(device, "ip_address")?;
        known.insert(strip(&address.key()).to_owned());
    }
    Ok(passing(rows, "address", |address| {
        !address.is_empty() && !known.contains(address)
    }))
}

/// The rows whose text in `field` passes `test`; a row without the field does not.
fn passing(rows: &View, field: &str, mut test: impl FnMut(&str) -> bool) -> Rows {
    rows.select((0..rows.len()).filter(|&row| {
        let mut passes = false;
        with_field(rows, row, field, |text| passes = test(text));
        passes
    }))
}
