//! How subscription events become movements and balances: each is put in its place on the customer's timeline, and
//! what follows from the timeline is compared with what was known before.

use std::cmp::Ordering;

use domain::event::LedgerEvent;
use domain::issued::Decider;
use domain::mrr::{Balance, Movement, MrrError, MrrPolicy, Observed, Order, Reason, Timeline, balances, movements};
use domain::subscription::{Subscription, SubscriptionChange, SubscriptionEvent, SubscriptionSnapshot};
use domain::time::{from_micros, to_micros};
use store::{Value, Values};

use super::balance_row::BalanceRow;
use super::known::revise;
use super::movement_row::MovementRow;
use super::timeline_row::TimelineRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

/// Under the policy by which a subscription counts from its start, so that no payment has a say.
#[derive(Debug)]
pub struct MrrFold;

impl Fold for MrrFold {
    type Row = TimelineRow;

    const READS: &'static [&'static str] = &[Subscription::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some((event, _)) = telling(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), event.customer.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<TimelineRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<TimelineRow>, FoldError> {
        let Some((event, snapshot)) = telling(seen.event) else { return Ok(row) };
        let mut row = row.unwrap_or_else(|| blank(seen, event));
        let known = row.timeline.points();
        record(&mut row.timeline, seen, event, snapshot)?;
        if row.timeline.points() != known {
            derive(&mut row, seen.entry.position, emitted);
        }
        Ok(Some(row))
    }
}

/// A subscription event that may change an amount, with what it says the subscription is.
fn telling(event: &LedgerEvent) -> Option<(&SubscriptionEvent, &SubscriptionSnapshot)> {
    let event = event.subscription()?;
    told(event).map(|snapshot| (event, snapshot))
}

/// `None` for events that by their nature leave status, prices and discounts alone; they touch no row at all, so that
/// a renewal costs nothing here. A late report is told in its own words, not in those of the newest one.
fn told(event: &SubscriptionEvent) -> Option<&SubscriptionSnapshot> {
    use SubscriptionChange as C;
    match &event.change {
        C::SubscriptionRenewed {}
        | C::SubscriptionCancellationScheduled { .. }
        | C::SubscriptionCancellationWithdrawn {}
        | C::SubscriptionArrearsSettled { .. }
        | C::SubscriptionCollectionPaused {}
        | C::SubscriptionCollectionResumed {}
        | C::SubscriptionChangeScheduled {}
        | C::SubscriptionChangeWithdrawn {}
        | C::SubscriptionPaymentMethodChanged {}
        | C::SubscriptionMetadataChanged {}
        | C::SubscriptionCycleMoved {}
        | C::SubscriptionTrialEndAnnounced {}
        | C::SubscriptionBilled {} => None,
        C::SubscriptionReported { snapshot, .. } => snapshot.as_deref().or(event.after.as_deref()),
        C::SubscriptionCreated {}
        | C::SubscriptionActivated { .. }
        | C::SubscriptionTrialExtended {}
        | C::SubscriptionItemsChanged {}
        | C::SubscriptionDiscountApplied { .. }
        | C::SubscriptionDiscountEnded { .. }
        | C::SubscriptionCanceled { .. }
        | C::SubscriptionPaused { .. }
        | C::SubscriptionResumed {}
        | C::SubscriptionPastDue { .. }
        | C::SubscriptionUnpaid { .. }
        | C::SubscriptionExpiredIncomplete {} => event.after.as_deref(),
    }
}

fn blank(seen: &Seen<'_>, event: &SubscriptionEvent) -> TimelineRow {
    TimelineRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        customer_id: event.customer.as_str().to_owned(),
        timeline: Timeline::new(MrrPolicy::default()),
        movements: Vec::new(),
        balances: Vec::new(),
        position: seen.entry.position,
    }
}

fn record(
    timeline: &mut Timeline,
    seen: &Seen<'_>,
    event: &SubscriptionEvent,
    snapshot: &SubscriptionSnapshot,
) -> Result<(), FoldError> {
    let event_id = seen.entry.event_id.to_string();
    let observed = Observed {
        subscription: &event.subscription,
        snapshot,
        // Rows keep microseconds; two instants that a row cannot tell apart are one.
        effective_at: from_micros(to_micros(event.at)),
        order: order(seen, event),
        position: seen.entry.position,
        event_id: &event_id,
        // Events of one append share their instant, which already makes them one step.
        step_key: None,
        cause: cause(&event.change),
    };
    timeline.record(&observed).map_err(|error| match error {
        MrrError::TooLarge => FoldError::Overflow("a subscription's monthly value"),
    })
}

fn order(seen: &Seen<'_>, event: &SubscriptionEvent) -> Order {
    match &event.change {
        SubscriptionChange::SubscriptionReported { stamp, .. } => Order::Reported(stamp.clone()),
        SubscriptionChange::SubscriptionCreated {}
        | SubscriptionChange::SubscriptionActivated { .. }
        | SubscriptionChange::SubscriptionRenewed {}
        | SubscriptionChange::SubscriptionTrialExtended {}
        | SubscriptionChange::SubscriptionItemsChanged {}
        | SubscriptionChange::SubscriptionDiscountApplied { .. }
        | SubscriptionChange::SubscriptionDiscountEnded { .. }
        | SubscriptionChange::SubscriptionCancellationScheduled { .. }
        | SubscriptionChange::SubscriptionCancellationWithdrawn {}
        | SubscriptionChange::SubscriptionCanceled { .. }
        | SubscriptionChange::SubscriptionPaused { .. }
        | SubscriptionChange::SubscriptionResumed {}
        | SubscriptionChange::SubscriptionCollectionPaused {}
        | SubscriptionChange::SubscriptionCollectionResumed {}
        | SubscriptionChange::SubscriptionPastDue { .. }
        | SubscriptionChange::SubscriptionArrearsSettled { .. }
        | SubscriptionChange::SubscriptionUnpaid { .. }
        | SubscriptionChange::SubscriptionExpiredIncomplete {}
        | SubscriptionChange::SubscriptionChangeScheduled {}
        | SubscriptionChange::SubscriptionChangeWithdrawn {}
        | SubscriptionChange::SubscriptionPaymentMethodChanged {}
        | SubscriptionChange::SubscriptionMetadataChanged {}
        | SubscriptionChange::SubscriptionCycleMoved {}
        | SubscriptionChange::SubscriptionTrialEndAnnounced {}
        | SubscriptionChange::SubscriptionBilled {} => Order::Recorded { sequence: seen.entry.sequence.unsigned_abs() },
    }
}

/// What the event says of the amount beyond what the subscription's standing says.
fn cause(change: &SubscriptionChange) -> Option<Reason> {
    use SubscriptionChange as C;
    match change {
        C::SubscriptionItemsChanged {} => Some(Reason::ItemsChanged),
        C::SubscriptionDiscountApplied { .. } => Some(Reason::DiscountApplied),
        C::SubscriptionDiscountEnded { .. } => Some(Reason::DiscountEnded),
        C::SubscriptionPaused { .. } => Some(Reason::Pause),
        C::SubscriptionResumed {} => Some(Reason::Resume),
        C::SubscriptionCreated {}
        | C::SubscriptionActivated { .. }
        | C::SubscriptionRenewed {}
        | C::SubscriptionTrialExtended {}
        | C::SubscriptionCancellationScheduled { .. }
        | C::SubscriptionCancellationWithdrawn {}
        | C::SubscriptionCanceled { .. }
        | C::SubscriptionCollectionPaused {}
        | C::SubscriptionCollectionResumed {}
        | C::SubscriptionPastDue { .. }
        | C::SubscriptionArrearsSettled { .. }
        | C::SubscriptionUnpaid { .. }
        | C::SubscriptionExpiredIncomplete {}
        | C::SubscriptionChangeScheduled {}
        | C::SubscriptionChangeWithdrawn {}
        | C::SubscriptionPaymentMethodChanged {}
        | C::SubscriptionMetadataChanged {}
        | C::SubscriptionCycleMoved {}
        | C::SubscriptionTrialEndAnnounced {}
        | C::SubscriptionBilled {}
        | C::SubscriptionReported { .. } => None,
    }
}

/// Computes the movements and balances again and writes those that came to be or ceased to hold.
fn derive(row: &mut TimelineRow, position: i64, emitted: &mut Emitted) {
    row.position = position;
    let (tenant, customer_id) = (row.tenant.as_str(), row.customer_id.as_str());
    revise(&mut row.movements, &movements(&row.timeline), position, by_instant, |known, to_position| {
        emitted.put(&MovementRow::of(tenant, customer_id, known, to_position));
    });
    revise(&mut row.balances, &balances(&row.timeline), position, by_plan, |known, to_position| {
        emitted.put(&BalanceRow::of(tenant, customer_id, known, to_position));
    });
}

fn by_instant(a: &Movement, b: &Movement) -> Ordering {
    (a.effective_at, a.currency).cmp(&(b.effective_at, b.currency))
}

fn by_plan(a: &Balance, b: &Balance) -> Ordering {
    (&a.subscription, &a.plan, a.effective_from).cmp(&(&b.subscription, &b.plan, b.effective_from))
}
