//! Users, devices, rows and disagreements as tables whose fields are told when they are touched.

use std::sync::Arc;

use routeros_schema::Kind;

use super::super::super::error::HostError;
use super::super::super::rows::Table;
use super::super::super::value::Value;
use super::super::next_sync;
use super::model::{Model, Place};
use super::words::{self, of_verdict, optional, word};
use portal::access::{
    Advice, Cause, DeviceAccess, Disagreement, Effect, ListRowAccess, Owner, UserAccess,
};
use portal::phone::local_phone;
use portal::sync::next_sync;

/// A table of a model.
pub struct Told {
    model: Arc<Model>,
    of: Of,
}

/// What the rows of a table are.
#[derive(Clone, Copy)]
pub enum Of {
    Users,
    Devices,
    Rows,
    Disagreements,
}

const USER: &[&str] = &[
    "id",
    "phone",
    "name",
    "block",
    "room",
    "role",
    "is_blocked",
    "wanted",
    "status",
    "is_online",
    "is_device_online",
    "device",
    "address",
    "passage",
    "lists",
    "hotspot_user",
    "is_login_shut",
    "automatic_debt_mb",
    "manual_debt_mb",
    "payment",
    "payment_state",
    "coming",
    "ways",
    "effect",
    "is_right",
    "cause",
    "cause_kind",
    "other_causes",
    "other_makers",
    "changed_by",
    "when",
    "advice",
];
const DEVICE: &[&str] = &[
    "mac",
    "owner",
    "user_id",
    "phone",
    "name",
    "role",
    "token",
    "who",
    "status",
    "is_stored",
    "is_authorized",
    "is_random",
    "is_online",
    "address",
    "addresses",
    "lists",
    "rows",
    "bindings",
    "passage",
    "effect",
    "is_right",
    "cause",
    "cause_kind",
    "other_causes",
    "other_makers",
    "changed_by",
    "when",
    "advice",
];
const ROW: &[&str] = &[
    "id",
    "list",
    "kind",
    "address",
    "comment",
    "timeout",
    "owner",
    "user_id",
    "phone",
    "name",
    "token",
    "who",
    "is_in_force",
    "is_wide",
    "covers",
    "is_online",
    "devices",
    "users",
    "wanted",
    "effect",
    "is_right",
    "changed_by",
    "removed_by",
];
const DISAGREEMENT: &[&str] = &[
    "kind",
    "subject",
    "key",
    "address",
    "mac",
    "owner",
    "user_id",
    "phone",
    "name",
    "token",
    "who",
    "lists",
    "changed_by",
];

impl Told {
    pub fn table(model: &Arc<Model>, of: Of) -> Arc<dyn Table> {
        Arc::new(Told {
            model: model.clone(),
            of,
        })
    }
}

impl Table for Told {
    fn len(&self) -> usize {
        match self.of {
            Of::Users => self.model.access.users.len(),
            Of::Devices => self.model.devices.len(),
            Of::Rows => self.model.access.rows.len(),
            Of::Disagreements => self.model.disagreements().len(),
        }
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let model = &*self.model;
        let value = match self.of {
            Of::Users => of_user(model, row, field),
            Of::Devices => of_device(model, model.devices[row], field),
            Of::Rows => of_row(model, row, field),
            Of::Disagreements => of_disagreement(model, &model.disagreements()[row], field),
        };
        Ok(value.unwrap_or(Value::Unit))
    }

    fn fields(&self, _row: usize) -> Vec<String> {
        let fields = match self.of {
            Of::Users => USER,
            Of::Devices => DEVICE,
            Of::Rows => ROW,
            Of::Disagreements => DISAGREEMENT,
        };
        fields.iter().map(|field| (*field).to_owned()).collect()
    }

    fn kind(&self, field: &str) -> Kind {
        match field {
            "address" => Kind::Address,
            "mac" => Kind::Mac,
            _ => Kind::Text,
        }
    }
}

fn of_user(model: &Model, place: usize, field: &str) -> Option<Value> {
    let user = &model.access.users[place];
    let stored = &model.site.users[place];
    let person = model.people.get(place);
    let device = deciding(user);
    Some(match field {
        "id" => word(&user.id.to_string()),
        "phone" => word(&local_phone(&stored.phone_number)),
        "name" => optional(person.and_then(|person| person.name.as_deref())),
        "block" => optional(person.and_then(|person| person.block.as_deref())),
        "room" => optional(person.and_then(|person| person.room.as_deref())),
        "role" => word(&stored.role),
        "is_blocked" => Value::Bool(stored.is_blocked),
        "wanted" => user.wanted.as_ref().map(words::wanted)?,
        "status" => word(user.wanted.as_ref()?.status.word()),
        "is_online" => Value::Bool(user.devices.iter().any(|device| device.is_online)),
        "is_device_online" => Value::Bool(device.is_some_and(|device| device.is_online)),
        "device" => word(&device?.mac),
        "address" => optional(device?.addresses.first().map(String::as_str)),
        "passage" => word(device?.passage.word()),
        "lists" => lists(model, device?),
        "hotspot_user" => optional(user.hotspot_user.as_deref()),
        "is_login_shut" => Value::Bool(user.is_login_shut),
        "automatic_debt_mb" => Value::Float(user.automatic_debt_mb),
        "manual_debt_mb" => Value::Int(user.manual_debt_mb),
        "payment" => model.payments.get(&user.id).map(words::payment)?,
        "payment_state" => word(model.payments.get(&user.id)?.state.word()),
        "coming" => words::coming(&user.coming),
        "next_sync" => next_sync_of(model, user)?,
        "repair" => repair_of(model, user)?,
        "ways" => steps(model, &user.ways),
        "advice" => steps(model, &user.verdict.advice),
        _ => return of_verdict(&user.verdict, field),
    })
}

/// Steps, those that remove a row of a list with what it is.
fn steps(model: &Model, advice: &[Advice]) -> Value {
    let steps = advice.iter();
    let steps = steps.map(|step| {
        words::advice(step, |row| {
            let entry = model.entry_of(row)?;
            let devices = model.devices_at(row).count();
            Some((entry.list.as_str(), entry.address.as_str(), devices))
        })
    });
    Value::Array(steps.collect())
}

/// What the next usage sync does to the user.
fn next_sync_of(model: &Model, user: &UserAccess) -> Option<Value> {
    model.is_sync_told.then(|| {
        let run = next_sync(&model.site).of_user(&model.site, user);
        next_sync::of_one(&run)
    })
}

/// What brings the user to rest on the router, and what is left to the sync.
fn repair_of(model: &Model, user: &UserAccess) -> Option<Value> {
    model.is_sync_told.then(|| {
        let rest = user.at_rest(&model.site, &model.guarded);
        let [changes, left] = [rest.changes, rest.left].map(|part| next_sync::of_router(&part));
        words::map([("changes", changes), ("left", left)])
    })
}

/// The device that the verdict on a user is about.
fn deciding(user: &UserAccess) -> Option<&DeviceAccess> {
    let mut devices = user.devices.iter();
    devices.find(|device| device.verdict == user.verdict)
}

fn of_device(model: &Model, place: Place, field: &str) -> Option<Value> {
    let device = model.device(place);
    Some(match field {
        "mac" => word(&device.mac),
        "status" => match place {
            Place::Own(user, _) => word(model.access.users[user].wanted.as_ref()?.status.word()),
            Place::Strange(_) => return None,
        },
        "role" => match place {
            Place::Own(user, _) => word(&model.site.users[user].role),
            Place::Strange(_) => return None,
        },
        "is_stored" => Value::Bool(device.is_stored),
        "is_authorized" => Value::Bool(device.is_authorized),
        "is_random" => Value::Bool(device.is_random()),
        "is_online" => Value::Bool(device.is_online),
        "address" => optional(device.addresses.first().map(String::as_str)),
        "addresses" => words::words(device.addresses.iter().map(String::as_str)),
        "lists" => lists(model, device),
        "rows" => words::words(device.rows.iter().map(String::as_str)),
        "bindings" => words::words(device.bindings.iter().map(String::as_str)),
        "passage" => word(device.passage.word()),
        "advice" => steps(model, &device.verdict.advice),
        _ => {
            return of_owner(model, &model.owner(place), field)
                .or_else(|| of_verdict(&device.verdict, field));
        }
    })
}

/// The names of the lists that a device's addresses are on.
fn lists(model: &Model, device: &DeviceAccess) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for name in device.rows.iter().filter_map(|id| model.entry_of(id)) {
        let name = name.list.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    words::words(names)
}

fn of_row(model: &Model, place: usize, field: &str) -> Option<Value> {
    let (row, entry) = (&model.access.rows[place], model.entry(place));
    Some(match field {
        "id" => word(&row.id),
        "list" => word(&entry.list),
        "kind" => word(row.list.word()),
        "address" => word(&entry.address),
        "comment" => optional(entry.comment.as_deref()),
        "timeout" => optional(entry.timeout.as_deref()),
        "is_in_force" => Value::Bool(row.is_in_force),
        "is_wide" => Value::Bool(row.is_wide),
        "covers" => Value::Int(i64::try_from(row.covers).unwrap_or(i64::MAX)),
        "is_online" => Value::Bool(
            model
                .devices_at(&row.id)
                .any(|place| model.device(place).is_online),
        ),
        "devices" => {
            let devices = model.devices_at(&row.id);
            let macs = devices.map(|place| word(&model.device(place).mac));
            Value::Array(macs.collect())
        }
        "users" => {
            let users = model.users_at(&row.id);
            Value::Array(users.map(|user| word(&user.id.to_string())).collect())
        }
        "wanted" => {
            let mut users = model.users_at(&row.id);
            let wanted = users.find_map(|user| user.wanted.as_ref())?;
            word(&model.name_of(wanted.list))
        }
        "effect" => word(effect_of(model, row).word()),
        "is_right" => Value::Bool(model.is_right(&row.id, row.list)),
        "changed_by" | "removed_by" => word(row.removed_by.word()),
        _ => return of_owner(model, &row.owner, field),
    })
}

/// What a row does to those at its address: where it decides, or would without another, and wrongly so.
fn effect_of(model: &Model, row: &ListRowAccess) -> Effect {
    let mut devices = model.devices_at(&row.id);
    let decided = devices.find_map(|place| {
        let verdict = &model.device(place).verdict;
        let others = verdict.other_causes.iter().map(|other| &other.cause);
        let mut causes = [&verdict.cause].into_iter().chain(others);
        let is_row = |cause: &Cause| cause.id.as_deref() == Some(&row.id) && cause.list.is_some();
        (!verdict.is_right && causes.any(is_row)).then_some(verdict.effect)
    });
    decided.unwrap_or(Effect::None)
}

fn of_disagreement(model: &Model, found: &Disagreement, field: &str) -> Option<Value> {
    Some(match field {
        "kind" => word(found.kind.word()),
        "subject" => word(&found.subject),
        "address" => optional(found.address.as_deref()),
        "mac" => optional(found.mac.as_deref()),
        "key" => key_of(model, found)?,
        "lists" => words::words(model.lists_in_dispute(found.address.as_deref()?)),
        "changed_by" => word(model.ended_by(found).word()),
        _ => return of_owner(model, &found.owner, field),
    })
}

/// What a disagreement is known by when its row is written anew: a MAC, or a list with an address.
fn key_of(model: &Model, found: &Disagreement) -> Option<Value> {
    if let Some(mac) = &found.mac {
        return Some(word(mac));
    }
    let entry = model.entry_of(&found.subject)?;
    Some(word(&format!("{}/{}", entry.list, entry.address)))
}

fn of_owner(model: &Model, owner: &Owner, field: &str) -> Option<Value> {
    let id = match owner {
        Owner::User(id) => Some(*id),
        Owner::Gone(_) | Owner::Nobody => None,
    };
    Some(match field {
        "owner" => word(match owner {
            Owner::User(_) => "user",
            Owner::Gone(_) => "gone",
            Owner::Nobody => "nobody",
        }),
        "token" => match owner {
            Owner::Gone(token) => word(token),
            _ => Value::Unit,
        },
        "who" => match owner {
            Owner::Gone(token) => word(token),
            Owner::User(_) => of_owner(model, owner, "phone")?,
            Owner::Nobody => Value::Unit,
        },
        "user_id" => id.map_or(Value::Unit, |id| word(&id.to_string())),
        "phone" => id
            .and_then(|id| model.user(id))
            .map_or(Value::Unit, |place| {
                word(&local_phone(&model.site.users[place].phone_number))
            }),
        "name" => {
            let person = id.and_then(|id| model.people.get(model.user(id)?));
            optional(person.and_then(|person| person.name.as_deref()))
        }
        _ => return None,
    })
}
