//! What time is it for a tenant? Its sandbox's clock, where that was ever set; real time otherwise.

use domain::id::TenantId;
use domain::sandbox::{CLOCK_ID, Sandbox};
use jiff::Timestamp;
use store::{Ledger, StoreError};

/// The tenant's time as this process knows it. The scheduler keeps that up to date with what other processes set.
pub async fn now_of(ledger: &Ledger, tenant: &TenantId) -> Result<Timestamp, StoreError> {
    let loaded = ledger.load_since::<Sandbox>(tenant, CLOCK_ID, 0).await?;
    Ok(loaded.state.clock().unwrap_or_else(|| ledger.clock().now()))
}

/// The same, asked of the log.
pub(super) async fn look_at_clock(ledger: &Ledger, tenant: &TenantId) -> Result<Timestamp, StoreError> {
    let loaded = ledger.load::<Sandbox>(tenant, CLOCK_ID).await?;
    Ok(loaded.state.clock().unwrap_or_else(|| ledger.clock().now()))
}
