//! `GET /ledger/v1/accounts`, `/accounts/{no}` and `/trial-balance`: what stands on the accounts at the end of a date, as
//! was known at a position. What was posted and what was earned since, which no entry says before the period is closed
//! (decision B14), stand beside each other; the balance is both.

use axum::Json;
use axum::extract::{Path, State};
use domain::id::TenantId;
use domain::journal::{Account, AccountBalance, Balances};
use domain::money::Currency;
use domain::recognition::Ruler;
use domain::time::{local_date, start_of_day, to_micros, zone_named};
use jiff::Timestamp;
use jiff::civil::Date;
use projections::journal::{Asked, Until, accounts_at, entries_on};
use serde::{Deserialize, Serialize};

use super::journal::{JournalParams, ListWire, as_of, filter, wire};
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::web::amount::Amount;
use crate::web::{Caller, Params};

#[derive(Debug, Deserialize)]
pub(super) struct MomentParams {
    /// A position, or an instant of the tenant's clock.
    as_of: Option<String>,
    /// The end of this local date; today, with everything that was posted, where none is named.
    date: Option<String>,
}

#[derive(Debug, Serialize)]
struct SidesWire {
    debit: Amount,
    credit: Amount,
}

/// One account in one currency.
#[derive(Debug, Serialize)]
struct BalanceWire {
    currency: &'static str,
    posted: SidesWire,
    recognized: SidesWire,
    debit: Amount,
    credit: Amount,
}

#[derive(Debug, Serialize)]
struct AccountWire {
    account: u16,
    name: &'static str,
    normal_side: &'static str,
    balances: Vec<BalanceWire>,
}

#[derive(Debug, Serialize)]
pub(super) struct AccountsWire {
    #[serde(flatten)]
    moment: MomentWire,
    accounts: Vec<AccountWire>,
}

#[derive(Debug, Serialize)]
pub(super) struct OneAccountWire {
    #[serde(flatten)]
    moment: MomentWire,
    #[serde(flatten)]
    account: AccountWire,
    #[serde(flatten)]
    list: ListWire,
}

#[derive(Debug, Serialize)]
struct RowWire {
    account: u16,
    name: &'static str,
    #[serde(flatten)]
    balance: BalanceWire,
}

#[derive(Debug, Serialize)]
struct TotalWire {
    currency: &'static str,
    debit: Amount,
    credit: Amount,
}

#[derive(Debug, Serialize)]
pub(super) struct TrialBalanceWire {
    #[serde(flatten)]
    moment: MomentWire,
    accounts: Vec<RowWire>,
    totals: Vec<TotalWire>,
    balanced: bool,
}

/// Of what the balances are.
#[derive(Debug, Serialize)]
struct MomentWire {
    as_of: i64,
    date: String,
    timezone: String,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<MomentParams>,
) -> Result<Json<AccountsWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let (moment, balances) = balances(&app, &caller, &params).await?;
    let accounts = Account::ALL.into_iter().map(|account| account_wire(account, &balances)).collect();
    Ok(Json(AccountsWire { moment, accounts }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(number): Path<String>,
    Params(params): Params<MomentParams>,
    Params(entries): Params<JournalParams>,
) -> Result<Json<OneAccountWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let account = number.parse().ok().and_then(Account::from_number).ok_or_else(|| Failure::not_found("account"))?;
    let (moment, balances) = balances(&app, &caller, &params).await?;
    let tenant = &caller.principal.tenant;
    let (filter, limit) = filter(&app, tenant, &entries).await?;
    let found = entries_on(app.ledger.pool(), tenant.as_str(), account, &filter, limit).await?;
    Ok(Json(OneAccountWire { moment, account: account_wire(account, &balances), list: wire(found, filter.after) }))
}

pub(super) async fn trial_balance(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<MomentParams>,
) -> Result<Json<TrialBalanceWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let (moment, balances) = balances(&app, &caller, &params).await?;
    let row = |(currency, account, balance): (Currency, Account, AccountBalance)| RowWire {
        account: account.number(),
        name: account.name(),
        balance: balance_wire(currency, balance),
    };
    let mut currencies: Vec<Currency> = balances.iter().map(|(currency, _, _)| currency).collect();
    currencies.dedup();
    let total = |currency: &Currency| {
        let minors = balances.iter().filter(|(known, _, _)| known == currency).map(|found| found.2.balance_minor());
        let (debit, credit) = minors.map(sides).fold((0, 0), |sum: (i64, i64), (debit, credit)| {
            (sum.0.saturating_add(debit), sum.1.saturating_add(credit))
        });
        TotalWire {
            currency: currency.code(),
            debit: Amount::minor(debit, *currency),
            credit: Amount::minor(credit, *currency),
        }
    };
    Ok(Json(TrialBalanceWire {
        moment,
        accounts: balances.iter().map(row).collect(),
        totals: currencies.iter().map(total).collect(),
        balanced: currencies.iter().all(|currency| balances.sum_minor(*currency) == 0),
    }))
}

async fn balances(app: &App, caller: &Caller, params: &MomentParams) -> Result<(MomentWire, Balances), Failure> {
    let tenant: &TenantId = &caller.principal.tenant;
    let timezone = catalogue::settings(&app.ledger, tenant).await?.timezone;
    let zone = zone_named(&timezone);
    let date = |text: &str| {
        text.parse::<Date>().map_err(|_| Failure::invalid("date", Some(text), "a date such as 2024-02-29"))
    };
    let asked = params.date.as_deref().map(date).transpose()?;
    // As of an instant of the past it is that day, not today, that ends.
    let today = params.as_of.as_deref().and_then(|text| text.parse::<Timestamp>().ok()).unwrap_or(caller.now());
    let day = asked.unwrap_or_else(|| local_date(today, &zone));
    let tomorrow = day.tomorrow().map_err(|_| Failure::invalid("date", params.date.as_deref(), "in the calendar"))?;
    let folded = app.positions.of("journal").map_or(0, |progress| progress.position);
    let as_of = as_of(app, tenant, params.as_of.as_deref()).await?;
    let question = Asked {
        as_of,
        until: asked.map(|_| Until { before_at: to_micros(start_of_day(tomorrow, &zone)) }),
        earned_before: Ruler::days(zone).start_of(tomorrow),
    };
    let balances = accounts_at(app.ledger.pool(), tenant.as_str(), question).await?;
    Ok((MomentWire { as_of: as_of.unwrap_or(folded), date: day.to_string(), timezone }, balances))
}

fn account_wire(account: Account, balances: &Balances) -> AccountWire {
    let of_account = balances.iter().filter(|(_, known, _)| *known == account);
    AccountWire {
        account: account.number(),
        name: account.name(),
        normal_side: account.side().as_str(),
        balances: of_account.map(|(currency, _, balance)| balance_wire(currency, balance)).collect(),
    }
}

fn balance_wire(currency: Currency, balance: AccountBalance) -> BalanceWire {
    let amounts = |(debit, credit): (i64, i64)| SidesWire {
        debit: Amount::minor(debit, currency),
        credit: Amount::minor(credit, currency),
    };
    let SidesWire { debit, credit } = amounts(sides(balance.balance_minor()));
    BalanceWire {
        currency: currency.code(),
        posted: amounts((balance.debit_minor, balance.credit_minor)),
        recognized: amounts(sides(balance.recognized_minor)),
        debit,
        credit,
    }
}

fn sides(minor: i64) -> (i64, i64) {
    (minor.max(0), minor.saturating_neg().max(0))
}
