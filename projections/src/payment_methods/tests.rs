//! What rows of payment methods and of defaults become.

use domain::customer::{CustomerChange, CustomerEvent, CustomerSnapshot, PaymentMethod, PaymentMethodKind};
use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentMethodId};
use domain::sealed::Sealed;

use super::default_row::DefaultMethodRow;
use super::row::PaymentMethodRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn method(attached: bool) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId::parse("pm_1").unwrap(),
        kind: PaymentMethodKind::BankAccount,
        brand: Some("visa".to_owned()),
        last4: Some(Sealed::from_ciphertext("v1:cus_1:4242".to_owned())),
        exp_month: Some(12),
        exp_year: None,
        attached,
    }
}

fn event(moment: &str, change: CustomerChange, after: Option<CustomerSnapshot>) -> LedgerEvent {
    LedgerEvent::Customer(CustomerEvent {
        at: at(moment),
        customer: CustomerId::parse("cus_1").unwrap(),
        change,
        after,
    })
}

fn with_default(method: Option<&str>) -> CustomerSnapshot {
    let default_payment_method = method.map(|id| PaymentMethodId::parse(id).unwrap());
    CustomerSnapshot { default_payment_method, ..CustomerSnapshot::default() }
}

#[test]
fn a_method_is_what_its_last_event_left() {
    let events = [
        event("2024-01-02T00:00:00Z", CustomerChange::PaymentMethodAttached { method: method(true) }, None),
        event("2024-01-01T00:00:00Z", CustomerChange::PaymentMethodDetached { method: method(false) }, None),
        event("2024-01-03T00:00:00Z", CustomerChange::CustomerUpdated {}, None),
    ];
    let rows = fold_all::<PaymentMethodRow>(&projection("payment_methods"), &events).unwrap();
    let expected = PaymentMethodRow {
        tenant: "coaching".to_owned(),
        payment_method_id: "pm_1".to_owned(),
        customer_id: "cus_1".to_owned(),
        kind: "bank_account".to_owned(),
        brand: Some("visa".to_owned()),
        last4: Some(Sealed::from_ciphertext("v1:cus_1:4242".to_owned())),
        exp_month: Some(12),
        exp_year: None,
        attached: false,
        created_at: micros("2024-01-01T00:00:00Z"),
        position: 2,
    };
    assert_eq!(rows, [expected]);
    assert_round_trip(&rows[0]);
}

#[test]
fn a_customer_has_one_default() {
    let changed = || CustomerChange::DefaultPaymentMethodChanged {};
    let row = |method: Option<&str>, position| DefaultMethodRow {
        tenant: "coaching".to_owned(),
        customer_id: "cus_1".to_owned(),
        payment_method_id: method.map(str::to_owned),
        position,
    };
    let day = "2024-01-01T00:00:00Z";
    let none = event(day, CustomerChange::CustomerCreated {}, Some(with_default(None)));
    let first = event(day, changed(), Some(with_default(Some("pm_1"))));
    let second = event(day, changed(), Some(with_default(Some("pm_2"))));
    let silent = event(day, CustomerChange::CustomerUpdated {}, None);
    let cases: Vec<(Vec<&LedgerEvent>, Vec<DefaultMethodRow>)> = vec![
        (vec![&none], vec![]),
        (vec![&none, &first, &second, &silent], vec![row(Some("pm_2"), 3)]),
        (vec![&first, &none], vec![row(None, 2)]),
    ];
    for (events, expected) in cases {
        let events: Vec<LedgerEvent> = events.into_iter().cloned().collect();
        let rows = fold_all::<DefaultMethodRow>(&projection("payment_methods"), &events).unwrap();
        assert_eq!(rows, expected);
        rows.iter().for_each(assert_round_trip);
    }
}
