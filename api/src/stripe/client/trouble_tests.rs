use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::*;

fn answer(status: u16, headers: &[(&'static str, &'static str)], error: &Value) -> Trouble {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_static(value));
    }
    let body = json!({ "error": error }).to_string();
    Trouble::Answered(Box::new(Answer::read(status, &map, body.as_bytes())))
}

fn plain(status: u16, error: &Value) -> Trouble {
    answer(status, &[], error)
}

#[test]
fn only_what_passes_by_itself_is_tried_again() {
    let in_use = json!({"type": "idempotency_error", "code": "idempotency_key_in_use"});
    let card = json!({"type": "card_error", "code": "card_declined"});
    let none = Value::Null;
    let cases = [
        (Trouble::NotSent("refused".to_owned()), true, false),
        (Trouble::NoAnswer("timeout".to_owned()), true, true),
        (Trouble::Unsendable("a space".to_owned()), false, false),
        (plain(302, &none), false, false),
        (plain(400, &none), false, false),
        (plain(401, &none), false, false),
        (plain(402, &card), false, false),
        (plain(403, &none), false, false),
        (plain(404, &none), false, false),
        (plain(409, &none), false, false),
        (plain(409, &in_use), true, true),
        (plain(429, &none), true, false),
        (plain(500, &none), true, true),
        (plain(502, &none), true, true),
        (plain(503, &none), true, true),
        (answer(429, &[("stripe-should-retry", "false")], &none), false, false),
        (answer(500, &[("stripe-should-retry", "false")], &none), false, true),
        (answer(500, &[("stripe-should-retry", "true")], &none), true, true),
        (answer(402, &[("stripe-should-retry", "true")], &card), false, false),
        (answer(400, &[("stripe-should-retry", "true")], &none), false, false),
    ];
    for (trouble, again, open) in cases {
        assert_eq!((trouble.may_be_tried_again(), trouble.leaves_open()), (again, open), "{trouble:?}");
    }
}

#[test]
fn pauses_are_read_in_seconds() {
    for (value, expected) in [("3", Some(3)), (" 30 ", Some(30)), ("0", Some(0)), ("Wed, 21 Oct", None), ("-1", None)] {
        let trouble = answer(429, &[("retry-after", value)], &Value::Null);
        assert_eq!(trouble.retry_after(), expected.map(Duration::from_secs), "{value}");
    }
    assert_eq!(Trouble::NoAnswer(String::new()).retry_after(), None);
}

fn declined(code: &str, decline_code: Option<&str>) -> StripeErrorKind {
    StripeErrorKind::Declined(Decline {
        code: code.to_owned(),
        decline_code: decline_code.map(str::to_owned),
        ..Decline::default()
    })
}

fn invalid(status: u16, code: Option<&str>, param: Option<&str>) -> StripeErrorKind {
    let (code, param) = (code.map(str::to_owned), param.map(str::to_owned));
    StripeErrorKind::Invalid(Invalid { status, code, param, message: None })
}

fn unknown(reason: &str) -> StripeErrorKind {
    StripeErrorKind::OutcomeUnknown { reason: reason.to_owned() }
}

fn unavailable(reason: &str) -> StripeErrorKind {
    StripeErrorKind::Unavailable { reason: reason.to_owned() }
}

/// What each end means for a write whose earlier tries certainly did nothing, for one that may have been done by an
/// earlier try, and for a read.
#[test]
fn an_end_means_what_is_known_and_no_more() {
    let decline = json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"});
    let funds = declined("card_declined", Some("insufficient_funds"));
    let action = json!({"type": "card_error", "code": "authentication_required"});
    let param = json!({"type": "invalid_request_error", "code": "parameter_missing", "param": "amount"});
    let missing = json!({"type": "invalid_request_error", "code": "resource_missing", "param": "id"});
    let reused = json!({"type": "idempotency_error"});
    let in_use = json!({"type": "idempotency_error", "code": "idempotency_key_in_use"});
    let key = json!({"type": "invalid_request_error", "message": "Invalid API Key"});
    let no_access = StripeErrorKind::Authentication { message: "Invalid API Key".to_owned() };
    let limited = StripeErrorKind::RateLimited { retry_after: None };
    let at_work = "the first request with this key is still at work";
    let cases = [
        (plain(402, &decline), funds.clone(), funds.clone(), funds),
        (
            plain(402, &action),
            declined("authentication_required", None),
            declined("authentication_required", None),
            declined("authentication_required", None),
        ),
        (
            plain(402, &Value::Null),
            declined("card_declined", None),
            declined("card_declined", None),
            declined("card_declined", None),
        ),
        (
            plain(400, &param),
            invalid(400, Some("parameter_missing"), Some("amount")),
            invalid(400, Some("parameter_missing"), Some("amount")),
            invalid(400, Some("parameter_missing"), Some("amount")),
        ),
        (
            plain(404, &missing),
            invalid(404, Some("resource_missing"), Some("id")),
            invalid(404, Some("resource_missing"), Some("id")),
            invalid(404, Some("resource_missing"), Some("id")),
        ),
        (
            plain(400, &reused),
            StripeErrorKind::KeyReused,
            unknown("the idempotency key was used with another request"),
            StripeErrorKind::KeyReused,
        ),
        (plain(401, &key), no_access.clone(), unknown("the secret key is not accepted: Invalid API Key"), no_access),
        (plain(429, &Value::Null), limited.clone(), unknown("too many requests"), limited),
        (plain(409, &in_use), unknown(at_work), unknown(at_work), unknown(at_work)),
        (plain(500, &Value::Null), unknown("status 500"), unknown("status 500"), unavailable("status 500")),
        (
            Trouble::NotSent("refused".to_owned()),
            unavailable("refused"),
            unknown("Stripe is unavailable: refused"),
            unavailable("refused"),
        ),
        (Trouble::NoAnswer("gone".to_owned()), unknown("gone"), unknown("gone"), unavailable("gone")),
    ];
    for (trouble, closed, open, read) in cases {
        assert_eq!(trouble.clone().conclude(true, false), closed, "a write: {trouble:?}");
        assert_eq!(trouble.clone().conclude(true, true), open, "a write that was left open: {trouble:?}");
        assert_eq!(trouble.clone().conclude(false, false), read, "a read: {trouble:?}");
    }
}

#[test]
fn an_answer_of_somebody_else_is_judged_by_its_status() {
    let html = Answer::read(502, &HeaderMap::new(), b"<html>Bad Gateway</html>");
    let trouble = Trouble::Answered(Box::new(html));
    assert!(trouble.may_be_tried_again());
    assert_eq!(trouble.conclude(true, false), unknown("status 502"));
}
