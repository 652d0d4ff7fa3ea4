//! How events change a campaign's row: every event carries the whole campaign.

use domain::dunning::{CampaignSnapshot, Dunning, DunningEvent};
use domain::issued::Decider;
use domain::time::to_micros;
use store::{Value, Values};

use super::row::CampaignRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct CampaignFold;

impl Fold for CampaignFold {
    type Row = CampaignRow;

    const READS: &'static [&'static str] = &[Dunning::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(event) = seen.event.dunning() {
            keys.push(text_key(&[seen.entry.tenant.as_str(), event.campaign.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<CampaignRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<CampaignRow>, FoldError> {
        let Some(event) = seen.event.dunning() else { return Ok(row) };
        let created_position = row.map_or(seen.entry.position, |row| row.created_position);
        Ok(Some(row_of(seen, event, created_position)))
    }
}

fn row_of(seen: &Seen<'_>, event: &DunningEvent, created_position: i64) -> CampaignRow {
    let after = event.after.as_ref();
    CampaignRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        campaign_id: event.campaign.as_str().to_owned(),
        kind: after.kind,
        configuration: after.configuration,
        status: after.status,
        customer_id: after.customer.as_ref().map(|id| id.as_str().to_owned()),
        subscription_id: after.subscription.as_ref().map(|id| id.as_str().to_owned()),
        invoice_id: after.invoice.as_ref().map(|id| id.as_str().to_owned()),
        payment_method_id: after.payment_method.as_ref().map(|id| id.as_str().to_owned()),
        amount_at_risk_minor: after.amount_at_risk_minor,
        recovered_minor: after.recovered_minor,
        currency: after.currency.code().to_owned(),
        current_step: current_step(after),
        total_steps: u32::try_from(after.steps.len()).unwrap_or(u32::MAX),
        next_action_at: after.next_step().map(|step| to_micros(step.due_at)),
        opened_at: to_micros(after.opened_at),
        closed_at: after.closed_at.map(to_micros),
        actions: after.actions.clone(),
        attempts: after.attempts.clone(),
        steps: after.steps.clone(),
        created_position,
        position: seen.entry.position,
    }
}

fn current_step(after: &CampaignSnapshot) -> u32 {
    let last_taken = || after.actions.iter().filter_map(|action| action.step).max().unwrap_or(0);
    after.next_step().map_or_else(last_taken, |step| step.number)
}
