//! An event as the readers of its object see it, and how a report of it is stamped.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Envelope;
use super::json::{Lack, get, merged, text};
use super::rank::rank;
use crate::sealed::Sealer;
use crate::stamp::{Stamp, digest};

pub(super) struct Occurrence<'e> {
    pub(super) kind: &'e str,
    pub(super) created: Timestamp,
    pub(super) object: &'e Value,
    pub(super) sealer: &'e Sealer<'e>,
    event: &'e str,
    previous: Option<&'e Value>,
}

/// An object at one side of an event: as it is after it, or, where the event says what changed, as it was before.
pub(super) struct View<'e> {
    /// The event's type; empty for the object as it was before, which no type describes.
    pub(super) kind: &'e str,
    /// When the event was created.
    pub(super) created: Timestamp,
    pub(super) object: &'e Value,
    pub(super) sealer: &'e Sealer<'e>,
}

impl<'e> Occurrence<'e> {
    pub(super) fn new(
        envelope: &'e Envelope,
        event: &'e Value,
        created: Timestamp,
        sealer: &'e Sealer<'e>,
    ) -> Option<Self> {
        let previous = event.pointer("/data/previous_attributes");
        Some(Self {
            kind: &envelope.kind,
            created,
            object: event.pointer("/data/object")?,
            sealer,
            event: envelope.id.as_str(),
            previous: previous.filter(|previous| previous.as_object().is_some_and(|keys| !keys.is_empty())),
        })
    }

    /// The object's own id.
    pub(super) fn object_id(&self) -> Result<&'e str, Lack> {
        text(self.object, "id").ok_or_else(|| Lack("the object has no id".to_owned()))
    }

    /// True when the event's own facts report the customer, so that it needs no mention.
    pub(super) fn reports_a_customer(&self) -> bool {
        matches!(self.kind, "customer.created" | "customer.updated" | "customer.deleted")
    }

    pub(super) fn after(&self) -> View<'e> {
        View { kind: self.kind, created: self.created, object: self.object, sealer: self.sealer }
    }

    /// What the object says now, with the stamp that decides its place among other reports of it.
    pub(super) fn stamped<S: Serialize>(
        &self,
        read: impl Fn(&View<'_>) -> Result<S, Lack>,
        phase: impl Fn(&S) -> u8,
    ) -> Result<(Stamp, S), Lack> {
        let snapshot = read(&self.after())?;
        let before = self.previous.and_then(|previous| {
            let object = merged(self.object, previous);
            let view = View { kind: "", created: self.created, object: &object, sealer: self.sealer };
            read(&view).ok().map(|snapshot| digest(&snapshot))
        });
        let stamp = Stamp {
            phase: phase(&snapshot),
            created: self.created,
            rank: rank(self.kind),
            event: self.event.to_owned(),
            digest: digest(&snapshot),
            before,
        };
        Ok((stamp, snapshot))
    }
}

impl View<'_> {
    /// The last part of the event's type, `paid` of `invoice.paid`.
    pub(super) fn step(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or_default()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        get(self.object, key).is_some()
    }
}
