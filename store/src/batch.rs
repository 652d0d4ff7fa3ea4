//! What of a batch may be written: pure arithmetic between the questions asked under the head lock and the statements
//! that follow. Members that may not be written drop out alone (rule L2).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::append::{Append, Draft, Outcome, RefusedCommand, text_id};
use crate::cache::StreamKey;
use crate::facts::{Facts, Head, Questions};
use crate::hash::leaf;
use crate::placeholder;
use crate::request::Idempotency;

/// A member with what is known of its earlier attempts.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub append: &'a Append,
    /// A transaction with it may have been committed: its event ids are looked up first (rule L3).
    pub attempted: bool,
}

/// An event with its place.
#[derive(Debug)]
pub struct Row<'a> {
    pub tenant: &'a str,
    pub draft: Cow<'a, Draft>,
    pub position: i64,
    pub recorded_at: i64,
    pub entry_hash: [u8; 32],
    pub leaf_hash: [u8; 32],
}

/// What is written beside the events, in the form of the engines' JSON parameter: tuples become arrays.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sides {
    /// Tenant, kind, name, holder.
    pub releases: Vec<(String, String, String, String)>,
    /// Tenant, kind, name, holder, time.
    pub claims: Vec<(String, String, String, String, i64)>,
    /// Tenant, name, last value.
    pub counters: Vec<(String, String, i64)>,
    /// Tenant, key, request hash, result, position, time.
    pub idempotency: Vec<(String, String, String, String, i64, i64)>,
    /// Tenant, subject, wrapped key, time.
    pub keys: Vec<(String, String, String, i64)>,
    /// Id, tenant, stream, command, code, refusal, actor, request id, cause, time.
    pub refused: Vec<RefusedRow>,
}

pub type RefusedRow = (String, String, String, String, String, String, String, Option<String>, Option<i64>, i64);

impl Sides {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What to write, and each member's outcome if it is.
#[derive(Debug)]
pub struct Plan<'a> {
    pub outcomes: Vec<Outcome>,
    pub rows: Vec<Row<'a>>,
    pub sides: Sides,
    pub head: Head,
}

impl Plan<'_> {
    pub fn writes_nothing(&self) -> bool {
        self.rows.is_empty() && self.sides.is_empty()
    }
}

/// The questions of a batch, with the places of its streams.
#[derive(Debug)]
pub struct Asked<'a> {
    pub questions: Questions,
    streams: HashMap<&'a StreamKey, usize>,
}

pub fn ask<'a>(members: &[Candidate<'a>]) -> Asked<'a> {
    let mut questions = Questions::default();
    let mut streams = HashMap::with_capacity(members.len());
    for Candidate { append, attempted } in members {
        for expectation in &append.streams {
            streams.entry(&expectation.key).or_insert_with(|| {
                questions.streams.push((expectation.key.clone(), expectation.sequence));
                questions.streams.len() - 1
            });
        }
        if append.derived || *attempted {
            questions.event_ids.extend(append.drafts.first().map(|draft| text_id(draft.event_id)));
        }
        let tenant = || append.tenant.as_str().to_owned();
        questions.idempotency.extend(append.idempotency.iter().map(|idempotency| (tenant(), idempotency.key.clone())));
        questions.claims.extend(append.claims.iter().map(|claim| (tenant(), claim.kind.clone(), claim.name.clone())));
        questions.counters.extend(append.placeholders.iter().map(|place| (tenant(), place.token.counter.clone())));
        questions.keys.extend(append.keys.iter().map(|key| (tenant(), key.subject.clone())));
    }
    Asked { questions, streams }
}

/// Decides about every member in turn, as if each were written before the next.
pub fn plan<'a>(members: &[Candidate<'a>], asked: &Asked<'a>, facts: Facts, head: Head, now: i64) -> Plan<'a> {
    let rows = members.iter().map(|member| member.append.drafts.len()).sum();
    let mut planner = Planner {
        asked,
        facts,
        taken: HashSet::new(),
        now,
        plan: Plan {
            outcomes: Vec::with_capacity(members.len()),
            rows: Vec::with_capacity(rows),
            sides: Sides::default(),
            head,
        },
    };
    for member in members {
        let outcome = match planner.objection(*member) {
            Some(objection) => objection,
            None => planner.accept(member.append),
        };
        planner.plan.outcomes.push(outcome);
    }
    let mut plan = planner.plan;
    plan.sides.counters = last_values(std::mem::take(&mut plan.sides.counters));
    plan
}

/// A counter that was moved several times is written once.
fn last_values(moves: Vec<(String, String, i64)>) -> Vec<(String, String, i64)> {
    let mut last: HashMap<(String, String), i64> = HashMap::new();
    for (tenant, name, value) in moves {
        last.insert((tenant, name), value);
    }
    let mut values: Vec<_> = last.into_iter().map(|((tenant, name), value)| (tenant, name, value)).collect();
    values.sort();
    values
}

/// Names that a member of this batch has taken; another that wants one waits for the next batch.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name<'a> {
    Event(uuid::Uuid),
    Idempotency(&'a str, &'a str),
    Claim(&'a str, &'a str, &'a str),
    Key(&'a str, &'a str),
}

struct Planner<'p, 'a> {
    asked: &'p Asked<'a>,
    facts: Facts,
    taken: HashSet<Name<'a>>,
    now: i64,
    plan: Plan<'a>,
}

impl<'a> Planner<'_, 'a> {
    /// Why a member may not be written, if so.
    fn objection(&self, Candidate { append, attempted }: Candidate<'a>) -> Option<Outcome> {
        let tenant = append.tenant.as_str();
        let known = append.idempotency.as_ref().and_then(|idempotency| {
            self.facts.idempotency.get(&(tenant.to_owned(), idempotency.key.clone())).map(|known| (idempotency, known))
        });
        if append.derived || attempted {
            let first = append.drafts.first().and_then(|draft| self.facts.event_ids.get(&text_id(draft.event_id)));
            if let Some(position) = first.copied() {
                let resolved = Outcome::Resolved { first: position };
                return Some(if attempted { resolved } else { Outcome::Done { position } });
            }
        }
        if let Some((idempotency, known)) = known {
            if attempted && append.drafts.is_empty() && known.request_hash == idempotency.request_hash {
                return Some(Outcome::Resolved { first: known.position + 1 });
            }
            let (request_hash, result) = (known.request_hash.clone(), known.result.clone());
            return Some(Outcome::Repeated { request_hash, result, position: known.position });
        }
        if names(append).any(|name| self.taken.contains(&name)) || !self.stands_as_expected(append) {
            return Some(Outcome::Conflict);
        }
        self.taken_claim(append).or_else(|| self.lost_key(append))
    }

    fn stands_as_expected(&self, append: &Append) -> bool {
        append.streams.iter().all(|expectation| {
            let place = self.asked.streams.get(&expectation.key);
            place.and_then(|place| self.facts.sequences.get(*place)) == Some(&expectation.sequence)
        })
    }

    fn taken_claim(&self, append: &Append) -> Option<Outcome> {
        let taken = append.claims.iter().find(|claim| {
            let key = (append.tenant.as_str().to_owned(), claim.kind.clone(), claim.name.clone());
            let released =
                append.releases.iter().any(|release| release.kind == claim.kind && release.name == claim.name);
            !released && self.facts.claims.get(&key).is_some_and(|holder| *holder != claim.holder)
        })?;
        Some(Outcome::Taken { kind: taken.kind.clone() })
    }

    fn lost_key(&self, append: &Append) -> Option<Outcome> {
        let lost = append.keys.iter().find(|key| {
            let place = (append.tenant.as_str().to_owned(), key.subject.clone());
            self.facts.keys.get(&place).is_some_and(|stored| *stored != key.wrapped)
        })?;
        Some(Outcome::KeyLost { subject: lost.subject.clone() })
    }

    fn accept(&mut self, append: &'a Append) -> Outcome {
        let first = self.plan.head.position + 1;
        let drafts = self.filled(append);
        for draft in drafts {
            self.place(append, draft);
        }
        for expectation in &append.streams {
            let added = append.drafts.iter().filter(|draft| draft.key == expectation.key).count();
            let place = self.asked.streams.get(&expectation.key);
            if let Some(sequence) = place.and_then(|place| self.facts.sequences.get_mut(*place)) {
                *sequence += i64::try_from(added).unwrap_or_default();
            }
        }
        let names: Vec<_> = names(append).collect();
        self.taken.extend(names);
        self.take_sides(append);
        Outcome::Written { first }
    }

    fn place(&mut self, append: &'a Append, draft: Cow<'a, Draft>) {
        let head = &mut self.plan.head;
        head.position += 1;
        // Strictly increasing whatever the wall clock does (rule L8).
        head.recorded_at = self.now.max(head.recorded_at + 1);
        let entry_hash = draft.content.at(head.position, head.recorded_at);
        self.plan.rows.push(Row {
            tenant: append.tenant.as_str(),
            draft,
            position: head.position,
            recorded_at: head.recorded_at,
            entry_hash,
            leaf_hash: leaf(&entry_hash),
        });
    }

    /// The drafts with their counters' next numbers in place.
    fn filled(&mut self, append: &'a Append) -> Vec<Cow<'a, Draft>> {
        let mut drafts: Vec<Cow<'a, Draft>> = append.drafts.iter().map(Cow::Borrowed).collect();
        for place in &append.placeholders {
            let counter = (append.tenant.as_str().to_owned(), place.token.counter.clone());
            let value = self.facts.counters.entry(counter.clone()).or_default();
            *value += 1;
            for index in &place.drafts {
                let Some(draft) = drafts.get_mut(*index).map(Cow::to_mut) else { continue };
                draft.payload = placeholder::replace(&draft.payload, &place.token, *value);
                draft.prepare(&append.tenant);
            }
            self.plan.sides.counters.push((counter.0, counter.1, *value));
        }
        drafts
    }

    fn take_sides(&mut self, append: &'a Append) {
        let now = self.now;
        let tenant = || append.tenant.as_str().to_owned();
        let sides = &mut self.plan.sides;
        sides.releases.extend(
            append
                .releases
                .iter()
                .map(|claim| (tenant(), claim.kind.clone(), claim.name.clone(), claim.holder.clone())),
        );
        sides.claims.extend(
            append
                .claims
                .iter()
                .map(|claim| (tenant(), claim.kind.clone(), claim.name.clone(), claim.holder.clone(), append.now)),
        );
        sides.idempotency.extend(append.idempotency.iter().map(|idempotency| {
            let Idempotency { key, request_hash, result } = idempotency.clone();
            (tenant(), key, request_hash, result, self.plan.head.position, now)
        }));
        for key in &append.keys {
            let stored = self.facts.keys.contains_key(&(tenant(), key.subject.clone()));
            if !stored && self.taken.insert(Name::Key(append.tenant.as_str(), &key.subject)) {
                sides.keys.push((tenant(), key.subject.clone(), key.wrapped.clone(), now));
            }
        }
        sides.refused.extend(append.refused.iter().cloned().map(|refused| {
            let RefusedCommand { id, stream, command, code, refusal, actor, request_id, cause } = refused;
            (text_id(id), tenant(), stream, command, code.to_owned(), refusal, actor, request_id, cause, append.now)
        }));
    }
}

/// What nobody else in the batch may take.
fn names(append: &Append) -> impl Iterator<Item = Name<'_>> {
    let tenant = append.tenant.as_str();
    let event = append.drafts.first().filter(|_| append.derived).map(|draft| Name::Event(draft.event_id));
    let key = append.idempotency.iter().map(move |idempotency| Name::Idempotency(tenant, &idempotency.key));
    let claims = append.claims.iter().chain(&append.releases);
    event.into_iter().chain(key).chain(claims.map(move |claim| Name::Claim(tenant, &claim.kind, &claim.name)))
}
