//! Is a call asked once and answered once?

use serde_json::json;

use super::*;
use crate::customer::Profile;
use crate::id::{PaymentMethodId, ProcessorCallId, SubscriptionId};
use crate::issued::Decider;
use crate::proration::ProrationBehavior;
use crate::refusal::Refusal;
use crate::samples::{at, customer_id, invoice_id, issued};
use crate::sealed::{BlindIndex, Sealed};

fn id() -> ProcessorCallId {
    ProcessorCallId::parse("pc_1").unwrap()
}

fn request() -> ProcessorCallCommand {
    let asked = Box::new(Asked::VoidInvoice { invoice: invoice_id() });
    ProcessorCallCommand::Request { id: id(), customer: Some(customer_id()), asked }
}

fn answered(object: &str) -> ProcessorCallCommand {
    ProcessorCallCommand::Answer { answer: Answer::Succeeded { object: object.to_owned() } }
}

/// What each command in turn comes to: the number of its events, or the refusal.
fn run(commands: &[ProcessorCallCommand]) -> (ProcessorCall, Vec<Result<usize, Refusal>>) {
    let mut call = ProcessorCall::default();
    let mut outcomes = Vec::new();
    for command in commands {
        let decided = call.decide(&issued("2024-02-01T00:00:00Z", command.clone()));
        for event in decided.iter().flatten() {
            call.evolve(event);
        }
        outcomes.push(decided.map(|events| events.len()));
    }
    (call, outcomes)
}

#[test]
fn the_first_answer_stands() {
    let exists = || Err(Refusal::AlreadyExists { what: "call".to_owned() });
    let cases = [
        (vec![request()], vec![Ok(1)], None),
        (vec![request(), request()], vec![Ok(1), exists()], None),
        (vec![request(), answered("in_1")], vec![Ok(1), Ok(1)], Some("in_1")),
        (vec![request(), answered("in_1"), answered("in_2")], vec![Ok(1), Ok(1), Ok(0)], Some("in_1")),
        (vec![answered("in_1")], vec![Ok(0)], None),
    ];
    for (commands, expected, object) in cases {
        let (call, outcomes) = run(&commands);
        let answer = object.map(|object| Answer::Succeeded { object: object.to_owned() });
        assert_eq!((outcomes, call.answer()), (expected, answer.as_ref()), "{commands:?}");
    }
}

/// What is in a log is read for ever: each form of a request, in the words it is stored in.
#[test]
fn every_request_is_stored_in_these_words() {
    let subscription = || SubscriptionId::parse("sub_1").unwrap();
    let method = || PaymentMethodId::parse("pm_1").unwrap();
    let customer = customer_id;
    let item = AskedItem { lookup_key: Some("t_plan_v1".to_owned()), quantity: Some(2), ..AskedItem::default() };
    let profile = || Profile { email_index: Some(BlindIndex::from_hash("index".to_owned())), ..Profile::default() };
    let new = AskedSubscription {
        customer: customer(),
        items: vec![item.clone()],
        method: Some(method()),
        trial_days: Some(7),
        anchor: None,
        start: Some(at("2024-01-01T00:00:00Z")),
        coupon: None,
        redemption: Some("0000000001".to_owned()),
        send_invoice: true,
        days_until_due: Some(14),
        metadata: None,
    };
    let removed = AskedItem { id: Some("si_1".to_owned()), removed: true, ..AskedItem::default() };
    let cases = [
        (
            Asked::CreateCustomer { profile: Box::new(profile()), method: Some(method()) },
            json!({"kind": "create_customer", "profile": {"email_index": "index"}, "method": "pm_1"}),
        ),
        (
            Asked::UpdateCustomer {
                customer: customer(),
                set: Box::default(),
                cleared: vec![ProfileField::FirstName],
                former_emails: vec![BlindIndex::from_hash("index".to_owned())],
            },
            json!({"kind": "update_customer", "customer": "cus_1", "cleared": ["first_name"], "former_emails": ["index"]}),
        ),
        (
            Asked::AttachPaymentMethod { customer: customer(), method: method(), make_default: true },
            json!({"kind": "attach_payment_method", "customer": "cus_1", "method": "pm_1", "make_default": true}),
        ),
        (
            Asked::DetachPaymentMethod { customer: customer(), method: method() },
            json!({"kind": "detach_payment_method", "customer": "cus_1", "method": "pm_1"}),
        ),
        (
            Asked::CreateSubscription(Box::new(new)),
            json!({
                "kind": "create_subscription", "customer": "cus_1", "items": [{"lookup_key": "t_plan_v1", "quantity": 2}],
                "method": "pm_1", "trial_days": 7, "start": "2024-01-01T00:00:00Z", "redemption": "0000000001",
                "send_invoice": true, "days_until_due": 14
            }),
        ),
        (
            Asked::ChangeSubscription {
                subscription: subscription(),
                items: vec![removed, item],
                behavior: ProrationBehavior::AlwaysInvoice,
                proration_date: None,
                method: None,
            },
            json!({
                "kind": "change_subscription", "subscription": "sub_1", "behavior": "always_invoice",
                "items": [{"id": "si_1", "removed": true}, {"lookup_key": "t_plan_v1", "quantity": 2}]
            }),
        ),
        (
            Asked::ReactivateSubscription { subscription: subscription() },
            json!({"kind": "reactivate_subscription", "subscription": "sub_1"}),
        ),
        (
            Asked::PauseCollection {
                subscription: subscription(),
                resumes_at: Some(at("2024-03-01T00:00:00Z")),
                reason: Some(Sealed::from_ciphertext("sealed".to_owned())),
            },
            json!({
                "kind": "pause_collection", "subscription": "sub_1", "resumes_at": "2024-03-01T00:00:00Z",
                "reason": "sealed"
            }),
        ),
        (
            Asked::ResumeCollection { subscription: subscription() },
            json!({"kind": "resume_collection", "subscription": "sub_1"}),
        ),
        (
            Asked::ResumeSubscription { subscription: subscription(), behavior: ProrationBehavior::None },
            json!({"kind": "resume_subscription", "subscription": "sub_1", "behavior": "none"}),
        ),
    ];
    for (asked, words) in cases {
        assert_eq!(serde_json::to_value(&asked).unwrap(), words);
        assert_eq!(serde_json::from_value::<Asked>(words.clone()).unwrap(), asked, "{words}");
    }
}
