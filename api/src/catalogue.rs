//! What does a tenant sell, and how does it bill, as of now? The one place that answers: the tenant's file is loaded into
//! the ledger when that is opened, and from then on only the ledger is asked. Nothing here changes an entry.

use domain::catalogue::{self, Catalogue, Coupon, Plan, TaxRate};
use domain::catalogue_entry::{CatalogueEntry, CatalogueEntryCommand, Definition, EntryId};
use domain::command::Command;
use domain::id::{PlanId, TenantId};
use domain::issued::Decider;
use domain::sandbox::Sandbox;
use domain::tenant_settings::{SETTINGS_ID, Settings, TenantSettings, TenantSettingsCommand};
use projections::catalogue::{EntryKind, list_catalogue_entries};
use store::{Entry, EventIds, ExecuteError, Ledger, Request, StoreError};

use crate::billing::now_of;

/// Tries of a load that other nodes, which start at the same time, get in the way of.
const MAX_TRIES: u32 = 16;
/// Tax rates of one tenant: a few for each country and state there is.
const MAX_TAX_RATES: i64 = 10_000;

/// A plan in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldPlan {
    pub version: u32,
    pub plan: Plan,
}

/// Loads the tenants' files into the ledger, each in one request. What a file said before is not said again, so a start
/// with the same files writes nothing.
pub(crate) async fn load_catalogues(
    ledger: &Ledger,
    tenants: impl Iterator<Item = &TenantId>,
) -> Result<(), StoreError> {
    for tenant in tenants {
        if let Some(catalogue) = catalogue::seed(tenant.as_str()) {
            load_catalogue(ledger, tenant, catalogue).await?;
        }
    }
    Ok(())
}

/// Whether an entry of the log is of a catalogue, of settings or of the sandbox's. A ledger that holds nothing else holds
/// no business yet.
pub(crate) fn is_setup(entry: &Entry) -> bool {
    [CatalogueEntry::TYPE, TenantSettings::TYPE, Sandbox::TYPE].contains(&entry.aggregate_type.as_str())
}

/// The plan of an id in a version of it; where none is named, in the one that is sold now.
pub async fn plan(
    ledger: &Ledger,
    tenant: &TenantId,
    id: &PlanId,
    version: Option<u32>,
) -> Result<Option<SoldPlan>, StoreError> {
    let entry = ledger.load::<CatalogueEntry>(tenant, &EntryId::Plan(id.clone()).to_string()).await?.state;
    let found = version.map_or_else(|| entry.latest(), |number| entry.version(number));
    let sold = found.and_then(|version| Some((version.number, version.definition.as_plan()?)));
    Ok(sold.map(|(version, plan)| SoldPlan { version, plan: plan.clone() }))
}

/// The coupon of a code, in exactly that spelling.
pub async fn coupon(ledger: &Ledger, tenant: &TenantId, code: &str) -> Result<Option<Coupon>, StoreError> {
    let Ok(id) = EntryId::coupon(code) else { return Ok(None) };
    let entry = ledger.load::<CatalogueEntry>(tenant, &id.to_string()).await?.state;
    Ok(entry.latest().and_then(|version| version.definition.as_coupon()).cloned())
}

/// The tax rate for an address: of its state, else of its whole country, else none.
pub async fn tax_rate(
    ledger: &Ledger,
    tenant: &TenantId,
    country: &str,
    state: Option<&str>,
) -> Result<Option<TaxRate>, StoreError> {
    Ok(TaxRate::of_address(&tax_rates(ledger, tenant).await?, country, state).cloned())
}

/// All tax rates of a tenant.
pub async fn tax_rates(ledger: &Ledger, tenant: &TenantId) -> Result<Vec<TaxRate>, StoreError> {
    let kind = EntryKind::TaxRate;
    let rows = list_catalogue_entries(ledger.pool(), tenant.as_str(), kind, "", MAX_TAX_RATES).await?;
    Ok(rows.iter().filter_map(|row| row.definition.as_tax_rate().cloned()).collect())
}

/// The tenant's settings. They are there since the ledger was opened.
pub async fn settings(ledger: &Ledger, tenant: &TenantId) -> Result<Settings, StoreError> {
    let loaded = ledger.load::<TenantSettings>(tenant, SETTINGS_ID).await?;
    let missing = || StoreError::Configuration(format!("the tenant {tenant} has no settings"));
    loaded.state.current().cloned().ok_or_else(missing)
}

async fn load_catalogue(ledger: &Ledger, tenant: &TenantId, catalogue: &Catalogue) -> Result<(), StoreError> {
    let wrong = |reason: String| StoreError::Configuration(format!("the catalogue of {tenant}: {reason}"));
    let mut commands = Vec::new();
    for definition in Definition::all(catalogue) {
        let id = definition.id().map_err(|error| wrong(error.to_string()))?;
        commands.push(Command::CatalogueEntry(id, CatalogueEntryCommand::Load { definition: Box::new(definition) }));
    }
    let settings = Box::new(catalogue.defaults.settings());
    commands.push(Command::TenantSettings(TenantSettingsCommand::Load { settings }));
    let expect_new = ledger.head().await? == 0;
    for _ in 0..MAX_TRIES {
        let request = Request {
            tenant: tenant.clone(),
            actor: "file".to_owned(),
            request_id: None,
            cause: None,
            now: now_of(ledger, tenant).await?,
            commands: commands.clone(),
            claims: Vec::new(),
            releases: Vec::new(),
            event_ids: EventIds::Fresh,
            idempotency: None,
            expect_new,
        };
        match ledger.execute(request).await {
            Ok(_) => return Ok(()),
            Err(ExecuteError::Contention) => {}
            Err(ExecuteError::Store(error)) => return Err(error),
            Err(error @ (ExecuteError::Refused(_) | ExecuteError::IdempotencyMismatch)) => {
                return Err(wrong(error.to_string()));
            }
        }
    }
    Err(StoreError::Overloaded)
}
