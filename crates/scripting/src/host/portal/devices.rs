//! The portal's devices as a table with the same types whatever database they came from.

use std::sync::Arc;

use rhai::plugin::*;

use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Row, Rows, Table, View};
use super::super::value::Value;
use super::columns::Columns;
use super::raise;
use portal::number::strip;
use portal::user_id::UserId;
use wording::mac;

/// The fields a device has, in the order rows show them.
const FIELDS: [&str; 5] = ["user_id", "mac", "ip_address", "is_authorized", "label"];

struct Devices(Vec<Device>);

struct Device {
    user_id: Box<str>,
    mac: Box<str>,
    ip_address: Option<Box<str>>,
    is_authorized: bool,
    label: Option<Box<str>>,
}

primitives! {
    _: () = plain devices(Value);
}

/// How scripts read the portal's devices.
#[export_module]
pub mod devices_module {
    use super::*;

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
        let read = rows.resolve().and_then(|view| table(&view));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }
}

/// Reads `rows` of the table `user_devices`.
///
/// # Errors
/// A column was not selected, or cannot be decoded.
fn table(rows: &View) -> Result<Arc<dyn Table>, HostError> {
    let devices: Vec<Device> = (0..rows.len())
        .map(|index| Device::read(&rows.row(index)))
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(Devices(devices)))
}

impl Table for Devices {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let device = &self.0[row];
        Ok(match field {
            "user_id" => Value::Text(device.user_id.to_string()),
            "mac" => Value::Text(device.mac.to_string()),
            "ip_address" => optional(device.ip_address.as_deref()),
            "is_authorized" => Value::Bool(device.is_authorized),
            "label" => optional(device.label.as_deref()),
            _ => Value::Unit,
        })
    }

    fn fields(&self, _row: usize) -> Vec<String> {
        FIELDS.map(str::to_owned).to_vec()
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let device = &self.0[row];
        match field {
            "user_id" => with(device.user_id.as_bytes()),
            "mac" => with(device.mac.as_bytes()),
            "ip_address" => device.ip_address.iter().for_each(|ip| with(ip.as_bytes())),
            "is_authorized" => with(Value::Bool(device.is_authorized).key().as_bytes()),
            "label" => device.label.iter().for_each(|label| with(label.as_bytes())),
            _ => {}
        }
    }
}

impl Device {
    fn read(row: &Row) -> Result<Self, HostError> {
        let mut columns = Columns::of(row);
        Ok(Device {
            user_id: user_id(&columns.value("user_id")?).into(),
            mac: canonical_mac(columns.text("mac_address")?).into(),
            ip_address: columns.optional_text("ip_address")?.and_then(address),
            is_authorized: columns.flag("is_authorized")?,
            label: columns.optional_text("label")?.map(Box::from),
        })
    }
}

/// The id in its usual spelling; a database may keep it as 16 bytes.
fn user_id(value: &Value) -> String {
    let id = match value {
        Value::Bytes(bytes) => UserId::from_bytes(bytes),
        other => UserId::parse(&other.key()),
    };
    id.map_or_else(|| value.key().into_owned(), |id| id.to_string())
}

/// An address without white space around it; an empty one is none.
fn address(text: String) -> Option<Box<str>> {
    let address = strip(&text);
    (!address.is_empty()).then(|| address.into())
}

fn canonical_mac(text: String) -> String {
    mac::canonical(&text).unwrap_or(text)
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Unit, |text| Value::Text(text.to_owned()))
}
