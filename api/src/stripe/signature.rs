//! Whether a webhook body was signed by Stripe: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=…][,v0=…]`, HMAC-SHA256 over
//! `"{t}.{body}"` (docs.stripe.com/webhooks). Any v1 may match any secret; v0 and unknown schemes are ignored.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the Stripe-Signature header is missing")]
    Missing,
    #[error("the Stripe-Signature header is malformed")]
    Malformed,
    #[error("the Stripe-Signature header has no v1 signature")]
    NoSupportedScheme,
    #[error("no v1 signature matches the body")]
    Mismatch,
    #[error("the signature's timestamp is outside the tolerance")]
    Stale,
}

/// Signature entries that are looked at; a roll of secrets has two.
const MAX_SIGNATURES: usize = 16;

/// Checks a header against the raw body. `now_s` and `tolerance_s` are seconds; the tolerance bounds age only, as in
/// Stripe's own libraries.
pub fn verify(
    header: Option<&str>,
    body: &[u8],
    secrets: &[String],
    now_s: i64,
    tolerance_s: u64,
) -> Result<(), SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let (timestamp, signatures) = parse(header)?;
    if signatures.is_empty() {
        return Err(SignatureError::NoSupportedScheme);
    }
    let matched = secrets.iter().any(|secret| {
        let expected = mac(secret, timestamp, body);
        signatures.iter().any(|signature| bool::from(signature.as_slice().ct_eq(&expected)))
    });
    if !matched {
        return Err(SignatureError::Mismatch);
    }
    let age_s = now_s.saturating_sub(timestamp);
    if age_s > i64::try_from(tolerance_s).unwrap_or(i64::MAX) {
        return Err(SignatureError::Stale);
    }
    Ok(())
}

/// Makes a header, for the sandbox and for tests.
pub fn sign(secret: &str, body: &[u8], timestamp_s: i64) -> String {
    format!("t={timestamp_s},v1={}", hex::encode(mac(secret, timestamp_s, body)))
}

fn parse(header: &str) -> Result<(i64, Vec<Vec<u8>>), SignatureError> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        let (scheme, value) = part.trim().split_once('=').ok_or(SignatureError::Malformed)?;
        match scheme {
            // A second timestamp would leave open which one was signed.
            "t" if timestamp.is_some() => return Err(SignatureError::Malformed),
            "t" => timestamp = Some(value.parse().map_err(|_| SignatureError::Malformed)?),
            "v1" if signatures.len() < MAX_SIGNATURES => {
                // A value that is not hexadecimal cannot match; it must not hide one that does.
                signatures.push(hex::decode(value).unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok((timestamp.ok_or(SignatureError::Malformed)?, signatures))
}

fn mac(secret: &str, timestamp_s: i64, body: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail; an all-zero answer would match nothing that is hex-encoded
    // by a sender without the secret.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return [0; 32];
    };
    mac.update(timestamp_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test";
    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";
    const NOW_S: i64 = 1_700_000_000;

    fn check(header: Option<&str>) -> Result<(), SignatureError> {
        verify(header, BODY, &["whsec_other".to_owned(), SECRET.to_owned()], NOW_S, 300)
    }

    #[test]
    fn headers_are_judged_as_stripe_documents_them() {
        let good = sign(SECRET, BODY, NOW_S);
        let v1 = good.split_once(",v1=").unwrap().1;
        let cases = [
            (None, Err(SignatureError::Missing)),
            (Some(good.clone()), Ok(())),
            (Some(format!("t={NOW_S},v1={v1},v1={}", "0".repeat(64))), Ok(())),
            (Some(format!("t={NOW_S},v1={},v1={v1}", "0".repeat(64))), Ok(())),
            (Some(format!("t={NOW_S},v1=zz,v1={v1}")), Ok(())),
            (Some(format!("t={NOW_S},v0={v1}")), Err(SignatureError::NoSupportedScheme)),
            (Some(format!("t={NOW_S},v2={v1}")), Err(SignatureError::NoSupportedScheme)),
            (Some(format!("t={},v1={v1}", NOW_S + 1)), Err(SignatureError::Mismatch)),
            (Some(sign("whsec_wrong", BODY, NOW_S)), Err(SignatureError::Mismatch)),
            (Some(sign(SECRET, BODY, NOW_S - 300)), Ok(())),
            (Some(sign(SECRET, BODY, NOW_S - 301)), Err(SignatureError::Stale)),
            (Some(String::new()), Err(SignatureError::Malformed)),
            (Some("nonsense".to_owned()), Err(SignatureError::Malformed)),
            (Some(format!("v1={v1}")), Err(SignatureError::Malformed)),
            (Some(format!("t={NOW_S},t={NOW_S},v1={v1}")), Err(SignatureError::Malformed)),
        ];
        for (header, expected) in cases {
            assert_eq!(check(header.as_deref()), expected, "{header:?}");
        }
    }
}
