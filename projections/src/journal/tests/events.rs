//! Events of a renewal and of settings, made by the aggregates themselves.

use domain::event::LedgerEvent;
use domain::id::{InvoiceId, PaymentId};
use domain::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot};
use domain::issued::{Decider, Issued};
use domain::payment::{ChargeReport, Payment, PaymentCommand};
use domain::tenant_settings::{TenantSettingsChange, TenantSettingsEvent};
use jiff::Timestamp;
use serde_json::json;

use crate::testing::at;

pub const NOW: &str = "2024-02-01T00:00:00Z";

fn decided<D: Decider>(state: &mut D, now: Timestamp, command: D::Command) -> Vec<D::Event> {
    let events = state.decide(&Issued { now, command }).unwrap();
    for event in &events {
        state.evolve(event);
    }
    events
}

fn invoice() -> Vec<LedgerEvent> {
    let snapshot: InvoiceSnapshot = serde_json::from_value(json!({
        "customer": "cus_1", "status": "draft", "currency": "USD", "subtotal_minor": 99_700, "total_minor": 99_700,
        "amount_due_minor": 99_700, "amount_remaining_minor": 99_700, "created_at": NOW,
        "lines": [{ "quantity": 1, "amount_minor": 99_700,
            "period": { "start": "2024-02-01T00:00:00Z", "end": "2024-03-01T00:00:00Z" } }]
    }))
    .unwrap();
    let id = InvoiceId::parse("in_1").unwrap();
    let mut invoice = Invoice::default();
    let issue = InvoiceCommand::Issue { id, snapshot: Box::new(snapshot), year: None };
    let mut events = decided(&mut invoice, at(NOW), issue);
    let payment = Some(PaymentId::parse("pay_1").unwrap());
    let receive = InvoiceCommand::RecordPayment { payment, out_of_band: false, amount_minor: None };
    events.extend(decided(&mut invoice, at(NOW), receive));
    events.into_iter().map(LedgerEvent::Invoice).collect()
}

pub fn finalized() -> LedgerEvent {
    invoice().remove(0)
}

pub fn paid() -> LedgerEvent {
    invoice().remove(1)
}

pub fn succeeded() -> LedgerEvent {
    let charge: ChargeReport = serde_json::from_value(json!({
        "id": "ch_1", "status": "succeeded", "amount_minor": 99_700, "currency": "USD", "created_at": NOW,
        "customer": "cus_1", "invoice": "in_1", "fee_minor": 2_921, "net_minor": 96_779
    }))
    .unwrap();
    let id = PaymentId::parse("pay_1").unwrap();
    let attempt = PaymentCommand::RecordAttempt { id, charge: Box::new(charge) };
    LedgerEvent::Payment(decided(&mut Payment::default(), at(NOW), attempt).remove(0))
}

pub fn renewal() -> Vec<LedgerEvent> {
    vec![finalized(), succeeded(), paid()]
}

pub fn settings(zone: &str) -> LedgerEvent {
    let after = serde_json::from_value(json!({
        "timezone": zone,
        "high_value_mrr": { "amount_minor": 100_000, "currency": "USD" },
        "high_value_lifetime": { "amount_minor": 1_000_000, "currency": "USD" },
        "reporting_currency": "USD"
    }))
    .unwrap();
    LedgerEvent::TenantSettings(TenantSettingsEvent {
        at: at(NOW),
        change: TenantSettingsChange::TenantSettingsLoaded {},
        after,
    })
}
