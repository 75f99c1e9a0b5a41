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
        zone: zone(site),
        comment: meaning,
    }
}

/// A moment for people who look after `site`: in its time zone.
pub fn moment(site: &Site, time: Timestamp) -> String {
    report::moment::moment(time, &zone(site))
}

/// The time zone of `site`: one that does not exist was refused when it was read.
pub fn zone(site: &Site) -> TimeZone {
    TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC)
}
