//! Where a device is.

use std::net::IpAddr;

/// Where a device is, and what its host says.
#[derive(Clone, Debug)]
pub(super) struct Whereabouts {
    /// In upper case.
    pub(super) mac: String,
    pub(super) addresses: Vec<IpAddr>,
    /// The router sees it now.
    pub(super) is_online: bool,
    /// It passes the hotspot without a login.
    pub(super) is_bypassed: bool,
    /// Somebody has logged in with it.
    pub(super) is_logged_in: bool,
}
