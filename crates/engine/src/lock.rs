//! One run at a time changes a site.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::lock_file::{Holder, LockFile, NotTaken};
use catalogue::Said;
use journal::run::Run;
use planning::ChangeError;
use sentences::{LockHolderElsewhere, PortalNoWorker, PortalNotAsked, PortalSilent};
use session::celery::Method;
use session::celery::answer::Task;
use session::{ServiceLock, Session, SessionError};

/// Locks of the portal's own usage sync, which writes the same lists: of its task, and of the sync
/// itself, which goes by itself after three minutes.
const RUN_LOCK: &str = "quota_sync:run_lock";
const PORTAL: [&str; 2] = [RUN_LOCK, "quota:sync_lock:global"];
/// The task that holds the run lock while it runs.
const SYNC: &str = "sync_hotspot_usage_task";
/// How often somebody else's lock is looked at again.
const AGAIN: Duration = Duration::from_millis(200);

/// The lock of a site, released when it is dropped: a file for each of its places, for the runs of this
/// machine, and a lock of the database or of Redis for those of others.
pub struct SiteLock {
    _files: Vec<LockFile>,
    service: Option<ServiceLock>,
}

/// The waiting for all locks of a site together.
pub struct Wait<'a> {
    limit: Duration,
    until: Instant,
    cancel: &'a CancellationToken,
}

impl<'a> Wait<'a> {
    /// Begins to wait, for `limit` or until `cancel`.
    pub fn begin(limit: Duration, cancel: &'a CancellationToken) -> Self {
        Self {
            limit,
            until: Instant::now() + limit,
            cancel,
        }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Waits a moment.
    ///
    /// # Errors
    /// [`ChangeError::StoppedWaiting`].
    async fn a_moment(&self) -> Result<(), ChangeError> {
        tokio::select! {
            () = self.cancel.cancelled() => Err(ChangeError::StoppedWaiting),
            () = tokio::time::sleep(AGAIN.min(self.left())) => Ok(()),
        }
    }
}

impl SiteLock {
    /// Takes the lock for `run`, waiting for who has it, and until the portal's sync is not at work: as
    /// long as `wait` says for all of it. A run lock of a sync that no worker runs is not waited for: it was left
    /// behind, and the next sync takes it over as well.
    ///
    /// # Errors
    /// [`ChangeError::Locked`], [`ChangeError::PortalBusy`], [`ChangeError::Journal`] for a folder
    /// that cannot be written, or [`ChangeError::Session`].
    pub async fn take(
        session: &Session,
        folder: &Path,
        run: &Run,
        wait: &Wait<'_>,
    ) -> Result<Self, ChangeError> {
        // The built-in site, and that of a test, lives in this process: no other run reaches it.
        let files = match session.site().demo {
            true => Vec::new(),
            false => lock_files(folder, run, wait).await?,
        };
        let service = tokio::select! {
            () = wait.cancel.cancelled() => return Err(ChangeError::StoppedWaiting),
            service = session.lock(wait.left()) => service?,
        };
        if service.as_ref().is_some_and(ServiceLock::is_busy) {
            return Err(ChangeError::Locked {
                site: run.site.name.clone(),
                by: Some(LockHolderElsewhere.into()),
                waited: wait.limit,
            });
        }
        let lock = Self {
            _files: files,
            service,
        };
        match wait_for_portal(session, wait).await {
            Ok(()) => Ok(lock),
            Err(error) => {
                lock.release().await;
                Err(error)
            }
        }
    }

    /// Gives the lock back.
    pub async fn release(self) {
        if let Some(service) = self.service {
            service.release().await;
        }
    }
}

/// A lock of each place of the site, whatever its name, in one order for all.
async fn lock_files(
    folder: &Path,
    run: &Run,
    wait: &Wait<'_>,
) -> Result<Vec<LockFile>, ChangeError> {
    let holder = Holder::Run {
        operator: run.operator.clone(),
        run: run.id.clone(),
    };
    let mut files = Vec::new();
    for place in run.site.places() {
        files.push(loop {
            match LockFile::take(LockFile::path_of(&place, folder), &holder) {
                Ok(file) => break file,
                Err(NotTaken::Held(_)) if !wait.left().is_zero() => wait.a_moment().await?,
                Err(NotTaken::Held(by)) => {
                    return Err(ChangeError::Locked {
                        site: run.site.name.clone(),
                        by: by.as_ref().map(Holder::said),
                        waited: wait.limit,
                    });
                }
                Err(NotTaken::Failed(path, source)) => {
                    let source = Arc::new(source);
                    return Err(ChangeError::Lock { path, source });
                }
                Err(NotTaken::NoFile(path)) => return Err(ChangeError::NoLock { path }),
            }
        });
    }
    Ok(files)
}

async fn wait_for_portal(session: &Session, wait: &Wait<'_>) -> Result<(), ChangeError> {
    let site = session.site();
    if site.endpoints.redis.is_none() && !site.demo {
        return Ok(());
    }
    for key in PORTAL {
        wait_for_key(session, key, wait).await?;
    }
    Ok(())
}

/// Waits until `key` is gone, unless its owner is: asked at the beginning, and before giving up.
async fn wait_for_key(session: &Session, key: &str, wait: &Wait<'_>) -> Result<(), ChangeError> {
    let redis = session.redis().await?;
    let mut owner = None;
    while redis.exists(key).await? {
        let is_over = wait.left().is_zero();
        if key == RUN_LOCK && (is_over || owner.is_none()) {
            owner = Some(owner_of_run_lock(session).await?);
        }
        if owner == Some(Owner::Gone) {
            tracing::info!("redis has the key `{key}` of a sync that no worker runs");
            return Ok(());
        }
        if is_over {
            let key = key.to_owned();
            return Err(ChangeError::PortalBusy {
                key,
                unsure: owner.and_then(Owner::unsure),
                waited: wait.limit,
            });
        }
        wait.a_moment().await?;
    }
    Ok(())
}

/// What the workers say of the task that took the run lock.
#[derive(PartialEq)]
enum Owner {
    /// A worker runs it, or the site names no broker to ask.
    AtWork,
    /// All workers answered, and none runs it: it was killed, and the lock is stale.
    Gone,
    /// Not all workers answered, or none is there to ask; why.
    Unknown(Said),
}

impl Owner {
    fn unsure(self) -> Option<Said> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::AtWork | Self::Gone => None,
        }
    }
}

async fn owner_of_run_lock(session: &Session) -> Result<Owner, ChangeError> {
    let redis = session.redis().await?;
    let key = [RUN_LOCK.as_bytes().to_vec()];
    let before = redis.call("GET", &key).await?;
    let asked = match session.celery().await {
        Ok(celery) => celery.ask(Method::Active).await.map_err(Into::into),
        Err(error) => Err(error),
    };
    let answers = match asked {
        Ok(answers) => answers,
        Err(SessionError::NotConfigured { .. }) => return Ok(Owner::AtWork),
        Err(error) => {
            let why = error.to_string();
            return Ok(Owner::Unknown(PortalNotAsked { why }.into()));
        }
    };
    let id = before.clone().into_bytes();
    let is_sync = |task: &Task| {
        let of_task = task.id.as_ref().map(|id| id.as_bytes());
        task.task.as_deref() == Some(SYNC) || (of_task.is_some() && of_task == id.as_deref())
    };
    if answers.tasks().iter().any(is_sync) {
        return Ok(Owner::AtWork);
    }
    if answers.subscribed == 0 {
        return Ok(Owner::Unknown(PortalNoWorker.into()));
    }
    if answers.no_answer() > 0 {
        let (silent, workers) = (answers.no_answer(), answers.subscribed);
        return Ok(Owner::Unknown(PortalSilent { silent, workers }.into()));
    }
    // A sync that began meanwhile has the lock in its own name.
    Ok(match redis.call("GET", &key).await? == before {
        true => Owner::Gone,
        false => Owner::AtWork,
    })
}
