//! What rows of the catalogue become.

use domain::catalogue::{Coupon, TaxRate, seed};
use domain::catalogue_entry::{CatalogueEntryEvent, Definition, Source};
use domain::event::LedgerEvent;

use super::row::{CatalogueRow, EntryKind};
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

const SINCE: &str = "2024-01-15T10:30:00Z";

fn published(version: u32, definition: &Definition) -> LedgerEvent {
    LedgerEvent::CatalogueEntry(CatalogueEntryEvent {
        at: at(SINCE),
        entry: definition.id().unwrap(),
        version,
        source: Source::File,
        change: definition.clone().into(),
    })
}

fn row(kind: EntryKind, entry_id: &str, version: u32, definition: Definition, position: i64) -> CatalogueRow {
    let (tenant, entry_id) = ("coaching".to_owned(), entry_id.to_owned());
    CatalogueRow { tenant, kind, entry_id, version, since_at: micros(SINCE), definition, position }
}

#[test]
fn an_entry_is_as_its_newest_version_says() {
    let catalogue = seed("coaching").unwrap();
    let plan = catalogue.plans[0].clone();
    let old = Definition::Plan(Box::new(plan.clone()));
    let mut renamed = plan.clone();
    renamed.name = "Elite".to_owned();
    let new = Definition::Plan(Box::new(renamed));
    let rate = TaxRate { id: plan.id.to_string(), ..catalogue.tax_rates[0].clone() };
    let rate = Definition::TaxRate(rate);
    // One word may name a plan, a coupon and a rate.
    let coupon = Definition::Coupon(Coupon { code: plan.id.to_string(), ..catalogue.coupons[0].clone() });
    let events = [published(1, &old), published(1, &rate), published(2, &new), published(1, &coupon)];
    let id = plan.id.as_str();
    let expected = [
        row(EntryKind::Coupon, id, 1, coupon, 4),
        row(EntryKind::Plan, id, 2, new, 3),
        row(EntryKind::TaxRate, id, 1, rate, 2),
    ];
    let mut found = fold_all::<CatalogueRow>(&projection("catalogue"), &events).unwrap();
    found.sort_by_key(|row| row.kind.as_str());
    assert_eq!(found, expected);
    expected.iter().for_each(assert_round_trip);
}
