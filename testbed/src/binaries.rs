//! Which PostgreSQL installation is used?
//!
//! In this order: the folder the caller names, the environment variable `PG_BIN`, what `pg_config --bindir` says, the
//! newest of Debian's versioned folders, and last the search path, where wrappers and links may hide the real folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TestbedError;

/// The oldest major version that Daybook supports.
pub const OLDEST_MAJOR: u32 = 15;

const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `postgres` and `initdb` of one supported version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    pub fn find(named: Option<&Path>) -> Result<Self, TestbedError> {
        let candidates = match named.map(Path::to_owned).or_else(from_environment) {
            // Whoever names a folder wants that one or a complaint, not another version.
            Some(folder) => vec![folder],
            None => places(),
        };
        candidates.iter().find_map(|folder| usable(folder)).ok_or_else(|| {
            let searched: Vec<_> = candidates.iter().map(|path| path.display().to_string()).collect();
            TestbedError::NoBinaries { oldest: OLDEST_MAJOR, searched: searched.join(", ") }
        })
    }

    /// The path of one program of the installation, such as `psql`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn major(&self) -> u32 {
        self.major
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the testbed reads a setting")]
fn from_environment() -> Option<PathBuf> {
    std::env::var("PG_BIN").ok().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn places() -> Vec<PathBuf> {
    let told = first_line(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link in the search path is followed, because postgres looks for its files beside itself.
    let searched = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("initdb").canonicalize().ok())
        .filter_map(|program| program.parent().map(Path::to_owned));
    told.into_iter().chain(debian()).chain(searched).collect()
}

fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<u32> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|left, right| right.cmp(left));
    versions.into_iter().map(|version| PathBuf::from(format!("{DEBIAN}/{version}/bin"))).collect()
}

fn usable(folder: &Path) -> Option<Binaries> {
    let stated = first_line(Command::new(folder.join("postgres")).arg("--version"))?;
    let major = major_version(&stated).filter(|major| *major >= OLDEST_MAJOR)?;
    folder.join("initdb").is_file().then(|| Binaries { folder: folder.to_owned(), major })
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(|line| line.trim().to_owned())
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` and `postgres (PostgreSQL) 18beta1`.
fn major_version(stated: &str) -> Option<u32> {
    let version = stated.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_states() {
        for (stated, expected) in [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL)", None),
            ("mysqld 8.0", None),
            ("", None),
        ] {
            assert_eq!(major_version(stated), expected, "{stated}");
        }
    }
}
