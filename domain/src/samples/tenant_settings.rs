//! What do a tenant's settings look like in tests?

use super::at;
use crate::money::{Currency, Money};
use crate::proration::ProrationMode;
use crate::tenant_settings::{
    AccessPolicy, CreditAs, DisputePolicy, DunningExhausted, Policies, Settings, TenantSettingsChange,
    TenantSettingsEvent,
};
use crate::time::AnchorRule;

/// With no choice left at its default.
pub fn settings() -> Settings {
    Settings {
        timezone: "Europe/Paris".to_owned(),
        high_value_mrr: Money::from_minor(100_000, Currency::EUR),
        high_value_lifetime: Money::from_minor(1_000_000, Currency::EUR),
        reporting_currency: Currency::USD,
        policies: Policies {
            proration: ProrationMode::DayHalfOpen,
            anchor: AnchorRule::StickyEndOfMonth,
            access_policy: AccessPolicy::SuspendOnFailure,
            dunning_exhausted: DunningExhausted::Unpaid,
            dispute_policy: DisputePolicy::Stripe,
            credit_as: CreditAs::CreditNote,
            sandbox_webhooks: true,
        },
    }
}

/// One event of every kind.
pub fn events() -> Vec<TenantSettingsEvent> {
    use TenantSettingsChange as C;
    let event = |change| TenantSettingsEvent { at: at("2024-01-15T10:30:00Z"), change, after: settings() };
    vec![event(C::TenantSettingsLoaded {}), event(C::TenantSettingsChanged {})]
}
