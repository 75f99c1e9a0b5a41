//! Applies what was approved, under the site's locks: the intention on the disk, sent, read again.

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::ceiling::Ceiling;
use super::lock::{SiteLock, Wait};
use super::own_service::OwnSenders;
use super::send::Sender;
use super::settle::{settle, verify};
use journal::run::Run;
use journal::{Journal, JournalledRows, record};
use plan::Approved;
use plan::judged::{Earlier, Judged};
use plan::outcome::{Done, Outcome, Status};
use plan::radius::Radius;
use planning::{Around, Broken, ChangeError, judge, measure};
use session::Session;
use site::grant::Grant;

/// Changes whose intentions are brought to the disk at once.
const BATCH: usize = 512;

/// What an engine applies with.
pub struct Settings {
    /// Which run it is.
    pub run: Run,
    /// The folder of journals and locks.
    pub state_folder: PathBuf,
    /// The services of an embedder's own.
    pub services: OwnSenders,
    /// How long another run, or the portal's sync, is waited for.
    pub lock_wait: Duration,
    /// Stops the run between two sends, and while it waits.
    pub cancel: CancellationToken,
}

/// Applies changes to a site whose locks it holds.
pub struct Engine {
    session: Session,
    grant: Grant,
    settings: Settings,
    /// Held while a stage is planned again and applied.
    lock: Option<SiteLock>,
    journal: Option<Journal>,
    /// How many changes the journal has.
    count: usize,
    /// How much was changed so far.
    radius: Radius,
}

impl Settings {
    async fn lock(&self, session: &Session) -> Result<SiteLock, ChangeError> {
        let wait = Wait::begin(self.lock_wait, &self.cancel);
        SiteLock::take(session, &self.state_folder, &self.run, &wait).await
    }
}

impl Engine {
    /// Takes the site's locks: what another run changes meanwhile must be seen by whatever is read
    /// from now on.
    ///
    /// # Errors
    /// Somebody else has them, as [`ChangeError::Locked`] or [`ChangeError::PortalBusy`]; the plan
    /// was applied meanwhile; a journal cannot be read.
    pub async fn hold(
        session: &Session,
        grant: Grant,
        settings: Settings,
    ) -> Result<Self, ChangeError> {
        let lock = settings.lock(session).await?;
        let engine = Self {
            session: session.clone(),
            grant: grant.applying(),
            settings,
            lock: Some(lock),
            journal: None,
            count: 0,
            radius: Radius::default(),
        };
        match engine.refuse_a_second_time() {
            Ok(()) => Ok(engine),
            Err(error) => {
                drop(engine.end().await);
                Err(error)
            }
        }
    }

    /// Gives the site's locks back until the next stage.
    pub async fn rest(&mut self) {
        if let Some(lock) = self.lock.take() {
            lock.release().await;
        }
    }

    /// Takes the site's locks for another stage.
    ///
    /// # Errors
    /// As [`Engine::hold`].
    pub async fn hold_again(&mut self) -> Result<(), ChangeError> {
        self.lock = Some(self.settings.lock(&self.session).await?);
        Ok(())
    }

    /// How much was changed so far.
    pub fn radius(&self) -> &Radius {
        &self.radius
    }

    /// Applies the changes in their order. One that cannot be made does not stop the others, a lost
    /// router does. Each has an outcome afterwards; where nothing was sent because of the error there
    /// are none.
    pub async fn apply(&mut self, approved: Approved) -> (Vec<Done>, Result<(), ChangeError>) {
        let (mut judged, mut radius) = match self.look_again(&approved).await {
            Ok(found) => found,
            Err(error) => return (Vec::new(), Err(error)),
        };
        let made = self.make(&approved, &mut radius, &mut judged).await;
        self.radius = radius;
        let done = judged.into_iter().map(Judged::into_done).collect();
        (done, made)
    }

    /// Ends the run's journal and releases its locks.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub async fn end(self) -> Result<(), ChangeError> {
        let ended = self.journal.map_or(Ok(()), Journal::end);
        if let Some(lock) = self.lock {
            lock.release().await;
        }
        Ok(ended?)
    }

    /// Another run of the same plan may have been at work until now.
    fn refuse_a_second_time(&self) -> Result<(), ChangeError> {
        let Settings {
            run, state_folder, ..
        } = &self.settings;
        let Some(plan) = &run.plan else {
            return Ok(());
        };
        let records = record::read_all(state_folder, &run.site.name)?;
        match record::applied_by(plan, &records) {
            None => Ok(()),
            Some(record) => {
                let run = record.id.clone();
                Err(ChangeError::PlanApplied { run })
            }
        }
    }

    /// Holds the changes against the rows once more, and their number against what was allowed.
    async fn look_again(&self, approved: &Approved) -> Result<(Vec<Judged>, Radius), ChangeError> {
        let earlier = Earlier::default();
        let Settings {
            state_folder, run, ..
        } = &self.settings;
        let own = JournalledRows::of(Some(state_folder.clone()), &run.site.name);
        let services = self.settings.services.plans();
        let around = Around {
            session: &self.session,
            own: &own,
            services: &services,
        };
        let again = judge(around, approved.asked(), &earlier, Broken::Whole).await?;
        let mut judged = approved.with(again.judged);
        judged.sort_by_key(|judged| judged.change.ends_connection());
        let mut radius = self.radius.clone();
        measure(&self.session, &mut radius, (&judged, &again.sizes)).await?;
        radius.check(approved.max_changes)?;
        Ok((judged, radius))
    }

    /// Begins the journal, and carries out what goes ahead. Whatever happens, each change has an
    /// outcome afterwards.
    async fn make(
        &mut self,
        approved: &Approved,
        radius: &mut Radius,
        judged: &mut [Judged],
    ) -> Result<(), ChangeError> {
        let mut journal = match self.journal.take() {
            Some(begun) => begun,
            None => Journal::begin(&self.settings.state_folder, &self.settings.run)?,
        };
        if let Err(error) = journal.make_room(judged.iter().map(|judged| &judged.change)) {
            self.journal = Some(journal);
            return Err(error.into());
        }
        let mut ceiling = Ceiling::new(radius, approved.max_changes);
        let made = self.carry_out(&mut journal, judged, &mut ceiling).await;
        self.journal = Some(journal);
        self.count += judged.len();
        let refusal = ceiling.refusal;
        let made = match (made, self.settings.cancel.is_cancelled()) {
            (Ok(()), true) => Err(interrupted(judged)),
            (made, _) => made,
        };
        if let Err(error) = &made {
            for judged in judged.iter_mut().filter(|judged| judged.goes_ahead()) {
                judged.outcome = Some(Outcome::not_sent(error.said()));
            }
        }
        made.and(refusal.map_or(Ok(()), Err))
    }

    /// Sends everything, and reads it once more.
    async fn carry_out(
        &self,
        journal: &mut Journal,
        judged: &mut [Judged],
        ceiling: &mut Ceiling<'_>,
    ) -> Result<(), ChangeError> {
        let Settings {
            services, cancel, ..
        } = &self.settings;
        let mut sender = Sender::new(&self.session, &self.grant, services, cancel);
        // What ends a connection is sent when everything else is made, and was read again.
        let last = judged.partition_point(|judged| !judged.change.ends_connection());
        let (judged, at_last) = judged.split_at_mut(last);
        // What waits is kept apart: one in the other it is too deep for the compiler.
        Box::pin(self.carry_out_batches(journal, (judged, self.count), &mut sender, ceiling))
            .await?;
        for index in verify(&self.session, judged).await {
            if let Some(outcome) = &judged[index].outcome {
                journal.outcome(self.count + index, outcome)?;
            }
        }
        Box::pin(self.carry_out_batches(
            journal,
            (at_last, self.count + last),
            &mut sender,
            ceiling,
        ))
        .await?;
        Ok(journal.sync()?)
    }

    /// Batch by batch, the first of which is the change of this number: intentions to the disk, sends,
    /// outcomes.
    async fn carry_out_batches(
        &self,
        journal: &mut Journal,
        (judged, first): (&mut [Judged], usize),
        sender: &mut Sender<'_>,
        ceiling: &mut Ceiling<'_>,
    ) -> Result<(), ChangeError> {
        for (number, batch) in judged.chunks_mut(BATCH).enumerate() {
            let start = first + number * BATCH;
            for (n, judged) in (start..).zip(batch.iter()) {
                journal.intend(n, &judged.change)?;
                if let Some(outcome) = &judged.outcome {
                    journal.outcome(n, outcome)?;
                }
            }
            journal.sync()?;
            let mut noted: Vec<Option<Outcome>> =
                batch.iter().map(|judged| judged.outcome.clone()).collect();
            let note = |answers: &[(usize, &Outcome)]| {
                for (place, outcome) in answers {
                    // What is not known yet is looked for.
                    if outcome.status != Status::Unknown {
                        journal.outcome(start + place, outcome)?;
                        noted[*place] = Some((*outcome).clone());
                    }
                }
                journal.write()
            };
            sender.send(batch, ceiling, note).await?;
            settle(&self.session, batch).await;
            for ((n, judged), noted) in (start..).zip(batch.iter()).zip(noted) {
                if let Some(outcome) = judged.outcome.as_ref().filter(|_| judged.outcome != noted) {
                    journal.outcome(n, outcome)?;
                }
            }
            journal.write()?;
        }
        Ok(())
    }
}

/// The end of a run that was stopped, by what was made of its changes.
fn interrupted(judged: &[Judged]) -> ChangeError {
    let count = |status| {
        let has_it = judged
            .iter()
            .filter(|judged| judged.status() == Some(status));
        has_it.count()
    };
    ChangeError::Interrupted {
        made: count(Status::Applied),
        unknown: count(Status::Unknown),
        asked: judged.len(),
    }
}
