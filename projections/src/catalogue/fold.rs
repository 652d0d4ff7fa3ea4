//! How events change an entry's row: every event carries its version as a whole.

use domain::catalogue_entry::{CatalogueEntry, CatalogueEntryEvent, EntryId};
use domain::issued::Decider;
use domain::time::to_micros;
use store::{Value, Values};

use super::row::{CatalogueRow, EntryKind};
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct CatalogueFold;

impl Fold for CatalogueFold {
    type Row = CatalogueRow;

    const READS: &'static [&'static str] = &[CatalogueEntry::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(event) = seen.event.catalogue_entry() {
            let (kind, id) = named(event);
            keys.push(text_key(&[seen.entry.tenant.as_str(), kind.as_str(), id]));
        }
    }

    fn fold(
        &self,
        row: Option<CatalogueRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<CatalogueRow>, FoldError> {
        let Some(event) = seen.event.catalogue_entry() else { return Ok(row) };
        let (kind, id) = named(event);
        Ok(Some(CatalogueRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            kind,
            entry_id: id.to_owned(),
            version: event.version,
            since_at: to_micros(event.at),
            definition: event.change.definition(),
            position: seen.entry.position,
        }))
    }
}

fn named(event: &CatalogueEntryEvent) -> (EntryKind, &str) {
    match &event.entry {
        EntryId::Plan(id) => (EntryKind::Plan, id.as_str()),
        EntryId::Coupon(code) => (EntryKind::Coupon, code),
        EntryId::TaxRate(id) => (EntryKind::TaxRate, id),
    }
}
