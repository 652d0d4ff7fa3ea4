//! Questions about the journal: entries in the order they were posted, and what stands on the accounts at a moment, as was
//! known at a position.

use domain::journal::{Account, Balances, Posting, hledger};
use domain::money::Currency;
use jiff::tz::TimeZone;
use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::entry_row::EntryRow;
use super::schedule_row::{ScheduleRow, date_of};
use crate::query::{number, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("journal::ENTRIES", ENTRIES),
    ("journal::BALANCES", BALANCES),
    ("journal::POSTED", POSTED),
    ("journal::EARNED", EARNED),
    ("journal::BEING_EARNED", BEING_EARNED),
    ("journal::BOOKED_BY", BOOKED_BY),
];

/// Rows read at once where all are needed: enough to make a round trip worth it, few enough to hold.
const PAGE: i64 = 5_000;

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// After this position, up to and with that one.
    pub after: i64,
    pub as_of: i64,
    /// Business time in microseconds, half-open.
    pub from_at: Option<i64>,
    pub to_at: Option<i64>,
    /// `invoice/in_…`: what is in its book; or what events of that stream posted.
    pub stream: Option<String>,
    pub account: Option<Account>,
}

/// Entries in the order they were posted, of whole positions: no more than asked for, unless one position alone has more.
pub async fn entries(pool: &AnyPool, tenant: &str, filter: &Filter, limit: i64) -> Result<Vec<EntryRow>, StoreError> {
    let mut found: Vec<EntryRow> = rows(pool, statement(tenant, filter, limit.saturating_add(1))).await?;
    let all = i64::try_from(found.len()).unwrap_or(i64::MAX) <= limit;
    let Some(cut) = found.last().map(|last| last.position).filter(|_| !all) else { return Ok(found) };
    found.retain(|entry| entry.position < cut);
    if found.is_empty() {
        let filter = Filter { after: cut - 1, as_of: cut, ..filter.clone() };
        found = rows(pool, statement(tenant, &filter, i64::MAX)).await?;
    }
    Ok(found)
}

/// The whole journal up to a position as hledger's text; dates are those of a zone.
pub async fn hledger_text(pool: &AnyPool, tenant: &str, as_of: i64, zone: &TimeZone) -> Result<String, StoreError> {
    let mut text = String::new();
    let mut filter = Filter { as_of, ..Filter::default() };
    loop {
        let page = entries(pool, tenant, &filter, PAGE).await?;
        let Some(last) = page.last() else { return Ok(text) };
        filter.after = last.position;
        for row in &page {
            let entry = row.entry().ok_or_else(|| corrupt("lines", format!("{} does not balance", row.entry_key)))?;
            text.push_str(&hledger([&entry], zone));
        }
    }
}

/// The entries that move an account.
pub async fn entries_on(
    pool: &AnyPool,
    tenant: &str,
    account: Account,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    entries(pool, tenant, &Filter { account: Some(account), ..filter.clone() }, limit).await
}

fn statement<'q>(tenant: &'q str, filter: &'q Filter, limit: i64) -> crate::query::Statement<'q> {
    let stream = filter.stream.as_deref().and_then(|stream| stream.split_once('/'));
    sqlx::query(ENTRIES)
        .bind(tenant)
        .bind(filter.after)
        .bind(filter.as_of)
        .bind(filter.from_at)
        .bind(filter.to_at)
        .bind(filter.stream.as_deref())
        .bind(stream.map(|stream| stream.0))
        .bind(stream.map(|stream| stream.1))
        .bind(filter.account.map(|account| format!("%{{\"a\":{},%", account.number())))
        .bind(limit)
}

/// The last position at which anything was posted by an instant of the tenant's clock.
pub async fn position_booked_by(pool: &AnyPool, tenant: &str, instant_at: i64) -> Result<i64, StoreError> {
    number(pool, sqlx::query(BOOKED_BY).bind(tenant).bind(instant_at)).await
}

/// Of what balances are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What was known at this position; now, where there is none.
    pub as_of: Option<i64>,
    /// What had happened by then; everything posted, where there is none.
    pub until: Option<Until>,
    /// Revenue is earned until this day begins, counted from 1970.
    pub earned_before: i64,
}

/// The end of business time that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    /// In microseconds, not included.
    pub before_at: i64,
}

/// What stands on each account: posted, and earned beside it.
pub async fn accounts_at(pool: &AnyPool, tenant: &str, asked: Asked) -> Result<Balances, StoreError> {
    let mut balances = Balances::default();
    if asked.as_of.is_none() && asked.until.is_none() {
        add_sums(pool, tenant, &mut balances).await?;
    } else {
        add_posted(pool, tenant, asked, &mut balances).await?;
    }
    add_earned(pool, tenant, asked, &mut balances).await?;
    Ok(balances)
}

async fn add_sums(pool: &AnyPool, tenant: &str, balances: &mut Balances) -> Result<(), StoreError> {
    for row in sqlx::query(BALANCES).bind(tenant).fetch_all(pool).await? {
        let (currency, account) = (currency(row.try_get(0)?)?, account(row.try_get(1)?)?);
        balances.add_posted(currency, account, row.try_get(2)?, row.try_get(3)?);
    }
    Ok(())
}

async fn add_posted(pool: &AnyPool, tenant: &str, asked: Asked, balances: &mut Balances) -> Result<(), StoreError> {
    let as_of = asked.as_of.unwrap_or(i64::MAX);
    let before_at = asked.until.map(|until| until.before_at);
    let mut last = (0_i64, 0_i64);
    loop {
        let page = sqlx::query(POSTED).bind(tenant).bind(as_of).bind(before_at).bind(last.0).bind(last.1).bind(PAGE);
        let found = page.fetch_all(pool).await?;
        let Some(end) = found.last() else { return Ok(()) };
        last = (end.try_get(2)?, end.try_get(3)?);
        for row in found {
            let currency = currency(row.try_get(0)?)?;
            let lines: Vec<Posting> =
                serde_json::from_str(row.try_get(1)?).map_err(|error| corrupt("lines", error.to_string()))?;
            for line in lines {
                balances.add_posted(currency, line.account, line.debit_minor(), line.credit_minor());
            }
        }
    }
}

async fn add_earned(pool: &AnyPool, tenant: &str, asked: Asked, balances: &mut Balances) -> Result<(), StoreError> {
    let as_of = asked.as_of.unwrap_or(i64::MAX);
    let (tick, day) = (asked.earned_before, date_of(asked.earned_before));
    // All that has ended is summed up by the database; what is under way is rounded here, stretch by stretch.
    for row in sqlx::query(EARNED).bind(tenant).bind(as_of).bind(&day).fetch_all(pool).await? {
        let (currency, account) = (currency(row.try_get(0)?)?, account(row.try_get(1)?)?);
        let billed = if row.try_get::<i64, _>(2)? == 1 { i64::MIN } else { i64::MAX };
        balances.add_earned(currency, account, billed, row.try_get(3)?, tick);
    }
    let mut last = (0_i64, 0_i64);
    loop {
        let page = sqlx::query(BEING_EARNED).bind(tenant).bind(as_of).bind(&day).bind(last.0).bind(last.1).bind(PAGE);
        let found = rows::<ScheduleRow>(pool, page).await?;
        let Some(end) = found.last() else { return Ok(()) };
        last = (end.position, end.number);
        for row in found {
            let (Some(account), Some(minor)) = (row.account(), row.earned_before(tick)) else {
                return Err(corrupt("account", format!("{row:?}")));
            };
            let billed = if row.billed_on < day { i64::MIN } else { i64::MAX };
            balances.add_earned(currency(&row.currency)?, account, billed, minor, tick);
        }
    }
}

fn currency(code: &str) -> Result<Currency, StoreError> {
    Currency::parse(code).map_err(|error| corrupt("currency", error.to_string()))
}

fn account(number: i64) -> Result<Account, StoreError> {
    let known = u16::try_from(number).ok().and_then(Account::from_number);
    known.ok_or_else(|| corrupt("account", format!("{number} is no account")))
}

fn corrupt(column: &str, reason: String) -> StoreError {
    StoreError::Corrupt { place: format!("journal.{column}"), reason }
}

const ENTRIES: &str = "\
    SELECT tenant, position, number, entry_key, book, stream_type, stream_id, currency, effective_at, booked_at, lines \
    FROM journal_entries WHERE tenant = $1 AND position > $2 AND position <= $3 \
    AND (CAST($4 AS BIGINT) IS NULL OR effective_at >= $4) AND (CAST($5 AS BIGINT) IS NULL OR effective_at < $5) \
    AND (CAST($6 AS TEXT) IS NULL OR book = $6 OR (stream_type = $7 AND stream_id = $8)) \
    AND (CAST($9 AS TEXT) IS NULL OR lines LIKE $9) \
    ORDER BY position, number LIMIT $10";

const BALANCES: &str = "\
    SELECT currency, account, debit_minor, credit_minor FROM journal_balances WHERE tenant = $1 \
    ORDER BY currency, account";

const POSTED: &str = "\
    SELECT currency, lines, position, number FROM journal_entries WHERE tenant = $1 AND position <= $2 \
    AND (CAST($3 AS BIGINT) IS NULL OR effective_at < $3) AND (position, number) > ($4, $5) \
    ORDER BY position, number LIMIT $6";

const EARNED: &str = "\
    SELECT currency, account, CAST(CASE WHEN billed_on < $3 THEN 1 ELSE 0 END AS BIGINT) AS is_billed, \
    CAST(SUM(earned_minor) AS BIGINT) FROM journal_schedules \
    WHERE tenant = $1 AND position <= $2 AND stops_on <= $3 \
    GROUP BY currency, account, is_billed ORDER BY currency, account, is_billed";

const BEING_EARNED: &str = "\
    SELECT tenant, position, number, book, line, account, currency, billed_on, starts_on, ends_on, stops_on, \
    amount_minor, earned_minor FROM journal_schedules \
    WHERE tenant = $1 AND position <= $2 AND stops_on > $3 AND starts_on < $3 AND (position, number) > ($4, $5) \
    ORDER BY position, number LIMIT $6";

const BOOKED_BY: &str = "\
    SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM journal_entries WHERE tenant = $1 AND booked_at <= $2";
