//! A request to a service of an embedder's own: what is not a row, a key, or a statement.

use super::change::Change;
use super::fields::Fields;
use catalogue::Said;
use site::config::MASK;
use site::grant::Target;

/// Something that is asked of a service that tikbook itself does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The service, by the name of its namespace.
    pub service: String,
    /// What is asked for, in one word: `send`.
    pub verb: String,
    /// What it is about. With service and verb it says which request of another plan is the same one.
    pub subject: String,
    /// What is there before, as far as the service tells; found when the request is judged.
    pub before: Fields,
    /// What is sent.
    pub after: Fields,
}

impl Request {
    /// What headers and grants call it: `sms:0812…`.
    pub fn target(&self) -> Target {
        Target::Own {
            service: self.service.clone(),
            name: self.subject.clone(),
        }
    }
}

/// A value of a field of a request for people: what sounds like a secret as `***`.
pub fn shown(name: &str, value: &[u8]) -> String {
    match routeros_schema::is_secret(name) {
        true => MASK.to_owned(),
        false => wording::bytes::shown(value).into_owned(),
    }
}

impl Change {
    /// A request to a service of an embedder's own.
    pub fn request(
        (service, verb): (&str, &str),
        subject: &str,
        after: Fields,
        reason: impl Into<Said>,
    ) -> Self {
        let request = Request {
            service: service.to_owned(),
            verb: verb.to_owned(),
            subject: subject.to_owned(),
            before: Fields::default(),
            after,
        };
        Self::of(request, reason)
    }
}
