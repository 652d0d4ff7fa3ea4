//! One customer's timers, one after another in the order in which they fall due, up to a moment. Each is carried out at
//! its own time, also where the clock has gone on far beyond.

use std::collections::{BTreeMap, BTreeSet};

use domain::billing::{Desk, Due, Subject, fire};
use domain::id::{CustomerId, SubscriptionId};
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{EventIds, ExecuteError, Request, StoreError};

use super::load::Loader;
use super::run::streams;

/// Steps of one customer in one go: a daily price over ten years. What is left goes on in the next round.
const MAX_STEPS: usize = 4_000;
/// Tries of one step that others keep getting in the way of.
const MAX_TRIES: u32 = 16;

/// What came of a lane.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ran {
    pub steps: u64,
    /// The last position written.
    pub position: i64,
    /// Objects whose step was refused: they wait for somebody to look at them.
    pub stuck: u64,
}

/// Carries out everything that is due of these objects, and of those that come of them, until then.
pub(super) async fn run(
    loader: &Loader,
    customer: &CustomerId,
    subjects: Vec<Subject>,
    until: Timestamp,
) -> Result<Ran, StoreError> {
    let mut lane = Lane { loader, customer, until, due: BTreeMap::new(), stuck: BTreeSet::new(), ran: Ran::default() };
    let mut desk = lane.open(&subjects).await?;
    lane.work(&mut desk).await?;
    Ok(lane.ran)
}

/// The same for one subscription and all that belongs to it, for who knows no timers.
pub(crate) async fn carry_out_due(
    loader: &Loader,
    customer: &CustomerId,
    subscription: &SubscriptionId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let mut lane = Lane { loader, customer, until, due: BTreeMap::new(), stuck: BTreeSet::new(), ran: Ran::default() };
    let subject = Subject::Subscription(subscription.clone());
    let mut desk = lane.lay_out(loader, std::slice::from_ref(&subject)).await?;
    loader.put_with_invoices(&mut desk, subscription).await?;
    lane.look_again(&mut desk, &subject);
    lane.work(&mut desk).await?;
    Ok(())
}

struct Lane<'l> {
    loader: &'l Loader,
    customer: &'l CustomerId,
    until: Timestamp,
    /// What waits, by object.
    due: BTreeMap<Subject, Due>,
    /// What was refused; it is not tried again in this go.
    stuck: BTreeSet<Subject>,
    ran: Ran,
}

impl Lane<'_> {
    async fn open(&mut self, subjects: &[Subject]) -> Result<Desk, StoreError> {
        let desk = self.lay_out(self.loader, subjects).await?;
        // Somebody has seen all of these fall due, so where they are not, what is known of them is behind.
        let is_due = |subject| self.due.get(subject).is_some_and(|due| due.at <= self.until);
        if subjects.iter().all(is_due) { Ok(desk) } else { self.lay_out(&self.loader.asking(), subjects).await }
    }

    async fn lay_out(&mut self, loader: &Loader, subjects: &[Subject]) -> Result<Desk, StoreError> {
        let mut desk = loader.desk(self.customer, self.until).await?;
        self.due.clear();
        for subject in subjects {
            loader.put(&mut desk, subject).await?;
            if let Some(due) = desk.due(subject) {
                self.due.insert(subject.clone(), due);
            }
        }
        Ok(desk)
    }

    /// One step after another, as long as something is due.
    async fn work(&mut self, desk: &mut Desk) -> Result<(), StoreError> {
        for _ in 0..MAX_STEPS {
            let Some((subject, due)) = self.next() else { break };
            self.step(desk, &subject, due).await?;
        }
        Ok(())
    }

    fn next(&self) -> Option<(Subject, Due)> {
        let due = self.due.iter().filter(|(subject, due)| due.at <= self.until && !self.stuck.contains(subject));
        due.min_by(|(a, x), (b, y)| (x, a).cmp(&(y, b))).map(|(subject, due)| (subject.clone(), *due))
    }

    /// Carries one timer out. Where something went on meanwhile it is looked at anew.
    async fn step(&mut self, desk: &mut Desk, subject: &Subject, due: Due) -> Result<(), StoreError> {
        let mut asked = false;
        for _ in 0..MAX_TRIES {
            self.loader.put(desk, subject).await?;
            if let Subject::Subscription(id) = subject
                && needs_invoices(due)
            {
                self.loader.put_with_invoices(desk, id).await?;
            }
            desk.now = due.at;
            if let Err(refusal) = fire(desk, subject) {
                *desk = self.reopen(subject).await?;
                // It may have been refused for what is no longer so.
                if !std::mem::replace(&mut asked, true) {
                    continue;
                }
                self.stick(subject, &refusal);
                return Ok(());
            }
            if !desk.has_commands() {
                self.look_again(desk, subject);
                return Ok(());
            }
            let (commands, planned_on) = desk.take();
            let outcome =
                self.loader.ledger().execute_planned(self.request(due.at, commands), &streams(planned_on)).await;
            match outcome {
                Ok(receipt) => {
                    self.ran.steps += 1;
                    self.ran.position = self.ran.position.max(receipt.position);
                    self.look_again(desk, subject);
                    return Ok(());
                }
                Err(ExecuteError::Store(error)) => return Err(error),
                Err(ExecuteError::Refused(Refusal::Superseded { .. }) | ExecuteError::Contention) => {
                    *desk = self.reopen(subject).await?;
                }
                Err(ExecuteError::Refused(refusal)) => {
                    self.stick(subject, &refusal);
                    *desk = self.reopen(subject).await?;
                    return Ok(());
                }
                Err(ExecuteError::IdempotencyMismatch) => return Ok(()),
            }
        }
        Err(StoreError::Overloaded)
    }

    /// A desk with the states as the log has them now.
    async fn reopen(&self, subject: &Subject) -> Result<Desk, StoreError> {
        let loader = self.loader.asking();
        let mut desk = loader.desk(self.customer, self.until).await?;
        for known in self.due.keys().chain(std::iter::once(subject)) {
            if let Subject::Subscription(_) = known {
                loader.put(&mut desk, known).await?;
            }
        }
        loader.put(&mut desk, subject).await?;
        Ok(desk)
    }

    /// Notes what is due next of everything on the desk, and puts away what is not needed for the next step: the desk of
    /// the hundredth period is not larger than that of the first.
    fn look_again(&mut self, desk: &mut Desk, done: &Subject) {
        self.due.remove(done);
        let subscriptions = desk.subscriptions.keys().cloned().map(Subject::Subscription);
        let invoices = desk.invoices.keys().cloned().map(Subject::Invoice);
        let payments = desk.payments.keys().cloned().map(Subject::Payment);
        let campaigns = desk.campaigns.keys().cloned().map(Subject::Campaign);
        let on_desk: Vec<Subject> = subscriptions
            .chain(invoices)
            .chain(payments)
            .chain(campaigns)
            .chain(std::iter::once(done.clone()))
            .collect();
        for subject in on_desk {
            match desk.due(&subject) {
                Some(due) => self.due.insert(subject, due),
                None => self.due.remove(&subject),
            };
        }
        // Numbers were given by the append, so the states of invoices here are not what was stored.
        desk.take_numbered();
        desk.invoices.clear();
        desk.payments.clear();
        desk.campaigns.clear();
    }

    fn stick(&mut self, subject: &Subject, refusal: &Refusal) {
        let tenant = self.loader.tenant();
        tracing::error!(%tenant, customer = %self.customer, ?subject, %refusal, "what is due cannot be carried out");
        self.due.remove(subject);
        self.stuck.insert(subject.clone());
        self.ran.stuck += 1;
    }

    fn request(&self, now: Timestamp, commands: Vec<domain::command::Command>) -> Request {
        Request {
            tenant: self.loader.tenant().clone(),
            actor: "scheduler".to_owned(),
            request_id: None,
            cause: None,
            now,
            commands,
            claims: Vec::new(),
            releases: Vec::new(),
            event_ids: EventIds::Fresh,
            idempotency: None,
            expect_new: false,
        }
    }
}

/// The end of a subscription, and of a first payment that never came, concerns invoices that were made before.
fn needs_invoices(due: Due) -> bool {
    use domain::billing::DueKind;
    matches!(due.kind, DueKind::Cancel | DueKind::ExpireIncomplete)
}
