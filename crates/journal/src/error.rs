//! Why a journal cannot be read or written.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use catalogue::Said;
use sentences::{HintJournalRead, HintJournalWrite};
use thiserror::Error;

/// Journals are not at hand.
#[derive(Clone, Debug, Error)]
pub enum JournalError {
    /// One cannot be written, and without it nothing is sent.
    #[error("cannot write the journal `{}`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// They cannot be read.
    #[error("cannot read the journals in `{}`", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
}

impl JournalError {
    /// What to do about it.
    pub fn hint(&self) -> Said {
        match self {
            Self::Write { .. } => HintJournalWrite.into(),
            Self::Read { .. } => HintJournalRead.into(),
        }
    }
}
