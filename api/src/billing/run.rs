//! One piece of billing that somebody asked for: worked out on a desk, carried out in one append, and worked out anew
//! where something went on meanwhile.

use std::time::Duration;

use domain::billing::{Desk, PlannedOn, Subject};
use domain::id::{CustomerId, SubscriptionId};
use domain::refusal::Refusal;
use store::{Claim, ExecuteError, Ledger, Receipt, Request};

use super::lane::carry_out_due;
use super::load::Loader;
use crate::failure::Failure;
use crate::operations::{Call, request};

/// Tries of a piece of billing that others keep getting in the way of.
const MAX_TRIES: u32 = 32;
/// Pause between two tries, so that what is written meanwhile is known.
const PAUSE: Duration = Duration::from_millis(2);

/// What a piece of billing is about.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub customer: CustomerId,
    pub subjects: Vec<Subject>,
    /// A subscription whose billed invoices are needed too.
    pub with_invoices: Option<SubscriptionId>,
    /// Names that must be free, taken in the same append.
    pub claims: Vec<Claim>,
}

impl Place {
    pub(crate) fn of(customer: CustomerId) -> Self {
        Self { customer, subjects: Vec::new(), with_invoices: None, claims: Vec::new() }
    }
}

/// Does a piece of billing; `result` is what a repetition under the call's key is answered with. What the work gives is
/// what it gave in the try that was carried out.
pub(crate) async fn bill<T>(
    ledger: &Ledger,
    call: &Call,
    place: &Place,
    result: &str,
    work: impl Fn(&mut Desk) -> Result<T, Refusal>,
) -> Result<(T, Receipt), Failure> {
    if call.stripe().is_some() {
        // Our own processor would only pretend to move this tenant's money.
        let reason = "this tenant bills through Stripe, where this is to be done".to_owned();
        return Err(Failure::Illegal { reason });
    }
    let loader = Loader::new(ledger, &call.tenant).await?;
    for _ in 0..MAX_TRIES {
        let mut desk = prepared(&loader, call, place).await?;
        // What has fallen due before comes first, or what it would have billed is lost.
        if let Some(subscription) = &place.with_invoices
            && desk.due(&Subject::Subscription(subscription.clone())).is_some_and(|due| due.at < call.now)
        {
            carry_out_due(&loader, &place.customer, subscription, call.now).await?;
            desk = prepared(&loader, call, place).await?;
        }
        let given = work(&mut desk)?;
        let (commands, planned_on) = desk.take();
        let request = Request { claims: place.claims.clone(), ..request(call, commands, result) };
        match ledger.execute_planned(request, &streams(planned_on)).await {
            Ok(receipt) => return Ok((given, receipt)),
            Err(ExecuteError::Refused(Refusal::Superseded { .. })) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Unavailable)
}

/// Works a piece of billing out without carrying it out.
pub(crate) async fn try_out<T>(
    ledger: &Ledger,
    call: &Call,
    place: &Place,
    work: impl Fn(&mut Desk) -> Result<T, Refusal>,
) -> Result<T, Failure> {
    let loader = Loader::new(ledger, &call.tenant).await?;
    let mut desk = prepared(&loader, call, place).await?;
    Ok(work(&mut desk)?)
}

async fn prepared(loader: &Loader, call: &Call, place: &Place) -> Result<Desk, Failure> {
    let mut desk = loader.desk(&place.customer, call.now).await?;
    for subject in &place.subjects {
        loader.put(&mut desk, subject).await?;
    }
    if let Some(subscription) = &place.with_invoices {
        loader.put_with_invoices(&mut desk, subscription).await?;
    }
    Ok(desk)
}

pub(super) fn streams(planned_on: Vec<PlannedOn>) -> Vec<(&'static str, String, i64)> {
    planned_on.into_iter().map(|planned| (planned.kind, planned.id, planned.sequence)).collect()
}
