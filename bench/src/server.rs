//! The `daybook` binary as a process of its own, on a database and a port of the bench's choice. It is found beside
//! the bench's own executable, built there where it is missing or older, and killed when dropped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use crate::Fault;
use crate::customers::MASTER_KEY;
use crate::deliveries::SECRET;
use crate::http_client::{Answer, Connection, request};

const START_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
/// A port is free when asked for and may be taken before the server binds it.
const PORT_ATTEMPTS: u32 = 5;

#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
    pub address: SocketAddr,
    /// An API key with all scopes.
    pub key: String,
}

/// Where the projections and the reactor stand.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub head: i64,
    /// Of the one that is furthest behind.
    pub lag: i64,
}

impl Server {
    /// Starts it and waits until it answers.
    pub async fn start(url: &str, folder: &Path) -> Result<Self, Fault> {
        let binary = binary()?;
        let folder = folder.join("server");
        std::fs::create_dir_all(&folder)?;
        let key = create_key(&binary, url, &folder)?;
        let mut attempt = 1;
        loop {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, testbed::free_port()?));
            let log = folder.join("log");
            let child = command(&binary, url, &folder)
                .arg("serve")
                .env("DAYBOOK_LISTEN", address.to_string())
                .stderr(std::fs::File::create(&log)?)
                .spawn()?;
            let mut server = Self { child, log, address, key: key.clone() };
            match server.wait_until_ready().await {
                Err(_) if attempt < PORT_ATTEMPTS && server.log().contains("cannot listen") => attempt += 1,
                Err(fault) => return Err(format!("{fault}; its log: {}", server.log()).into()),
                Ok(()) => return Ok(server),
            }
        }
    }

    /// Waits until the projections and the reactor have taken in all of the log.
    pub async fn wait_until_drained(&self) -> Result<(), Fault> {
        let mut connection = Connection::open(self.address).await?;
        // The log may grow by the reactor's own events, so that only two looks in a row at one head count.
        let mut drained_at = None;
        loop {
            let standing = self.standing(&mut connection).await?;
            if standing.lag == 0 && drained_at == Some(standing.head) {
                return Ok(());
            }
            drained_at = (standing.lag == 0).then_some(standing.head);
            sleep(POLL).await;
        }
    }

    pub async fn standing(&self, connection: &mut Connection) -> Result<Standing, Fault> {
        let answer = connection.send(&self.get("/ledger/v1/projections")).await?;
        let answer: Value = serde_json::from_slice(&successful(answer)?.body)?;
        let listed = answer.get("projections").and_then(Value::as_array).ok_or("no list of projections")?;
        let paused = listed.iter().find(|one| one.get("state").and_then(Value::as_str) != Some("running"));
        if let Some(paused) = paused {
            return Err(format!("a projection does not go on: {paused}").into());
        }
        if !listed.iter().any(|one| one.get("name").and_then(Value::as_str) == Some("reactor")) {
            return Err("the list of projections has no reactor".into());
        }
        let lag = listed.iter().filter_map(|one| one.get("lag").and_then(Value::as_i64)).max();
        let head = answer.get("head").and_then(Value::as_i64);
        Ok(Standing { head: head.ok_or("no head")?, lag: lag.ok_or("no lag")? })
    }

    /// The bytes of an authorized GET.
    pub fn get(&self, path: &str) -> Vec<u8> {
        request("GET", path, &[format!("authorization: Bearer {}", self.key)], b"")
    }

    async fn wait_until_ready(&mut self) -> Result<(), Fault> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("daybook ended: {status}").into());
            }
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.send(&self.get("/health/ready")).await.is_ok_and(|answer| answer.is_success())
            {
                return self.wait_for_reactor(&mut connection, deadline).await;
            }
            sleep(POLL).await;
        }
        Err("daybook did not become ready".into())
    }

    /// The reactor registers itself a moment after the port is open.
    async fn wait_for_reactor(&self, connection: &mut Connection, deadline: Instant) -> Result<(), Fault> {
        loop {
            match self.standing(connection).await {
                Err(_) if Instant::now() < deadline => sleep(POLL).await,
                other => return other.map(|_| ()),
            }
        }
    }

    /// Its resident memory, where the system says.
    pub fn resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
        kib.unwrap_or_default() / 1024
    }

    /// What the server has written to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended by itself cannot be killed, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The answer, or a fault that says what came instead.
pub fn successful(answer: Answer) -> Result<Answer, Fault> {
    if answer.is_success() { Ok(answer) } else { Err(format!("{}: {}", answer.status, answer.text()).into()) }
}

fn create_key(binary: &Path, url: &str, folder: &Path) -> Result<String, Fault> {
    let output = command(binary, url, folder)
        .args(["keys", "create", "--tenant", "coaching", "--scope", "full", "--scope", "ledger:admin"])
        .args(["--rate-limit", "none"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()?;
    if !output.status.success() {
        return Err(format!("daybook keys create: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The binary with settings that owe nothing to the environment it is run from.
fn command(binary: &Path, url: &str, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .current_dir(folder)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("DAYBOOK_DATA_DIR", folder)
        .env("DAYBOOK_MASTER_KEY", hex::encode(MASTER_KEY))
        .env("STRIPE_WEBHOOK_SECRET", SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// The binary beside the bench's own executable; built where it is missing or older, since a stale one would be
/// measured without a word.
fn binary() -> Result<PathBuf, Fault> {
    let own = std::env::current_exe()?;
    let folder = own.parent().ok_or("the bench's executable is in no folder")?;
    let binary = folder.join("daybook");
    if is_newer(&binary, &own) {
        return Ok(binary);
    }
    eprintln!("bench: building daybook, which in {} is missing or older than the bench", folder.display());
    let release = folder.file_name().is_some_and(|name| name == "release");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "-p", "api"]);
    cargo.args(release.then_some("--release"));
    if cargo.status()?.success() && binary.exists() {
        Ok(binary)
    } else {
        Err(format!("{} is missing and could not be built", binary.display()).into())
    }
}

fn is_newer(binary: &Path, own: &Path) -> bool {
    let built = |path: &Path| path.metadata().and_then(|metadata| metadata.modified());
    matches!((built(binary), built(own)), (Ok(binary), Ok(own)) if binary >= own)
}
