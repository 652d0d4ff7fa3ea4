//! What a batch asks the database under the head lock, and what the database answers. The questions are the same on
//! both engines; a question that nobody asks costs nothing.

use std::collections::HashMap;

use crate::cache::StreamKey;

/// Everything that decides whether members of a batch may be written. Lists have no duplicates that matter.
#[derive(Debug, Default)]
pub struct Questions {
    /// With the sequence that is expected, so that only streams which stand elsewhere are answered.
    pub streams: Vec<(StreamKey, i64)>,
    /// Event ids as text.
    pub event_ids: Vec<String>,
    /// Tenant and key.
    pub idempotency: Vec<(String, String)>,
    /// Tenant, kind and name.
    pub claims: Vec<(String, String, String)>,
    /// Tenant and counter.
    pub counters: Vec<(String, String)>,
    /// Tenant and subject.
    pub keys: Vec<(String, String)>,
}

/// What is stored. What is not stored is absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The expected sequence of each of the questions' streams that stands there, and another number for one that
    /// does not, in their order.
    pub sequences: Vec<i64>,
    /// Positions of event ids.
    pub event_ids: HashMap<String, i64>,
    pub idempotency: HashMap<(String, String), KnownKey>,
    /// Holders.
    pub claims: HashMap<(String, String, String), String>,
    /// The last number given out.
    pub counters: HashMap<(String, String), i64>,
    /// Wrapped keys; empty for one that was erased.
    pub keys: HashMap<(String, String), String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    pub request_hash: String,
    pub result: String,
    pub position: i64,
}

/// One row of the answer: both engines answer in this form, `kind` being the number of the question's list and `ord`
/// the place in it from 1.
#[derive(Debug, Clone)]
pub struct Answer {
    pub kind: i64,
    pub ord: i64,
    pub number: i64,
    pub first: String,
    pub second: String,
}

impl Facts {
    /// Joins the answers to their questions; an answer to nothing asked is left out.
    pub fn assemble(questions: &Questions, answers: Vec<Answer>) -> Self {
        let sequences = questions.streams.iter().map(|(_, expected)| *expected).collect();
        let mut facts = Self { sequences, ..Self::default() };
        for answer in answers {
            let Some(place) = answer.ord.checked_sub(1).and_then(|ord| usize::try_from(ord).ok()) else { continue };
            match answer.kind {
                0 => {
                    if let Some(sequence) = facts.sequences.get_mut(place) {
                        *sequence = answer.number;
                    }
                }
                1 => insert(&mut facts.event_ids, questions.event_ids.get(place), answer.number),
                2 => {
                    let known = KnownKey { request_hash: answer.first, result: answer.second, position: answer.number };
                    insert(&mut facts.idempotency, questions.idempotency.get(place), known);
                }
                3 => insert(&mut facts.claims, questions.claims.get(place), answer.first),
                4 => insert(&mut facts.counters, questions.counters.get(place), answer.number),
                5 => insert(&mut facts.keys, questions.keys.get(place), answer.first),
                _ => {}
            }
        }
        facts
    }
}

fn insert<K: Clone + Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>, key: Option<&K>, value: V) {
    if let Some(key) = key {
        map.insert(key.clone(), value);
    }
}

/// Where the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub position: i64,
    pub recorded_at: i64,
}
