//! Sealing one subject's personal data (rule L10): pure cryptography, no database.
//!
//! A field becomes `v1:<subject>:<base64url without padding of nonce ‖ ciphertext>`: XChaCha20-Poly1305 under the
//! subject's key, with tenant and subject authenticated. The nonce is the start of an HMAC of the text under a key
//! derived from the subject's, so equal texts of one subject give equal ciphertexts and unequal ones never share a
//! nonce.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::id::TenantId;
use domain::sealed::{BlindIndex, Sealed, Sealer};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::keyring::Keyring;

const PREFIX: &str = "v1:";
const NONCE_BYTES: usize = 24;

/// A 256-bit key. It shows nothing of itself in messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn random() -> Self {
        Self(rand::random())
    }

    /// A key for one purpose, from which this one cannot be found.
    pub fn derive(&self, purpose: &str) -> Self {
        Self(self.mac(&[purpose.as_bytes()]))
    }

    /// HMAC-SHA256 over the parts, each with its length in front.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length, so there is no error to meet.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0) else { return [0; 32] };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Nonce and ciphertext as text; `None` only for texts beyond the cipher's 256 GiB.
    pub fn encrypt(&self, plain: &[u8], bound_to: &[u8]) -> Option<String> {
        let nonce_key = self.derive("daybook.nonce.v1");
        let mac = nonce_key.mac(&[plain]);
        let nonce: [u8; NONCE_BYTES] = mac.get(..NONCE_BYTES)?.try_into().ok()?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound_to }).ok()?;
        let mut bytes = Vec::with_capacity(NONCE_BYTES + sealed.len());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// `None` where the text was not made with this key for this purpose.
    pub fn decrypt(&self, text: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: bound_to }).ok()
    }
}

/// What ciphertexts and wrapped keys are bound to.
pub fn binding(tenant: &str, subject: &str) -> Vec<u8> {
    format!("{tenant}/{subject}").into_bytes()
}

/// The subject with every character outside letters, digits and `-_./` written as `%XX`, so that a sealed text can be
/// taken apart and needs no escape in JSON.
pub fn canonical_subject(subject: &str) -> String {
    let mut canonical = String::with_capacity(subject.len());
    for byte in subject.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            canonical.push(char::from(byte));
        } else {
            canonical.push('%');
            canonical.push_str(&hex::encode_upper([byte]));
        }
    }
    canonical
}

/// A sealed text's subject and ciphertext.
pub fn parts(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(PREFIX)?.split_once(':')
}

/// The subjects of all sealed texts in a JSON text, neighbouring repetitions left out, each with one ciphertext.
pub fn sealed_in_json(json: &str) -> impl Iterator<Item = (&str, &str)> {
    json.match_indices("\"v1:").filter_map(|(at, _)| {
        let text = json.get(at + 1..)?;
        parts(text.get(..text.find('"')?)?)
    })
}

/// Seals for one subject. It stays usable without a database.
#[derive(Debug, Clone)]
pub struct SubjectSealer {
    tenant: TenantId,
    subject: Arc<str>,
    key: Key,
    keyring: Keyring,
}

impl SubjectSealer {
    pub(crate) fn new(tenant: TenantId, subject: Arc<str>, key: Key, keyring: Keyring) -> Self {
        Self { tenant, subject, key, keyring }
    }

    pub fn seal(&self, plain: &str) -> Sealed {
        let ciphertext = self.key.encrypt(plain.as_bytes(), &binding(self.tenant.as_str(), &self.subject));
        Sealed::from_ciphertext(format!("{PREFIX}{}:{}", self.subject, ciphertext.unwrap_or_default()))
    }

    pub fn email_index(&self, email: &str) -> BlindIndex {
        self.keyring.email_index(&self.tenant, email)
    }

    /// Lends the domain's policies this subject's sealing.
    pub fn with_sealer<T>(&self, work: impl FnOnce(&Sealer<'_>) -> T) -> T {
        work(&Sealer { seal: &|plain| self.seal(plain), email_index: &|email| self.email_index(email) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_unsealed_with_the_same_key_and_binding_only() {
        let (key, other) = (Key::new([1; 32]), Key::new([2; 32]));
        let text = key.encrypt(b"ada@example.com", b"t/customer/cus_1").unwrap();
        assert_eq!(key.decrypt(&text, b"t/customer/cus_1").as_deref(), Some(b"ada@example.com".as_slice()));
        assert_eq!(key.decrypt(&text, b"t/customer/cus_2"), None);
        assert_eq!(other.decrypt(&text, b"t/customer/cus_1"), None);
        assert_eq!(key.decrypt("AAAA", b"t/customer/cus_1"), None);
        assert_eq!(key.encrypt(b"ada@example.com", b"t/customer/cus_1").unwrap(), text);
        assert_ne!(key.encrypt(b"ada@example.org", b"t/customer/cus_1").unwrap(), text);
    }

    #[test]
    fn subjects_are_found_in_json() {
        assert_eq!(canonical_subject("customer/cus_1"), "customer/cus_1");
        assert_eq!(canonical_subject("customer/a:\"b"), "customer/a%3A%22b");
        let json = r#"{"a":"v1:customer/cus_1:QUJD","b":"x v1:no:no","c":["v1:stripe_event/e:X"],"d":"v1:broken"}"#;
        let found: Vec<_> = sealed_in_json(json).collect();
        assert_eq!(found, [("customer/cus_1", "QUJD"), ("stripe_event/e", "X")]);
    }
}
