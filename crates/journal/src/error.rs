//! Why a journal cannot be read or written.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use catalogue::Said;
use sentences::{ErrorJournalRead, ErrorJournalWrite, HintJournalRead, HintJournalWrite};
use thiserror::Error;

/// Journals are not at hand.
#[derive(Clone, Debug, Error)]
#[error("{}", self.said())]
pub enum JournalError {
    /// One cannot be written, and without it nothing is sent.
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// They cannot be read.
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
}

impl JournalError {
    /// For people.
    pub fn said(&self) -> Said {
        match self {
            Self::Write { path, .. } => ErrorJournalWrite {
                path: path.display().to_string(),
            }
            .into(),
            Self::Read { path, .. } => ErrorJournalRead {
                path: path.display().to_string(),
            }
            .into(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Said {
        match self {
            Self::Write { .. } => HintJournalWrite.into(),
            Self::Read { .. } => HintJournalRead.into(),
        }
    }
}
