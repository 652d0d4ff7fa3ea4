//! New identifiers: the one place that makes any up. It never decides what they are for.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Characters of a public id after its prefix. 24 of 62 are 142 bits.
const PUBLIC_ID_CHARS: usize = 24;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new UUIDv7, which sorts by the time it was made.
pub fn fresh() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    Uuid::now_v7()
}

/// The same UUIDv8 for the same seed and index, so that what is repeated is recognised (rule L4).
pub fn derived(seed: &str, index: u32) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(index.to_be_bytes());
    hash.update(seed.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A new public id, such as `cus_` and 24 letters and digits.
pub fn prefixed(prefix: &str) -> String {
    let mut id = String::with_capacity(prefix.len() + PUBLIC_ID_CHARS);
    id.push_str(prefix);
    id.extend((0..PUBLIC_ID_CHARS).map(|_| {
        let index = rand::random_range(0..BASE62.len());
        char::from(BASE62.get(index).copied().unwrap_or(b'0'))
    }));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_depend_on_seed_and_index_only() {
        assert_eq!(derived("evt_1", 0).to_string(), "cb84ea2d-6557-8eea-ac77-5b8709b658a8");
        assert_eq!(derived("evt_1", 0), derived("evt_1", 0));
        assert_ne!(derived("evt_1", 0), derived("evt_1", 1));
        assert_ne!(derived("evt_1", 0), derived("evt_2", 0));
        assert_eq!(derived("evt_1", 0).get_version_num(), 8);
    }

    #[test]
    fn public_ids_are_the_prefix_and_24_letters_or_digits() {
        let id = prefixed("cus_");
        assert_eq!(id.len(), 28);
        assert!(id.strip_prefix("cus_").unwrap().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(id, prefixed("cus_"));
        assert_eq!(fresh().get_version_num(), 7);
    }
}
