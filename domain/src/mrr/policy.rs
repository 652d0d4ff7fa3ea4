//! The choices on which vendors' MRR differs, as one versioned setting of a tenant (revenue.md G6, §1.1). A changed
//! policy gives other figures under another version; it never rewrites the old ones.

use serde::{Deserialize, Serialize};

/// Whether a subscription whose payment is late keeps its MRR until dunning ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastDuePolicy {
    #[default]
    Include,
    Exclude,
}

/// From when a new subscription counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationPolicy {
    #[default]
    OnStart,
    /// From its first paid invoice; one that comes out of a trial counts at once all the same.
    OnFirstPayment,
}

/// Whether an explicit pause takes the MRR away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PausePolicy {
    #[default]
    Exclude,
    Include,
}

/// Which discounts lower MRR beside those that last forever or repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnceDiscounts {
    #[default]
    Ignore,
    /// Until their end; one whose end is not known would lower MRR forever, so it is still ignored.
    UntilTheirEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrrPolicy {
    pub definition_version: u32,
    pub past_due: PastDuePolicy,
    pub activation: ActivationPolicy,
    pub pause: PausePolicy,
    pub once_discounts: OnceDiscounts,
}

impl Default for MrrPolicy {
    fn default() -> Self {
        Self {
            definition_version: 1,
            past_due: PastDuePolicy::default(),
            activation: ActivationPolicy::default(),
            pause: PausePolicy::default(),
            once_discounts: OnceDiscounts::default(),
        }
    }
}
