//! What does each command do to a tenant's settings?

use std::num::NonZeroU8;

use cqrs_es::test::TestFramework;
use serde_json::{Value, json};

use super::*;
use crate::catalogue::{Changes, seed};
use crate::issued::EventForm;
use crate::money::{Currency, Money};
use crate::proration::ProrationMode;
use crate::refusal::Refusal;
use crate::samples::{at, fold, issued};
use crate::time::AnchorRule;

const LOADED: &str = "2024-01-01T00:00:00Z";
const NOW: &str = "2024-02-01T00:00:00Z";

type Outcome = Result<Vec<TenantSettingsEvent>, Refusal>;

fn check(what: &str, given: Vec<TenantSettingsEvent>, command: TenantSettingsCommand, expected: Outcome) {
    let result = TestFramework::<TenantSettings>::with(()).given(given).when(issued(NOW, command)).inspect_result();
    assert_eq!((what, result), (what, expected));
}

fn settings() -> Settings {
    seed("coaching").unwrap().defaults.settings()
}

fn paris() -> Settings {
    Settings { timezone: "Europe/Paris".to_owned(), ..settings() }
}

fn loaded(after: Settings) -> TenantSettingsEvent {
    TenantSettingsEvent { at: at(LOADED), change: TenantSettingsChange::TenantSettingsLoaded {}, after }
}

fn changed(after: Settings) -> TenantSettingsEvent {
    TenantSettingsEvent { at: at(NOW), change: TenantSettingsChange::TenantSettingsChanged {}, after }
}

fn load(settings: Settings) -> TenantSettingsCommand {
    TenantSettingsCommand::Load { settings: Box::new(settings) }
}

fn change(value: Value) -> TenantSettingsCommand {
    let Value::Object(changes) = value else { panic!("{value} is no object") };
    TenantSettingsCommand::Change { changes }
}

#[test]
fn a_file_counts_where_it_says_something_new() {
    let now = |after| Ok(vec![TenantSettingsEvent { at: at(NOW), ..loaded(after) }]);
    check("the first start", vec![], load(settings()), now(settings()));
    check("the next start", vec![loaded(settings())], load(settings()), Ok(vec![]));
    check("after a change", vec![loaded(settings()), changed(paris())], load(settings()), Ok(vec![]));
    check("a new file", vec![loaded(settings()), changed(paris())], load(paris()), now(paris()));
    check("a file taken back", vec![loaded(settings()), loaded(paris())], load(settings()), now(settings()));
}

#[test]
fn the_choices_of_the_documentation_are_taken() {
    let documented = json!({
        "proration": "day_half_open", "anchor": "clamp", "timezone": "Europe/Paris",
        "access_policy": "suspend_on_failure", "dunning_exhausted": "canceled", "colour": "red",
    });
    let policies = Policies {
        proration: ProrationMode::DayHalfOpen,
        access_policy: AccessPolicy::SuspendOnFailure,
        ..Policies::default()
    };
    let expected = Settings { policies, ..paris() };
    check("documented", vec![loaded(settings())], change(documented), Ok(vec![changed(expected)]));
}

#[test]
fn only_what_is_named_changes() {
    let with = |policies| Settings { policies, ..settings() };
    let none = Policies::default();
    let cases = [
        (json!({"proration": "fixed_days(30)"}), {
            with(Policies { proration: ProrationMode::FixedDays(NonZeroU8::new(30).unwrap()), ..none })
        }),
        (json!({"proration": "day_inclusive"}), with(Policies { proration: ProrationMode::DayInclusive, ..none })),
        (json!({"anchor": "sticky_end_of_month"}), with(Policies { anchor: AnchorRule::StickyEndOfMonth, ..none })),
        (json!({"anchor": "calendar"}), with(Policies { anchor: AnchorRule::Calendar, ..none })),
        (json!({"dunning_exhausted": "unpaid"}), {
            with(Policies { dunning_exhausted: DunningExhausted::Unpaid, ..none })
        }),
        (json!({"dunning_exhausted": "past_due"}), {
            with(Policies { dunning_exhausted: DunningExhausted::PastDue, ..none })
        }),
        (json!({"dispute_policy": "stripe"}), with(Policies { dispute_policy: DisputePolicy::Stripe, ..none })),
        (json!({"credit_as": "credit_note"}), with(Policies { credit_as: CreditAs::CreditNote, ..none })),
        (json!({"sandbox_webhooks": true}), with(Policies { sandbox_webhooks: true, ..none })),
        (json!({"reporting_currency": "eur"}), Settings { reporting_currency: Currency::EUR, ..settings() }),
        (json!({"high_value_mrr": "2500.50"}), {
            Settings { high_value_mrr: Money::from_minor(250_050, Currency::USD), ..settings() }
        }),
    ];
    for (value, after) in cases {
        let what = value.to_string();
        check(&what, vec![loaded(settings())], change(value.clone()), Ok(vec![changed(after.clone())]));
        check(&what, vec![loaded(after)], change(value), Ok(vec![]));
    }
    check(
        "cleared",
        vec![loaded(with(Policies { anchor: AnchorRule::Calendar, ..none }))],
        change(json!({"anchor": null})),
        Ok(vec![changed(settings())]),
    );
    check("nothing", vec![loaded(settings())], TenantSettingsCommand::Change { changes: Changes::new() }, Ok(vec![]));
}

#[test]
fn what_is_no_choice_is_refused_by_its_field() {
    let cases = [
        (json!({"timezone": "Europe/Atlantis"}), "timezone", "is \"Europe/Atlantis\", which is no IANA time zone"),
        (json!({"timezone": null}), "timezone", "is missing"),
        (json!({"anchor": "first"}), "anchor", "is \"first\"; expected clamp, sticky_end_of_month, calendar"),
        (json!({"access_policy": "none"}), "access_policy", {
            "is \"none\"; expected keep_while_dunning, suspend_on_failure"
        }),
        (json!({"dunning_exhausted": "deleted"}), "dunning_exhausted", {
            "is \"deleted\"; expected canceled, unpaid, past_due"
        }),
        (json!({"sandbox_webhooks": "yes"}), "sandbox_webhooks", "must be true or false"),
        (json!({"reporting_currency": "EURO"}), "reporting_currency", {
            "is wrong: \"EURO\" is not an ISO 4217 currency code"
        }),
        (json!({"high_value_lifetime": "1.005"}), "high_value_lifetime", {
            "is wrong: 1.005 has more than the 2 decimal places of USD"
        }),
    ];
    for (value, field, reason) in cases {
        check(field, vec![loaded(settings())], change(value), Err(Refusal::invalid(field, reason)));
    }
    check("before any", vec![], change(json!({})), Err(Refusal::not_found("settings")));
}

#[test]
fn events_are_stored_and_read_back() {
    for event in [loaded(settings()), changed(paris())] {
        let stored = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<TenantSettingsEvent>(&stored).unwrap(), event);
        assert_eq!(event.effective_at(), event.at);
    }
    let names = [loaded(settings()), changed(paris())].map(|event| event.change.name());
    assert_eq!(names, ["TenantSettingsLoaded", "TenantSettingsChanged"]);
    let state: TenantSettings = fold(&[loaded(settings()), changed(paris())]);
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<TenantSettings>(&stored).unwrap(), state);
    assert_eq!(state.current(), Some(&paris()));
}
