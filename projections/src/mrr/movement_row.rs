//! One movement of a customer's MRR in one currency, as known during a range of positions.

use domain::mrr::{LogoChange, Movement, MovementType, Reason};
use domain::time::to_micros;
use store::{StoreError, Table, Values};

use super::known::Known;
use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub tenant: String,
    pub customer_id: String,
    pub currency: String,
    /// Business time. A customer has one step an instant, so one row a currency.
    pub effective_at: i64,
    /// It is part of what was known from this position …
    pub from_position: i64,
    /// … to before this one; `OPEN` for one that still holds.
    pub to_position: i64,
    pub kind: MovementType,
    pub reason: Option<Reason>,
    pub before_minor: i64,
    pub after_minor: i64,
    /// Never negative; the kind gives the direction.
    pub amount_minor: i64,
    /// What it did to the number of customers, on one row a step only.
    pub logo: Option<LogoChange>,
    pub logo_churn: bool,
    /// The events it is made of (rule I6).
    pub event_ids: Vec<String>,
}

impl MovementRow {
    pub(super) fn of(tenant: &str, customer_id: &str, known: &Known<Movement>, to_position: i64) -> Self {
        let movement = &known.row;
        Self {
            tenant: tenant.to_owned(),
            customer_id: customer_id.to_owned(),
            currency: movement.currency.code().to_owned(),
            effective_at: to_micros(movement.effective_at),
            from_position: known.from_position,
            to_position,
            kind: movement.kind,
            reason: movement.reason,
            before_minor: movement.before_minor,
            after_minor: movement.after_minor,
            amount_minor: movement.amount_minor,
            logo: movement.logo,
            logo_churn: movement.logo_churn(),
            event_ids: movement.event_ids.clone(),
        }
    }
}

impl Row for MovementRow {
    const TABLE: Table = Table {
        name: "mrr_movements",
        columns: &[
            text("tenant"),
            text("customer_id"),
            text("currency"),
            int("effective_at"),
            int("from_position"),
            int("to_position"),
            text("kind"),
            text("reason"),
            int("before_minor"),
            int("after_minor"),
            int("amount_minor"),
            text("logo"),
            int("logo_churn"),
            text("event_ids"),
        ],
        key_columns: 5,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.customer_id)
            .text(&self.currency)
            .int(self.effective_at)
            .int(self.from_position)
            .int(self.to_position)
            .text(self.kind.as_str())
            .opt_text(self.reason.map(Reason::as_str))
            .int(self.before_minor)
            .int(self.after_minor)
            .int(self.amount_minor)
            .opt_text(self.logo.map(LogoChange::as_str))
            .flag(self.logo_churn)
            .json(&self.event_ids)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            customer_id: cells.text()?,
            currency: cells.text()?,
            effective_at: cells.int()?,
            from_position: cells.int()?,
            to_position: cells.int()?,
            kind: cells.word()?,
            reason: cells.opt_text()?.as_deref().and_then(Reason::from_word),
            before_minor: cells.int()?,
            after_minor: cells.int()?,
            amount_minor: cells.int()?,
            logo: cells.opt_text()?.as_deref().and_then(LogoChange::from_word),
            logo_churn: cells.flag()?,
            event_ids: cells.json()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 640
    }
}
