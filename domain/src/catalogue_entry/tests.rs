//! What does each command do to an entry of a catalogue, and does every version stay what it was?

use cqrs_es::test::TestFramework;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::decide::MAX_VERSIONS;
use super::*;
use crate::catalogue::{Plan, SEED_TENANTS, seed};
use crate::issued::{Decider, EventForm};
use crate::money::Currency;
use crate::price::{Interval, Price};
use crate::refusal::Refusal;
use crate::samples::{at, fold, issued, plan_id};

const LOADED: &str = "2024-01-01T00:00:00Z";
const NOW: &str = "2024-02-01T00:00:00Z";

type Outcome = Result<Vec<CatalogueEntryEvent>, Refusal>;

fn check(what: &str, given: Vec<CatalogueEntryEvent>, command: CatalogueEntryCommand, expected: Outcome) {
    let result = TestFramework::<CatalogueEntry>::with(()).given(given).when(issued(NOW, command)).inspect_result();
    assert_eq!((what, result), (what, expected));
}

fn elite(minor: i64) -> Definition {
    let plan = seed("coaching").unwrap().plan(&plan_id("elite_coaching")).unwrap();
    let price = Price::per_unit(minor, Currency::USD, Some(Interval::MONTHLY));
    Definition::Plan(Box::new(Plan { price, ..plan.clone() }))
}

fn elite_id() -> EntryId {
    EntryId::Plan(plan_id("elite_coaching"))
}

fn published(time: &str, version: u32, source: Source, definition: Definition) -> CatalogueEntryEvent {
    let entry = definition.id().unwrap();
    CatalogueEntryEvent { at: at(time), entry, version, source, change: definition.into() }
}

fn loaded(version: u32, minor: i64) -> CatalogueEntryEvent {
    published(LOADED, version, Source::File, elite(minor))
}

fn changed(version: u32, minor: i64) -> CatalogueEntryEvent {
    published(NOW, version, Source::Request, elite(minor))
}

fn load(definition: Definition) -> CatalogueEntryCommand {
    CatalogueEntryCommand::Load { definition: Box::new(definition) }
}

fn change(id: EntryId, value: Value) -> CatalogueEntryCommand {
    let Value::Object(changes) = value else { panic!("{value} is no object") };
    CatalogueEntryCommand::Change { id, changes }
}

#[test]
fn each_change_is_a_version_of_its_own() {
    let raise = || change(elite_id(), json!({"amount": "6000.00"}));
    check("of the file's", vec![loaded(1, 500_000)], raise(), Ok(vec![changed(2, 600_000)]));
    check("again", vec![loaded(1, 500_000), changed(2, 550_000)], raise(), Ok(vec![changed(3, 600_000)]));
    check("to what it is", vec![loaded(1, 600_000)], raise(), Ok(vec![]));
    check("back to what it was", vec![loaded(1, 600_000), changed(2, 550_000)], raise(), Ok(vec![changed(3, 600_000)]));
    let refused = Err(Refusal::invalid("amount", "must not be negative"));
    check("to nothing", vec![loaded(1, 500_000)], change(elite_id(), json!({"amount": "-1"})), refused);
    let unknown = change(EntryId::Plan(plan_id("new")), json!({"amount": "1"}));
    check("of nothing", vec![], unknown, Err(Refusal::invalid("name", "is missing")));
    let many: Vec<_> = (1..=u32::try_from(MAX_VERSIONS).unwrap()).map(|version| loaded(version, 500_000)).collect();
    check("too many", many, raise(), Err(Refusal::invalid("plan", "has 10000 versions and can have no more")));
}

#[test]
fn a_file_counts_where_it_says_something_new() {
    let now = |version, minor| Ok(vec![published(NOW, version, Source::File, elite(minor))]);
    check("the first start", vec![], load(elite(500_000)), now(1, 500_000));
    check("the next start", vec![loaded(1, 500_000)], load(elite(500_000)), Ok(vec![]));
    let changed_since = || vec![loaded(1, 500_000), changed(2, 600_000)];
    check("after a change", changed_since(), load(elite(500_000)), Ok(vec![]));
    check("a new file", changed_since(), load(elite(700_000)), now(3, 700_000));
    check("a file that says what was changed", changed_since(), load(elite(600_000)), now(3, 600_000));
    check("a file taken back", vec![loaded(1, 500_000), loaded(2, 600_000)], load(elite(500_000)), now(3, 500_000));
}

#[test]
fn all_that_the_documents_sell_can_be_loaded() {
    let loaded = SEED_TENANTS.map(|tenant| {
        let definitions = Definition::all(seed(tenant).unwrap());
        definitions
            .map(|definition| {
                let events = CatalogueEntry::default().decide(&issued(NOW, load(definition.clone())));
                assert_eq!(events, Ok(vec![published(NOW, 1, Source::File, definition)]));
            })
            .count()
    });
    assert_eq!(loaded, [6, 7, 8, 2]);
}

#[test]
fn coupons_and_tax_rates_are_entries_too() {
    let coaching = seed("coaching").unwrap();
    let coupon = coaching.coupon("NEWCLIENT20").unwrap();
    let rate = &coaching.tax_rates[0];
    let new_coupon = json!({"name": "New client", "percent_off": "20", "duration": "once"});
    check(
        "a coupon",
        vec![],
        change(EntryId::coupon("NEWCLIENT20").unwrap(), new_coupon.clone()),
        Ok(vec![published(NOW, 1, Source::Request, Definition::Coupon(coupon.clone()))]),
    );
    check(
        "the same coupon",
        vec![published(LOADED, 1, Source::File, Definition::Coupon(coupon.clone()))],
        change(EntryId::coupon("NEWCLIENT20").unwrap(), new_coupon),
        Ok(vec![]),
    );
    check(
        "a rate",
        vec![],
        change(
            EntryId::tax_rate("us_ca").unwrap(),
            json!({"name": "Sales tax", "percent": "8.75", "inclusive": false, "country": "US", "state": "CA"}),
        ),
        Ok(vec![published(NOW, 1, Source::Request, Definition::TaxRate(rate.clone()))]),
    );
}

#[test]
fn versions_are_found_by_number_and_by_time() {
    let march = published("2024-03-01T00:00:00Z", 3, Source::Request, elite(700_000));
    let entry: CatalogueEntry = fold(&[loaded(1, 500_000), changed(2, 600_000), march]);
    let number = |version: Option<&Version>| version.map(|version| version.number);
    let at_time = |time: &str| number(entry.version_at(at(time)));
    assert_eq!(
        ["2023-12-31T23:59:59Z", LOADED, "2024-01-31T23:59:59Z", NOW, "2025-01-01T00:00:00Z"].map(at_time),
        [None, Some(1), Some(1), Some(2), Some(3)]
    );
    assert_eq!([0, 1, 4].map(|wanted| number(entry.version(wanted))), [None, Some(1), None]);
    assert_eq!(number(entry.latest()), Some(3));
    // Whoever subscribed to the first version keeps its price.
    let kept = entry.version(1).and_then(|version| version.definition.as_plan()).unwrap().item(1);
    assert_eq!(kept.price, Price::per_unit(500_000, Currency::USD, Some(Interval::MONTHLY)));
}

#[test]
fn ids_of_entries_are_read_back() {
    let cases = [
        ("plan:elite_coaching", Some(elite_id())),
        ("coupon:A:B", Some(EntryId::Coupon("A:B".to_owned()))),
        ("tax_rate:us_ca", Some(EntryId::TaxRate("us_ca".to_owned()))),
        ("plan:", None),
        ("plan:a/b", None),
        ("price:a", None),
        ("elite_coaching", None),
    ];
    for (text, expected) in cases {
        assert_eq!(EntryId::parse(text).ok(), expected, "{text}");
        assert_eq!(expected.map_or(text.to_owned(), |id| id.to_string()), text);
    }
}

#[test]
fn events_are_stored_and_read_back() {
    let coaching = seed("coaching").unwrap();
    let coupon = Definition::Coupon(coaching.coupons[0].clone());
    let rate = Definition::TaxRate(coaching.tax_rates[0].clone());
    let events =
        [loaded(1, 500_000), published(NOW, 1, Source::Request, coupon), published(NOW, 1, Source::Request, rate)];
    for event in &events {
        let stored = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<CatalogueEntryEvent>(&stored).unwrap(), event);
        assert_eq!(event.effective_at(), event.at);
    }
    assert_eq!(events.map(|event| event.change.name()), ["PlanPublished", "CouponPublished", "TaxRatePublished"]);
    let state: CatalogueEntry = fold(&[loaded(1, 500_000), changed(2, 600_000)]);
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<CatalogueEntry>(&stored).unwrap(), state);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is loaded and changed in whatever order: numbers have no gaps, times do not go back, what was
    /// published stays as it was, and starting again with the last file changes nothing.
    #[test]
    fn versions_are_numbered_and_immutable(steps in proptest::collection::vec((any::<bool>(), 1_i64..5, 0_i64..1_000), 1..12)) {
        let mut entry = CatalogueEntry::default();
        let mut last_file = None;
        for (is_file, dollars, second) in steps {
            let before = entry.clone();
            let command = if is_file || before.latest().is_none() {
                last_file = Some(elite(dollars * 100));
                load(elite(dollars * 100))
            } else {
                change(elite_id(), json!({"amount": dollars.to_string()}))
            };
            let now = jiff::Timestamp::from_second(second).unwrap();
            for event in entry.decide(&crate::issued::Issued { now, command }).unwrap() {
                entry.evolve(&event);
            }
            prop_assert_eq!(&entry.versions()[..before.versions().len()], before.versions());
        }
        let numbers: Vec<u32> = entry.versions().iter().map(|version| version.number).collect();
        prop_assert_eq!(numbers, (1..=u32::try_from(entry.versions().len()).unwrap()).collect::<Vec<_>>());
        prop_assert!(entry.versions().is_sorted_by_key(|version| version.since));
        let again = entry.decide(&issued(NOW, load(last_file.unwrap())));
        prop_assert_eq!(again, Ok(vec![]));
    }
}
