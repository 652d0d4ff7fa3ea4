//! What do entries of a catalogue look like in tests?

use serde_json::{Map, Value, json};

use super::{at, plan_id};
use crate::catalogue::{Coupon, Plan, TaxRate, UsagePrice};
use crate::catalogue_entry::{CatalogueEntryChange, CatalogueEntryEvent, EntryId, Source};
use crate::money::Currency;
use crate::price::{Duration, Interval, Off, Price, Scheme, Tier, Usage};
use crate::pricing::{Billing, Metric};

pub fn plan() -> Plan {
    let tiers = vec![
        Tier { up_to: Some(10), unit_minor: 2_500.into(), flat_minor: 5_000.into() },
        Tier { up_to: None, unit_minor: 2_000.into(), flat_minor: 0.into() },
    ];
    let metered = Price { usage: Usage::Metered, ..Price::per_unit(3, Currency::EUR, Some(Interval::MONTHLY)) };
    let map = |field: &str, value: Value| Map::from_iter([(field.to_owned(), value)]);
    Plan {
        id: plan_id("team"),
        name: "Team".to_owned(),
        description: "For a team".to_owned(),
        price: Price {
            currency: Currency::EUR,
            scheme: Scheme::Graduated(tiers),
            interval: Some(Interval::MONTHLY),
            usage: Usage::Licensed,
        },
        billing: Billing::InArrears,
        usage: vec![UsagePrice { metric: Metric::parse("messages").unwrap(), price: metered }],
        trial_days: Some(14),
        features: map("reports", json!(true)),
        limits: map("max_agents", json!(5)),
        words: map("plan_code", json!("TEAM-EUR")),
    }
}

pub fn coupon() -> Coupon {
    Coupon {
        code: "SPRING20".to_owned(),
        name: "Spring".to_owned(),
        off: Off::Percent("20".parse().unwrap()),
        duration: Duration::Repeating { months: 3 },
        max_redemptions: Some(100),
        valid_from: Some(at("2024-03-01T00:00:00Z")),
        valid_until: Some(at("2024-06-01T00:00:00Z")),
    }
}

pub fn tax_rate() -> TaxRate {
    TaxRate {
        id: "us_ca".to_owned(),
        name: "Sales tax".to_owned(),
        country: "US".to_owned(),
        state: Some("CA".to_owned()),
        percent: "8.75".parse().unwrap(),
        inclusive: false,
    }
}

pub fn event(version: u32, source: Source, change: CatalogueEntryChange) -> CatalogueEntryEvent {
    let entry = match &change {
        CatalogueEntryChange::PlanPublished { plan } => EntryId::Plan(plan.id.clone()),
        CatalogueEntryChange::CouponPublished { coupon } => EntryId::Coupon(coupon.code.clone()),
        CatalogueEntryChange::TaxRatePublished { tax_rate } => EntryId::TaxRate(tax_rate.id.clone()),
    };
    CatalogueEntryEvent { at: at("2024-01-15T10:30:00Z"), entry, version, source, change }
}

/// One event of every kind.
pub fn events() -> Vec<CatalogueEntryEvent> {
    use CatalogueEntryChange as C;
    vec![
        event(2, Source::Request, C::PlanPublished { plan: Box::new(plan()) }),
        event(1, Source::File, C::CouponPublished { coupon: coupon() }),
        event(1, Source::File, C::TaxRatePublished { tax_rate: tax_rate() }),
    ]
}
