//! What a command does to a subscription. Intents follow the transitions of billing.md §3.1 and are refused where
//! there is none; facts that the machine has moved past have no effect.

use jiff::Timestamp;

use super::arrears::{note_exhausted, note_payment_failed, note_settled};
use super::changes::{move_cycle, note_billed, schedule_change, set_metadata, set_payment_method, withdraw_change};
use super::command::{ActivationCause, AsBilled, SubscriptionCommand};
use super::create::create;
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::rest::{pause, resume};
use super::state::{Subscription, illegal};
use super::terms::{CancelReason, CycleMove, PauseCollection, Standing, SubscriptionSnapshot};
use super::trial::{announce_trial_end, end_trial, extend_trial};
use crate::id::SubscriptionId;
use crate::issued::{Decider, EventForm, Issued};
use crate::origin::Origin;
use crate::price::{Discount, Item};
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::stamp::{Absorbed, Stamp};
use crate::time::Period;

impl EventForm for SubscriptionEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

type Decision = Result<Vec<SubscriptionEvent>, Refusal>;

impl Decider for Subscription {
    const TYPE: &'static str = "subscription";
    type Command = SubscriptionCommand;
    type Event = SubscriptionEvent;

    fn decide(&self, issued: &Issued<SubscriptionCommand>) -> Decision {
        use SubscriptionCommand as C;
        let now = issued.now;
        match &issued.command {
            C::Create(new) => create(self, now, new),
            C::ChangeItems { items, as_billed } => self.change_items(now, items, as_billed),
            C::ScheduleChange { at, items } => schedule_change(self, now, *at, items),
            C::WithdrawChange => withdraw_change(self, now),
            C::SetPaymentMethod { method } => set_payment_method(self, now, method.as_ref()),
            C::SetMetadata { metadata, seen } => set_metadata(self, now, metadata.as_ref(), seen.as_ref()),
            C::MoveCycle { as_billed, cycle_move } => move_cycle(self, now, as_billed, *cycle_move),
            C::ApplyDiscount { discount } => self.apply_discount(now, discount),
            C::CancelAtPeriodEnd { reason, feedback } => {
                self.schedule_cancellation(now, reason.as_ref(), feedback.as_ref())
            }
            C::CancelNow { cause, reason, feedback } => self.cancel(now, *cause, reason.as_ref(), feedback.as_ref()),
            C::WithdrawCancellation => self.withdraw_cancellation(now),
            C::Pause { resumes_at, reason, maintain_access, as_billed } => {
                let change = SubscriptionChange::SubscriptionPaused {
                    reason: reason.clone(),
                    maintain_access: *maintain_access,
                };
                pause(self, now, *resumes_at, change, as_billed)
            }
            C::Resume { as_billed } => resume(self, now, as_billed),
            C::PauseCollection(pause) => self.pause_collection(now, pause),
            C::ResumeCollection => self.resume_collection(now),
            C::ExtendTrial { until } => extend_trial(self, now, *until),
            C::EndTrial { as_billed } => Ok(end_trial(self, now, as_billed)),
            C::AnnounceTrialEnd => Ok(announce_trial_end(self, now)),
            C::Renew { period, as_billed } => Ok(self.renew(now, *period, as_billed)),
            C::NoteBilled { as_billed } => Ok(note_billed(self, now, as_billed)),
            C::EndDiscount { coupon } => Ok(self.end_discount(now, coupon)),
            C::NotePaid { invoice } => Ok(note_settled(self, now, invoice, ActivationCause::InvoicePaid)),
            C::NoteUncollectible { invoice } => {
                Ok(note_settled(self, now, invoice, ActivationCause::InvoiceUncollectible))
            }
            C::NotePaymentFailed { invoice } => Ok(note_payment_failed(self, now, invoice)),
            C::NoteDunningExhausted { invoice, then } => Ok(note_exhausted(self, now, invoice, *then)),
            C::ExpireIncomplete => Ok(self.expire_incomplete(now)),
            C::Report { id, stamp, snapshot } => Ok(self.report(id, stamp, snapshot)),
        }
    }

    fn evolve(&mut self, event: &SubscriptionEvent) {
        self.apply(event);
    }
}

impl Subscription {
    fn change_items(&self, now: Timestamp, items: &[Item], as_billed: &AsBilled) -> Decision {
        let (id, snapshot) = self.living("change")?;
        match snapshot.standing {
            Standing::Trialing { .. } | Standing::Active {} | Standing::PastDue { .. } => {}
            Standing::Incomplete {}
            | Standing::IncompleteExpired { .. }
            | Standing::Unpaid { .. }
            | Standing::Paused { .. }
            | Standing::Canceled { .. } => return Err(illegal(&snapshot.standing, "change")),
        }
        super::create::check_items(items, snapshot.terms.currency)?;
        if snapshot.terms.items == items {
            return Ok(Vec::new());
        }
        let after = with_terms(snapshot, |terms| {
            terms.items = items.to_vec();
            terms.scheduled = None;
            as_billed.apply(terms);
            // Another interval has another end.
            if terms.cancel_at_period_end {
                terms.cancel_at = terms.period.map(|period| period.end);
            }
        });
        Ok(vec![event(now, id, SubscriptionChange::SubscriptionItemsChanged {}, after)])
    }

    fn apply_discount(&self, now: Timestamp, discount: &Discount) -> Decision {
        let (id, snapshot) = self.changeable("discount")?;
        if snapshot.terms.discounts.iter().any(|known| known.coupon == discount.coupon) {
            return Err(Refusal::AlreadyExists { what: format!("the discount {}", discount.coupon) });
        }
        let after = with_terms(snapshot, |terms| terms.discounts.push(discount.clone()));
        let change = SubscriptionChange::SubscriptionDiscountApplied { coupon: discount.coupon.clone() };
        Ok(vec![event(now, id, change, after)])
    }

    fn end_discount(&self, now: Timestamp, coupon: &str) -> Vec<SubscriptionEvent> {
        let Ok((id, snapshot)) = self.living("discount") else { return Vec::new() };
        if !snapshot.terms.discounts.iter().any(|known| known.coupon == coupon) {
            return Vec::new();
        }
        let after = with_terms(snapshot, |terms| terms.discounts.retain(|known| known.coupon != coupon));
        vec![event(now, id, SubscriptionChange::SubscriptionDiscountEnded { coupon: coupon.to_owned() }, after)]
    }

    fn schedule_cancellation(&self, now: Timestamp, reason: Option<&Sealed>, feedback: Option<&Sealed>) -> Decision {
        let (id, snapshot) = self.changeable("cancel at period end")?;
        if snapshot.terms.cancel_at_period_end {
            return Ok(Vec::new());
        }
        let Some(period) = snapshot.terms.period else {
            return Err(illegal(&snapshot.standing, "cancel at period end"));
        };
        let after = with_terms(snapshot, |terms| {
            terms.cancel_at_period_end = true;
            terms.cancel_at = Some(period.end);
            terms.canceled_at = Some(now);
        });
        let change = SubscriptionChange::SubscriptionCancellationScheduled {
            reason: reason.cloned(),
            feedback: feedback.cloned(),
        };
        Ok(vec![event(now, id, change, after)])
    }

    fn withdraw_cancellation(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.living("reactivate")?;
        if snapshot.terms.cancel_at.is_none() {
            return Err(illegal(&snapshot.standing, "reactivate"));
        }
        let after = with_terms(snapshot, |terms| {
            terms.cancel_at_period_end = false;
            terms.cancel_at = None;
            terms.canceled_at = None;
        });
        Ok(vec![event(now, id, SubscriptionChange::SubscriptionCancellationWithdrawn {}, after)])
    }

    pub(super) fn cancel(
        &self,
        now: Timestamp,
        cause: CancelReason,
        reason: Option<&Sealed>,
        feedback: Option<&Sealed>,
    ) -> Decision {
        let (id, snapshot) = self.living("cancel")?;
        let mut after = with_terms(snapshot, |terms| {
            terms.canceled_at = terms.canceled_at.or(Some(now));
            terms.cancel_at = None;
        });
        after.standing = Standing::Canceled { at: now, reason: cause };
        let change =
            SubscriptionChange::SubscriptionCanceled { cause, reason: reason.cloned(), feedback: feedback.cloned() };
        Ok(vec![event(now, id, change, after)])
    }

    fn pause_collection(&self, now: Timestamp, pause: &PauseCollection) -> Decision {
        let (id, snapshot) = self.changeable("pause the collection of")?;
        if snapshot.terms.pause_collection.as_ref() == Some(pause) {
            return Ok(Vec::new());
        }
        let after = with_terms(snapshot, |terms| terms.pause_collection = Some(pause.clone()));
        Ok(vec![event(now, id, SubscriptionChange::SubscriptionCollectionPaused {}, after)])
    }

    fn resume_collection(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.living("resume the collection of")?;
        if snapshot.terms.pause_collection.is_none() {
            return Err(illegal(&snapshot.standing, "resume the collection of"));
        }
        let after = with_terms(snapshot, |terms| terms.pause_collection = None);
        Ok(vec![event(now, id, SubscriptionChange::SubscriptionCollectionResumed {}, after)])
    }

    fn renew(&self, now: Timestamp, period: Period, as_billed: &AsBilled) -> Vec<SubscriptionEvent> {
        let Ok((id, snapshot)) = self.changeable("renew") else { return Vec::new() };
        let past = snapshot.terms.period.is_some_and(|known| period.start < known.end);
        let ends_first = snapshot.terms.cancel_at.is_some_and(|end| end <= period.start);
        if past || ends_first || matches!(snapshot.standing, Standing::Paused { .. }) {
            return Vec::new();
        }
        let after = with_terms(snapshot, |terms| {
            as_billed.apply(terms);
            terms.period = Some(period);
            terms.cycle_move = CycleMove::default();
        });
        vec![event(now, id, SubscriptionChange::SubscriptionRenewed {}, after)]
    }

    fn expire_incomplete(&self, now: Timestamp) -> Vec<SubscriptionEvent> {
        let Ok((id, snapshot)) = self.existing() else { return Vec::new() };
        if !matches!(snapshot.standing, Standing::Incomplete {}) {
            return Vec::new();
        }
        let after = with_standing(snapshot, Standing::IncompleteExpired { at: now });
        vec![event(now, id, SubscriptionChange::SubscriptionExpiredIncomplete {}, after)]
    }

    /// What we bill ourselves nobody else can tell us of: a report of it is our own, come back (decision B2).
    fn report(&self, id: &SubscriptionId, stamp: &Stamp, snapshot: &SubscriptionSnapshot) -> Vec<SubscriptionEvent> {
        if self.snapshot.as_deref().is_some_and(|known| known.origin == Origin::Daybook) {
            return Vec::new();
        }
        let mut reports = self.reports.clone();
        let absorbed = reports.absorb(stamp.clone(), Box::new(snapshot.clone()));
        if absorbed == Absorbed::Repeated {
            return Vec::new();
        }
        let current = (absorbed == Absorbed::Changed).then(|| reports.current().cloned()).flatten();
        let told = (current.as_deref() != Some(snapshot)).then(|| Box::new(snapshot.clone()));
        let change = SubscriptionChange::SubscriptionReported { stamp: stamp.clone(), snapshot: told };
        vec![SubscriptionEvent {
            at: stamp.created,
            subscription: id.clone(),
            customer: snapshot.customer.clone(),
            change,
            after: current,
        }]
    }
}

pub(super) fn with_terms(
    snapshot: &SubscriptionSnapshot,
    change: impl FnOnce(&mut super::terms::Terms),
) -> SubscriptionSnapshot {
    let mut after = snapshot.clone();
    change(&mut after.terms);
    after
}

pub(super) fn with_standing(snapshot: &SubscriptionSnapshot, standing: Standing) -> SubscriptionSnapshot {
    SubscriptionSnapshot { standing, ..snapshot.clone() }
}

pub(super) fn event(
    at: Timestamp,
    id: &SubscriptionId,
    change: SubscriptionChange,
    after: SubscriptionSnapshot,
) -> SubscriptionEvent {
    SubscriptionEvent {
        at,
        subscription: id.clone(),
        customer: after.customer.clone(),
        change,
        after: Some(Box::new(after)),
    }
}
