//! What is done with what a tenant sells and how it bills. What is sold already is left as it was sold.

use domain::catalogue::Changes;
use domain::catalogue_entry::{CatalogueEntryCommand, EntryId};
use domain::command::Command;
use domain::tenant_settings::{SETTINGS_ID, TenantSettingsCommand};
use store::Ledger;

use super::repeats::once;
use super::{Call, Done, execute, request};
use crate::failure::Failure;

/// Publishes a version of a plan, coupon or tax rate in which what is named is changed; the first where there is none.
pub async fn change_catalogue_entry(
    ledger: &Ledger,
    call: &Call,
    id: EntryId,
    changes: Changes,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let name = id.to_string();
        let command = Command::CatalogueEntry(id.clone(), CatalogueEntryCommand::Change { id, changes });
        execute(ledger, &name, request(call, vec![command], &name)).await
    })
    .await
}

/// Changes what is named of the tenant's settings.
pub async fn change_settings(ledger: &Ledger, call: &Call, changes: Changes) -> Result<Done, Failure> {
    once(ledger, call, async {
        let command = Command::TenantSettings(TenantSettingsCommand::Change { changes });
        execute(ledger, SETTINGS_ID, request(call, vec![command], SETTINGS_ID)).await
    })
    .await
}
