//! `daybook stripe`: make at Stripe what a tenant sells, and take in the events that were missed. What is printed is all
//! that happens here.

use std::time::{Duration, Instant};

use clap::Subcommand;
use domain::id::TenantId;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::{CommandError, options, tenant_of};
use crate::app::App;
use crate::settings::Settings;
use crate::stripe::backfill::{Progress, backfill};
use crate::stripe::client::{StripeClient, Timing};
use crate::stripe::setup::{Outcome, every_version, set_up};

#[derive(Debug, Subcommand)]
pub enum Stripe {
    /// Make the products and prices of the tenant's catalogue, where they are missing
    Setup {
        #[arg(long)]
        tenant: String,
    },
    /// Take in the events since an instant, such as 2024-03-01T00:00:00Z; Stripe keeps them for thirty days
    Backfill {
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        since: Timestamp,
    },
}

pub(super) async fn run(settings: Settings, command: Stripe) -> Result<(), CommandError> {
    match command {
        Stripe::Setup { tenant } => {
            let (tenant, client) = connect(&settings, &tenant)?;
            let app = App::open(settings.clone(), options(&settings)).await?;
            let done = setup(&app, &client, &tenant).await;
            app.ledger.shutdown().await;
            done
        }
        Stripe::Backfill { tenant, since } => {
            let (tenant, client) = connect(&settings, &tenant)?;
            let app = App::open(settings.clone(), options(&settings)).await?;
            let done = fill(&app, &client, &tenant, since).await;
            app.ledger.shutdown().await;
            done
        }
    }
}

fn connect(settings: &Settings, tenant: &str) -> Result<(TenantId, StripeClient), CommandError> {
    let tenant = tenant_of(settings, tenant)?;
    let account = settings.tenant(&tenant).and_then(|settings| settings.stripe.as_ref()).ok_or_else(|| {
        CommandError::Usage(format!(
            "the tenant {tenant} has no account at Stripe: set tenants.{tenant}.stripe_secret_key"
        ))
    })?;
    let client =
        StripeClient::new(account, Timing::default()).map_err(|error| CommandError::Usage(error.to_string()))?;
    Ok((tenant, client))
}

async fn setup(app: &App, client: &StripeClient, tenant: &TenantId) -> Result<(), CommandError> {
    app.drain().await?;
    let plans = every_version(&app.ledger, tenant).await?;
    let steps = set_up(client, tenant, &plans, &mut |step| println!("{step}")).await?;
    let made = steps.iter().filter(|step| step.outcome.is_made()).count();
    let wrong = steps.iter().filter(|step| step.outcome.is_wrong()).count();
    println!("{made} made, {} there, {wrong} to be looked at", steps.len().saturating_sub(made).saturating_sub(wrong));
    if steps.iter().any(|step| matches!(step.outcome, Outcome::PriceDiffers { .. })) {
        return Err(CommandError::Usage("prices at Stripe differ from the catalogue".to_owned()));
    }
    Ok(())
}

async fn fill(app: &App, client: &StripeClient, tenant: &TenantId, since: Timestamp) -> Result<(), CommandError> {
    let started = Instant::now();
    let bookmark = app.settings.data_dir.join(format!("stripe-backfill-{tenant}.json"));
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(100));
    let outcome = backfill(&app.ledger, client, tenant, since, &bookmark, &mut |progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    let totals = outcome?;
    app.drain().await?;
    if let Some(event) = &totals.resumed_after {
        println!("went on after {event}, where an earlier run had stopped");
    }
    for (event, reason) in &totals.refused {
        eprintln!("event {event}: {reason}");
    }
    let refused = totals.refused.len();
    println!(
        "{} events written, {} known, {refused} refused, in {:.1?}",
        totals.written,
        totals.known,
        started.elapsed()
    );
    if refused == 0 { Ok(()) } else { Err(CommandError::Usage(format!("{refused} events were refused"))) }
}

fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Counting { seen } => bar.set_message(format!("looking for the oldest event, {seen} are newer")),
        Progress::Taking { done, of: None } => bar.set_message(format!("{done} events taken in")),
        Progress::Taking { done, of: Some(of) } => {
            bar.set_length(of);
            bar.set_position(done);
            bar.set_message("events taken in");
            if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {per_sec} {eta}") {
                bar.set_style(style);
            }
        }
    }
}
