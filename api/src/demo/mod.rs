//! `daybook demo`: where the ledger is empty, two years of plausible business for the four tenants; in any case lines to
//! try it with. What customers do goes through the operations of the surfaces and what falls due is billed by the engine,
//! on the sandbox's clock. A ledger that holds anything is not touched; one whose history was broken off half-way is
//! refused.

mod businesses;
mod chance;
pub mod marks;
mod names;
mod play;
mod story;
mod stripe;
mod words;

use std::time::Instant;

use domain::catalogue;
use domain::id::TenantId;
use futures::stream::{self, TryStreamExt as _};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use self::businesses::{BUSINESSES, Business};
use self::chance::{Chance, later};
use self::marks::{Mark, Stand};
use self::names::Person;
use self::play::Player;
use self::story::{Deed, Story};
use crate::app::App;
use crate::billing::Loader;
use crate::cli::CommandError;
use crate::operations::sandbox::set_clock;
use crate::operations::stripe_events::receive_stripe_event;
use crate::operations::{Call, Processor};
use crate::surfaces::coaching::TENANT;

/// Two years.
const HISTORY: SignedDuration = SignedDuration::from_hours(730 * 24);
/// How far the clocks go at a time. Shorter, and the group commits are small; longer, and invoice numbers are less in the
/// order of their dates.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Customers at once: enough to fill the group commit.
const CONCURRENT: usize = 64;
/// The same seed tells the same stories, relative to the present day.
const SEED: u64 = 20_240_115;
const STRIPE_SEED: u64 = 20_240_116;

/// Fills an empty ledger, and prints what to try.
pub async fn prepare(app: &App) -> Result<(), CommandError> {
    let tenant = TenantId::parse(TENANT).map_err(broken)?;
    match marks::stand(&app.ledger, &tenant).await? {
        Stand::Empty => {
            marks::set(&app.ledger, &tenant, Mark::Begun).await?;
            fill(app).await?;
            marks::set(&app.ledger, &tenant, Mark::Finished).await?;
        }
        Stand::Half => return Err(CommandError::Usage(words::half_made(&app.settings.database_url))),
        Stand::Whole => {}
    }
    words::show(app).await
}

async fn fill(app: &App) -> Result<(), CommandError> {
    let started = Instant::now();
    // The tax rates of the catalogue are read from its projection.
    app.drain().await?;
    let present = today(app.ledger.clock().now());
    let mut players = players(present)?;
    let customers = players.len();
    let weeks = HISTORY.as_hours() / WINDOW.as_hours() + 1;
    let bar = ProgressBar::new(u64::try_from(weeks).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {percent}% {eta}") {
        bar.set_style(style);
    }
    bar.set_message("two years of business, week by week");
    let mut until = later(present, -HISTORY);
    while until < present {
        let before = until;
        until = later(until, WINDOW).min(present);
        let loaders = turn_clocks(app, before, until).await?;
        play_on(app, &loaders, &mut players, until).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    receive_stripe_events(app, present).await?;
    let spinner = ProgressBar::new_spinner().with_message("folding the projections");
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    app.drain().await?;
    spinner.finish_and_clear();
    let events = app.ledger.head().await?;
    println!("{events} events of {customers} customers in {:.1?}\n", started.elapsed());
    Ok(())
}

/// Moves the tenants' clocks on.
async fn turn_clocks(app: &App, before: Timestamp, now: Timestamp) -> Result<Vec<(TenantId, Loader)>, CommandError> {
    let mut loaders = Vec::new();
    for business in &BUSINESSES {
        let tenant = TenantId::parse(business.tenant).map_err(broken)?;
        let call = Call {
            tenant: tenant.clone(),
            actor: "demo".to_owned(),
            request_id: store::ids::prefixed("req_"),
            now: before,
            idempotency: None,
            processor: Processor::Sandbox,
        };
        set_clock(&app.ledger, &call, now).await.map_err(|failure| broken(format!("{failure:?}")))?;
        let loader = Loader::new(&app.ledger, &tenant).await?.trusting();
        loaders.push((tenant, loader));
    }
    Ok(loaders)
}

async fn play_on(
    app: &App,
    loaders: &[(TenantId, Loader)],
    players: &mut [Player],
    until: Timestamp,
) -> Result<(), CommandError> {
    let turns = players.iter_mut().map(|player| {
        let loader = loaders.iter().find(|(tenant, _)| *tenant == player.tenant).map(|(_, loader)| loader);
        async move {
            match loader {
                Some(loader) => player.play(app, loader, until).await,
                None => Ok(()),
            }
        }
    });
    stream::iter(turns.map(Ok)).try_for_each_concurrent(CONCURRENT, |turn| turn).await
}

/// The start of the hour, so that what a run tells does not depend on the second it began in.
fn today(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap_or(now)
}

fn players(present: Timestamp) -> Result<Vec<Player>, CommandError> {
    let mut players = Vec::new();
    for (business, place) in BUSINESSES.iter().zip(1_u64..) {
        let tenant = TenantId::parse(business.tenant).map_err(broken)?;
        let catalogue = catalogue::seed(business.tenant)
            .ok_or_else(|| CommandError::Usage(format!("{} has no catalogue", business.tenant)))?;
        for number in 1..=business.customers {
            let (mut chance, joined) = newcomer(business, place, number, present);
            let person = Person::invent(&mut chance, number, business.sells_to_organisations);
            players.push(Player {
                tenant: tenant.clone(),
                business,
                catalogue,
                story: Story::new(chance, present),
                person,
                next: Some((joined, Deed::Join)),
                customer: None,
                subscription: None,
            });
        }
    }
    Ok(players)
}

/// The seed of a customer's story and when it joins. Of two random instants the later one: so that twice as many join
/// in the last year's middle as in the first's, and the business grows.
fn newcomer(business: &Business, place: u64, number: u64, present: Timestamp) -> (Chance, Timestamp) {
    let mut chance = Chance::new(&[SEED, place, number]);
    let start = later(present, -HISTORY);
    let last = later(present, SignedDuration::from_hours(-6));
    let one = chance.between(start, last);
    let other = chance.between(start, last);
    // The first few were there from the beginning.
    let joined = if number * 12 <= business.customers {
        one.min(other).min(later(start, chance.days(0, 30)))
    } else {
        one.max(other)
    };
    (chance, joined)
}

/// A handful for the webhook log. The reactor reads them with the rest when everything is drained.
async fn receive_stripe_events(app: &App, present: Timestamp) -> Result<(), CommandError> {
    let tenant = TenantId::parse(TENANT).map_err(broken)?;
    for body in stripe::bodies(&mut Chance::new(&[STRIPE_SEED]), present) {
        let received = receive_stripe_event(&app.ledger, &tenant, None, body.as_bytes()).await;
        received.map_err(|failure| broken(format!("a Stripe event was not taken: {failure:?}")))?;
    }
    Ok(())
}

/// A defect of the stories: they ask for nothing that is refused.
fn broken(error: impl std::fmt::Display) -> CommandError {
    CommandError::Usage(format!("the demo's history is broken: {error}"))
}
