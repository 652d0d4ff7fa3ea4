//! Whose money is it that a payment collected? Where an event changes the answer, what each customer gains and loses, so
//! that sums by customer do not depend on whether the money or its owner was known first.

use serde::{Deserialize, Serialize};

use super::event::PaymentSnapshot;
use crate::id::CustomerId;
use crate::money::Currency;

/// What a customer gained, or lost where it is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub customer: CustomerId,
    pub currency: Currency,
    pub amount_minor: i64,
}

/// A payment with what is collected of it.
pub(super) type Collected<'a> = (Option<&'a PaymentSnapshot>, i64);

/// What moves where an event makes the money someone else's, or that of another currency; nothing where it is whose it
/// was.
pub(super) fn reattributed(before: Collected<'_>, after: Collected<'_>) -> Vec<Credit> {
    let (owned_before, owned_after) = (owner(before.0), owner(after.0));
    if owned_before == owned_after || before.1 == 0 {
        return Vec::new();
    }
    let lost = owned_before.map(|owner| credit(owner, -before.1));
    let gained = owned_after.map(|owner| credit(owner, after.1));
    lost.into_iter().chain(gained).collect()
}

fn credit((customer, currency): (&CustomerId, Currency), amount_minor: i64) -> Credit {
    Credit { customer: customer.clone(), currency, amount_minor }
}

fn owner(payment: Option<&PaymentSnapshot>) -> Option<(&CustomerId, Currency)> {
    payment.and_then(|payment| Some((payment.customer.as_ref()?, payment.currency)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{ChargeReport, Payment, PaymentCommand, PaymentStatus, RefundStatus};
    use crate::samples::payment::{TAKEN, charge, refund};
    use crate::samples::{payment_id, run, stamp};
    use crate::stamp::Stamp;

    fn told(event: &str, phase: u8, day: u8) -> Stamp {
        Stamp { phase, ..stamp(event, &format!("2024-02-{day:02}T00:00:00Z"), 1) }
    }

    fn charged(day: u8, customer: Option<&str>, currency: Currency) -> PaymentCommand {
        let customer = customer.map(|id| CustomerId::parse(id).unwrap());
        let charge = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
        let charge = Box::new(ChargeReport { currency, customer, ..charge });
        PaymentCommand::ReportCharge { id: payment_id(), stamp: told(&format!("evt_{day}"), 1, day), charge }
    }

    fn refunded(day: u8, amount_minor: i64) -> PaymentCommand {
        let refund = refund("re_1", RefundStatus::Succeeded, amount_minor);
        PaymentCommand::ReportRefund { id: payment_id(), stamp: told("evt_r", 1, day), refund }
    }

    /// What each customer gained by all events, as a read model would sum it up.
    fn sums(commands: Vec<PaymentCommand>) -> Vec<(String, &'static str, i64)> {
        let mut sums = std::collections::BTreeMap::new();
        for event in run::<Payment>(commands).1 {
            let whole = event.after.as_deref().and_then(|after| owner(Some(after)));
            let whole = whole.map(|owner| credit(owner, event.collected_delta_minor));
            let credits = if event.reattributed.is_empty() { Vec::from_iter(whole) } else { event.reattributed };
            for credit in credits {
                *sums.entry((credit.customer.to_string(), credit.currency.code())).or_default() += credit.amount_minor;
            }
        }
        sums.into_iter().filter(|(_, sum)| *sum != 0).map(|((customer, code), sum)| (customer, code, sum)).collect()
    }

    #[test]
    fn money_is_its_owners_whatever_was_known_first() {
        let of = |customer: &str, code, sum| vec![(customer.to_owned(), code, sum)];
        let usd = |day, customer| charged(day, customer, Currency::USD);
        let cases = [
            ("one owner", vec![usd(1, Some("cus_1")), refunded(2, 30_000)], of("cus_1", "USD", 69_700)),
            ("no owner", vec![usd(1, None), refunded(2, 30_000)], vec![]),
            ("an owner known late", vec![usd(1, None), usd(3, Some("cus_1"))], of("cus_1", "USD", 99_700)),
            (
                "and a refund meanwhile",
                vec![usd(1, None), refunded(2, 30_000), usd(3, Some("cus_1"))],
                of("cus_1", "USD", 69_700),
            ),
            ("all of it given back", vec![usd(1, None), refunded(2, 99_700), usd(3, Some("cus_1"))], vec![]),
            ("another owner", vec![usd(1, Some("cus_1")), usd(3, Some("cus_2"))], of("cus_2", "USD", 99_700)),
            ("an owner no more", vec![usd(1, Some("cus_1")), usd(3, None)], vec![]),
            (
                "another currency",
                vec![usd(1, Some("cus_1")), charged(3, Some("cus_1"), Currency::EUR)],
                of("cus_1", "EUR", 99_700),
            ),
        ];
        for (what, commands, expected) in cases {
            assert_eq!(sums(commands.clone()), expected, "{what}");
            assert_eq!(sums(commands.into_iter().rev().collect()), expected, "{what}, backwards");
        }
    }

    #[test]
    fn only_what_moves_is_written_down() {
        let events = run::<Payment>([charged(1, Some("cus_1"), Currency::USD), refunded(2, 30_000)]).1;
        assert!(events.iter().all(|event| event.reattributed.is_empty()), "{events:?}");
    }
}
