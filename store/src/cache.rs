//! The states of streams as last folded in this process. A cached state may be behind the log: it is checked by
//! sequence when something is appended, or before it is believed.

use std::any::Any;
use std::sync::Arc;

use domain::id::TenantId;
use domain::issued::Decider;
use moka::sync::Cache;

/// Which stream: the aggregate's type and its stored id, `tenant/id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey {
    pub kind: &'static str,
    pub stored_id: Arc<str>,
}

impl StreamKey {
    pub fn new(kind: &'static str, tenant: &TenantId, id: &str) -> Self {
        let tenant = tenant.as_str();
        let mut stored_id = String::with_capacity(tenant.len() + 1 + id.len());
        stored_id.push_str(tenant);
        stored_id.push('/');
        stored_id.push_str(id);
        Self { kind, stored_id: stored_id.into() }
    }

    /// The stream's name within its tenant, `customer/cus_…`.
    pub fn name(&self) -> String {
        let id = self.stored_id.split_once('/').map_or("", |(_, id)| id);
        format!("{}/{id}", self.kind)
    }
}

/// A state of some aggregate type; the stream's type says which.
pub type AnyState = Arc<dyn Any + Send + Sync>;

#[derive(Debug, Clone)]
pub struct Folded {
    pub sequence: i64,
    pub state: AnyState,
}

impl Folded {
    pub fn empty<A: Decider>() -> Self {
        Self { sequence: 0, state: Arc::new(A::default()) }
    }
}

#[derive(Debug)]
pub struct StateCache(Cache<StreamKey, Folded>);

impl StateCache {
    pub fn new(streams: u64) -> Self {
        Self(Cache::new(streams))
    }

    pub fn get(&self, key: &StreamKey) -> Option<Folded> {
        self.0.get(key)
    }

    /// Keeps the state, unless a newer one is known: who read the log slowly must not undo what was appended since.
    pub fn put(&self, key: StreamKey, folded: Folded) {
        self.0.entry(key).and_upsert_with(|known| match known {
            Some(known) if known.value().sequence > folded.sequence => known.into_value(),
            Some(_) | None => folded,
        });
    }

    pub fn forget(&self, key: &StreamKey) {
        self.0.invalidate(key);
    }
}
