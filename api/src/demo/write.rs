//! Writes the stories into the ledger through the one funnel, in the order of their times to within a week: the
//! customers of a week at once, each one's steps one after another.

use std::collections::VecDeque;

use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::id::TenantId;
use domain::subscription::SubscriptionCommand;
use futures::stream::{self, TryStreamExt};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use store::{EventIds, ExecuteError, Request, StoreError};

use super::book::Step;
use super::chance::later;
use crate::app::App;
use crate::cli::CommandError;

/// Requests in flight at once: enough to fill the group commit.
const CONCURRENT: usize = 64;
/// Shorter, and the group commits are small; longer, and invoice numbers are less in the order of their dates.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is still to be written of one customer.
#[derive(Debug)]
pub struct Story {
    pub tenant: TenantId,
    pub steps: VecDeque<Step>,
}

pub async fn write(app: &App, mut stories: Vec<Story>, bar: &ProgressBar) -> Result<(), CommandError> {
    while let Some(first) = stories.iter().filter_map(|story| story.steps.front()).map(|step| step.at).min() {
        let window = stories.iter_mut().map(|story| (story.tenant.clone(), until(story, later(first, WINDOW))));
        let window: Vec<_> = window.filter(|(_, steps)| !steps.is_empty()).map(Ok).collect();
        stream::iter(window)
            .try_for_each_concurrent(CONCURRENT, |(tenant, steps)| async move {
                for step in steps {
                    execute(app, &tenant, step).await?;
                    bar.inc(1);
                }
                Ok::<_, CommandError>(())
            })
            .await?;
        // What follows from an event was written with it. The reactor, which reads the log from its start, would find
        // years-old causes and judge them by what the subscriptions have become since.
        app.reactor.skip_to(app.ledger.head().await?).await?;
    }
    Ok(())
}

fn until(story: &mut Story, end: Timestamp) -> Vec<Step> {
    let count = story.steps.iter().take_while(|step| step.at < end).count();
    story.steps.drain(..count).collect()
}

async fn execute(app: &App, tenant: &TenantId, step: Step) -> Result<(), CommandError> {
    let expect_new = matches!(
        step.commands.first(),
        Some(
            Command::Customer(_, CustomerCommand::Create { .. })
                | Command::Subscription(_, SubscriptionCommand::Create(_))
        )
    );
    let request = Request {
        tenant: tenant.clone(),
        actor: "demo".to_owned(),
        request_id: None,
        cause: None,
        now: step.at,
        commands: step.commands,
        claims: step.claims,
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new,
    };
    match app.ledger.execute(request).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Store(error)) => Err(error.into()),
        Err(ExecuteError::Refused(refusal)) => {
            Err(CommandError::Usage(format!("the demo's history was refused: {refusal}")))
        }
        Err(ExecuteError::Contention | ExecuteError::IdempotencyMismatch) => Err(StoreError::Overloaded.into()),
    }
}
