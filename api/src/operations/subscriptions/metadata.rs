//! How the metadata of a subscription is changed key by key: it is sealed, so it is merged here, with what was seen, and
//! refused where somebody else has changed it by then.

use domain::customer::Patch;
use domain::id::SubscriptionId;
use domain::subscription::{Subscription, SubscriptionCommand, SubscriptionSnapshot};
use serde_json::{Map, Value};
use store::Ledger;

use crate::failure::Failure;
use crate::operations::Call;

/// The change, where there is one.
pub(super) async fn merged(
    ledger: &Ledger,
    call: &Call,
    subscription: &SubscriptionSnapshot,
    named: &Patch<Map<String, Value>>,
) -> Result<Option<SubscriptionCommand>, Failure> {
    let seen = subscription.terms.metadata.clone();
    let named = match named {
        Patch::Unchanged => return Ok(None),
        Patch::Cleared => return Ok(Some(SubscriptionCommand::SetMetadata { metadata: None, seen })),
        Patch::Set(named) => named,
    };
    let known = match &seen {
        Some(sealed) => ledger.keyring().unseal(&call.tenant, sealed).await?,
        None => None,
    };
    let mut whole: Map<String, Value> =
        known.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    whole.extend(named.clone());
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{}", subscription.customer)).await?;
    let metadata = Some(sealer.seal(&Value::Object(whole).to_string()));
    Ok(Some(SubscriptionCommand::SetMetadata { metadata, seen }))
}

/// Whether it is another by now than the one that was seen.
pub(super) async fn is_other(
    ledger: &Ledger,
    call: &Call,
    id: &SubscriptionId,
    seen: &SubscriptionSnapshot,
) -> Result<bool, Failure> {
    let loaded = ledger.load::<Subscription>(&call.tenant, id.as_str()).await?;
    Ok(loaded.state.snapshot().is_some_and(|now| now.terms.metadata != seen.terms.metadata))
}
