//! Kills a loaded server with SIGKILL many times and counts what was acknowledged and is not in the ledger exactly
//! once. With PostgreSQL every third cycle kills the database instead.

mod load;
mod server;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use rand::RngExt as _;
use testbed::{Cluster, ClusterOptions};

use crate::load::Acknowledged;
use crate::server::Server;

struct Arguments {
    cycles: u32,
    engine: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    api::tls::install_provider();
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kill_nine: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut found = Arguments { cycles: 100, engine: "sqlite".to_owned() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--cycles" => found.cycles = value.parse().map_err(|_| format!("--cycles {value}: expected a number"))?,
            "--engine" if value == "sqlite" || value == "postgres" => found.engine = value,
            _ => return Err(format!("unknown argument {word} {value}")),
        }
    }
    Ok(found)
}

type Failed = Box<dyn std::error::Error>;

async fn run(arguments: &Arguments) -> Result<bool, Failed> {
    let folder = testbed::temp_dir()?;
    let mut cluster = match arguments.engine.as_str() {
        "postgres" => Some(Cluster::start_with(ClusterOptions::default())?),
        _ => None,
    };
    let url = match &cluster {
        Some(cluster) => cluster.create_database("ledger")?,
        None => format!("sqlite://{}", folder.join("ledger.db").display()),
    };
    let binary = binary()?;
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let mut killed_database = 0;
    for cycle in 0..arguments.cycles {
        let mut server = Server::start(&binary, &url, folder.path()).await?;
        let load = load::start(&server, cycle, &acknowledged);
        let pause_ms = rand::rng().random_range(150..900);
        tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
        match cluster.as_mut().filter(|_| cycle % 3 == 2) {
            Some(cluster) => {
                cluster.kill_9()?;
                killed_database += 1;
                cluster.restart()?;
                // The server must come back by itself; then it is killed as well.
                server.wait_until_ready().await?;
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                server.kill_9()?;
            }
            None => server.kill_9()?,
        }
        load.stop().await;
        let count = acknowledged.lock().map_err(|_| "the load panicked")?.len();
        eprintln!("cycle {}/{}: {count} acknowledged so far", cycle + 1, arguments.cycles);
    }
    let mut server = Server::start(&binary, &url, folder.path()).await?;
    server.wait_until_drained().await?;
    server.kill_9()?;
    let acknowledged = acknowledged.lock().map_err(|_| "the load panicked")?.clone();
    let outcome = tally::count(&url, folder.path(), &acknowledged).await?;
    println!(
        "{}: {} cycles ({killed_database} of them killed the database), {} acknowledged, lost {}, doubled {}, gaps {}, {}",
        arguments.engine,
        arguments.cycles,
        acknowledged.len(),
        outcome.lost,
        outcome.doubled,
        outcome.gaps,
        outcome.verified
    );
    Ok(outcome.is_clean())
}

/// The server's binary, beside this one.
fn binary() -> Result<PathBuf, Failed> {
    let path = std::env::current_exe()?.with_file_name("daybook");
    if path.exists() { Ok(path) } else { Err(format!("{} is missing: cargo build -p api", path.display()).into()) }
}
