//! `GET /analytics/revenue`.

mod revenue_wire;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use self::revenue_wire::RevenueWire;
use super::own;
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::revenue::{self as operation, Question};
use crate::web::{Caller, Params};

/// Ten years, so that a question costs a bounded number of rows.
const MAX_PERIOD_DAYS: i64 = 3650;
const DEFAULT_PERIOD_DAYS: i64 = 30;

#[derive(Debug, Deserialize)]
pub(super) struct RevenueParams {
    period_days: Option<String>,
    include_forecast: Option<String>,
    tz: Option<String>,
    as_of: Option<String>,
}

pub(super) async fn revenue(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<RevenueParams>,
) -> Result<Json<RevenueWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let include_forecast = flag("include_forecast", params.include_forecast.as_deref())?;
    let question = question(params)?;
    let settings = catalogue::settings(&app.ledger, tenant).await?;
    if let Some(position) = question.as_of {
        app.wait_for(position).await;
    }
    let report = operation::revenue(&app.ledger, tenant, &settings, question).await?;
    Ok(Json(revenue_wire::render(report, include_forecast)))
}

fn question(params: RevenueParams) -> Result<Question, Failure> {
    let period_days = match params.period_days.as_deref() {
        None => DEFAULT_PERIOD_DAYS,
        Some(text) => text
            .parse()
            .ok()
            .filter(|days| (1..=MAX_PERIOD_DAYS).contains(days))
            .ok_or_else(|| Failure::invalid("period_days", Some(text), "A number of days from 1 to 3650"))?,
    };
    let as_of = params
        .as_of
        .as_deref()
        .map(|text| text.parse().map_err(|_| Failure::invalid("as_of", Some(text), "A position of the ledger")))
        .transpose()?;
    Ok(Question { period_days, zone: params.tz.filter(|zone| !zone.is_empty()), as_of })
}

fn flag(field: &str, text: Option<&str>) -> Result<bool, Failure> {
    match text {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(Failure::invalid(field, Some(other), "true or false")),
    }
}
