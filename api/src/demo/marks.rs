//! How far is the demo's history? It is written in many appends, so its beginning and its end are marked in the ledger
//! itself, as claims: what was broken off half-way must not be taken for the whole.

use domain::id::TenantId;
use domain::refusal::Refusal;
use sqlx::Row as _;
use store::{Claim, EventIds, ExecuteError, Ledger, Request, StoreError};

use crate::catalogue::is_setup;

const KIND: &str = "demo";
/// Entries looked at in one read.
const PAGE: i64 = 1_000;

/// Both names, so that one read tells.
const SELECT_MARKS: &str = "\
SELECT name
  FROM claims
 WHERE tenant = $1
   AND kind = $2";

/// All statements of this file, for the test that prepares each on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("claims::demo", SELECT_MARKS)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Begun,
    Finished,
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Finished => "finished",
        }
    }
}

/// What the ledger holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Empty,
    /// The demo's history, broken off.
    Half,
    /// The demo's whole history, or one that is not the demo's.
    Whole,
}

pub(super) async fn stand(ledger: &Ledger, tenant: &TenantId) -> Result<Stand, StoreError> {
    let rows = sqlx::query(SELECT_MARKS).bind(tenant.as_str()).bind(KIND).fetch_all(ledger.pool()).await?;
    let marks = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(judge(holds_business(ledger).await?, &marks))
}

pub(super) async fn set(ledger: &Ledger, tenant: &TenantId, mark: Mark) -> Result<(), StoreError> {
    let claim = Claim { kind: KIND.to_owned(), name: mark.name().to_owned(), holder: KIND.to_owned() };
    let request = Request {
        tenant: tenant.clone(),
        actor: KIND.to_owned(),
        request_id: None,
        cause: None,
        now: ledger.clock().now(),
        commands: Vec::new(),
        claims: vec![claim],
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new: false,
    };
    match ledger.execute(request).await {
        // Somebody else's claim of that name would be a mark as well.
        Ok(_) | Err(ExecuteError::Refused(Refusal::Taken { .. })) => Ok(()),
        Err(ExecuteError::Store(error)) => Err(error),
        Err(error @ (ExecuteError::Refused(_) | ExecuteError::Contention | ExecuteError::IdempotencyMismatch)) => {
            Err(StoreError::Database(error.to_string()))
        }
    }
}

/// Whether anything happened yet: what is sold is known before.
async fn holds_business(ledger: &Ledger) -> Result<bool, StoreError> {
    let mut after = 0;
    loop {
        let page = ledger.read(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(false) };
        after = last.position;
        if !page.iter().all(is_setup) {
            return Ok(true);
        }
    }
}

fn judge(holds_business: bool, marks: &[String]) -> Stand {
    let has = |mark: Mark| marks.iter().any(|name| name == mark.name());
    match (holds_business, has(Mark::Begun), has(Mark::Finished)) {
        (false, _, _) => Stand::Empty,
        (_, true, false) => Stand::Half,
        (_, _, _) => Stand::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_and_not_finished_is_half() {
        let cases: [(bool, &[&str], Stand); 5] = [
            (false, &[], Stand::Empty),
            (false, &["begun"], Stand::Empty),
            (true, &["begun"], Stand::Half),
            (true, &["begun", "finished"], Stand::Whole),
            (true, &[], Stand::Whole),
        ];
        for (holds_business, marks, expected) in cases {
            let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
            assert_eq!(judge(holds_business, &marks), expected, "{holds_business} {marks:?}");
        }
    }
}
