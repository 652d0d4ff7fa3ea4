//! Who stops the server when its owner cannot?
//!
//! A destructor does not run for statics, on `exit` or on kill -9. So a small shell process waits on a pipe that only the
//! owner holds: when the pipe closes, for whatever reason, it stops the server and deletes the folder.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::TestbedError;

/// `$1` is the folder. Each line on the pipe is the process id of the server now in charge. The command line is looked at
/// before each signal, so that a stranger who inherited the number is left alone.
const SCRIPT: &str = r#"
pid=
while read -r line; do pid=$line; done
running() {
    [ -n "$pid" ] && { tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o command= -p "$pid"; } | grep -qF -- "$1/data"
}
running "$1" && kill -QUIT "$pid"
rounds=0
while running "$1" && [ "$rounds" -lt 400 ]; do
    rounds=$((rounds + 1))
    [ "$rounds" -ge 200 ] && kill -KILL "$pid"
    sleep 0.02
done
rm -rf -- "$1"
"#;

#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
}

impl Guard {
    /// Its own process group keeps it alive when a terminal or a test runner signals the owner's group.
    pub(crate) fn over(folder: &Path) -> Result<Self, TestbedError> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "guard"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(TestbedError::io("starting the guard of the throw-away server"))?;
        Ok(Self { shell })
    }

    pub(crate) fn watch(&mut self, server: u32) -> Result<(), TestbedError> {
        let Some(pipe) = self.shell.stdin.as_mut() else { return Ok(()) };
        writeln!(pipe, "{server}").map_err(TestbedError::io("telling the guard about the server"))
    }

    /// Closes the pipe. The guard stops the server, and the caller reaps both.
    pub(crate) fn release(&mut self) {
        drop(self.shell.stdin.take());
    }

    pub(crate) fn wait(&mut self) {
        drop(self.shell.wait());
    }
}
