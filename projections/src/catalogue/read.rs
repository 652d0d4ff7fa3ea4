//! Questions about the catalogue.

use sqlx::AnyPool;
use store::StoreError;

use super::row::{CatalogueRow, EntryKind};
use crate::query::rows;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("catalogue::LIST", LIST)];

/// The tenant's entries of a kind after an id, in the order of their ids.
pub async fn list_catalogue_entries(
    pool: &AnyPool,
    tenant: &str,
    kind: EntryKind,
    after: &str,
    limit: i64,
) -> Result<Vec<CatalogueRow>, StoreError> {
    rows(pool, sqlx::query(LIST).bind(tenant).bind(kind.as_str()).bind(after).bind(limit)).await
}

const LIST: &str = "\
    SELECT tenant, kind, entry_id, version, since_at, definition, position FROM catalogue_entries \
    WHERE tenant = $1 AND kind = $2 AND entry_id > $3 ORDER BY entry_id LIMIT $4";
