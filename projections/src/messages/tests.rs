//! Which events make a message, and what does it say?

use domain::dunning::{
    ActionTaken, CampaignSnapshot, CampaignStatus, CampaignType, Channel, Configuration, DunningChange, DunningEvent,
    Offer, Wording,
};
use domain::event::LedgerEvent;
use domain::id::{CampaignId, CustomerId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::sealed::Sealed;

use super::row::MessageRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

const OPENED: &str = "2024-02-01T00:00:00Z";

fn action(origin: Origin, step: Option<u32>, action: Channel) -> LedgerEvent {
    worded(origin, step, action, Wording::default())
}

fn worded(origin: Origin, step: Option<u32>, action: Channel, wording: Wording) -> LedgerEvent {
    let executed_at = at("2024-02-08T00:00:00Z");
    let action = ActionTaken { step, action, executed_at, success: true, wording };
    let after = CampaignSnapshot {
        origin,
        kind: CampaignType::FailedPayment,
        configuration: Configuration::StandardCustomer,
        status: CampaignStatus::Active,
        customer: CustomerId::parse("cus_1").ok(),
        subscription: None,
        invoice: None,
        payment_method: None,
        amount_at_risk_minor: 100,
        currency: Currency::USD,
        opened_at: at(OPENED),
        closed_at: None,
        recovered_minor: 0,
        steps: Configuration::StandardCustomer.plan(at(OPENED)),
        actions: vec![action.clone()],
        attempts: Vec::new(),
    };
    LedgerEvent::Dunning(DunningEvent {
        at: at("2024-02-08T00:00:00Z"),
        campaign: CampaignId::parse("dun_1").unwrap(),
        change: DunningChange::DunningActionTaken { action },
        after: Box::new(after),
    })
}

#[test]
fn a_step_of_our_own_campaign_is_a_message_unless_it_is_a_retry() {
    let rows = |event: LedgerEvent| fold_all::<MessageRow>(&projection("messages"), &[event]).unwrap();
    let expected = MessageRow {
        tenant: "coaching".to_owned(),
        position: 1,
        channel: "email".to_owned(),
        template: "dunning/standard_customer/4".to_owned(),
        customer_id: "cus_1".to_owned(),
        subject: "dunning/dun_1".to_owned(),
        offer: Some(Offer::Discount { percent: 20, months: 1 }),
        queued_at: micros("2024-02-08T00:00:00Z"),
        personalization: None,
    };
    assert_eq!(rows(action(Origin::Daybook, Some(4), Channel::Email)), std::slice::from_ref(&expected));
    assert_round_trip(&expected);
    let by_hand = MessageRow { template: "dunning/standard_customer/by_hand".to_owned(), offer: None, ..expected };
    assert_eq!(rows(action(Origin::Daybook, None, Channel::Email)), std::slice::from_ref(&by_hand));
    let personalization = Some(Sealed::from_ciphertext("v1:cus_1:e30=".to_owned()));
    let wording =
        Wording { template: Some("payment_urgent_personal".to_owned()), personalization: personalization.clone() };
    let personal = MessageRow { template: "payment_urgent_personal".to_owned(), personalization, ..by_hand };
    assert_eq!(rows(worded(Origin::Daybook, None, Channel::Email, wording)), std::slice::from_ref(&personal));
    assert_round_trip(&personal);
    assert_eq!(rows(action(Origin::Daybook, Some(2), Channel::PaymentRetry)), []);
    assert_eq!(rows(action(Origin::Stripe, Some(1), Channel::Email)), []);
}
