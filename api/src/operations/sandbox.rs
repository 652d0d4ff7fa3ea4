//! What is done with the sandbox: its clock is moved, and what charges come to is scripted.

use domain::command::{Command, SandboxStream};
use domain::id::{CustomerId, TenantId};
use domain::sandbox::{Outcome, SandboxCommand};
use jiff::Timestamp;
use sqlx::Row as _;
use store::{Ledger, StoreError};

use super::repeats::once;
use super::{Call, Done, execute, request};
use crate::failure::Failure;

/// A tenant is empty as long as it has no customer and no money.
const SELECT_BUSINESS: &str = "\
SELECT CAST(COUNT(*) AS BIGINT)
  FROM (SELECT customer_id FROM customers WHERE tenant = $1 LIMIT 1) AS business";

/// All statements of this file, for the test that prepares each on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("customers::is_empty", SELECT_BUSINESS)];

/// Moves the tenant's clock: anywhere while the tenant is empty, afterwards forward only.
pub async fn set_clock(ledger: &Ledger, call: &Call, now: Timestamp) -> Result<Done, Failure> {
    once(ledger, call, async {
        let may_go_back = is_empty(ledger, &call.tenant).await?;
        let command = SandboxCommand::SetClock { now, may_go_back };
        let commands = vec![Command::Sandbox(SandboxStream::Clock, command)];
        execute(ledger, "clock", request(call, commands, "clock")).await
    })
    .await
}

/// What the customer's next charges come to, in order.
pub async fn script_outcomes(
    ledger: &Ledger,
    call: &Call,
    customer: &str,
    outcomes: Vec<Outcome>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let id = CustomerId::parse(customer).map_err(|_| Failure::not_found("customer"))?;
        let loaded = ledger.load::<domain::customer::Customer>(&call.tenant, id.as_str()).await?;
        if loaded.state.snapshot().is_none() {
            return Err(Failure::not_found("customer"));
        }
        let command = Command::Sandbox(SandboxStream::Customer(id), SandboxCommand::Script { outcomes });
        execute(ledger, customer, request(call, vec![command], customer)).await
    })
    .await
}

async fn is_empty(ledger: &Ledger, tenant: &TenantId) -> Result<bool, StoreError> {
    let row = sqlx::query(SELECT_BUSINESS).bind(tenant.as_str()).fetch_one(ledger.pool()).await?;
    let count: i64 = row.try_get(0)?;
    Ok(count == 0)
}
