//! The faults of a simulated router, as tests name them.

use rhai::{Dynamic, Map};
use routeros_sim::{Faults, Id, Policy};

use scripting::host::dynamic::key_of;
use scripting::host::error::HostError;

/// The faults that a map names.
///
/// # Errors
/// Kind `invalid` for a fault that there is not, or a value that it does not take.
pub fn faults_of(map: &Map) -> Result<Faults, HostError> {
    let mut faults = Faults::default();
    for (name, value) in map {
        let count = || {
            let count = value.as_int().ok().map(usize::try_from);
            count
                .and_then(Result::ok)
                .map(Some)
                .ok_or_else(|| not_a(name, "number"))
        };
        let truth = || value.as_bool().map_err(|_| not_a(name, "truth"));
        let ids = || -> Result<Vec<Id>, HostError> {
            let ids = value
                .clone()
                .into_array()
                .map_err(|_| not_a(name, "list of ids"))?;
            ids.iter().map(|id| row_id(&key_of(id))).collect()
        };
        match name.as_str() {
            "drop_after_rows" => faults.drop_after_rows = count()?,
            "stall_after_rows" => faults.stall_after_rows = count()?,
            "trap_after_rows" => faults.trap_after_rows = count()?,
            "die_after_removes" => faults.die_after_removes = count()?,
            "refuse_login" => faults.refuse_login = truth()?,
            "silent" => faults.silent = truth()?,
            "trap_on" => faults.trap_on = ids()?,
            "lacks" => faults.lacks = policies_of(value)?,
            "refuse_remove" => faults.refuse_remove = ids()?,
            _ => {
                return Err(HostError::invalid(format!("there is no fault `{name}`"))
                    .hint("`tikbook doc site` lists them"));
            }
        }
    }
    Ok(faults)
}

fn policies_of(value: &Dynamic) -> Result<Vec<Policy>, HostError> {
    let refused = || not_a("lacks", "list of `api`, `read`, `write`");
    let names = value.clone().into_array().map_err(|_| refused())?;
    let policy = |name: &Dynamic| match key_of(name).as_str() {
        "api" => Ok(Policy::Api),
        "read" => Ok(Policy::Read),
        "write" => Ok(Policy::Write),
        _ => Err(refused()),
    };
    names.iter().map(policy).collect()
}

fn not_a(name: &str, kind: &str) -> HostError {
    HostError::invalid(format!("the fault `{name}` takes a {kind}"))
}

/// The id of a row.
///
/// # Errors
/// Kind `invalid` for anything else.
pub fn row_id(text: &str) -> Result<Id, HostError> {
    text.parse()
        .map_err(|error: routeros_sim::IdError| HostError::invalid(error.to_string()))
}
