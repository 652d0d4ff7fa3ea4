//! `GET /dunning/campaigns`, `GET /dunning/campaigns/{id}`, `POST …/actions`, `…/cancel` and `…/offers/{type}/accept`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::dunning::{CampaignStatus, Channel};
use domain::id::TenantId;
use domain::time::from_micros;
use projections::dunning::{CampaignFilter, CampaignRow};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::paging::{self, Pagination};
use super::{instant, own};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::dunning::{self as operation, ActionFields};
use crate::web::amount::{Amount, Exact, rfc3339, rfc3339_micros};
use crate::web::{Body, Caller, Params, Reply, etag};

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    status: Option<String>,
    customer_id: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct ActionWire {
    step: Option<u32>,
    action_type: &'static str,
    executed_at: String,
    success: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct CampaignWire {
    campaign_id: String,
    customer_id: Option<String>,
    subscription_id: Option<String>,
    invoice_id: Option<String>,
    campaign_type: &'static str,
    status: &'static str,
    current_step: u32,
    total_steps: u32,
    /// Null until it is estimated from this ledger's own recoveries.
    success_probability: Option<Exact>,
    amount_at_risk: Amount,
    amount_recovered: Amount,
    currency: String,
    failed_attempts: usize,
    next_action_at: Option<String>,
    actions_taken: Vec<ActionWire>,
    created_at: String,
    closed_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    campaigns: Vec<CampaignWire>,
    pagination: Pagination,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let known =
        [CampaignStatus::Active, CampaignStatus::Recovered, CampaignStatus::Exhausted, CampaignStatus::Canceled];
    let status = match params.status.as_deref() {
        None => None,
        Some(word) => Some(
            known
                .into_iter()
                .find(|status| status.as_str() == word)
                .ok_or_else(|| Failure::invalid("status", Some(word), "active, recovered, exhausted or canceled"))?,
        ),
    };
    let wanted = paging::request(params.page.as_deref(), params.limit.as_deref(), params.cursor.as_deref(), 50)?;
    let filter = CampaignFilter { status, customer_id: params.customer_id.as_deref() };
    let page = projections::dunning::list_campaigns(app.ledger.pool(), tenant.as_str(), filter, &wanted)
        .await
        .map_err(paging::list_failure)?;
    let pagination = Pagination::of(&wanted, &page);
    Ok(Json(ListWire { campaigns: page.rows.into_iter().map(wire).collect(), pagination }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(campaign_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let row = find(&app, tenant, &campaign_id).await?;
    Ok(([etag(row.position)], Json(wire(row))))
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionWrite {
    action_type: String,
    template: Option<String>,
    personalization: Option<Map<String, Value>>,
    schedule_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ActedWire {
    campaign_id: String,
    action_type: &'static str,
    template: Option<String>,
    personalization: Option<Map<String, Value>>,
    /// `executed`, or `scheduled` where it waits for its time.
    status: &'static str,
    scheduled_at: Option<String>,
    executed_at: Option<String>,
    success: Option<bool>,
    campaign: CampaignWire,
}

pub(super) async fn act(
    State(app): State<App>,
    caller: Caller,
    Path(campaign_id): Path<String>,
    body: Body<ActionWrite>,
) -> Result<Reply<ActedWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let ActionWrite { action_type, template, personalization, schedule_at } = body.json;
    let action = Channel::from_word(&action_type).ok_or_else(|| {
        Failure::invalid("action_type", Some(&action_type), "email, sms, phone_call or payment_retry")
    })?;
    let at = schedule_at.as_deref().map(|text| instant("schedule_at", text)).transpose()?.map(from_micros);
    let fields = ActionFields { action, at, template: template.clone(), personalization: personalization.clone() };
    let done = operation::act_on_campaign(&app.ledger, &call, &campaign_id, &fields).await?;
    app.wait_for(done.position).await;
    let acted = match at {
        None => operation::acted(&app.ledger, &call, &campaign_id, action, &done).await?,
        Some(_) => None,
    };
    let row = find(&app, tenant, &campaign_id).await?;
    let json = ActedWire {
        campaign_id,
        action_type: action.as_str(),
        template,
        personalization,
        status: if at.is_some() { "scheduled" } else { "executed" },
        scheduled_at: at.map(rfc3339),
        executed_at: acted.as_ref().map(|taken| rfc3339(taken.executed_at)),
        success: acted.as_ref().map(|taken| taken.success),
        campaign: wire(row),
    };
    Ok(Reply { status: StatusCode::ACCEPTED, position: done.position, json })
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct StopWire {
    reason: Option<String>,
}

pub(super) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(campaign_id): Path<String>,
    body: Body<StopWire>,
) -> Result<Reply<CampaignWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let done = operation::cancel_campaign(&app.ledger, &call, &campaign_id, body.json.reason).await?;
    app.wait_for(done.position).await;
    let json = wire(find(&app, tenant, &campaign_id).await?);
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// What a step has offered is taken: `trial_extension` is the offer that there is.
pub(super) async fn accept_offer(
    State(app): State<App>,
    caller: Caller,
    Path((campaign_id, kind)): Path<(String, String)>,
    body: Body<Value>,
) -> Result<Reply<CampaignWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    if kind != "trial_extension" {
        return Err(Failure::not_found("dunning offer"));
    }
    let call = caller.call(&body.bytes);
    let done = operation::accept_trial_extension(&app.ledger, &call, &campaign_id).await?;
    app.wait_for(done.position).await;
    let json = wire(find(&app, tenant, &campaign_id).await?);
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

async fn find(app: &App, tenant: &TenantId, campaign_id: &str) -> Result<CampaignRow, Failure> {
    projections::dunning::find_campaign(app.ledger.pool(), tenant.as_str(), campaign_id)
        .await?
        .ok_or_else(|| Failure::not_found("dunning campaign"))
}

fn wire(row: CampaignRow) -> CampaignWire {
    CampaignWire {
        campaign_type: row.kind.as_str(),
        status: row.status.as_str(),
        current_step: row.current_step,
        total_steps: row.total_steps,
        success_probability: None,
        amount_at_risk: Amount::of_row(row.amount_at_risk_minor, &row.currency),
        amount_recovered: Amount::of_row(row.recovered_minor, &row.currency),
        failed_attempts: row.attempts.len(),
        next_action_at: row.next_action_at.map(rfc3339_micros),
        actions_taken: row
            .actions
            .iter()
            .map(|action| ActionWire {
                step: action.step,
                action_type: action.action.as_str(),
                executed_at: rfc3339(action.executed_at),
                success: action.success,
            })
            .collect(),
        created_at: rfc3339_micros(row.opened_at),
        closed_at: row.closed_at.map(rfc3339_micros),
        campaign_id: row.campaign_id,
        customer_id: row.customer_id,
        subscription_id: row.subscription_id,
        invoice_id: row.invoice_id,
        currency: row.currency,
    }
}
