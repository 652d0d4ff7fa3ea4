//! What do accounts of customers look like in tests?

use super::{at, customer_id, invoice::line, invoice_id, payment_id, sealed, subscription_id};
use crate::account::{AccountChange, AccountEvent, AccountSnapshot, BalanceIn, CreditSource, PendingLine};
use crate::invoice_totals::{Applied, CustomerBalance};
use crate::money::Currency;

pub fn pending(key: &str) -> PendingLine {
    PendingLine {
        key: key.to_owned(),
        currency: Currency::USD,
        subscription: Some(subscription_id()),
        line: line(-10_000),
    }
}

pub fn snapshot() -> AccountSnapshot {
    AccountSnapshot {
        balances: vec![BalanceIn { currency: Currency::USD, balance: CustomerBalance::new(5_000, 20_000).unwrap() }],
        pending: vec![pending("proration/1")],
    }
}

/// One event of every kind.
pub fn events() -> Vec<AccountEvent> {
    use AccountChange as C;
    let currency = Currency::USD;
    let note = CreditSource::CreditNote { invoice: invoice_id(), note: "cn_1".to_owned() };
    let applied = Applied { credit_minor: 1_500, prepaid_minor: 500 };
    let keys = || vec!["proration/1".to_owned()];
    let changes = vec![
        C::BalanceCredited { currency, amount_minor: 5_000, source: note },
        C::BalanceBought { currency, amount_minor: 20_000, payment: Some(payment_id()) },
        C::PrepaidRefunded { currency, amount_minor: 5_000, payment: payment_id(), refund: "re_1".to_owned() },
        C::BalanceAdjusted { currency, amount_minor: -1_000, reason: Some(sealed("A mistake")) },
        C::BalanceUsed { currency, applied, invoice: invoice_id() },
        C::BalanceReturned { currency, applied, invoice: invoice_id() },
        C::LinesAdded { keys: keys() },
        C::LinesBilled { keys: keys(), invoice: invoice_id() },
        C::LineDropped { key: "proration/1".to_owned() },
    ];
    let event =
        |change| AccountEvent { at: at("2024-02-03T12:00:00Z"), customer: customer_id(), change, after: snapshot() };
    changes.into_iter().map(event).collect()
}
