//! The newest version of one entry of a catalogue, as a row.

use domain::catalogue_entry::Definition;
use serde::Deserialize;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    Plan,
    Coupon,
    TaxRate,
}

impl EntryKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Coupon => "coupon",
            Self::TaxRate => "tax_rate",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRow {
    pub tenant: String,
    pub kind: EntryKind,
    pub entry_id: String,
    pub version: u32,
    /// From when on the version is sold.
    pub since_at: i64,
    pub definition: Definition,
    pub position: i64,
}

impl Row for CatalogueRow {
    const TABLE: Table = Table {
        name: "catalogue_entries",
        columns: &[
            text("tenant"),
            text("kind"),
            text("entry_id"),
            int("version"),
            int("since_at"),
            text("definition"),
            int("position"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(self.kind.as_str())
            .text(&self.entry_id)
            .int(self.version.into())
            .int(self.since_at)
            .json(&self.definition)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            kind: cells.word()?,
            entry_id: cells.text()?,
            version: cells.small()?,
            since_at: cells.int()?,
            definition: cells.json()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 2_048
    }
}
