//! Whether an account at Stripe has all that a tenant sells: a product a plan and a price a version, found by its lookup
//! key or made. What is there already is never changed.

mod price;

use std::collections::BTreeSet;

use domain::catalogue_entry::{CatalogueEntry, EntryId};
use domain::id::{PlanId, TenantId};
use projections::catalogue::{EntryKind, list_catalogue_entries};
use sha2::{Digest, Sha256};
use store::{Ledger, StoreError};

use self::price::{matches, new_price};
use super::client::{Form, IdempotencyKey, Metadata, NewProduct, Price, StripeClient, StripeError};
use crate::catalogue::SoldPlan;

/// Plans of one tenant that are set up in one run.
const MAX_PLANS: i64 = 10_000;

/// What was done about one thing of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub plan: PlanId,
    pub version: u32,
    /// The product's id, or the price's lookup key.
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    ProductCreated,
    ProductFound,
    PriceCreated {
        id: String,
    },
    PriceFound {
        id: String,
    },
    /// A price under this lookup key says something else than the catalogue. Prices cannot be changed.
    PriceDiffers {
        id: String,
    },
    /// Stripe has no such price.
    Impossible {
        reason: String,
    },
}

impl Outcome {
    pub fn is_made(&self) -> bool {
        match self {
            Self::ProductCreated | Self::PriceCreated { .. } => true,
            Self::ProductFound | Self::PriceFound { .. } | Self::PriceDiffers { .. } | Self::Impossible { .. } => false,
        }
    }

    /// Whether somebody has to look at it.
    pub fn is_wrong(&self) -> bool {
        match self {
            Self::PriceDiffers { .. } | Self::Impossible { .. } => true,
            Self::ProductCreated | Self::ProductFound | Self::PriceCreated { .. } | Self::PriceFound { .. } => false,
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.name;
        match &self.outcome {
            Outcome::ProductCreated => write!(f, "product {name}: created"),
            Outcome::ProductFound => write!(f, "product {name}: there"),
            Outcome::PriceCreated { id } => write!(f, "price {name}: created as {id}"),
            Outcome::PriceFound { id } => write!(f, "price {name}: there as {id}"),
            Outcome::PriceDiffers { id } => write!(f, "price {name}: {id} differs from the catalogue"),
            Outcome::Impossible { reason } => write!(f, "price {name}: not made, {reason}"),
        }
    }
}

/// The name by which a plan's price in one version is found, whoever made it.
pub fn lookup_key(tenant: &TenantId, plan: &PlanId, version: u32) -> String {
    format!("{tenant}_{plan}_v{version}")
}

/// Every version of every plan of a tenant, the oldest of each first. The projections have to have come this far.
pub async fn every_version(ledger: &Ledger, tenant: &TenantId) -> Result<Vec<SoldPlan>, StoreError> {
    let rows = list_catalogue_entries(ledger.pool(), tenant.as_str(), EntryKind::Plan, "", MAX_PLANS).await?;
    let mut plans = Vec::new();
    for plan in rows.iter().filter_map(|row| row.definition.as_plan()) {
        let id = EntryId::Plan(plan.id.clone()).to_string();
        let entry = ledger.load::<CatalogueEntry>(tenant, &id).await?.state;
        plans.extend(entry.versions().iter().filter_map(|version| {
            let plan = version.definition.as_plan()?.clone();
            Some(SoldPlan { version: version.number, plan })
        }));
    }
    Ok(plans)
}

/// Makes what is missing. Every version has its price, since subscriptions keep theirs. A run that was cut short is
/// finished by the next one.
pub async fn set_up(
    client: &StripeClient,
    tenant: &TenantId,
    plans: &[SoldPlan],
    report: &mut (dyn FnMut(&Step) + Send),
) -> Result<Vec<Step>, StripeError> {
    let keys: Vec<String> = plans.iter().map(|sold| lookup_key(tenant, &sold.plan.id, sold.version)).collect();
    let known = client.prices_by_lookup_key(&keys).await?;
    let mut steps: Vec<Step> = Vec::new();
    let mut products: BTreeSet<&PlanId> = BTreeSet::new();
    for (sold, key) in plans.iter().zip(keys) {
        let mut note = |name: &str, outcome: Outcome| {
            let step = Step { plan: sold.plan.id.clone(), version: sold.version, name: name.to_owned(), outcome };
            report(&step);
            steps.push(step);
        };
        let product = product_id(tenant, sold);
        if products.insert(&sold.plan.id) {
            note(&product, ensure_product(client, tenant, sold, &product).await?);
        }
        let found = known.iter().find(|price| price.lookup_key.as_ref() == Some(&key));
        note(&key, ensure_price(client, tenant, sold, (&key, &product), found).await?);
        for usage in &sold.plan.usage {
            let reason = "usage is priced at Stripe by a meter, which is made there by hand".to_owned();
            note(&format!("{key}_{}", usage.metric.as_str()), Outcome::Impossible { reason });
        }
    }
    Ok(steps)
}

/// The id that the tenant's documents give the product, else one of ours.
fn product_id(tenant: &TenantId, sold: &SoldPlan) -> String {
    sold.plan.word("stripe_product_id").map_or_else(|| format!("{tenant}_{}", sold.plan.id), str::to_owned)
}

async fn ensure_product(
    client: &StripeClient,
    tenant: &TenantId,
    sold: &SoldPlan,
    id: &str,
) -> Result<Outcome, StripeError> {
    match client.product(id).await {
        Ok(_) => return Ok(Outcome::ProductFound),
        Err(error) if error.is_missing() => {}
        Err(error) => return Err(error),
    }
    let plan = &sold.plan;
    let product = NewProduct {
        id: id.to_owned(),
        name: plan.name.clone(),
        description: Some(plan.description.clone()).filter(|text| !text.is_empty()),
        metadata: metadata(&[("daybook_tenant", tenant.as_str()), ("daybook_plan", plan.id.as_str())]),
    };
    client.create_product(&key_of(tenant, "product", id, &product), &product).await?;
    Ok(Outcome::ProductCreated)
}

async fn ensure_price(
    client: &StripeClient,
    tenant: &TenantId,
    sold: &SoldPlan,
    (lookup_key, product): (&str, &str),
    found: Option<&Price>,
) -> Result<Outcome, StripeError> {
    let metadata = metadata(&[
        ("daybook_tenant", tenant.as_str()),
        ("daybook_plan", sold.plan.id.as_str()),
        ("daybook_version", &sold.version.to_string()),
    ]);
    let new = match new_price(&sold.plan, lookup_key, product, metadata) {
        Ok(new) => new,
        Err(reason) => return Ok(Outcome::Impossible { reason }),
    };
    if let Some(price) = found {
        let id = price.id.clone();
        return Ok(if matches(price, &new) { Outcome::PriceFound { id } } else { Outcome::PriceDiffers { id } });
    }
    let made = client.create_price(&key_of(tenant, "price", lookup_key, &new), &new).await?;
    Ok(Outcome::PriceCreated { id: made.id })
}

/// The same thing said differently is another request, which Stripe would refuse under the same key.
fn key_of(tenant: &TenantId, kind: &str, name: &str, fields: &impl serde::Serialize) -> IdempotencyKey {
    let form = Form::of(fields).unwrap_or_default();
    let mut hash = Sha256::new();
    for (field, value) in form.pairs() {
        hash.update(format!("{}:{field}{}:{value}", field.len(), value.len()));
    }
    let hash = hex::encode(hash.finalize());
    IdempotencyKey::of(&["setup", tenant.as_str(), kind, name, hash.get(..16).unwrap_or_default()])
}

fn metadata(pairs: &[(&str, &str)]) -> Metadata {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
