//! Where may a test put its files, and on which port may it listen?

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::TestbedError;

/// A new empty folder, deleted with everything in it on drop.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
}

impl TempDir {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside the folder; nothing is created there.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // A folder that cannot be deleted is left over; a drop has nobody to tell.
        drop(std::fs::remove_dir_all(&self.path));
    }
}

/// A folder for the SQLite files of one test, in the system's place for such things.
pub fn temp_dir() -> Result<TempDir, TestbedError> {
    temp_dir_in(&std::env::temp_dir())
}

/// As [`temp_dir`], in a place of the caller's choice (a bench wants a real disk, not memory).
pub fn temp_dir_in(parent: &Path) -> Result<TempDir, TestbedError> {
    unique_dir(parent).map(|path| TempDir { path })
}

/// A port of 127.0.0.1 that was free a moment ago; somebody else may take it first, so callers retry.
pub fn free_port() -> Result<u16, TestbedError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(TestbedError::io("asking for a free port"))
}

/// The name needs no clock and no randomness: `create_dir` fails on a name that exists, and then the next one is tried.
pub(crate) fn unique_dir(parent: &Path) -> Result<PathBuf, TestbedError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("daybook-{}-{number}", std::process::id()));
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                let what = format!("creating {}", path.display());
                return Err(TestbedError::Io { what, source });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_new_and_goes_away_with_its_files() {
        let (first, second) = (temp_dir().unwrap(), temp_dir().unwrap());
        assert_ne!(first.path(), second.path());
        std::fs::write(first.join("daybook.db"), b"x").unwrap();
        let gone = first.path().to_owned();
        drop(first);
        assert_eq!((gone.exists(), second.path().exists()), (false, true));
    }
}
