//! What do customers and their events look like in tests?

use super::{at, customer_id, method_id, sealed, stamp};
use crate::customer::{CustomerChange, CustomerEvent, CustomerSnapshot, PaymentMethod, PaymentMethodKind, Profile};
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::BlindIndex;

pub fn profile(first_name: &str) -> Profile {
    Profile {
        email: Some(sealed("ada@example.com")),
        email_index: Some(BlindIndex::from_hash("b1f0c4".to_owned())),
        first_name: Some(sealed(first_name)),
        last_name: Some(sealed("Lovelace")),
        name: Some(sealed("Ada Lovelace")),
        phone: Some(sealed("+44 20 0000 0000")),
        company: Some(sealed("Analytical Engines")),
        address: Some(sealed("{\"city\":\"London\"}")),
        country: Some("GB".to_owned()),
        currency: Some(Currency::GBP),
        metadata: Some(sealed("{\"campaign\":\"spring\"}")),
        acquisition_source: Some("referral".to_owned()),
    }
}

pub fn snapshot(first_name: &str) -> CustomerSnapshot {
    CustomerSnapshot {
        profile: profile(first_name),
        origin: Origin::Daybook,
        created_at: Some(at("2024-01-15T10:30:00Z")),
        default_payment_method: None,
        balance_minor: 0,
        delinquent: false,
        deleted: false,
    }
}

pub fn card(id: &str) -> PaymentMethod {
    PaymentMethod {
        id: method_id(id),
        kind: PaymentMethodKind::Card,
        brand: Some("visa".to_owned()),
        last4: Some(sealed("4242")),
        exp_month: Some(12),
        exp_year: Some(2026),
        attached: true,
    }
}

pub fn event(time: &str, change: CustomerChange, after: Option<CustomerSnapshot>) -> CustomerEvent {
    CustomerEvent { at: at(time), customer: customer_id(), change, after }
}

/// One event of every kind.
pub fn events() -> Vec<CustomerEvent> {
    use CustomerChange as C;
    let time = "2024-01-15T10:30:00Z";
    let known = CustomerSnapshot { default_payment_method: Some(method_id("pm_1")), ..snapshot("Ada") };
    let detached = PaymentMethod { attached: false, ..card("pm_1") };
    let erased = CustomerSnapshot { profile: Profile::default(), deleted: true, ..snapshot("Ada") };
    let reported =
        CustomerSnapshot { origin: Origin::Stripe, balance_minor: -1_500, delinquent: true, ..snapshot("Augusta") };
    vec![
        event(time, C::CustomerCreated {}, Some(snapshot("Ada"))),
        event(
            time,
            C::CustomerMentioned {},
            Some(CustomerSnapshot { origin: Origin::Stripe, ..CustomerSnapshot::default() }),
        ),
        event(time, C::CustomerUpdated {}, Some(snapshot("Augusta"))),
        event(time, C::CustomerErased {}, Some(erased)),
        event(time, C::PaymentMethodAttached { method: card("pm_1") }, Some(known.clone())),
        event(time, C::PaymentMethodDetached { method: detached.clone() }, Some(snapshot("Ada"))),
        event(time, C::DefaultPaymentMethodChanged {}, Some(known)),
        event(
            time,
            C::CustomerReported { stamp: full_stamp(), snapshot: Some(reported.clone()) },
            Some(CustomerSnapshot { balance_minor: 0, ..reported }),
        ),
        event(time, C::PaymentMethodReported { stamp: full_stamp(), method: card("pm_1"), current: detached }, None),
        event(time, C::CardExpiryAnnounced { method: method_id("card_1") }, None),
    ]
}

fn full_stamp() -> crate::stamp::Stamp {
    crate::stamp::Stamp { before: Some(7), ..stamp("evt_1", "2024-01-15T10:30:00Z", 1) }
}
