//! `daybook demo`: where the ledger is empty, two years of plausible history for the four tenants; in any case lines to
//! try it with. The history goes through the normal write funnel, and a ledger that holds anything is not touched; one
//! whose history was broken off half-way is refused.

mod bill;
mod book;
mod businesses;
mod chance;
mod dunning;
mod life;
#[cfg(test)]
mod life_tests;
pub mod marks;
mod names;
mod stripe;
mod turns;
mod words;
mod write;

use std::time::Instant;

use domain::catalogue;
use domain::id::{CustomerId, TenantId};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use self::businesses::{BUSINESSES, Business};
use self::chance::{Chance, later};
use self::marks::{Mark, Stand};
use self::write::Story;
use crate::app::App;
use crate::cli::CommandError;
use crate::operations::stripe_events::receive_stripe_event;
use crate::surfaces::coaching::TENANT;

/// Two years.
const HISTORY: SignedDuration = SignedDuration::from_hours(730 * 24);
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
    let present = today(app.ledger.clock().now());
    let stories = stories(app, present).await?;
    let customers = stories.len();
    let steps: usize = stories.iter().map(|story| story.steps.len()).sum();
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {percent}% {per_sec} {eta}") {
        bar.set_style(style);
    }
    bar.set_message("two years of history");
    write::write(app, stories, &bar).await?;
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

/// The start of the hour, so that what a run tells does not depend on the second it began in.
fn today(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap_or(now)
}

async fn stories(app: &App, present: Timestamp) -> Result<Vec<Story>, CommandError> {
    let mut stories = Vec::new();
    for (business, place) in BUSINESSES.iter().zip(1_u64..) {
        let tenant = TenantId::parse(business.tenant).map_err(broken)?;
        let catalogue = catalogue::seed(business.tenant)
            .ok_or_else(|| CommandError::Usage(format!("{} has no catalogue", business.tenant)))?;
        for number in 1..=business.customers {
            let (customer, chance, joined) = newcomer(business, place, number, present)?;
            let sealer = app.ledger.keyring().sealer(&tenant, &format!("customer/{customer}")).await?;
            let steps = sealer.with_sealer(|sealer| {
                life::tell(business, catalogue, sealer, customer, (number, chance), (joined, present))
            });
            stories.push(Story { tenant: tenant.clone(), steps: steps.map_err(broken)?.into() });
        }
    }
    Ok(stories)
}

/// A customer with the seed of its story and when it joins. Of two random instants the later one: so that twice as
/// many join in the last year's middle as in the first's, and the business grows.
fn newcomer(
    business: &Business,
    place: u64,
    number: u64,
    present: Timestamp,
) -> Result<(CustomerId, Chance, Timestamp), CommandError> {
    let mut chance = Chance::new(&[SEED, place, number]);
    let customer = CustomerId::parse(&chance.id("cus_")).map_err(broken)?;
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
    Ok((customer, chance, joined))
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
