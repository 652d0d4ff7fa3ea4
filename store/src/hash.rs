//! The canonical bytes of a log entry and their hash (rule L7). The format is frozen: a change would make every
//! stored hash wrong.
//!
//! ```text
//! entry hash = SHA-256("daybook.entry.v1" ‖ fields)      leaf hash = SHA-256(0x00 ‖ entry hash)
//! fields, in this order:
//!   text   tenant, aggregate_type, aggregate_id (as stored, `tenant/id`)
//!   number sequence
//!   text   event_type, event_version, event_id (hyphenated, lower case), payload, metadata
//!   number booked_at, effective_at, position, recorded_at
//! text   = length in bytes as u64 big-endian ‖ the bytes in UTF-8, exactly as stored
//! number = i64 big-endian
//! ```
//!
//! Position and recorded time come last because they are known only under the head lock: all before them is hashed
//! by the caller's own task.

use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"daybook.entry.v1";

/// The columns that are known before the head lock is held.
#[derive(Debug, Clone, Copy, Default)]
pub struct Content<'a> {
    pub tenant: &'a str,
    pub aggregate_type: &'a str,
    pub stored_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub event_id: &'a str,
    pub payload: &'a str,
    pub metadata: &'a str,
    pub booked_at: i64,
    pub effective_at: i64,
}

/// A hash that has taken in an entry's content and waits for its place.
#[derive(Clone)]
pub struct ContentHash(Sha256);

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContentHash")
    }
}

impl ContentHash {
    pub fn of(content: &Content<'_>) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        for text in [content.tenant, content.aggregate_type, content.stored_id] {
            take_text(&mut hash, text);
        }
        hash.update(content.sequence.to_be_bytes());
        let texts = [content.event_type, content.event_version, content.event_id, content.payload, content.metadata];
        for text in texts {
            take_text(&mut hash, text);
        }
        hash.update(content.booked_at.to_be_bytes());
        hash.update(content.effective_at.to_be_bytes());
        Self(hash)
    }

    /// The entry hash, once the place is known.
    pub fn at(&self, position: i64, recorded_at: i64) -> [u8; 32] {
        let mut hash = self.0.clone();
        hash.update(position.to_be_bytes());
        hash.update(recorded_at.to_be_bytes());
        hash.finalize().into()
    }
}

fn take_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// The leaf that an entry is in the RFC 6962 tree.
pub fn leaf(entry: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(entry);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: Content<'static> = Content {
        tenant: "coaching",
        aggregate_type: "customer",
        stored_id: "coaching/cus_1",
        sequence: 1,
        event_type: "CustomerCreated",
        event_version: "1",
        event_id: "018f0000-0000-7000-8000-000000000001",
        payload: r#"{"a":1}"#,
        metadata: "{}",
        booked_at: 1_700_000_000_000_000,
        effective_at: 1_600_000_000_000_000,
    };

    /// This value may never change: hashes like it are stored.
    #[test]
    fn the_format_is_frozen() {
        let entry = ContentHash::of(&CONTENT).at(7, 1_700_000_000_000_001);
        assert_eq!(hex::encode(entry), "07655ae3153b5e908ef610e673cf76441e4adcf7eec235f599a182e645a9e09a");
        assert_eq!(hex::encode(leaf(&entry)), "9b5768cbbb30d72b10242010578acf782cf359c7f563ff5cc51671901a9064eb");
    }

    #[test]
    fn moving_a_character_between_fields_changes_the_hash() {
        let at = |content: Content<'_>| ContentHash::of(&content).at(1, 1);
        let moved = Content { event_type: "CustomerCreated1", event_version: "", ..CONTENT };
        assert_ne!(at(CONTENT), at(moved));
        assert_ne!(at(CONTENT), at(Content { booked_at: 1, ..CONTENT }));
        assert_ne!(ContentHash::of(&CONTENT).at(1, 2), ContentHash::of(&CONTENT).at(2, 1));
    }
}
