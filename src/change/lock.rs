//! One run at a time changes a site.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::ChangeError;
use super::journal::{private_folder, site_folder};
use super::run::Run;
use crate::session::{ServiceLock, Session};

/// Locks of the portal's own usage sync, which writes the same lists.
const PORTAL: [&str; 2] = ["quota_sync:run_lock", "quota:sync_lock:global"];
/// How often somebody else's lock is looked at again.
const AGAIN: Duration = Duration::from_millis(200);
/// How many times the site's limit for locks is waited for the portal's sync.
const PATIENCE: u32 = 6;

/// The lock of a site, released when it is dropped: a file for the runs of this machine, and a lock
/// of the database or of Redis for those of others.
pub struct SiteLock {
    _file: File,
    service: Option<ServiceLock>,
}

impl SiteLock {
    /// Takes the lock for `run`, waiting a short while for who has it, and looks that the portal's
    /// sync is not at work.
    ///
    /// # Errors
    /// [`ChangeError::Locked`], [`ChangeError::PortalBusy`], [`ChangeError::Journal`] for a folder
    /// that cannot be written, or [`ChangeError::Session`].
    pub async fn take(session: &Session, folder: &Path, run: &Run) -> Result<Self, ChangeError> {
        let limit = session.site().limits.lock;
        let file = lock_file(folder, run, limit).await?;
        let service = session.lock(limit).await?;
        if service.as_ref().is_some_and(ServiceLock::is_busy) {
            return Err(ChangeError::Locked {
                site: run.site.name.clone(),
                by: Some("a run on another machine".to_owned()),
            });
        }
        let lock = Self {
            _file: file,
            service,
        };
        match wait_for_portal(session, limit * PATIENCE).await {
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

async fn lock_file(folder: &Path, run: &Run, limit: Duration) -> Result<File, ChangeError> {
    let folder = site_folder(folder, &run.site.name);
    let path = folder.join("lock");
    let failed = |source| ChangeError::Journal {
        path: path.clone(),
        source: Arc::new(source),
    };
    let mut file = open(&folder, &path).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(std::fs::TryLockError::WouldBlock) if began.elapsed() < limit => {
                tokio::time::sleep(AGAIN).await;
            }
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(ChangeError::Locked {
                    site: run.site.name.clone(),
                    by: holder(&mut file),
                });
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
    let name = format!("{} as run {}", run.operator, run.id);
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(name.as_bytes()))
        .map_err(failed)?;
    Ok(file)
}

fn open(folder: &Path, path: &PathBuf) -> io::Result<File> {
    private_folder(folder)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn holder(file: &mut File) -> Option<String> {
    let mut name = String::new();
    file.rewind().ok()?;
    file.take(200).read_to_string(&mut name).ok()?;
    (!name.is_empty()).then_some(name)
}

async fn wait_for_portal(session: &Session, limit: Duration) -> Result<(), ChangeError> {
    let site = session.site();
    if site.redis.is_none() && !site.demo {
        return Ok(());
    }
    let redis = session.redis().await?;
    let began = Instant::now();
    for key in PORTAL {
        while redis.exists(key).await? {
            if began.elapsed() > limit {
                let key = key.to_owned();
                return Err(ChangeError::PortalBusy { key });
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
    Ok(())
}
