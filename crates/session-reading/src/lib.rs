//! The reading half of a session. Whoever sees this crate alone can open connections and read: what sends
//! changes is `session::write`, which is not here.

pub use session::celery;
pub use session::clock;
pub use session::database;
pub use session::docker;
pub use session::probe;
pub use session::redis;
pub use session::{Explained, Known, Open, SERVICES, ServiceError};
pub use session::{RouterReader, ServiceLock, Session, SessionError};
