//! When is something due next? Read from what an object is, so that a timer is a fact of the log and not a promise of a
//! process: the timers' projection and the engine ask the same functions.

use jiff::{SignedDuration, Timestamp};

use crate::customer::PaymentMethod;
use crate::dunning::{CampaignSnapshot, CampaignStatus};
use crate::invoice::{InvoiceSnapshot, InvoiceStatus};
use crate::origin::Origin;
use crate::payment::{PaymentSnapshot, PaymentStatus};
use crate::subscription::{Standing, SubscriptionSnapshot, Terms};
use crate::time::first_of_month;

/// How long before its expiry a card's campaign starts (decision B14).
pub const CARD_NOTICE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long before its end a trial is announced (billing.md §3.5).
const TRIAL_NOTICE: SignedDuration = SignedDuration::from_hours(72);
/// How long a first payment may take (billing.md §3.1).
const INCOMPLETE_FOR: SignedDuration = SignedDuration::from_hours(23);
/// How long an attempt of the sandbox stays in hand before it succeeds: a first payment before its time is over.
const SANDBOX_DELAY: SignedDuration = SignedDuration::from_hours(12);

/// What falls due. Of what is due at one instant the first in this order goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    SettlePayment,
    ResumeCollection,
    Resume,
    EndDiscount,
    ExpireIncomplete,
    Cancel,
    AnnounceTrialEnd,
    ChangeItems,
    EndTrial,
    Renew,
    InvoiceOverdue,
    DunningStep,
    CardExpiry,
}

impl DueKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SettlePayment => "settle_payment",
            Self::ResumeCollection => "resume_collection",
            Self::Resume => "resume",
            Self::EndDiscount => "end_discount",
            Self::ExpireIncomplete => "expire_incomplete",
            Self::Cancel => "cancel",
            Self::AnnounceTrialEnd => "announce_trial_end",
            Self::ChangeItems => "change_items",
            Self::EndTrial => "end_trial",
            Self::Renew => "renew",
            Self::InvoiceOverdue => "invoice_overdue",
            Self::DunningStep => "dunning_step",
            Self::CardExpiry => "card_expiry",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub at: Timestamp,
    pub kind: DueKind,
}

fn due(at: Timestamp, kind: DueKind) -> Due {
    Due { at, kind }
}

/// Only what is billed here has timers here (decision B2).
pub fn due_of_subscription(subscription: &SubscriptionSnapshot) -> Option<Due> {
    if subscription.origin != Origin::Daybook {
        return None;
    }
    let terms = &subscription.terms;
    let renewal = || terms.period.map(|period| due(period.end, DueKind::Renew));
    match &subscription.standing {
        Standing::IncompleteExpired { .. } | Standing::Canceled { .. } => None,
        Standing::Incomplete {} => Some(due(later(terms.created_at, INCOMPLETE_FOR), DueKind::ExpireIncomplete)),
        Standing::Paused { resumes_at, .. } => {
            let resume = resumes_at.map(|at| due(at, DueKind::Resume));
            [resume, cancellation(terms)].into_iter().flatten().min()
        }
        Standing::Trialing { trial } => {
            let notice = trial.end.saturating_sub(TRIAL_NOTICE).unwrap_or(Timestamp::MIN).max(trial.start);
            let announced = (!terms.trial_end_announced).then(|| due(notice, DueKind::AnnounceTrialEnd));
            let end = Some(due(trial.end, DueKind::EndTrial));
            // A period that ends with the trial is followed by what the end of the trial bills.
            let renewal = renewal().filter(|renewal| renewal.at < trial.end);
            [announced, end, renewal, of_terms(terms)].into_iter().flatten().min()
        }
        Standing::Active {} | Standing::PastDue { .. } => [renewal(), of_terms(terms)].into_iter().flatten().min(),
        // What is not paid for does not change; a change that was agreed on waits until it is.
        Standing::Unpaid { .. } => {
            let terms = Terms { scheduled: None, ..terms.clone() };
            [renewal(), of_terms(&terms)].into_iter().flatten().min()
        }
    }
}

fn of_terms(terms: &Terms) -> Option<Due> {
    let change = terms.scheduled.as_ref().map(|change| due(change.at, DueKind::ChangeItems));
    let collection = terms.pause_collection.as_ref().and_then(|pause| pause.resumes_at);
    let collection = collection.map(|at| due(at, DueKind::ResumeCollection));
    let discount = terms.discounts.iter().filter_map(|discount| discount.end).min();
    let discount = discount.map(|at| due(at, DueKind::EndDiscount));
    [change, collection, discount, cancellation(terms)].into_iter().flatten().min()
}

fn cancellation(terms: &Terms) -> Option<Due> {
    terms.cancel_at.map(|at| due(at, DueKind::Cancel))
}

/// An invoice that its customer pays by themselves is looked after when it is due; one that is charged is dunned by its
/// campaign.
pub fn due_of_invoice(invoice: &InvoiceSnapshot) -> Option<Due> {
    let waits = invoice.origin == Origin::Daybook && invoice.status == InvoiceStatus::Open && !invoice.overdue;
    invoice.due_at.filter(|_| waits).map(|at| due(at, DueKind::InvoiceOverdue))
}

/// The campaign of what Stripe billed is Stripe's to try again.
pub fn due_of_campaign(campaign: &CampaignSnapshot) -> Option<Due> {
    if campaign.status != CampaignStatus::Active || campaign.origin != Origin::Daybook {
        return None;
    }
    campaign.next_step().map(|step| due(step.due_at, DueKind::DunningStep))
}

pub fn due_of_payment(payment: &PaymentSnapshot) -> Option<Due> {
    let in_hand = payment.origin == Origin::Daybook && payment.status == PaymentStatus::Processing;
    in_hand.then(|| due(later(payment.created_at, SANDBOX_DELAY), DueKind::SettlePayment))
}

/// A card is good until the end of its month.
pub fn due_of_card(method: &PaymentMethod) -> Option<Due> {
    let (Some(month), Some(year)) = (method.exp_month, method.exp_year) else { return None };
    if !method.attached {
        return None;
    }
    let month = jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
    let expires = first_of_month(month, 1)?;
    let expires = jiff::tz::TimeZone::UTC.to_timestamp(expires.at(0, 0, 0, 0)).ok()?;
    Some(due(expires.saturating_sub(CARD_NOTICE).unwrap_or(Timestamp::MIN), DueKind::CardExpiry))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
