//! Where the messages of a run come from, and what a script's value is among them.

use std::cell::OnceCell;
use std::sync::Arc;

use catalogue::{Argument, Catalogues, Number, Said};
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::dynamic::{shown, type_of};
use super::error::HostError;
use super::secret::Secret;

/// The catalogues of a run, read when the first message is made.
pub struct Words {
    load: Box<dyn Fn() -> Result<Arc<Catalogues>, HostError>>,
    loaded: OnceCell<Result<Arc<Catalogues>, HostError>>,
}

impl Words {
    /// The catalogues that `load` gives.
    pub fn new(load: impl Fn() -> Result<Arc<Catalogues>, HostError> + 'static) -> Self {
        Self {
            load: Box::new(load),
            loaded: OnceCell::new(),
        }
    }

    /// The catalogues. Fails as they could not be read.
    pub fn catalogues(&self) -> Result<Arc<Catalogues>, HostError> {
        self.loaded.get_or_init(|| (self.load)()).clone()
    }

    /// The message of `key` with these arguments. Fails with kind `invalid` where there is none, where an
    /// argument is missing or too many, or cannot be said.
    pub fn message(&self, key: &str, arguments: &Map) -> Result<Said, HostError> {
        let catalogues = self.catalogues()?;
        let arguments = arguments.iter().map(|(name, value)| {
            let argument = argument(value);
            let argument = argument.map_err(|why| HostError::invalid(format!("`{name}` {why}")))?;
            Ok((name.to_string(), argument))
        });
        let arguments = arguments.collect::<Result<_, HostError>>()?;
        let message = catalogues.message(key, arguments);
        message
            .map(Said::Message)
            .map_err(|error| HostError::invalid(error.to_string()))
    }
}

/// Without any message.
impl Default for Words {
    fn default() -> Self {
        Self::new(|| Ok(Arc::default()))
    }
}

/// What a script's value says: a text or a message.
pub fn said(value: &Dynamic) -> Option<Said> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(Said::Plain(text.to_string()));
    }
    Some(value.read_lock::<Said>()?.clone())
}

/// A script's value in a placeholder, or why it cannot stand there.
fn argument(value: &Dynamic) -> Result<Argument, String> {
    if value.is_unit() {
        return Err("has no value".to_owned());
    }
    if let Some(said) = said(value) {
        return Ok(Argument::Said(said));
    }
    if let Some(list) = value.read_lock::<Array>() {
        let said = |value: &Dynamic| match said(value) {
            Some(said) => Ok(said),
            None => plain(value).map(Said::Plain),
        };
        return Ok(Argument::List(
            list.iter().map(said).collect::<Result<_, _>>()?,
        ));
    }
    let text = plain(value)?;
    Ok(
        match Number::parse(&text).filter(|_| !value.is_bool() && !value.is_char()) {
            Some(number) => Argument::Number(number),
            None => Argument::Said(Said::Plain(text)),
        },
    )
}

/// A value of one piece as text.
fn plain(value: &Dynamic) -> Result<String, String> {
    if let Some(secret) = value.read_lock::<Secret>() {
        return Ok(secret.to_string());
    }
    // The engine's own form has the fraction of a float that is whole.
    if value.is_int() || value.is_float() || value.is_bool() || value.is_char() {
        return Ok(value.to_string());
    }
    match value.is_map() || value.is_unit() || value.is_array() {
        true => Err(format!("cannot be said: it is a {}", type_of(value))),
        false => Ok(shown(value)),
    }
}
