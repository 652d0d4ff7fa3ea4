//! Was this request executed before? An `Idempotency-Key` is looked up before anything else of an operation, so that a
//! repeat is answered as the first time, whatever the request would come to by now (rule L4).

use sqlx::Row as _;
use store::{ExecuteError, Ledger, StoreError};

use super::{Call, Done};
use crate::failure::Failure;

const SELECT_REPEAT: &str = "\
SELECT request_hash, result, position
  FROM idempotency_keys
 WHERE tenant = $1
   AND key = $2";

/// All statements of this file, for the test that prepares each on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("idempotency_keys::select", SELECT_REPEAT)];

/// Does the work of an operation, unless its key shows that it was done before. A failure is looked at once more: the
/// work may have failed because of what the same request, sent twice at once, did meanwhile.
pub(super) async fn once(
    ledger: &Ledger,
    call: &Call,
    work: impl Future<Output = Result<Done, Failure>>,
) -> Result<Done, Failure> {
    if let Some(done) = done_before(ledger, call).await? {
        return Ok(done);
    }
    match work.await {
        Ok(done) => Ok(done),
        Err(failure) => match done_before(ledger, call).await? {
            Some(done) => Ok(done),
            None => Err(failure),
        },
    }
}

/// What the call's key was answered with, where it was used before.
pub(super) async fn done_before(ledger: &Ledger, call: &Call) -> Result<Option<Done>, Failure> {
    let Some((key, request_hash)) = &call.idempotency else { return Ok(None) };
    let query = sqlx::query(SELECT_REPEAT).bind(call.tenant.as_str()).bind(key);
    let Some(row) = query.fetch_optional(ledger.pool()).await.map_err(StoreError::from)? else { return Ok(None) };
    let known: String = row.try_get(0).map_err(StoreError::from)?;
    if known != *request_hash {
        return Err(ExecuteError::IdempotencyMismatch.into());
    }
    let id = row.try_get(1).map_err(StoreError::from)?;
    Ok(Some(Done { id, position: row.try_get(2).map_err(StoreError::from)? }))
}
