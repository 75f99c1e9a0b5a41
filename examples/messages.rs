//! A tikbook with a service of its own that takes part in plans: `sms::`, text messages to users.
//!
//! `cargo run --example messages -- FOLDER` starts its REPL on the demo site, with journals in FOLDER:
//! `sms::send("0812…", "your quota is used up")` plans a message, `:plan` shows it, `:apply` asks and sends it.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::plugin::*;
use tikbook::config::{Sources, Variables};
use tikbook::engine::Sends;
use tikbook::grant::Permit;
use tikbook::host::Namespace;
use tikbook::host::call;
use tikbook::host::error::{CallResult, HostError};
use tikbook::host::written::Written;
use tikbook::plan::outcome::{Outcome, Status};
use tikbook::plan::request::Request;
use tikbook::planning::{Answer, Plans};
use tikbook::repl::{self, Surroundings};
use tikbook::script::library::Library;

/// The service's name, and that of its namespace.
const SMS: &str = "sms";

/// Text messages over the house's own gateway.
#[export_module]
mod sms {
    use super::*;

    /// Plans a message to a phone; it is sent when the plan is applied.
    /// Fails with kind `invalid` for an empty text.
    #[rhai_fn(return_raw)]
    pub fn send(context: NativeCallContext, phone: &str, text: &str) -> CallResult<Written> {
        if text.is_empty() {
            let error = HostError::invalid(format!("there is no message to `{phone}`"));
            return Err(error.at(&context).raise());
        }
        let fields = [("text".to_owned(), text.as_bytes().to_vec())];
        call::request(&context, (SMS, "send"), phone, fields, "")
    }
}

/// The gateway: here a list of what was sent, elsewhere the address of a server.
#[derive(Default)]
struct Gateway(Mutex<Vec<Request>>);

impl Gateway {
    fn sent(&self) -> MutexGuard<'_, Vec<Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plans for Gateway {
    fn name(&self) -> &str {
        SMS
    }

    /// Who got the same message already gets it no second time.
    fn judge<'a>(&'a self, request: &'a mut Request) -> Answer<'a, Option<Outcome>> {
        Box::pin(async move {
            let is_sent =
                |sent: &Request| (&sent.subject, &sent.after) == (&request.subject, &request.after);
            let is_again = self.sent().iter().any(is_sent);
            is_again.then(|| Outcome::because(Status::Skipped, "it was sent before"))
        })
    }

    fn undo(&self, _: &Request, _: &Outcome) -> Result<Request, String> {
        Err("a message that was sent does not come back".to_owned())
    }
}

impl Sends for Gateway {
    fn send<'a>(&'a self, request: &'a Request, _: &'a Permit) -> Answer<'a, Outcome> {
        Box::pin(async move {
            self.sent().push(request.clone());
            Outcome::of(Status::Applied)
        })
    }

    fn settle<'a>(&'a self, request: &'a Request) -> Answer<'a, Outcome> {
        Box::pin(async move {
            Outcome::of(match self.sent().contains(request) {
                true => Status::Applied,
                false => Status::Failed,
            })
        })
    }
}

static OWN: [Namespace; 1] = [Namespace::new(
    SMS,
    "text messages to users",
    || exported_module!(sms),
    |_| (),
)];

fn main() -> Result<(), Box<dyn Error>> {
    let library = Library::without_folders();
    library.add_namespaces(&OWN);
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = std::env::args().nth(1).unwrap_or_default();
    let environment = BTreeMap::from([("XDG_STATE_HOME".to_owned(), folder)]);
    let sources = Sources {
        environment: Variables::new(environment),
        ..Sources::of_site("demo")
    };
    let around = Surroundings::new(library, runtime.handle().clone(), sources);
    let gateway: Arc<dyn Sends> = Arc::new(Gateway::default());
    Ok(repl::run(around.with_services([gateway]))?)
}
