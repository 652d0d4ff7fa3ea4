//! API keys: made once and shown once, stored as a hash, looked up by their public part.

use std::sync::Arc;
use std::time::Duration;

use domain::id::TenantId;
use domain::time::to_micros;
use sha2::{Digest, Sha256};
use sqlx::AnyPool;
use sqlx::Row;
use store::{Ledger, StoreError};
use subtle::ConstantTimeEq;

use super::principal::{Principal, Scopes};

/// How long a looked-up key is trusted without asking the database; a revocation takes at most this long.
const CACHE_TIME: Duration = Duration::from_secs(5);
/// Keys kept in the cache.
const CACHE_KEYS: u64 = 10_000;

const INSERT_KEY: &str = "\
INSERT INTO api_keys (tenant, key_id, key_hash, scopes, premium, rate_limit, created_at, revoked_at, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)";

const SELECT_KEY: &str = "\
SELECT tenant, key_hash, scopes
  FROM api_keys
 WHERE key_id = $1
   AND revoked_at IS NULL";

/// All statements of this file, for the test that prepares each on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("api_keys::insert", INSERT_KEY), ("api_keys::select", SELECT_KEY)];

/// What a new key is made with.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub tenant: TenantId,
    pub scopes: Scopes,
    pub premium: bool,
    /// Requests a minute; `None` is the standard of the key's class, 0 is without limit.
    pub rate_limit: Option<u32>,
}

/// Makes a key and gives its text, which is not stored anywhere.
pub async fn create(ledger: &Ledger, new: &NewKey) -> Result<String, StoreError> {
    let id = store::ids::prefixed("").chars().take(16).collect::<String>();
    let text = format!("dbk_{id}_{}", crate::secrets::random_hex());
    sqlx::query(INSERT_KEY)
        .bind(new.tenant.as_str())
        .bind(&id)
        .bind(hash(&text))
        .bind(new.scopes.to_text())
        .bind(i64::from(new.premium))
        .bind(new.rate_limit.map(i64::from))
        .bind(to_micros(ledger.clock().now()))
        .execute(ledger.pool())
        .await
        .map_err(StoreError::from)?;
    Ok(text)
}

/// Recognises keys.
#[derive(Debug, Clone)]
pub struct Keys {
    pool: AnyPool,
    cache: moka::sync::Cache<String, Arc<Known>>,
}

#[derive(Debug)]
struct Known {
    key_hash: String,
    principal: Principal,
}

impl Keys {
    pub fn new(pool: AnyPool) -> Self {
        let cache = moka::sync::Cache::builder().max_capacity(CACHE_KEYS).time_to_live(CACHE_TIME).build();
        Self { pool, cache }
    }

    /// The principal of a key's text; `None` where there is no such key or it was revoked.
    pub async fn recognise(&self, text: &str) -> Result<Option<Principal>, StoreError> {
        let Some(id) = key_id(text) else { return Ok(None) };
        let known = if let Some(known) = self.cache.get(id) {
            known
        } else {
            let Some(known) = self.look_up(id).await? else { return Ok(None) };
            self.cache.insert(id.to_owned(), known.clone());
            known
        };
        let right = bool::from(known.key_hash.as_bytes().ct_eq(hash(text).as_bytes()));
        Ok(right.then(|| known.principal.clone()))
    }

    async fn look_up(&self, id: &str) -> Result<Option<Arc<Known>>, StoreError> {
        let row = sqlx::query(SELECT_KEY).bind(id).fetch_optional(&self.pool).await.map_err(StoreError::from)?;
        let Some(row) = row else { return Ok(None) };
        let tenant: String = row.try_get("tenant").map_err(StoreError::from)?;
        let tenant = TenantId::parse(&tenant)
            .map_err(|error| StoreError::Corrupt { place: format!("api_keys {id}"), reason: error.to_string() })?;
        let scopes: String = row.try_get("scopes").map_err(StoreError::from)?;
        let key_hash: String = row.try_get("key_hash").map_err(StoreError::from)?;
        let principal = Principal { tenant, actor: format!("key:{id}"), scopes: Scopes::parse(&scopes) };
        Ok(Some(Arc::new(Known { key_hash, principal })))
    }
}

/// The public part of `dbk_<id>_<secret>`.
fn key_id(text: &str) -> Option<&str> {
    let (id, secret) = text.strip_prefix("dbk_")?.split_once('_')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}

/// A plain hash suffices: the secret part has 256 random bits, so there is nothing to guess faster.
fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
