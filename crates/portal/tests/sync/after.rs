//! A site after a run of a task, so that the next one can be asked for.

use std::collections::{HashMap, HashSet};

use portal::sync::{
    ColumnChange, ColumnValue, Device, Fields, MenuDifference, NextSync, Row, Site,
};

/// The site with everything that the run changed. `id_of` names the rows that were added, by menu.
///
/// An updated row of a table of PostgreSQL moves to its end, and the sync reads users in that
/// order.
pub fn after(
    mut site: Site,
    run: &NextSync,
    mut id_of: impl FnMut(&str, &dyn Fn(&str) -> Option<String>) -> String,
) -> Site {
    let users: HashMap<_, _> = run
        .users
        .iter()
        .map(|(id, columns)| (*id, columns))
        .collect();
    let mut updated = Vec::new();
    for user in std::mem::take(&mut site.users) {
        match users.get(&user.id) {
            Some(columns) => updated.push(user.after(columns)),
            None => site.users.push(user),
        }
    }
    site.users.extend(updated);
    let devices: HashMap<_, _> = run
        .devices
        .iter()
        .map(|(id, columns)| (id, columns))
        .collect();
    for device in &mut site.devices {
        for change in devices.get(&device.id).copied().into_iter().flatten() {
            change_device(device, change);
        }
    }
    for (place, device) in run.enrolled.iter().enumerate() {
        site.devices.push(Device {
            id: format!("<enrolled {}>", device.mac),
            user_id: device.user_id,
            mac: device.mac.clone(),
            address: device.address.clone(),
            is_authorized: device.is_authorized,
            last_seen: Some(site.now + jiff::SignedDuration::from_millis(place as i64)),
            bytes: None,
            host_id: None,
            uptime_seconds: None,
        });
    }
    for (mac, bytes) in &run.byte_baselines {
        site.byte_baselines.insert(mac.clone(), bytes.to_string());
    }
    let router = &mut site.router;
    apply(
        &mut router.address_list,
        "address-list",
        &run.address_list,
        &mut id_of,
    );
    apply(
        &mut router.bindings,
        "ip-binding",
        &run.bindings,
        &mut id_of,
    );
    apply(
        &mut router.hotspot_users,
        "hotspot-user",
        &run.hotspot_users,
        &mut id_of,
    );
    apply(&mut router.leases, "dhcp-lease", &run.leases, &mut id_of);
    site
}

fn apply<T: Fields + Clone>(
    rows: &mut Vec<Row<T>>,
    menu: &str,
    difference: &MenuDifference<T>,
    id_of: &mut impl FnMut(&str, &dyn Fn(&str) -> Option<String>) -> String,
) {
    let removed: HashSet<&String> = difference.removed.iter().collect();
    rows.retain(|row| !removed.contains(&row.id));
    let changed: HashMap<_, _> = difference
        .changed
        .iter()
        .map(|(id, fields)| (id, fields))
        .collect();
    for row in rows.iter_mut() {
        for change in changed.get(&row.id).copied().into_iter().flatten() {
            row.fields.set(change.field, change.after.clone());
        }
    }
    for added in &difference.added {
        let field = |name: &str| {
            let fields = added.fields().into_iter();
            let mut named = fields.filter(|(field, _)| *field == name);
            named.next()?.1.map(str::to_owned)
        };
        rows.push(Row {
            id: id_of(menu, &field),
            fields: added.clone(),
        });
    }
}

fn change_device(device: &mut Device, change: &ColumnChange) {
    match (change.column, &change.after) {
        ("last_bytes_total", ColumnValue::Whole(bytes)) => device.bytes = Some(*bytes),
        ("last_hotspot_uptime_seconds", ColumnValue::Whole(seconds)) => {
            device.uptime_seconds = Some(*seconds);
        }
        ("last_hotspot_host_id", after) => device.host_id = text(after),
        other => panic!("the sync changes {other:?}"),
    }
}

fn text(value: &ColumnValue) -> Option<String> {
    match value {
        ColumnValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}
