//! Is the log what it was? Every entry is hashed anew from its stored columns; positions and sequences must be
//! without gaps, recorded times must rise, and the head must be the last entry. The first break is named.
//!
//! It reads in pages and keeps one page in memory. That a stream's sequences have no gaps follows by induction: the
//! database holds each sequence of a stream once, and every entry with a sequence above 1 must have its predecessor
//! at a lower position, in the same page or found by one query a page.

use std::collections::HashMap;

use crate::append::text_id;
use crate::engine::read::Predecessor;
use crate::entry::Entry;
use crate::error::StoreError;
use crate::hash::{Content, ContentHash, leaf};
use crate::ledger::Ledger;

/// Entries in memory at a time.
const PAGE: i64 = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub events: i64,
    pub head: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("the log is broken at position {position}: {reason}")]
    Broken { position: i64, reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ledger {
    /// Checks the log up to where it stands now; `progress` is told the position reached and the head.
    pub async fn verify(&self, progress: &mut (dyn FnMut(i64, i64) + Send)) -> Result<Verified, VerifyError> {
        let head = self.0.backend.head().await?;
        let (mut position, mut recorded_at) = (0, 0);
        while position < head.position {
            let limit = PAGE.min(head.position - position);
            let rows = self.0.backend.read_with_leaves(position, limit).await?;
            if rows.is_empty() {
                return Err(broken(position + 1, format!("it is missing; the head is {}", head.position)));
            }
            let mut page = Vec::with_capacity(rows.len());
            for row in rows {
                let (entry, stored_leaf) = row.map_err(|error| broken_row(error, position))?;
                check_entry(&entry, &stored_leaf, position, recorded_at)?;
                (position, recorded_at) = (entry.position, entry.recorded_at);
                page.push(entry);
            }
            self.check_sequences(&page).await?;
            progress(position, head.position);
        }
        self.check_end(head.position, head.recorded_at, recorded_at).await?;
        Ok(Verified { events: position, head: head.position })
    }

    async fn check_end(&self, head: i64, head_recorded_at: i64, recorded_at: i64) -> Result<(), VerifyError> {
        if head > 0 && head_recorded_at != recorded_at {
            return Err(broken(head, "its recorded time is not that of the head".to_owned()));
        }
        // Others may have appended since; then the head has moved as well.
        let beyond = self.0.backend.read(head, 1).await?;
        let moved = self.0.backend.head().await?.position;
        match beyond.first() {
            Some(entry) if entry.position > moved => {
                Err(broken(entry.position, format!("it lies beyond the head, which is {moved}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn check_sequences(&self, page: &[Entry]) -> Result<(), VerifyError> {
        let mut last: HashMap<(&str, String), i64> = HashMap::new();
        let mut outside: Vec<(&str, String, i64)> = Vec::new();
        let mut asking: Vec<i64> = Vec::new();
        for entry in page {
            let stored_id = format!("{}/{}", entry.tenant, entry.aggregate_id);
            let stream = (entry.aggregate_type.as_str(), stored_id.clone());
            match last.insert(stream, entry.sequence) {
                Some(before) if entry.sequence != before + 1 => {
                    let reason = format!("its sequence is {} after {before}", entry.sequence);
                    return Err(broken(entry.position, reason));
                }
                None if entry.sequence > 1 => {
                    outside.push((entry.aggregate_type.as_str(), stored_id, entry.sequence - 1));
                    asking.push(entry.position);
                }
                None if entry.sequence < 1 => {
                    return Err(broken(entry.position, format!("its sequence is {}", entry.sequence)));
                }
                Some(_) | None => {}
            }
        }
        if outside.is_empty() {
            return Ok(());
        }
        let found = self.0.backend.predecessors(&outside).await?;
        let found: HashMap<i64, i64> =
            found.into_iter().map(|Predecessor { place, position }| (place, position)).collect();
        for (place, position) in (0_i64..).zip(asking) {
            if found.get(&place).is_none_or(|predecessor| *predecessor >= position) {
                return Err(broken(position, "its stream has no event before it in sequence".to_owned()));
            }
        }
        Ok(())
    }
}

fn check_entry(entry: &Entry, stored_leaf: &[u8], before: i64, recorded_before: i64) -> Result<(), VerifyError> {
    if entry.position != before + 1 {
        return Err(broken(before + 1, format!("it is missing; the next is {}", entry.position)));
    }
    if entry.recorded_at <= recorded_before {
        return Err(broken(entry.position, "its recorded time does not follow the one before".to_owned()));
    }
    let computed = entry_hash(entry);
    if computed != entry.entry_hash || leaf(&computed) != stored_leaf {
        return Err(broken(entry.position, "its content does not have the stored hash".to_owned()));
    }
    Ok(())
}

/// The hash of an entry's columns.
fn entry_hash(entry: &Entry) -> [u8; 32] {
    let content = Content {
        tenant: entry.tenant.as_str(),
        aggregate_type: &entry.aggregate_type,
        stored_id: &format!("{}/{}", entry.tenant, entry.aggregate_id),
        sequence: entry.sequence,
        event_type: &entry.event_type,
        event_version: &entry.event_version,
        event_id: &text_id(entry.event_id),
        payload: &entry.payload,
        metadata: &entry.metadata,
        booked_at: entry.booked_at,
        effective_at: entry.effective_at,
    };
    ContentHash::of(&content).at(entry.position, entry.recorded_at)
}

fn broken(position: i64, reason: String) -> VerifyError {
    VerifyError::Broken { position, reason }
}

/// A row that does not parse is a break of the log like the others.
fn broken_row(error: StoreError, after: i64) -> VerifyError {
    if let StoreError::Corrupt { place, reason } = error {
        return broken(after + 1, format!("{place}: {reason}"));
    }
    VerifyError::Store(error)
}
