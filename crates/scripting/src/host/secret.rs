//! Secrets among a script's values: they are compared and handed on to writes, and print as `***`.

use rhai::{Dynamic, INT, ImmutableString};

pub use site::config::Secret;

/// The text of a secret, where the value is one: for comparing it, and for handing it on to a write.
pub fn exposed(value: &Dynamic) -> Option<String> {
    let secret = value.read_lock::<Secret>()?;
    Some(secret.expose().to_owned())
}

/// Registers the type. It has no method that gives its text, and none that gives a part of it.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Secret>("Secret")
        .register_fn("to_string", |secret: &mut Secret| secret.to_string())
        .register_fn("to_debug", |secret: &mut Secret| secret.to_string())
        .register_fn("is_empty", |secret: &mut Secret| secret.is_empty())
        .register_get("is_empty", |secret: &mut Secret| secret.is_empty())
        .register_fn("len", |secret: &mut Secret| {
            secret.expose().chars().count() as INT
        })
        .register_get("len", |secret: &mut Secret| {
            secret.expose().chars().count() as INT
        })
        .register_fn("==", |left: Secret, right: Secret| left == right)
        .register_fn("!=", |left: Secret, right: Secret| left != right)
        .register_fn("==", |left: Secret, right: ImmutableString| {
            left.expose() == right.as_str()
        })
        .register_fn("!=", |left: Secret, right: ImmutableString| {
            left.expose() != right.as_str()
        })
        .register_fn("==", |left: ImmutableString, right: Secret| {
            left.as_str() == right.expose()
        })
        .register_fn("!=", |left: ImmutableString, right: Secret| {
            left.as_str() != right.expose()
        });
}
