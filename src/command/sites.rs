//! `tikbook sites`: the sites that `--site` takes here.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use crate::cli::Global;
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use catalogue::Said;
use report::grid;
use report::sheet::Sheet;
use sentences::{ColumnConfigured, ColumnRouters, ColumnSite, SitesDefault, SitesUnusable};
use site::config::{self, ConfigError, Site, Sources};
use site::config::{Endpoint, Service};

use super::output::Output;

/// Lists the sites with their routers, and what else of each is configured; of one that cannot be used,
/// why. Nothing is connected to.
///
/// # Errors
/// The configuration cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    // Also where the site that is meant cannot be used.
    let sources = super::sources(global)?;
    let output = Output::of(global, &sources, signals);
    let usual = config::usual_site(&sources)?;
    let sites: Vec<Described> = config::sites(&sources)?
        .into_iter()
        .map(|name| Described {
            is_usual: usual.as_ref() == Some(&name),
            site: config::load(Sources {
                site: Some(name.clone()),
                ..sources.clone()
            }),
            name,
        })
        .collect();
    let mut out = output.stdout()?;
    if output.is_json() {
        let sites: Vec<Json> = sites.iter().map(Described::to_json).collect();
        report::json::pretty(&mut out, &sites)?;
    } else {
        write_text(&mut out, output.sheet, &sites)?;
    }
    out.flush()?;
    Ok(Code::Done)
}

/// A site, or why it cannot be used.
struct Described {
    name: String,
    /// Is it the one that is meant where none is named?
    is_usual: bool,
    site: Result<Site, ConfigError>,
}

impl Described {
    fn to_json(&self) -> Json {
        let site = self.site.as_ref().ok();
        let routers = site.map(|site| {
            let routers = site.routers.iter().map(|router| {
                json!({
                    "name": router.name,
                    "address": router.address(),
                    "tls": router.tls.is_some(),
                })
            });
            routers.collect::<Vec<_>>()
        });
        let problem = self.site.as_ref().err();
        json!({
            "name": self.name,
            "default": self.is_usual,
            "routers": routers.unwrap_or_default(),
            "configured": site.map(configured).unwrap_or_default(),
            "time_zone": site.map(|site| &site.time_zone),
            "problem": problem.map(|error| json!({
                "message": error.to_string(),
                "hint": error.hint(),
            })),
        })
    }

    /// Its name, its routers, and what else is configured, or why it cannot be used.
    fn cells(&self) -> Vec<Said> {
        let name: Said = match self.is_usual {
            true => SitesDefault { site: &self.name }.into(),
            false => (&self.name).into(),
        };
        match &self.site {
            Ok(site) => {
                let routers = site.routers.iter().map(ToString::to_string);
                let routers: Vec<String> = routers.collect();
                vec![
                    name,
                    routers.join(", ").into(),
                    configured(site).join(", ").into(),
                ]
            }
            Err(error) => {
                let why = [Some(error.said()), error.hint()];
                let why = Said::several(why.into_iter().flatten());
                vec![name, "".into(), SitesUnusable { why }.into()]
            }
        }
    }
}

/// What of a site is configured beside its routers, in words. The built-in site brings all.
fn configured(site: &Site) -> Vec<&'static str> {
    if site.demo {
        return Service::ALL.map(Service::noun).to_vec();
    }
    let routers = (!site.routers.is_empty()).then_some(Endpoint::ROUTERS);
    let all = site.endpoints.configured().chain(routers);
    all.map(|endpoint| endpoint.what).collect()
}

fn write_text(out: &mut dyn Write, sheet: Sheet, sites: &[Described]) -> io::Result<()> {
    let words = |said: &Said| said.in_language(sheet.language).into_owned();
    let headings: [Said; 3] = [
        ColumnSite.into(),
        ColumnRouters.into(),
        ColumnConfigured.into(),
    ];
    let headings = headings.each_ref().map(words);
    let cells = sites.iter().map(Described::cells);
    let cells: Vec<Vec<String>> = cells.map(|row| row.iter().map(words).collect()).collect();
    grid::lines(&headings, &cells, sheet.width)
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}
