//! A tenant's settings as billing follows them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::money::Money;
use crate::proration::{Counting, CreditBasis, ProrationBehavior};
use crate::subscription::AfterDunning;
use crate::tenant_settings::{DunningExhausted, Settings};
use crate::time::{AnchorRule, local_date, zone_named};

#[derive(Debug, Clone)]
pub struct Rules {
    pub zone: TimeZone,
    pub zone_name: String,
    pub anchor: AnchorRule,
    pub counting: Counting,
    pub after_dunning: AfterDunning,
    pub high_value_mrr: Money,
}

impl Rules {
    pub fn of(settings: &Settings) -> Self {
        let zone = zone_named(&settings.timezone);
        Self {
            counting: Counting { mode: settings.policies.proration, zone: zone.clone() },
            zone,
            zone_name: settings.timezone.clone(),
            anchor: settings.policies.anchor,
            after_dunning: match settings.policies.dunning_exhausted {
                DunningExhausted::Canceled => AfterDunning::Cancel,
                DunningExhausted::Unpaid => AfterDunning::LeaveUnpaid,
                DunningExhausted::PastDue => AfterDunning::LeavePastDue,
            },
            high_value_mrr: settings.high_value_mrr,
        }
    }

    /// The year that a number given at this instant belongs to: the tenant's own.
    pub fn year(&self, at: Timestamp) -> i16 {
        local_date(at, &self.zone).year()
    }

    pub(super) fn proration(&self, behavior: ProrationBehavior) -> crate::proration::Rules {
        crate::proration::Rules { counting: self.counting.clone(), basis: CreditBasis::Billed, behavior }
    }
}
