//! A tikbook with a namespace of its own: `sms::`, text messages to users.
//!
//! `cargo run --example sms` starts its REPL on the demo site; `sms::` is completed and documented
//! there as the others are: `sms::send("0812…", "your quota is used up")`, then `sms::send?`.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use rhai::plugin::*;
use tikbook::config::Sources;
use tikbook::host::Namespace;
use tikbook::host::call;
use tikbook::host::error::{CallResult, HostError};
use tikbook::repl::{self, Surroundings};
use tikbook::script::library::Library;

/// What the primitives need: here a list, elsewhere the address of a gateway.
#[derive(Default)]
struct Outbox(RefCell<Vec<String>>);

/// Text messages over the house's own gateway.
#[export_module]
mod sms {
    use super::*;

    /// Puts a message into the outbox and gives how many are in it.
    /// Fails with kind `invalid` for an empty text.
    #[rhai_fn(return_raw)]
    pub fn send(context: NativeCallContext, phone: &str, text: &str) -> CallResult<rhai::INT> {
        let outbox = call::host(&context)?.own::<Outbox>();
        let outbox = outbox.filter(|_| !text.is_empty()).ok_or_else(|| {
            let error = HostError::invalid(format!("there is no message to `{phone}`"));
            error.at(&context).raise()
        })?;
        outbox.0.borrow_mut().push(format!("{phone}: {text}"));
        Ok(outbox.0.borrow().len() as rhai::INT)
    }
}

static OWN: [Namespace; 1] = [Namespace::new(
    "sms",
    "text messages to users",
    || exported_module!(sms),
    |_| (),
)];

fn main() -> Result<(), Box<dyn Error>> {
    let library = Library::without_folders();
    library.add_namespaces(&OWN);
    let runtime = tokio::runtime::Runtime::new()?;
    let sources = Sources::of_site("demo");
    let around = Surroundings::new(library, runtime.handle().clone(), sources);
    Ok(repl::run(around.with_own(Rc::new(Outbox::default())))?)
}
