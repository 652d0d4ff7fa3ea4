//! What a command does to an entry of a catalogue.

use jiff::Timestamp;

use super::command::CatalogueEntryCommand;
use super::entry_id::EntryId;
use super::event::{CatalogueEntryEvent, Source};
use super::state::{CatalogueEntry, Definition};
use crate::catalogue::{Changes, Coupon, Plan, TaxRate};
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;

/// Versions of one entry. Who needs more writes prices by a machine, and the stream is read whole for each change.
pub(super) const MAX_VERSIONS: usize = 10_000;

impl EventForm for CatalogueEntryEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for CatalogueEntry {
    const TYPE: &'static str = "catalogue_entry";
    type Command = CatalogueEntryCommand;
    type Event = CatalogueEntryEvent;

    fn decide(&self, issued: &Issued<CatalogueEntryCommand>) -> Result<Vec<CatalogueEntryEvent>, Refusal> {
        match &issued.command {
            CatalogueEntryCommand::Load { definition } => self.load(issued.now, definition),
            CatalogueEntryCommand::Change { id, changes } => self.change(issued.now, id, changes),
        }
    }

    fn evolve(&mut self, event: &CatalogueEntryEvent) {
        self.apply(event);
    }
}

impl CatalogueEntry {
    fn load(&self, now: Timestamp, definition: &Definition) -> Result<Vec<CatalogueEntryEvent>, Refusal> {
        if self.loaded() == Some(definition) {
            return Ok(Vec::new());
        }
        let id = definition.id().map_err(|error| Refusal::invalid("id", format!("is wrong: {error}")))?;
        self.publish(now, id, Source::File, definition.clone())
    }

    fn change(&self, now: Timestamp, id: &EntryId, changes: &Changes) -> Result<Vec<CatalogueEntryEvent>, Refusal> {
        let current = self.latest().map(|version| &version.definition);
        let wanted = match id {
            EntryId::Plan(id) => Plan::with(id, current.and_then(Definition::as_plan), changes)
                .map(|plan| Definition::Plan(Box::new(plan))),
            EntryId::Coupon(code) => {
                Coupon::with(code, current.and_then(Definition::as_coupon), changes).map(Definition::Coupon)
            }
            EntryId::TaxRate(id) => {
                TaxRate::with(id, current.and_then(Definition::as_tax_rate), changes).map(Definition::TaxRate)
            }
        }?;
        if current == Some(&wanted) {
            return Ok(Vec::new());
        }
        self.publish(now, id.clone(), Source::Request, wanted)
    }

    fn publish(
        &self,
        now: Timestamp,
        entry: EntryId,
        source: Source,
        definition: Definition,
    ) -> Result<Vec<CatalogueEntryEvent>, Refusal> {
        if self.versions().len() >= MAX_VERSIONS {
            return Err(Refusal::invalid(entry.kind(), format!("has {MAX_VERSIONS} versions and can have no more")));
        }
        let version = self.latest().map_or(1, |latest| latest.number.saturating_add(1));
        // No version is sold before the one it replaces, also where the tenant's clock was set back.
        let at = self.latest().map_or(now, |latest| now.max(latest.since));
        Ok(vec![CatalogueEntryEvent { at, entry, version, source, change: definition.into() }])
    }
}
