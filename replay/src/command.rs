//! The subcommands that the binary mounts, and what each of them prints.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use store::Ledger;

use crate::as_of::{Moment, Stream, as_of};
use crate::error::ReplayError;
use crate::printing;
use crate::progress::Reporter;
use crate::rebuild::{DEFAULT_MEMORY_BYTES, RebuildOptions, rebuild};
use crate::{status, verify};

#[derive(Debug, Subcommand)]
pub enum Replay {
    /// How far each projection is, and why one is not going on
    Status,
    /// Fold projections anew beside the live ones and put them in their place
    Rebuild(RebuildArguments),
    /// Let a paused projection, or the reactor, go on from the event it stopped at
    Resume {
        /// Its name as `status` lists it
        name: String,
    },
    /// Print a stream's state as of a position or a recorded time, as JSON
    AsOf(AsOfArguments),
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check positions, sequences and entry hashes of the whole log
    Verify {
        /// No progress on stderr
        #[arg(long)]
        quiet: bool,
    },
}

#[derive(Debug, Args)]
pub struct RebuildArguments {
    /// The projections to rebuild
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    names: Vec<String>,
    /// Every projection
    #[arg(long)]
    all: bool,
    /// Rows kept in memory before they are written out, in MiB
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_MEMORY_BYTES >> 20, value_parser = parse_mib)]
    memory_mib: usize,
    /// No progress on stderr
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Args)]
pub struct AsOfArguments {
    /// With everything up to this position
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..), required_unless_present = "at")]
    position: Option<i64>,
    /// With everything recorded until this time (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "position")]
    at: Option<Timestamp>,
    /// The stream's tenant, where STREAM does not name it
    #[arg(long)]
    tenant: Option<String>,
    /// `tenant/type/id`, or `type/id` with --tenant
    stream: String,
}

async fn resume(ledger: &Ledger, name: &str) -> Result<(), ReplayError> {
    let checkpoints = ledger.checkpoints().await?;
    if !checkpoints.iter().any(|checkpoint| checkpoint.name == name) {
        let known: Vec<&str> = checkpoints.iter().map(|checkpoint| checkpoint.name.as_str()).collect();
        return Err(ReplayError::UnknownProjection { name: name.to_owned(), known: known.join(", ") });
    }
    ledger.resume_checkpoint(name).await?;
    printing::line(&format!("{name} goes on"));
    Ok(())
}

/// Runs a `daybook replay` command.
pub async fn run(ledger: &Ledger, command: Replay) -> Result<(), ReplayError> {
    match command {
        Replay::Status => status::print(ledger).await,
        Replay::Resume { name } => resume(ledger, &name).await,
        Replay::Rebuild(arguments) => {
            let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
            let options = RebuildOptions { memory_bytes: arguments.memory_mib << 20, ..RebuildOptions::default() };
            let mut reporter = Reporter::new(arguments.quiet);
            let report = rebuild(ledger, &names, &options, &mut |progress| reporter.show(&progress)).await;
            reporter.finish();
            printing::line(&report?.to_string());
            Ok(())
        }
        Replay::AsOf(arguments) => {
            let stream = Stream::parse(&arguments.stream, arguments.tenant.as_deref())?;
            // Clap has seen to it that one of the two is there.
            let moment = match (arguments.position, arguments.at) {
                (Some(position), _) => Moment::Position(position),
                (None, at) => Moment::RecordedAt(at.unwrap_or(Timestamp::MAX)),
            };
            let state = as_of(ledger, &stream, moment).await?;
            printing::line(&serde_json::to_string_pretty(&state)?);
            Ok(())
        }
    }
}

/// Runs a `daybook audit` command. A broken ledger is an error that names the position and what is wrong there.
pub async fn audit(ledger: &Ledger, command: Audit) -> Result<(), ReplayError> {
    match command {
        Audit::Verify { quiet } => verify::print(ledger, quiet).await,
    }
}

fn parse_mib(text: &str) -> Result<usize, String> {
    // Above a terabyte somebody mistook the unit, and the number of bytes might not fit.
    match text.parse() {
        Ok(mib) if (1..=1 << 20).contains(&mib) => Ok(mib),
        Ok(_) | Err(_) => Err("expected a number of MiB from 1 to 1048576".to_owned()),
    }
}
