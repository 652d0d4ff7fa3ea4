//! What timer is left after which event?

use domain::customer::{CustomerChange, CustomerEvent, PaymentMethod, PaymentMethodKind};
use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentMethodId};

use super::row::TimerRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn method(attached: bool) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId::parse("pm_1").unwrap(),
        kind: PaymentMethodKind::Card,
        brand: None,
        last4: None,
        exp_month: Some(12),
        exp_year: Some(2024),
        attached,
    }
}

fn event(moment: &str, change: CustomerChange) -> LedgerEvent {
    let customer = CustomerId::parse("cus_1").unwrap();
    LedgerEvent::Customer(CustomerEvent { at: at(moment), customer, change, after: None })
}

#[test]
fn a_card_is_due_until_it_was_announced_detached_or_had_expired() {
    let attached = |moment| event(moment, CustomerChange::PaymentMethodAttached { method: method(true) });
    let announced = || {
        let method = PaymentMethodId::parse("pm_1").unwrap();
        event("2024-12-02T00:00:00Z", CustomerChange::CardExpiryAnnounced { method })
    };
    let detached = || event("2024-02-01T00:00:00Z", CustomerChange::PaymentMethodDetached { method: method(false) });
    let expected = TimerRow {
        tenant: "coaching".to_owned(),
        subject_type: "card".to_owned(),
        subject_id: "pm_1".to_owned(),
        customer_id: "cus_1".to_owned(),
        kind: "card_expiry".to_owned(),
        due_at: micros("2024-12-02T00:00:00Z"),
        position: 1,
    };
    let rows = |events: &[LedgerEvent]| fold_all::<TimerRow>(&projection("timers"), events).unwrap();
    assert_eq!(rows(&[attached("2024-01-01T00:00:00Z")]), std::slice::from_ref(&expected));
    assert_round_trip(&expected);
    let late = rows(&[attached("2024-12-31T23:59:59Z")]);
    assert_eq!(late, std::slice::from_ref(&expected), "its notice is late, not pointless");
    assert_eq!(rows(&[attached("2025-01-01T00:00:00Z")]), [], "it had expired");
    assert_eq!(rows(&[attached("2024-01-01T00:00:00Z"), announced()]), []);
    assert_eq!(rows(&[attached("2024-01-01T00:00:00Z"), detached()]), []);
}
