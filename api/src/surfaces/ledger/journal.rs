//! `GET /ledger/v1/journal`: the entries of the double-entry journal in the order in which they were posted. Also how the
//! questions to the journal are read: positions, instants and dates.

use axum::Json;
use axum::extract::State;
use domain::id::TenantId;
use domain::journal::Posting;
use domain::time::{start_of_day, to_micros, zone_named};
use jiff::Timestamp;
use jiff::civil::Date;
use projections::journal::{EntryRow, Filter, entries, position_booked_by};
use serde::{Deserialize, Serialize};

use super::events::{StreamName, number};
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::web::amount::{Amount, rfc3339_exact};
use crate::web::{Caller, Params};

/// Entries of one answer.
const MAX_ENTRIES: i64 = 1_000;
const DEFAULT_ENTRIES: i64 = 100;

#[derive(Debug, Default, Deserialize)]
pub(super) struct JournalParams {
    after: Option<String>,
    limit: Option<String>,
    /// A position, or an instant of the tenant's clock.
    as_of: Option<String>,
    /// Business time, half-open: instants, or local dates as their first instants.
    from: Option<String>,
    to: Option<String>,
    /// `invoice/in_…`
    stream: Option<String>,
}

#[derive(Debug, Serialize)]
struct LineWire {
    account: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    debit: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct EntryWire {
    position: i64,
    effective_at: String,
    currency: String,
    stream: StreamName,
    key: String,
    /// What belongs together: an invoice with its payments.
    book: String,
    lines: Vec<LineWire>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    entries: Vec<EntryWire>,
    next: i64,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<JournalParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let tenant = &caller.principal.tenant;
    let (filter, limit) = filter(&app, tenant, &params).await?;
    let found = entries(app.ledger.pool(), tenant.as_str(), &filter, limit).await?;
    Ok(Json(wire(found, filter.after)))
}

/// Which entries are asked for, and how many at once.
pub(super) async fn filter(app: &App, tenant: &TenantId, params: &JournalParams) -> Result<(Filter, i64), Failure> {
    let zone = zone_named(&catalogue::settings(&app.ledger, tenant).await?.timezone);
    let limit = number("limit", params.limit.as_deref(), DEFAULT_ENTRIES, 1, MAX_ENTRIES)?;
    let moment = |field: &str, text: Option<&str>| -> Result<Option<i64>, Failure> {
        let read = |text: &str| {
            let date = || text.parse::<Date>().ok().map(|date| start_of_day(date, &zone));
            let instant = text.parse::<Timestamp>().ok().or_else(date);
            instant.map(to_micros).ok_or_else(|| Failure::invalid(field, Some(text), "an instant or a date"))
        };
        text.map(read).transpose()
    };
    if let Some(stream) = params.stream.as_deref().filter(|stream| !stream.contains('/')) {
        return Err(Failure::invalid("stream", Some(stream), "type/id"));
    }
    let filter = Filter {
        after: number("after", params.after.as_deref(), 0, 0, i64::MAX)?,
        as_of: as_of(app, tenant, params.as_of.as_deref()).await?.unwrap_or(i64::MAX),
        from_at: moment("from", params.from.as_deref())?,
        to_at: moment("to", params.to.as_deref())?,
        stream: params.stream.clone(),
        account: None,
    };
    Ok((filter, limit))
}

/// The position that is meant: it is itself, or the last one booked by an instant of the tenant's clock. A position that
/// the journal has not reached yet is waited for.
pub(super) async fn as_of(app: &App, tenant: &TenantId, text: Option<&str>) -> Result<Option<i64>, Failure> {
    let Some(text) = text else { return Ok(None) };
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(Some(position_booked_by(app.ledger.pool(), tenant.as_str(), to_micros(instant)).await?));
    }
    let head = app.ledger.head().await?;
    let position =
        text.parse().ok().filter(|position| (0..=head).contains(position)).ok_or_else(|| {
            Failure::invalid("as_of", Some(text), &format!("a position from 0 to {head}, or an instant"))
        })?;
    app.wait_for(position).await;
    Ok(Some(position))
}

pub(super) fn wire(found: Vec<EntryRow>, after: i64) -> ListWire {
    let next = found.last().map_or(after, |last| last.position);
    ListWire { entries: found.into_iter().map(entry).collect(), next }
}

fn entry(row: EntryRow) -> EntryWire {
    let lines = row.lines.iter().map(|line| line_wire(line, &row.currency)).collect();
    EntryWire {
        position: row.position,
        effective_at: rfc3339_exact(row.effective_at),
        stream: StreamName { kind: row.stream_type, id: row.stream_id },
        key: row.entry_key,
        book: row.book,
        currency: row.currency,
        lines,
    }
}

fn line_wire(line: &Posting, currency: &str) -> LineWire {
    let side = |minor: i64| (minor > 0).then(|| Amount::of_row(minor, currency));
    LineWire {
        account: line.account.number(),
        debit: side(line.debit_minor()),
        credit: side(line.credit_minor()),
        jurisdiction: (!line.jurisdiction.is_empty()).then(|| line.jurisdiction.clone()),
    }
}
