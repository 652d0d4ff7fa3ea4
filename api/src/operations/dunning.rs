//! What people do with dunning campaigns: a step by hand, beside the planned ones, and an end.

use domain::billing::{self, Desk, Subject};
use domain::dunning::{ActionTaken, CampaignSnapshot, Channel, Dunning, Wording};
use domain::id::CampaignId;
use domain::refusal::Refusal;
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{AsOf, Ledger};

use super::invoices::foreign;
use super::repeats::once;
use super::{Call, Done};
use crate::billing::{Place, bill};
use crate::failure::Failure;

/// A step by hand.
#[derive(Debug, Clone)]
pub struct ActionFields {
    pub action: Channel,
    /// `None` is now.
    pub at: Option<Timestamp>,
    pub template: Option<String>,
    /// What is put into the message for this customer.
    pub personalization: Option<Map<String, Value>>,
}

/// Takes a step now, or plans it for later. A declined retry is an outcome, not a failure: it is among the actions taken.
pub async fn act_on_campaign(ledger: &Ledger, call: &Call, id: &str, fields: &ActionFields) -> Result<Done, Failure> {
    let snapshot = campaign(ledger, call, id).await?;
    let personalization = match (&snapshot.customer, &fields.personalization) {
        (Some(customer), Some(personal)) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&Value::Object(personal.clone()).to_string()))
        }
        (_, _) => None,
    };
    let wording = Wording { template: fields.template.clone(), personalization };
    on_campaign(ledger, call, id, |desk, id| match fields.at {
        Some(at) => billing::plan_action(desk, id, fields.action, at, wording.clone()),
        None => billing::act(desk, id, fields.action, wording.clone()),
    })
    .await
}

/// Takes the extension of the trial that the campaign has offered; it voids the invoice of the trial's end.
pub async fn accept_trial_extension(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    on_campaign(ledger, call, id, billing::extend_trial).await
}

/// Ends the campaign; what is owed is owed still.
pub async fn cancel_campaign(ledger: &Ledger, call: &Call, id: &str, reason: Option<String>) -> Result<Done, Failure> {
    let snapshot = campaign(ledger, call, id).await?;
    let reason = match (&snapshot.customer, reason) {
        (Some(customer), Some(reason)) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&reason))
        }
        (_, _) => None,
    };
    on_campaign(ledger, call, id, |desk, id| billing::stop(desk, id, reason.clone())).await
}

/// The last action by hand as of a position.
pub async fn acted(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    action: Channel,
    done: &Done,
) -> Result<Option<ActionTaken>, Failure> {
    let loaded = ledger.load_at::<Dunning>(&call.tenant, id, AsOf::Position(done.position)).await?;
    let actions = loaded.state.snapshot().map(|snapshot| snapshot.actions.as_slice()).unwrap_or_default();
    Ok(actions.iter().rev().find(|taken| taken.step.is_none() && taken.action == action).cloned())
}

/// The campaign as it stands.
pub(crate) async fn campaign(ledger: &Ledger, call: &Call, id: &str) -> Result<CampaignSnapshot, Failure> {
    let unknown = || Failure::not_found("dunning campaign");
    let id = CampaignId::parse(id).map_err(|_| unknown())?;
    let loaded = ledger.load::<Dunning>(&call.tenant, id.as_str()).await?;
    loaded.state.snapshot().cloned().ok_or_else(unknown)
}

async fn on_campaign(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    work: impl Fn(&mut Desk, &CampaignId) -> Result<(), Refusal>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let snapshot = campaign(ledger, call, id).await?;
        foreign(snapshot.origin)?;
        let id = CampaignId::parse(id).map_err(|_| Failure::not_found("dunning campaign"))?;
        let customer = snapshot.customer.ok_or_else(|| Failure::not_found("customer"))?;
        let mut place = Place::of(customer);
        place.subjects = vec![Subject::Campaign(id.clone())];
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), |desk| work(desk, &id)).await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}
