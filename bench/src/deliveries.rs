//! What does Stripe deliver? The recorded events of the test data, over and over, every dozen with ids of its own and
//! all signed beforehand, so that making them costs the measurement nothing.

use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use store::Clock;

use crate::Fault;
use crate::http_client::request;

/// The secret of the endpoint, for all peers.
pub const SECRET: &str = "whsec_of_the_bench";

const EVENTS: &str = "../tests/data/stripe/events.jsonl";

/// Objects that one dozen must not share with another. Plans, prices and products stay the
/// same, as they would.
const PREFIXES: [&str; 30] = [
    "ba_", "btcrcv_", "card_", "ch_", "cs_", "cus_", "di_", "dp_", "evt_", "ii_", "il_", "in_", "or_", "pi_", "pm_",
    "po_", "py_", "pyr_", "re_", "rp_", "seti_", "setatt_", "si_", "sli_", "src_", "su_", "sub_", "tr_", "txn_",
    "txr_",
];

/// Successive events that share their objects. The recording's own customers are stand-ins: one of them has half of
/// all events, and what is of one customer is reacted to in order. A dozen is a month of a customer's life.
const EVENTS_OF_A_CUSTOMER: usize = 12;

/// A line of the recording.
#[derive(Debug, Deserialize)]
struct Recorded {
    event: Value,
}

/// So many requests to the endpoint, whole and signed.
pub fn requests(count: usize) -> Result<Vec<Vec<u8>>, Fault> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(EVENTS);
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let recorded = text
        .lines()
        .map(|line| Ok(serde_json::from_str::<Recorded>(line)?.event))
        .collect::<Result<Vec<Value>, Fault>>()?;
    let now_s = Clock::Real.now().as_second();
    let events = recorded.iter().cycle().take(count).enumerate();
    events
        .map(|(number, event)| {
            let body = serde_json::to_vec(&copy(event, number, number / EVENTS_OF_A_CUSTOMER))?;
            let header =
                format!("stripe-signature: t={now_s},v1={}", hex::encode(mac(now_s, &body)?.finalize().into_bytes()));
            Ok(request("POST", "/webhooks/stripe", &[header], &body))
        })
        .collect()
}

/// Whether the header's signature is that of the body.
pub fn is_signed(header: &str, body: &[u8]) -> bool {
    let part = |scheme: &str| header.split(',').find_map(|part| part.strip_prefix(scheme));
    let timestamp = part("t=").and_then(|timestamp| timestamp.parse().ok());
    let signature = part("v1=").and_then(|signature| hex::decode(signature).ok());
    let (Some(timestamp), Some(signature)) = (timestamp, signature) else { return false };
    mac(timestamp, body).is_ok_and(|mac| mac.verify_slice(&signature).is_ok())
}

fn mac(timestamp_s: i64, body: &[u8]) -> Result<Hmac<Sha256>, Fault> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(timestamp_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac)
}

/// A copy whose objects are those of its dozen, and whose own id nobody shares.
fn copy(event: &Value, number: usize, dozen: usize) -> Value {
    let mut copy = event.clone();
    suffix_ids(&mut copy, &format!("_{dozen}"));
    if let (Some(fields), Some(id)) = (copy.as_object_mut(), event.get("id").and_then(Value::as_str)) {
        fields.insert("id".to_owned(), Value::from(format!("{id}_n{number}")));
    }
    copy
}

fn suffix_ids(value: &mut Value, suffix: &str) {
    match value {
        Value::String(text) if is_id(text) => text.push_str(suffix),
        Value::Array(values) => values.iter_mut().for_each(|value| suffix_ids(value, suffix)),
        Value::Object(fields) => fields.values_mut().for_each(|value| suffix_ids(value, suffix)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Words such as `in_progress` and `card_declined` have no capital and no digit; ids do.
fn is_id(text: &str) -> bool {
    let rest = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    rest.is_some_and(|rest| {
        rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && rest.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_has_ids_of_its_own_and_is_else_the_same() {
        let event = json!({"id": "evt_00", "type": "charge.failed", "data": {"object": {
            "id": "ch_1A", "customer": "cus_B", "failure_code": "card_declined", "plan": "plan_1", "amount": 5,
            "refunds": {"data": [{"id": "re_2", "paid": null}]}}}});
        let expected = json!({"id": "evt_00_n9", "type": "charge.failed", "data": {"object": {
            "id": "ch_1A_3", "customer": "cus_B_3", "failure_code": "card_declined", "plan": "plan_1", "amount": 5,
            "refunds": {"data": [{"id": "re_2_3", "paid": null}]}}}});
        assert_eq!(copy(&event, 9, 3), expected);
    }

    #[test]
    fn a_signature_is_of_one_body() {
        let header = format!("t=5,v1={}", hex::encode(mac(5, b"{}").unwrap().finalize().into_bytes()));
        assert_eq!(
            [is_signed(&header, b"{}"), is_signed(&header, b"[]"), is_signed("t=5", b"{}")],
            [true, false, false]
        );
    }

    #[test]
    fn every_request_is_unlike_the_others() {
        let mut requests = requests(1_500).unwrap();
        let count = requests.len();
        requests.sort();
        requests.dedup();
        assert_eq!((count, requests.len()), (1_500, 1_500));
    }
}
