//! How each service of a site is connected to: by the driver of the service, with the login, the TLS and
//! the limits of the site's configuration.
//!
//! A connection of a driver can send anything. So this is for the crates alone that keep one to
//! themselves: `session`, which reads, and what sends changes. No public function of `session` hands one
//! on, and whoever sees `session` alone has none.

pub mod database;
pub mod redis;
pub mod router;
