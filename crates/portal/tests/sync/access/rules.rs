//! Rules of access, each on a site made for it.
