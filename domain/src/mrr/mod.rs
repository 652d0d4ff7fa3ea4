//! Monthly recurring revenue, to the cent and in pure functions (revenue.md §1.1–1.6 and §1.10): what a subscription
//! is worth, how a customer's worth moved, and what follows for a period. Projections call these and store the answers.

mod balance;
mod change;
mod cohort;
mod diff;
mod metrics;
mod movement;
mod normalize;
mod period;
mod policy;
mod ratio;
mod timeline;

pub use balance::{Balance, balances};
pub use cohort::{Cohort, CohortColumn, Member, cohorts, member, month_end};
pub use diff::{Diff, diff};
pub use metrics::{Collected, Ltv, Metrics, PeriodEnds, Retention, metrics, standard_ltv};
pub use movement::{LogoChange, Movement, MovementType, movements};
pub use normalize::{MrrError, PlanShare, SubscriptionMrr, subscription_mrr};
pub use period::{Opening, Unbalanced, Waterfall, mrr_at, waterfall};
pub use policy::{ActivationPolicy, MrrPolicy, OnceDiscounts, PastDuePolicy, PausePolicy};
pub use ratio::{RATIO_SCALE, Ratio, Undefined};
pub use timeline::{Figures, Observed, Order, Payment, Reason, Timeline};

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better when they hand over what they make up")]
pub(crate) mod testing;
