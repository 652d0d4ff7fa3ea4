//! Do reports of a payout end in the newest, whatever their order?

use super::*;
use crate::issued::Decider;
use crate::money::Currency;
use crate::samples::{at, issued, stamp};

fn report(event: &str, created: &str, status: PayoutStatus) -> PayoutCommand {
    let payout = PayoutReport {
        id: "po_1".to_owned(),
        status,
        amount_minor: 527_951,
        currency: Currency::USD,
        created_at: at("2024-02-01T00:00:00Z"),
        arrives_at: None,
    };
    PayoutCommand::Report { stamp: stamp(event, created, 0), payout }
}

#[test]
fn a_payout_that_was_paid_can_still_fail() {
    let reports = [
        report("evt_1", "2024-02-02T00:00:00Z", PayoutStatus::InTransit),
        report("evt_2", "2024-02-03T00:00:00Z", PayoutStatus::Paid),
        report("evt_3", "2024-02-05T00:00:00Z", PayoutStatus::Failed),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut payout = Payout::default();
        for index in order.into_iter().chain(order) {
            for event in payout.decide(&issued("2024-02-06T00:00:00Z", reports[index].clone())).unwrap() {
                payout.evolve(&event);
            }
        }
        assert_eq!(payout.current().map(|payout| payout.status), Some(PayoutStatus::Failed), "{order:?}");
    }
}
