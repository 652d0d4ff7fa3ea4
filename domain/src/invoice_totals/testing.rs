//! Random lines and discounts, for the properties of invoices and credit notes.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::NewLine;
use crate::id::PlanId;
use crate::money::Currency;
use crate::price::Off;
use crate::tax::{Inclusion, Rate};

const RATES: [(&str, Inclusion); 4] = [
    ("20", Inclusion::Exclusive),
    ("8.75", Inclusion::Exclusive),
    ("10", Inclusion::Inclusive),
    ("23.33", Inclusion::Exclusive),
];

pub(crate) fn any_line(amounts: std::ops::Range<i64>) -> impl Strategy<Value = NewLine> {
    (amounts, 0_usize..6, "[ab]", any::<bool>()).prop_map(|(amount_minor, rate, plan, discountable)| {
        let rate = RATES.get(rate);
        NewLine {
            amount_minor,
            plan: Some(PlanId::parse(&plan).unwrap()),
            discountable,
            rate: rate.map(|(text, inclusion)| Rate::new(text, "FR", text.parse().unwrap(), *inclusion).unwrap()),
        }
    })
}

pub(crate) fn any_off() -> impl Strategy<Value = Off> {
    prop_oneof![
        (0_i64..=10_000).prop_map(|hundredths| Off::Percent(Decimal::new(hundredths, 2))),
        (0_i64..20_000).prop_map(|minor| Off::Amount { minor, currency: Currency::USD }),
    ]
}
