//! How fast is Daybook, compared with named peers that do the same work in the same run on the same database?
//!
//! Each bench prints a table and, as its last line an engine, one JSON object. It measures; it asserts nothing.

mod append;
mod bare;
mod customers;
mod deliveries;
mod fill;
mod http_client;
mod load;
mod measure;
mod place;
mod rates;
mod read;
mod rebuild;
mod renew;
mod server;
mod stock;
mod table;
mod view;
mod webhook;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mimalloc::MiMalloc;
use store::Engine;

/// The one of the binary `daybook`, for both sides alike.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What ends a bench; its text is all a person sees.
type Fault = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(name = "bench", about = "Daybook measured against its peers; see docs/performance.md")]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
    #[command(flatten)]
    arguments: Arguments,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// One event a command through the whole funnel, against stock cqrs-es
    Append,
    /// Signed Stripe events over HTTP, against a bare handler on stock cqrs-es
    Webhook,
    /// Projections from the log, against cqrs-es's QueryReplay
    Rebuild,
    /// One resource over HTTP, against a bare handler with the same queries
    Read,
    /// A year of monthly billing by the sandbox, against the database copying the same rows
    Renew,
    /// Rebuilds in a process of its own, so that its memory is its own
    #[command(hide = true)]
    MeasureRebuild { url: String, names: Vec<String> },
}

#[derive(Debug, Clone, Args)]
struct Arguments {
    #[arg(long, value_enum, default_value = "both", global = true)]
    engine: Engines,
    /// How long each measurement lasts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..), global = true)]
    seconds: u64,
    /// Events: delivered by webhook, rebuilt by rebuild, in the shorter ledger by read; subscriptions of renew
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), global = true)]
    events: Option<u64>,
    /// Where databases are put; a real disk [default: the system's temporary folder]
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
    /// A PostgreSQL server to use instead of a throw-away one; databases are created there and dropped again
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

impl Engines {
    fn list(self) -> &'static [Engine] {
        match self {
            Self::Sqlite => &[Engine::Sqlite],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<(), Fault> {
    if let Bench::MeasureRebuild { url, names } = &cli.bench {
        return measure::rebuild_and_print(url, names).await;
    }
    if cfg!(debug_assertions) {
        eprintln!("bench: this is a debug build; its figures mean nothing");
    }
    for engine in cli.arguments.engine.list() {
        let mut place = place::Place::open(*engine, &cli.arguments)?;
        let outcome = match &cli.bench {
            Bench::Append => append::run(&mut place, &cli.arguments).await,
            Bench::Webhook => webhook::run(&mut place, &cli.arguments).await,
            Bench::Rebuild => rebuild::run(&mut place, &cli.arguments).await,
            Bench::Read => read::run(&mut place, &cli.arguments).await,
            Bench::Renew => renew::run(&mut place, &cli.arguments).await,
            Bench::MeasureRebuild { .. } => Ok(()),
        };
        place.close().await?;
        outcome?;
    }
    Ok(())
}
