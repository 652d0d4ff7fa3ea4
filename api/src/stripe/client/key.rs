//! Under which key is one thing asked for exactly once? The key is derived from what is asked, never drawn: whoever asks
//! the same again, after a crash or from another node, has the same key.

use sha2::{Digest, Sha256};

/// Stripe's limit.
const MAX_KEY_CHARS: usize = 255;

/// The value of an `Idempotency-Key` header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of an attempt, given by what tells it from all others: `["coaching", "in_7", "attempt", "2"]`. Different
    /// parts give different keys; those that would not be readable as a key are hashed.
    pub fn of(parts: &[&str]) -> Self {
        let readable = |part: &&str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        let joined = parts.join(":");
        if parts.iter().all(readable) && !joined.is_empty() && joined.len() <= MAX_KEY_CHARS {
            return Self(joined);
        }
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        // No readable key has this form, since each has its parts between colons and none is empty.
        Self(format!("sha256::{}", hex::encode(hash.finalize())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_is_readable_where_it_can_be() {
        assert_eq!(IdempotencyKey::of(&["coaching", "in_7", "attempt", "2"]).as_str(), "coaching:in_7:attempt:2");
    }

    #[test]
    fn different_attempts_have_different_keys_that_stripe_accepts() {
        let long = "x".repeat(300);
        let cases: [&[&str]; 10] = [
            &["a", "b"],
            &["a:b"],
            &["a", "", "b"],
            &["a", "b", ""],
            &["", "a", "b"],
            &[],
            &[""],
            &[&long],
            &[&long, "1"],
            &["spaces and é"],
        ];
        let keys: HashSet<IdempotencyKey> = cases.iter().map(|parts| IdempotencyKey::of(parts)).collect();
        assert_eq!(keys.len(), cases.len());
        for key in keys {
            let usable = key.as_str().bytes().all(|byte| byte.is_ascii_graphic());
            assert!(usable && (1..=MAX_KEY_CHARS).contains(&key.as_str().len()), "{key}");
        }
    }
}
