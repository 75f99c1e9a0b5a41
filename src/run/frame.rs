//! What frames the report of a run.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use portal::meaning::meaning;
use report::Frame;
use site::config::Site;

/// The frame of what a runbook says of `site`.
pub fn frame(site: &Site, runbook: &str, started: Timestamp) -> Frame {
    Frame {
        site: site.name.clone(),
        runbook: runbook.to_owned(),
        started,
        zone: TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC),
        comment: meaning,
    }
}
