//! How does a test or a bench get a PostgreSQL server of its own, and how does it make that server fail?
//!
//! The server listens on 127.0.0.1 only, trusts everybody there and has no Unix socket. By default it is as durable as
//! a real one, because durability tests and benches must be honest.

use std::fs::{File, read_to_string};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binaries::Binaries;
use crate::error::TestbedError;
use crate::guard::Guard;
use crate::temp::{free_port, unique_dir};
use crate::user::User;

/// Covers initial start and crash recovery on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(1);
/// A port is free when asked for and may be taken before the server binds it.
const PORT_ATTEMPTS: u32 = 8;
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// Enough for the whole integration suite on one server, pools included.
const MAX_CONNECTIONS: u32 = 400;

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    #[default]
    On,
    /// For tests that are not about durability; several times faster.
    Off,
}

#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    pub durability: Durability,
    /// The folder of the programs, where the usual search is not wanted.
    pub binaries: Option<PathBuf>,
    /// Where to put the server's folder, instead of the system's temporary folder.
    pub parent: Option<PathBuf>,
    /// More settings, each `name=value`, as after `postgres -c`.
    pub settings: Vec<String>,
}

/// A running server; dropping it stops the server and deletes its files.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    user: Option<User>,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    server: Option<Child>,
    guard: Guard,
}

impl Cluster {
    /// A durable server with the usual settings.
    pub fn start() -> Result<Self, TestbedError> {
        Self::start_with(ClusterOptions::default())
    }

    pub fn start_with(options: ClusterOptions) -> Result<Self, TestbedError> {
        let binaries = Binaries::find(options.binaries.as_deref())?;
        let user = User::for_server()?;
        let folder = unique_dir(&options.parent.unwrap_or_else(std::env::temp_dir))?;
        let guard = Guard::over(&folder)?;
        let settings = settings(options.durability, options.settings);
        let mut cluster = Self { binaries, user, folder, port: 0, settings, server: None, guard };
        cluster.init()?;
        cluster.start_on_a_free_port()?;
        Ok(cluster)
    }

    /// The address of one database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path of a program of the installation in use, such as `psql`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.program(name)
    }

    /// Creates an empty database and gives its address.
    pub fn create_database(&self, name: &str) -> Result<String, TestbedError> {
        let mut command = Command::new(self.program("createdb"));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p"]).arg(self.port.to_string()).args(["--", name]);
        run(command)?;
        Ok(self.url(name))
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Ends the server as a power cut would: no shutdown, no checkpoint, every backend gone in the middle of its work.
    pub fn kill_9(&mut self) -> Result<(), TestbedError> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        // The postmaster dies first, or it would start crash recovery as soon as a backend is gone.
        let backends = children(server.id());
        server.kill().map_err(TestbedError::io("killing the server"))?;
        server.wait().map_err(TestbedError::io("waiting for the killed server"))?;
        if !backends.is_empty() {
            // A backend that ended by itself meanwhile makes kill complain, which is as good as killed.
            let killed = Command::new("kill").arg("-KILL").args(&backends).stderr(Stdio::null()).status();
            killed.map_err(TestbedError::io("killing the backends"))?;
        }
        Ok(())
    }

    /// Starts the server again on the same port and the same files; one that still runs is killed first.
    pub fn restart(&mut self) -> Result<(), TestbedError> {
        self.kill_9()?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.spawn_and_wait() {
                // The last backends of a killed server may still be leaving its shared memory and its port.
                Err(TestbedError::Ended { .. }) if Instant::now() < deadline => std::thread::sleep(LONGEST_PAUSE),
                result => return result,
            }
        }
    }

    fn init(&self) -> Result<(), TestbedError> {
        if let Some(user) = &self.user {
            std::os::unix::fs::chown(&self.folder, Some(user.uid), Some(user.gid))
                .map_err(TestbedError::io("giving the server its folder"))?;
        }
        let mut command = self.command("initdb");
        command.arg("-D").arg(self.data()).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        run(command)
    }

    fn start_on_a_free_port(&mut self) -> Result<(), TestbedError> {
        for attempt in 1.. {
            self.port = free_port()?;
            match self.spawn_and_wait() {
                Err(TestbedError::Ended { log }) if attempt < PORT_ATTEMPTS && log.contains("could not bind") => {}
                result => return result,
            }
        }
        Ok(())
    }

    fn spawn_and_wait(&mut self) -> Result<(), TestbedError> {
        let log = File::create(self.log_path()).map_err(TestbedError::io("opening the server's log"))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        for setting in &self.settings {
            command.arg("-c").arg(setting);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(TestbedError::io("starting postgres"))?;
        self.guard.watch(child.id())?;
        self.server = Some(child);
        self.wait_until_ready()
    }

    fn wait_until_ready(&mut self) -> Result<(), TestbedError> {
        let deadline = Instant::now() + START_LIMIT;
        let mut pause = Duration::from_millis(2);
        while let Some(server) = self.server.as_mut() {
            if is_ready(&self.folder.join("data/postmaster.pid"), server.id()) {
                return Ok(());
            }
            if server.try_wait().map_err(TestbedError::io("watching the server"))?.is_some() {
                self.server = None;
                break;
            }
            if Instant::now() >= deadline {
                return Err(TestbedError::Deadline { seconds: START_LIMIT.as_secs(), log: self.log() });
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(TestbedError::Ended { log: self.log() })
    }

    /// A program of the installation, in a process group and under a user of its own, speaking English.
    fn command(&self, program: &str) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(self.program(program));
        command.current_dir(&self.folder).env("LC_ALL", "C").process_group(0);
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The server is reaped between, because the guard waits until its process is gone.
        self.guard.release();
        if let Some(server) = self.server.as_mut() {
            drop(server.wait());
        }
        self.guard.wait();
    }
}

fn settings(durability: Durability, more: Vec<String>) -> Vec<String> {
    let mut settings: Vec<String> =
        ["listen_addresses=127.0.0.1", "unix_socket_directories="].map(str::to_owned).into();
    settings.push(format!("max_connections={MAX_CONNECTIONS}"));
    if durability == Durability::Off {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings.extend(more);
    settings
}

/// The server writes its state into the eighth line of this file; `pg_ctl` waits in the same way.
fn is_ready(pid_file: &Path, server: u32) -> bool {
    let Ok(text) = read_to_string(pid_file) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.first().is_some_and(|pid| *pid == server.to_string()) && lines.get(7).is_some_and(|state| *state == "ready")
}

/// The direct children of a process, as Linux lists them; empty elsewhere, where backends notice and leave by themselves.
fn children(process: u32) -> Vec<String> {
    let list = read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    list.split_whitespace().map(str::to_owned).collect()
}

fn run(mut command: Command) -> Result<(), TestbedError> {
    let tool = PathBuf::from(command.get_program());
    let output = command.output().map_err(TestbedError::io(format!("running {}", tool.display())))?;
    if output.status.success() {
        return Ok(());
    }
    let output = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Err(TestbedError::Tool { tool, output })
}
