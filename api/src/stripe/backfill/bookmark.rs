//! How far a run had come when it was cut short: a small file, written whole or not at all, gone once the run is over.

use std::io::{ErrorKind, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::BackfillError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    pub since: Timestamp,
    /// Everything up to this event has been taken in.
    pub after: String,
}

impl Bookmark {
    /// `None` where there is none, or one that cannot be read: then the run begins anew, and doubles nothing.
    pub fn find(path: &Path) -> Result<Option<Self>, BackfillError> {
        match std::fs::read(path) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(path, source)),
        }
    }

    pub fn keep(&self, path: &Path) -> Result<(), BackfillError> {
        let text = serde_json::to_vec(self).map_err(|error| failed(path, error.into()))?;
        write(path, &text).map_err(|source| failed(path, source))
    }

    pub fn remove(path: &Path) -> Result<(), BackfillError> {
        match std::fs::remove_file(path) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(failed(path, source)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("tmp-{}", std::process::id()));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

fn failed(path: &Path, source: std::io::Error) -> BackfillError {
    BackfillError::Bookmark { path: path.display().to_string(), source }
}
