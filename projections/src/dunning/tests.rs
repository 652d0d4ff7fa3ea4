//! What campaigns' rows become.

use domain::dunning::{
    ActionTaken, CampaignSnapshot, CampaignStatus, CampaignType, Channel, Configuration, DunningChange, DunningEvent,
};
use domain::event::LedgerEvent;
use domain::id::{CampaignId, InvoiceId};
use domain::money::Currency;

use super::row::CampaignRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn snapshot(status: CampaignStatus, taken: u32) -> CampaignSnapshot {
    let opened_at = at("2024-01-20T10:00:00Z");
    let steps = Configuration::TrialCustomer.plan(opened_at);
    let actions = steps.iter().take(taken as usize).map(|step| ActionTaken {
        step: Some(step.number),
        action: Channel::Email,
        executed_at: step.due_at,
        success: true,
        wording: domain::dunning::Wording::default(),
    });
    CampaignSnapshot {
        origin: domain::origin::Origin::Daybook,
        kind: CampaignType::FailedPayment,
        configuration: Configuration::TrialCustomer,
        status,
        customer: None,
        subscription: None,
        invoice: Some(InvoiceId::parse("in_1").unwrap()),
        payment_method: None,
        amount_at_risk_minor: 500_000,
        currency: Currency::USD,
        opened_at,
        closed_at: None,
        recovered_minor: 0,
        actions: actions.collect(),
        steps,
        attempts: vec![],
    }
}

fn row_after(status: CampaignStatus, taken: u32) -> CampaignRow {
    let event = |change, after| {
        LedgerEvent::Dunning(DunningEvent {
            at: at("2024-01-20T10:00:00Z"),
            campaign: CampaignId::parse("dun_1").unwrap(),
            change,
            after: Box::new(after),
        })
    };
    let events = [
        event(DunningChange::DunningOpened {}, snapshot(CampaignStatus::Active, 0)),
        event(DunningChange::DunningRecovered {}, snapshot(status, taken)),
    ];
    let rows = fold_all::<CampaignRow>(&projection("dunning_campaigns"), &events).unwrap();
    assert_eq!(rows.len(), 1);
    assert_round_trip(&rows[0]);
    rows[0].clone()
}

#[test]
fn a_campaign_is_what_its_last_event_left() {
    let after = snapshot(CampaignStatus::Active, 1);
    let expected = CampaignRow {
        tenant: "coaching".to_owned(),
        campaign_id: "dun_1".to_owned(),
        kind: CampaignType::FailedPayment,
        configuration: Configuration::TrialCustomer,
        status: CampaignStatus::Active,
        customer_id: None,
        subscription_id: None,
        invoice_id: Some("in_1".to_owned()),
        payment_method_id: None,
        amount_at_risk_minor: 500_000,
        recovered_minor: 0,
        currency: "USD".to_owned(),
        current_step: 2,
        total_steps: 3,
        next_action_at: Some(micros("2024-01-21T10:00:00Z")),
        opened_at: micros("2024-01-20T10:00:00Z"),
        closed_at: None,
        actions: after.actions,
        attempts: vec![],
        steps: after.steps,
        created_position: 1,
        position: 2,
    };
    assert_eq!(row_after(CampaignStatus::Active, 1), expected);
}

#[test]
fn the_current_step_is_the_next_one_or_the_last_taken() {
    let cases = [
        (CampaignStatus::Active, 0, 1),
        (CampaignStatus::Active, 2, 3),
        (CampaignStatus::Active, 3, 3),
        (CampaignStatus::Recovered, 2, 2),
        (CampaignStatus::Canceled, 0, 0),
    ];
    for (status, taken, expected) in cases {
        assert_eq!(row_after(status, taken).current_step, expected, "{status:?} after {taken}");
    }
}
