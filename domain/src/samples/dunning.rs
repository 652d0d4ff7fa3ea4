//! What do dunning campaigns and their events look like in tests?

use super::{at, customer_id, invoice_id, method_id, sealed, subscription_id};
use crate::dunning::{
    ActionTaken, CampaignSnapshot, CampaignStatus, CampaignType, CaseFacts, Channel, Configuration, DunningChange,
    DunningEvent, Settlement, Wording,
};
use crate::id::CampaignId;
use crate::invoice::FailedAttempt;
use crate::money::Currency;
use crate::origin::Origin;
use crate::samples::invoice::attempt;

pub const FAILED: &str = "2024-02-01T01:00:05Z";
pub const NOW: &str = "2024-02-03T12:00:00Z";

pub fn campaign_id() -> CampaignId {
    CampaignId::parse("dun_1").unwrap()
}

pub fn facts(failures: &[FailedAttempt], settlement: Option<Settlement>) -> CaseFacts {
    CaseFacts {
        customer: Some(customer_id()),
        subscription: Some(subscription_id()),
        invoice: invoice_id(),
        origin: Origin::Daybook,
        amount_at_risk_minor: 443_750,
        currency: Currency::USD,
        configuration: Configuration::StandardCustomer,
        failures: failures.to_vec(),
        settlement,
    }
}

/// The campaign that the first failure opens, before any attempt is noted in it.
pub fn opened(configuration: Configuration) -> CampaignSnapshot {
    CampaignSnapshot {
        origin: Origin::Daybook,
        kind: CampaignType::FailedPayment,
        configuration,
        status: CampaignStatus::Active,
        customer: Some(customer_id()),
        subscription: Some(subscription_id()),
        invoice: Some(invoice_id()),
        payment_method: None,
        amount_at_risk_minor: 443_750,
        currency: Currency::USD,
        opened_at: at(FAILED),
        closed_at: None,
        recovered_minor: 0,
        steps: configuration.plan(at(FAILED)),
        actions: Vec::new(),
        attempts: Vec::new(),
    }
}

pub fn closed(status: CampaignStatus, time: &str, recovered_minor: i64, before: &CampaignSnapshot) -> CampaignSnapshot {
    CampaignSnapshot { status, closed_at: Some(at(time)), recovered_minor, ..before.clone() }
}

pub fn event(time: &str, change: DunningChange, after: &CampaignSnapshot) -> DunningEvent {
    DunningEvent { at: at(time), campaign: campaign_id(), change, after: Box::new(after.clone()) }
}

/// One event of every kind.
pub fn events() -> Vec<DunningEvent> {
    use DunningChange as C;
    let wording =
        Wording { template: Some("payment_urgent".to_owned()), personalization: Some(sealed("{\"agent\":\"Sarah\"}")) };
    let action = ActionTaken { step: Some(1), action: Channel::Email, executed_at: at(NOW), success: true, wording };
    let failure = attempt("ch_1", 1, FAILED);
    let active = CampaignSnapshot {
        actions: vec![action.clone()],
        attempts: vec![failure.clone()],
        payment_method: Some(method_id("pm_1")),
        ..opened(Configuration::StandardCustomer)
    };
    let ended = |status, recovered_minor| closed(status, NOW, recovered_minor, &active);
    vec![
        event(FAILED, C::DunningOpened {}, &opened(Configuration::HighValueCustomer)),
        event(FAILED, C::DunningAttemptFailed { attempt: failure }, &active),
        event(NOW, C::DunningActionTaken { action }, &active),
        event(FAILED, C::DunningRevised {}, &active),
        event(NOW, C::DunningRecovered {}, &ended(CampaignStatus::Recovered, 443_750)),
        event(NOW, C::DunningExhausted {}, &ended(CampaignStatus::Exhausted, 0)),
        event(NOW, C::DunningCanceled { reason: Some(sealed("agreed by phone")) }, &ended(CampaignStatus::Canceled, 0)),
    ]
}
