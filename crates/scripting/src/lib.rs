//! Scripts and what they can call: the host with its primitives, and the engine that runs them.
//!
//! What scripts call reads a site and plans changes of it. This crate depends on no driver and not on
//! the crate `sending`, so it has no way to make one. It can name what reads:
//!
//! ```
//! use session::router::Print;
//! use session::{Session, SessionError};
//!
//! async fn read(session: &Session) -> Result<(), SessionError> {
//!     let other = session::Session::renewed(session);
//!     let router = other.router(None).await?;
//!     router.rows(&Print::new("/ip/arp")).await?;
//!     Ok(())
//! }
//! ```
//!
//! The same does not compile with what writes in the place of what reads,
//!
//! ```compile_fail
//! use session::router::Print;
//! use session::{Session, SessionError};
//!
//! async fn read(session: &Session) -> Result<(), SessionError> {
//!     let other = sending::Writer::of(session);
//!     let router = other.router(None).await?;
//!     router.rows(&Print::new("/ip/arp")).await?;
//!     Ok(())
//! }
//! ```
//!
//! nor with what the driver could send by the connection that reads,
//!
//! ```compile_fail
//! use session::router::Print;
//! use session::{Session, SessionError};
//!
//! async fn read(session: &Session) -> Result<(), SessionError> {
//!     let other = session::Session::renewed(session);
//!     let router = other.router(None).await?;
//!     router.add("/ip/arp", [("address", "10.0.0.1")]).await?;
//!     Ok(())
//! }
//! ```
//!
//! nor with the driver itself.
//!
//! ```compile_fail
//! use session::router::Print;
//! use session::{Session, SessionError};
//!
//! async fn read(router: &routeros_api::Router) -> Result<(), SessionError> {
//!     router.rows(&Print::new("/ip/arp")).await?;
//!     Ok(())
//! }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod host;
pub mod script;
