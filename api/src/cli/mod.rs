//! The commands of the binary: what each is given, and the one place where a failed command becomes an exit code.

mod ingest;
mod keys;
mod serve;
mod stripe;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain::id::TenantId;
use store::{Ledger, Options, StoreError};

use crate::app::App;
use crate::settings::{LedgerSettings, LogFormat, Settings, SettingsError};

#[derive(Debug, Parser)]
#[command(name = "daybook", version, about = "An event-sourced billing ledger")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Server(ServerCommand),
    #[command(flatten)]
    Look(LookCommand),
}

/// What a server does, or is done for one: the secrets that are missing are made.
#[derive(Debug, Subcommand)]
enum ServerCommand {
    /// Serve the HTTP surfaces; on an empty database it just works
    Serve,
    /// Make two years of history where there is none, and serve it
    Demo,
    /// Read Stripe events from a file: one a line, an array, or Stripe's list object
    Ingest {
        file: PathBuf,
        #[arg(long)]
        tenant: String,
    },
    /// API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print a JSON Web Token
    Token(token::Token),
    /// A tenant's account at Stripe
    #[command(subcommand)]
    Stripe(stripe::Stripe),
}

/// What is done with a ledger that is there: nothing that is missing is made.
#[derive(Debug, Subcommand)]
enum LookCommand {
    /// Status and rebuilds of projections, and streams as of a moment
    #[command(subcommand)]
    Replay(replay::Replay),
    /// Proofs that the ledger is what it was
    #[command(subcommand)]
    Audit(replay::Audit),
}

/// What ends a command without success. Its text is all a person sees.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Replay(#[from] replay::ReplayError),
    #[error(transparent)]
    Stripe(#[from] crate::stripe::client::StripeError),
    #[error(transparent)]
    Backfill(#[from] crate::stripe::backfill::BackfillError),
    #[error("{0}")]
    Usage(String),
    #[error("{context}: {source}")]
    Io { context: String, source: std::io::Error },
}

impl CommandError {
    pub(crate) fn io(context: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let context = context.into();
        move |source| Self::Io { context, source }
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Server(command) => start(command),
        Command::Look(command) => look(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daybook: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(command: ServerCommand) -> Result<(), CommandError> {
    let settings = Settings::load()?;
    log_to_stderr(settings.log_format);
    runtime()?.block_on(execute(command, settings))
}

fn look(command: LookCommand) -> Result<(), CommandError> {
    let settings = LedgerSettings::load()?;
    log_to_stderr(settings.log_format);
    runtime()?.block_on(async {
        let ledger = Ledger::open(&settings.database_url, Options::new(settings.master_key)).await?;
        match command {
            LookCommand::Replay(command) => Ok(replay::run(&ledger, command).await?),
            LookCommand::Audit(command) => Ok(replay::audit(&ledger, command).await?),
        }
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(CommandError::io("no threads could be started"))
}

async fn execute(command: ServerCommand, settings: Settings) -> Result<(), CommandError> {
    match command {
        ServerCommand::Serve => serve::serve(settings).await,
        ServerCommand::Demo => serve::demo(settings).await,
        ServerCommand::Ingest { file, tenant } => {
            let tenant = tenant_of(&settings, &tenant)?;
            ingest::ingest(&App::open(settings.clone(), options(&settings)).await?, &file, &tenant).await
        }
        ServerCommand::Keys(command) => keys::run(&settings, command).await,
        ServerCommand::Token(command) => token::run(&settings, &command),
        ServerCommand::Stripe(command) => stripe::run(settings, command).await,
    }
}

pub(crate) fn options(settings: &Settings) -> Options {
    Options::new(settings.secrets.master_key)
}

pub(crate) async fn open(settings: &Settings) -> Result<Ledger, CommandError> {
    Ok(Ledger::open(&settings.database_url, options(settings)).await?)
}

pub(crate) fn tenant_of(settings: &Settings, name: &str) -> Result<TenantId, CommandError> {
    let known = TenantId::parse(name).ok().filter(|tenant| settings.tenants.contains_key(tenant));
    known.ok_or_else(|| {
        let names: Vec<&str> = settings.tenants.keys().map(TenantId::as_str).collect();
        CommandError::Usage(format!("--tenant {name}: expected one of {}", names.join(", ")))
    })
}

fn log_to_stderr(format: LogFormat) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
