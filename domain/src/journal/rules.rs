//! By which of a tenant's rules is a book kept? By those in force when it was opened: a changed setting is for what comes
//! after and posts nothing again.

use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::recognition::Ruler;
use crate::tenant_settings::{DisputePolicy, Settings};
use crate::time::zone_named;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The IANA name of the zone whose days revenue is earned in.
    pub zone: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disputes: DisputePolicy,
}

impl Default for Rules {
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), disputes: DisputePolicy::Withhold }
    }
}

impl Rules {
    pub fn of(settings: &Settings) -> Self {
        Self { zone: settings.timezone.clone(), disputes: settings.policies.dispute_policy }
    }

    pub fn ruler(&self) -> Ruler {
        Ruler::days(zone_named(&self.zone))
    }
}
