//! What a user has used since the last run, by the counters of the user's devices.

use std::collections::HashMap;

use crate::mac;
use crate::number::whole_number;
use bigdecimal::ToPrimitive;

use super::difference::{ColumnChange, note};
use super::hosts::{ChosenHost, Hosts};
use super::state::Device;

/// Bytes that count as usage now, and what is stored about the devices for the next run.
#[derive(Default)]
pub(super) struct Usage {
    /// Megabytes that are new in this run.
    pub(super) new_mb: f64,
    /// Changed columns of devices, by their ids.
    pub(super) devices: Vec<(String, Vec<ColumnChange>)>,
    /// What Redis keeps for the next run: the counts by MAC.
    pub(super) baselines: Vec<(String, i64)>,
}

/// Counts the bytes of `devices`, authorised or not. `None` when none of them is on the network.
pub(super) fn count(
    devices: &[&Device],
    hosts: &Hosts<'_>,
    baselines: &mut HashMap<String, String>,
) -> Option<Usage> {
    const BYTES_PER_MB: f64 = 1024.0 * 1024.0;
    let mut usage = None;
    let mut bytes: i64 = 0;
    for device in devices {
        let mac = mac::upper(&device.mac);
        let Some(host) = hosts.of(&mac).filter(|_| !mac.is_empty()) else {
            continue;
        };
        let usage = usage.get_or_insert_with(Usage::default);
        let counted = new_bytes(device, host, baselines.get(mac.as_ref()));
        bytes = bytes.saturating_add(counted);
        baselines.insert(mac.clone().into_owned(), host.bytes.to_string());
        usage.baselines.push((mac.into_owned(), host.bytes));
        let changes = stored(device, host);
        if !changes.is_empty() {
            usage.devices.push((device.id.clone(), changes));
        }
    }
    let mut usage = usage?;
    usage.new_mb = bytes as f64 / BYTES_PER_MB;
    Some(usage)
}

/// The bytes of a device that are new: beyond what was last seen, the larger of Redis's and the
/// database's number. All of them count where nothing was seen yet, and where the count fell.
/// Another row of the host table, or a shorter uptime, begins anew and counts nothing.
fn new_bytes(device: &Device, host: &ChosenHost<'_>, baseline: Option<&String>) -> i64 {
    const CLOCKS_DIFFER_BY_SECONDS: i64 = 5;
    let of_redis = baseline.map(|text| whole_number(text).and_then(|n| n.to_i64()).unwrap_or(0));
    let last = of_redis.max(device.bytes);
    let Some(last) = last.filter(|last| host.bytes >= *last) else {
        return host.bytes;
    };
    let is_other_row = device
        .host_id
        .as_deref()
        .is_some_and(|id| !id.trim().is_empty() && id.trim() != host.id);
    let is_restarted = device
        .uptime_seconds
        .is_some_and(|before| host.uptime_seconds + CLOCKS_DIFFER_BY_SECONDS < before);
    if is_other_row || is_restarted {
        return 0;
    }
    host.bytes - last
}

fn stored(device: &Device, host: &ChosenHost<'_>) -> Vec<ColumnChange> {
    let mut changes = Vec::new();
    note(
        &mut changes,
        "last_bytes_total",
        device.bytes.into(),
        Some(host.bytes).into(),
    );
    note(
        &mut changes,
        "last_hotspot_host_id",
        (&device.host_id).into(),
        (&Some(host.id.to_owned())).into(),
    );
    note(
        &mut changes,
        "last_hotspot_uptime_seconds",
        device.uptime_seconds.into(),
        Some(host.uptime_seconds).into(),
    );
    changes
}
