//! As whom does the server run, given that initdb and postgres refuse root?

use std::process::Command;

use crate::error::TestbedError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl User {
    /// Nobody in particular unless we are root; then the package's own user, or one without rights.
    pub(crate) fn for_server() -> Result<Option<Self>, TestbedError> {
        if id(&["-u"]) != Some(0) {
            return Ok(None);
        }
        ["postgres", "nobody"].into_iter().find_map(Self::named).map(Some).ok_or(TestbedError::NoUser)
    }

    fn named(name: &str) -> Option<Self> {
        Some(Self { uid: id(&["-u", name])?, gid: id(&["-g", name])? })
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
