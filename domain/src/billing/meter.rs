//! What does usage cost as it is used, before it is invoiced? Only of who is charged for it; everybody else's is earned
//! with its invoice, where there will be one.

use crate::pricing::Metric;
use crate::subscription::{Standing, SubscriptionSnapshot};
use crate::usage::Rates;

/// What a record of a metric is earned at now; `None` where it may never be billed.
pub fn usage_rates(subscription: &SubscriptionSnapshot, metric: &Metric) -> Option<Rates> {
    let charged = match subscription.standing {
        Standing::Active {} | Standing::PastDue { .. } => true,
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::Trialing { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. }
        | Standing::Canceled { .. } => false,
    };
    let since = subscription.terms.period.filter(|_| charged)?.start;
    let of_metric = subscription.terms.items.iter().filter(|item| item.metric.as_ref() == Some(metric));
    let prices = of_metric.map(|item| item.price.clone()).collect();
    Some(Rates { prices, since })
}
