//! A plan: the changes of a dry run as a file, to be read by people and carried out later.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use files::Readers;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::JournalError;
use super::run::{Run, SiteIdentity, sha256};
use super::{record, seal, undoing};
use catalogue::Said;
use plan::change::Change;
use plan::comments::Comments;
use plan::outcome::{Done, Status};
use plan::together;
use sentences::{
    ErrorPlanApplied, ErrorPlanEarly, ErrorPlanEdited, ErrorPlanExpired, ErrorPlanForeign,
    ErrorPlanHalf, ErrorPlanJournals, ErrorPlanNewer, ErrorPlanNone, ErrorPlanNotText,
    ErrorPlanOtherFormat, ErrorPlanOtherSite, ErrorPlanRead, ErrorPlanSeal, ErrorPlanTooLarge,
    ErrorPlanWrite, HintPlanAgain, HintPlanEarly, HintPlanExists, HintPlanForeign, HintPlanHalf,
    HintPlanNewer, HintPlanNoFolder, HintPlanNone, HintPlanOtherSite, HintPlanSeal, PlanNoFolder,
};
use site::kind::causes;

/// The kind of file, before its version.
const KIND: &str = "tikbook.plan/";
/// The version that is written. Of 1, which 0.1.0 wrote, 2 differs by `made_by`.
const VERSION: u32 = 2;
/// How far two clocks may go apart.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);
/// How long a plan may wait: the rows are read again before it is carried out, but what it was
/// decided upon is not.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// No plan is larger.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A plan. What it was decided by stands in it, and a checksum over all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `tikbook.plan/2`.
    pub format: String,
    /// The run that made it.
    pub run: String,
    /// When its run began to plan, in UTC.
    pub created: Timestamp,
    /// Until when it may be carried out.
    pub expires: Timestamp,
    /// The site it was made for, and no other.
    pub site: SiteIdentity,
    /// The runbook that made it.
    pub runbook: String,
    /// SHA-256 of the runbook's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_sha256: Option<String>,
    /// How a runbook made it; nothing for a plan of an undo or of a session, and of 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MadeBy>,
    /// The changes in order.
    pub changes: Vec<Change>,
    /// SHA-256 over everything else but the seal.
    #[serde(default)]
    checksum: String,
    /// The seal of the checksum, by the key of the state folder of who made the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
}

/// With what a runbook made a plan: where all of it is still so, the runbook can plan again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeBy {
    /// The runbook's name, or the path of its file.
    pub script: String,
    /// The texts of its parameters.
    pub arguments: Vec<(String, Vec<String>)>,
    /// SHA-256 over the script, all that it imports, and tikbook's version.
    pub program_sha256: String,
    /// The files that it was given, with their SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<PathBuf, String>,
}

/// A plan that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.said())]
pub enum PlanError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder is not there in which the file is to be written.
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The file is no plan.
    NotAPlan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: NoPlan,
    },
    /// Somebody changed it.
    Edited,
    /// A newer tikbook made it.
    Newer {
        /// The format.
        format: String,
    },
    /// It was made later than now.
    Early {
        /// When.
        created: Timestamp,
    },
    /// It is too old.
    Expired {
        /// When.
        expires: Timestamp,
    },
    /// It would make one change of a row and not another.
    Half {
        /// A change that it would make.
        made: Said,
        /// One that it would not.
        left: Said,
    },
    /// A plan is carried out once.
    Applied {
        /// The run that changed something by it.
        run: String,
    },
    /// Whether it was carried out before, and whether what it undoes was made, cannot be seen.
    Journals(#[source] JournalError),
    /// It cannot be sealed.
    Seal(#[source] io::Error),
    /// Nobody here vouches for what it holds.
    Foreign,
    /// It is another site's.
    OtherSite {
        /// What differs.
        difference: Said,
    },
}

/// Why a file is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPlan {
    /// It is larger than any.
    TooLarge,
    /// It is not text.
    NotText,
    /// It is no JSON of this form, in the words of its reader.
    Unreadable(String),
    /// It says that it is something else.
    OtherFormat(String),
}

/// The command that makes a plan, for people to fill in.
const MAKE: &str = "tikbook run RUNBOOK --plan FILE";

impl PlanError {
    /// For people.
    pub fn said(&self) -> Said {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Read { path, .. } => ErrorPlanRead { path: shown(path) }.into(),
            Self::Write { path, .. } | Self::NoFolder { path, .. } => {
                ErrorPlanWrite { path: shown(path) }.into()
            }
            Self::NotAPlan { path, why } => {
                let path = shown(path);
                match why {
                    NoPlan::TooLarge => ErrorPlanTooLarge { path }.into(),
                    NoPlan::NotText => ErrorPlanNotText { path }.into(),
                    NoPlan::Unreadable(why) => ErrorPlanNone { path, why }.into(),
                    NoPlan::OtherFormat(format) => ErrorPlanOtherFormat {
                        path,
                        format,
                        wanted: format_of(VERSION),
                    }
                    .into(),
                }
            }
            Self::Edited => ErrorPlanEdited.into(),
            Self::Newer { format } => ErrorPlanNewer { format }.into(),
            Self::Early { created } => ErrorPlanEarly {
                created: created.to_string(),
            }
            .into(),
            Self::Expired { expires } => ErrorPlanExpired {
                expires: expires.to_string(),
            }
            .into(),
            Self::Half { made, left } => ErrorPlanHalf {
                made: made.clone(),
                left: left.clone(),
            }
            .into(),
            Self::Applied { run } => ErrorPlanApplied { run }.into(),
            Self::Journals(_) => ErrorPlanJournals.into(),
            Self::Seal(_) => ErrorPlanSeal.into(),
            Self::Foreign => ErrorPlanForeign.into(),
            Self::OtherSite { difference } => ErrorPlanOtherSite {
                difference: difference.clone(),
            }
            .into(),
        }
    }

    /// Why it is so, outermost first, for people.
    pub fn causes(&self) -> Vec<Said> {
        let (said, below): (Option<Said>, &(dyn Error + 'static)) = match self {
            Self::Journals(error) => (Some(error.said()), error),
            Self::NoFolder { folder, .. } => {
                let folder = folder.display().to_string();
                (Some(PlanNoFolder { folder }.into()), self)
            }
            _ => (None, self),
        };
        let causes = causes(below).map(Said::from);
        said.into_iter().chain(causes).collect()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Edited | Self::Expired { .. } | Self::Applied { .. } => {
                HintPlanAgain { command: MAKE }.into()
            }
            Self::Half { .. } => HintPlanHalf.into(),
            Self::Newer { .. } => HintPlanNewer.into(),
            Self::Early { .. } => HintPlanEarly.into(),
            Self::OtherSite { .. } => HintPlanOtherSite.into(),
            Self::NotAPlan { .. } => HintPlanNone { command: MAKE }.into(),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                HintPlanExists.into()
            }
            Self::NoFolder { .. } => HintPlanNoFolder.into(),
            Self::Foreign => HintPlanForeign { command: MAKE }.into(),
            Self::Seal(_) => HintPlanSeal.into(),
            Self::Read { .. } | Self::Write { .. } | Self::Journals(_) => return None,
        })
    }

    /// Is it refused for what it is, rather than unreadable?
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Edited
                | Self::Expired { .. }
                | Self::Newer { .. }
                | Self::Early { .. }
                | Self::Applied { .. }
                | Self::Half { .. }
                | Self::Foreign
                | Self::OtherSite { .. }
        )
    }
}

impl Plan {
    /// What of `done` was planned in `run`, as a plan; `made_by` is how a runbook did.
    ///
    /// # Errors
    /// [`PlanError::Half`]: of the changes of a row all are in the plan, or none.
    pub fn of(run: &Run, done: &[Done], made_by: Option<MadeBy>) -> Result<Self, PlanError> {
        let groups = together::groups(done.iter().map(|done| &done.change));
        let with_status = |statuses: &[Status]| -> BTreeMap<usize, &Change> {
            let of_group = groups.iter().copied().zip(done);
            of_group
                .filter(|(_, done)| statuses.contains(&done.outcome.status))
                .map(|(group, done)| (group, &done.change))
                .collect()
        };
        let made = with_status(&[Status::Planned]);
        for (group, left) in with_status(&[Status::Conflict, Status::Protected]) {
            if let Some(made) = made.get(&group) {
                return Err(PlanError::Half {
                    made: made.spoken(Comments::Meant),
                    left: left.spoken(Comments::Meant),
                });
            }
        }
        let planned = done
            .iter()
            .filter(|done| done.outcome.status == Status::Planned);
        Ok(Self::with(
            run,
            planned.map(|done| done.change.clone()).collect(),
            made_by,
        ))
    }

    fn with(run: &Run, changes: Vec<Change>, made_by: Option<MadeBy>) -> Self {
        let created = run.started;
        let mut plan = Self {
            format: format_of(VERSION),
            run: run.id.clone(),
            created,
            expires: created.saturating_add(LIFETIME).unwrap_or(created),
            site: run.site.clone(),
            runbook: run.runbook.clone(),
            script_sha256: run.script_sha256.clone(),
            made_by,
            changes,
            checksum: String::new(),
            seal: None,
        };
        // Texts and numbers always have a JSON form.
        plan.checksum = digest(serde_json::to_value(&plan).unwrap_or_default());
        plan
    }

    /// Writes the plan to `path`, where nothing is yet, readable for its owner only: rows may hold
    /// passwords. It gets the seal of `state_folder`, by which it is known again as made here.
    ///
    /// # Errors
    /// [`PlanError::Write`]; [`PlanError::NoFolder`]; [`PlanError::Seal`].
    pub fn write(&mut self, path: &Path, state_folder: Option<&Path>) -> Result<(), PlanError> {
        let seal = state_folder.map(|folder| seal::seal(folder, &self.checksum));
        self.seal = seal.transpose().map_err(PlanError::Seal)?;
        let failed = |source| PlanError::Write {
            path: path.to_owned(),
            source,
        };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(PlanError::NoFolder {
                path: path.to_owned(),
                folder: folder.to_owned(),
            });
        }
        let line = text + "\n";
        files::write_new(path, line.as_bytes(), Readers::Owner).map_err(failed)
    }

    /// Was it made by somebody who may write to `state_folder`?
    pub fn is_made_in(&self, state_folder: Option<&Path>) -> bool {
        let sealed = state_folder.zip(self.seal.as_deref());
        sealed.is_some_and(|(folder, seal)| seal::is_sealed(folder, &self.checksum, seal))
    }

    /// Reads a plan that may be carried out on `site` now. `state_folder` holds the journals of the runs
    /// that carried it out before, and of those that it may undo: what a change says to undo counts
    /// only if that was made.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn read(
        path: &Path,
        site: &SiteIdentity,
        state_folder: Option<&Path>,
    ) -> Result<Self, PlanError> {
        let (mut plan, digest) = Self::parse(path)?;
        if plan.checksum != digest {
            return Err(PlanError::Edited);
        }
        if let Some(difference) = plan.site.difference(site) {
            return Err(PlanError::OtherSite { difference });
        }
        let now = Timestamp::now();
        let (created, expires) = (plan.created, plan.expires);
        if expires.saturating_add(CLOCKS).unwrap_or(expires) < now {
            return Err(PlanError::Expired { expires });
        }
        if now.saturating_add(CLOCKS).unwrap_or(now) < created {
            return Err(PlanError::Early { created });
        }
        let records = state_folder.map(|folder| record::read_all_names(folder, site));
        let records = records
            .transpose()
            .map_err(PlanError::Journals)?
            .unwrap_or_default();
        if let Some(record) = record::applied_by(&plan.run, &records) {
            let run = record.id.clone();
            return Err(PlanError::Applied { run });
        }
        let undoes = plan.changes.iter().find_map(|change| change.undoes.clone());
        let undone = records
            .iter()
            .find(|record| Some(&record.id) == undoes.as_ref());
        if let Some(undo) = undone.and_then(|run| record::undone_by(run, &records)) {
            let run = undo.id.clone();
            return Err(PlanError::Applied { run });
        }
        for change in &mut plan.changes {
            if !undoing::is_undoing(change, &records, site) {
                change.undoes = None;
            }
        }
        let changes = plan.changes.into_iter();
        let changes = changes.map(|change| seen(change, plan.created).sent_again());
        plan.changes = changes.collect();
        Ok(plan)
    }

    /// The plan, and the checksum that the text should have: menus are read as they are spelled.
    fn parse(path: &Path) -> Result<(Self, String), PlanError> {
        let file_error = |source| PlanError::Read {
            path: path.to_owned(),
            source,
        };
        let not_a_plan = |why| PlanError::NotAPlan {
            path: path.to_owned(),
            why,
        };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(file_error)?;
        match file.take(LARGEST + 1).read_to_string(&mut text) {
            Ok(_) if text.len() as u64 > LARGEST => {
                return Err(not_a_plan(NoPlan::TooLarge));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(not_a_plan(NoPlan::NotText));
            }
            Err(error) => return Err(file_error(error)),
        }
        let no_plan = |error: serde_json::Error| not_a_plan(NoPlan::Unreadable(error.to_string()));
        let written: Value = serde_json::from_str(&text).map_err(no_plan)?;
        // What a newer one holds is not known, so this comes before everything else.
        let format = written["format"].as_str().unwrap_or_default();
        let version = format.strip_prefix(KIND);
        match version.and_then(|version| version.parse::<u32>().ok()) {
            Some(1..=VERSION) => {}
            Some(newer) if newer > VERSION => {
                let format = format.to_owned();
                return Err(PlanError::Newer { format });
            }
            _ => return Err(not_a_plan(NoPlan::OtherFormat(format.to_owned()))),
        }
        let plan = serde_json::from_str(&text).map_err(no_plan)?;
        Ok((plan, digest(written)))
    }
}

/// The format of a version, as a file says it.
fn format_of(version: u32) -> String {
    format!("{KIND}{version}")
}

/// The same change, whose row was seen whole `at` that time.
fn seen(mut change: Change, at: Timestamp) -> Change {
    if let Some(row) = change.about_mut() {
        *row = row.clone().seen(at);
    }
    change
}

/// The checksum over a plan as it is written, all but the checksum itself.
fn digest(mut written: Value) -> String {
    written["checksum"] = Value::from("");
    if let Some(fields) = written.as_object_mut() {
        fields.remove("seal");
    }
    format!("sha256:{}", sha256(written.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::run::RunKind;
    use plan::fields::Fields;
    use plan::row::At;

    fn plan() -> Plan {
        let site = SiteIdentity {
            name: "one".to_owned(),
            routers: vec!["gw (10.0.0.1:8728)".to_owned()],
            database: None,
            redis: None,
        };
        let run = Run::begin(RunKind::Run, "cleanup", Some("text"), "me", site);
        let row: Fields = [("comment", &b"\xff"[..])].into_iter().collect();
        let menu = "/ip/firewall/address-list".parse().unwrap();
        let change = Change::remove(None, &menu, At::row("*1"), row, "stale");
        Plan::with(&run, vec![change], None)
    }

    fn refusal(text: String, site: &SiteIdentity) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        std::fs::write(&path, text).unwrap();
        Plan::read(&path, site, None).unwrap_err().to_string()
    }

    #[test]
    fn a_plan_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let mut plan = plan();
        plan.write(&path, None).unwrap();
        let read = Plan::read(&path, &plan.site, None).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            serde_json::to_string(&plan).unwrap()
        );
        let mode = std::fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_plan_takes_the_place_of_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let other = folder.path().join("other");
        std::fs::write(&other, "mine").unwrap();
        let places: [fn(&Path, &Path); 4] = [
            |path, _| std::fs::write(path, "mine").unwrap(),
            |path, other| std::os::unix::fs::symlink(other, path).unwrap(),
            |path, _| std::os::unix::fs::symlink("nowhere", path).unwrap(),
            |path, _| drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        ];
        for place in places {
            place(&path, &other);
            let before = std::fs::symlink_metadata(&path).unwrap();
            let refused = plan().write(&path, None).unwrap_err();
            assert!(refused.to_string().contains("cannot write"), "{refused}");
            assert!(
                refused
                    .hint()
                    .unwrap()
                    .to_string()
                    .contains("not there yet")
            );
            let after = std::fs::symlink_metadata(&path).unwrap();
            assert_eq!(after.ino(), before.ino());
            assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
            std::fs::remove_file(&path).unwrap();
        }
        std::os::unix::fs::symlink(&other, folder.path().join("plan.json.part")).unwrap();
        plan().write(&path, None).unwrap();
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    }

    #[test]
    fn plans_that_were_edited_or_are_old_or_of_another_site_are_refused() {
        let plan = plan();
        let text = serde_json::to_string(&plan).unwrap();
        let edited = text.replace("*1", "*2");
        assert!(refusal(edited, &plan.site).contains("edited"));
        let other = SiteIdentity {
            name: "two".to_owned(),
            ..plan.site.clone()
        };
        assert!(refusal(text.clone(), &other).contains("the site `one`"));
        for text in ["", "{}", "[]", "\u{0}", &text.replace("plan/2", "plan/x")] {
            assert!(
                refusal(text.to_owned(), &plan.site).contains("not a plan"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_plan_is_good_for_a_day_on_clocks_that_go_a_little_apart() {
        let (plan, minutes) = (plan(), SignedDuration::from_mins);
        for (old, expected) in [
            (SignedDuration::ZERO, None),
            (minutes(24 * 60 + 4), None),
            (minutes(24 * 60 + 6), Some("expired")),
            (minutes(-4), None),
            (minutes(-6), Some("yet to come")),
        ] {
            let mut plan = plan.clone();
            plan.created = plan.created.checked_sub(old).unwrap();
            plan.expires = plan.expires.checked_sub(old).unwrap();
            plan.checksum = digest(serde_json::to_value(&plan).unwrap());
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("plan.json");
            plan.write(&path, None).unwrap();
            let read = Plan::read(&path, &plan.site, None);
            let refused = read.err().map(|error| error.to_string());
            assert_eq!(
                refused.is_some(),
                expected.is_some(),
                "{old:?}: {refused:?}"
            );
            let said = refused.unwrap_or_default();
            assert!(
                said.contains(expected.unwrap_or_default()),
                "{old:?}: {said}"
            );
        }
    }

    #[test]
    fn a_plan_of_another_version_is_read_or_refused_by_name() {
        let plan = plan();
        let mut first = plan.clone();
        first.format = "tikbook.plan/1".to_owned();
        first.checksum = digest(serde_json::to_value(&first).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        first.write(&path, None).unwrap();
        assert_eq!(Plan::read(&path, &plan.site, None).unwrap().run, plan.run);
        for newer in ["tikbook.plan/3", "tikbook.plan/10"] {
            let text = format!(r#"{{ "format": "{newer}", "something": ["new"] }}"#);
            let said = refusal(text, &plan.site);
            assert!(said.contains("a newer tikbook made the plan"), "{said}");
            assert!(said.contains(newer), "{said}");
        }
    }
}
