//! One rebuild in a process of its own: how long it takes and how much memory the process had at the most. The bench
//! runs itself in this way, so that the memory of filling the ledger does not count.

use std::process::{Command, Stdio};

use replay::RebuildOptions;
use serde::{Deserialize, Serialize};
use store::{Ledger, Options};

use crate::Fault;
use crate::customers::MASTER_KEY;

/// What the process prints as its last line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    pub micros: u64,
    /// The most memory it ever had, in KiB; 0 where the system does not say.
    pub peak_kib: u64,
}

/// Runs a rebuild of these projections, all where none is named, in a process of its own.
pub async fn rebuild(url: &str, names: &[&str]) -> Result<Measured, Fault> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["measure-rebuild", url]).args(names).stderr(Stdio::inherit());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    if !output.status.success() {
        return Err(format!("the rebuild failed: {}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(text.lines().last().unwrap_or_default())?)
}

/// What that process does.
pub async fn rebuild_and_print(url: &str, names: &[String]) -> Result<(), Fault> {
    let ledger = Ledger::open(url, Options::new(MASTER_KEY)).await?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let report = replay::rebuild(&ledger, &names, &RebuildOptions::default(), &mut |_| {}).await?;
    ledger.shutdown().await;
    let measured = Measured { micros: u64::try_from(report.elapsed.as_micros())?, peak_kib: peak_kib() };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// Linux keeps the high-water mark of a process's resident memory.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
