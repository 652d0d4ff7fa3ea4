//! How often was a coupon redeemed? Each redemption of one that is limited claims the next number under the head lock
//! (decision B6), so that of those who want the last one exactly one gets it. A redemption is not given back, but for one that
//! a processor refused: its number is free again.

use domain::catalogue::Coupon;
use domain::id::TenantId;
use sqlx::Row as _;
use store::{Claim, Ledger, StoreError};

use crate::failure::Failure;

/// Numbers are stored with so many digits, so that their order as texts is their order.
const DIGITS: usize = 10;

const SELECT_LAST: &str = "\
SELECT name
  FROM claims
 WHERE tenant = $1
   AND kind = $2
 ORDER BY name DESC
 LIMIT 1";

const SELECT_ALL: &str = "\
SELECT name
  FROM claims
 WHERE tenant = $1
   AND kind = $2
 ORDER BY name";

/// All statements of this file, for the test that prepares each on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("claims::last", SELECT_LAST), ("claims::all", SELECT_ALL)];

/// The claim by which a holder, such as `subscription/sub_…`, redeems a coupon; `None` for a coupon without a limit. Another request may take the
/// number first, and then the next one is to be asked for.
pub(super) async fn next_redemption(
    ledger: &Ledger,
    tenant: &TenantId,
    coupon: &Coupon,
    holder: &str,
) -> Result<Option<Claim>, Failure> {
    let Some(max) = coupon.max_redemptions else { return Ok(None) };
    let kind = format!("coupon:{}", coupon.code);
    let mut number = redemptions(ledger, tenant, &kind).await? + 1;
    if number > u64::from(max) {
        number = first_given_back(ledger, tenant, &kind).await?;
    }
    if number > u64::from(max) {
        return Err(Failure::invalid("discount_code", Some(&coupon.code), "A discount code that is not used up"));
    }
    Ok(Some(Claim { kind, name: format!("{number:0DIGITS$}"), holder: holder.to_owned() }))
}

/// The lowest number that nobody has.
async fn first_given_back(ledger: &Ledger, tenant: &TenantId, kind: &str) -> Result<u64, StoreError> {
    let rows = sqlx::query(SELECT_ALL).bind(tenant.as_str()).bind(kind).fetch_all(ledger.pool()).await?;
    let mut free = 1;
    for row in rows {
        let name: String = row.try_get(0)?;
        if name.parse() == Ok(free) {
            free += 1;
        }
    }
    Ok(free)
}

async fn redemptions(ledger: &Ledger, tenant: &TenantId, kind: &str) -> Result<u64, StoreError> {
    let query = sqlx::query(SELECT_LAST).bind(tenant.as_str()).bind(kind);
    let Some(row) = query.fetch_optional(ledger.pool()).await? else { return Ok(0) };
    let name: String = row.try_get(0)?;
    let corrupt = || StoreError::Corrupt { place: format!("claims {kind}"), reason: format!("{name} is no number") };
    name.parse().map_err(|_| corrupt())
}
