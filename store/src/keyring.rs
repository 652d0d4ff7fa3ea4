//! The keys of personal data (rule L10): a random key for each tenant and subject, kept in `subject_keys` wrapped by
//! the master key. Erasing a key erases what was sealed with it, everywhere.
//!
//! A new subject's key is pending in this process until an append that uses it is written; that append stores the key
//! in its own transaction. A sealer whose append never happens leaves nothing behind. Should two processes make a key
//! for one subject at once, the first append to commit wins: the other is answered with `Contention`, and sealing
//! again uses the winner's key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::id::TenantId;
use domain::sealed::{BlindIndex, Sealed};
use moka::sync::Cache;
use sqlx::Row as _;

use crate::append::{Draft, NewKey};
use crate::engine::Backend;
use crate::error::StoreError;
use crate::facts::Questions;
use crate::seal::{Key, SubjectSealer, binding, canonical_subject, parts, sealed_in_json};

/// Keys kept unwrapped in memory.
const CACHED_KEYS: u64 = 100_000;
/// How long an erasure by another process may go unnoticed here.
const CACHE_TIME: Duration = Duration::from_mins(1);
/// Pending keys beyond this number are looked through for old ones.
const MANY_PENDING: usize = 10_000;
/// No request lives this long, so a key pending for longer belongs to an append that never came.
const PENDING_TIME: Duration = Duration::from_hours(1);

/// The first key is remembered by a keyed fingerprint, as a claim that belongs to no tenant.
const REMEMBER_MASTER_KEY: &str = "INSERT INTO claims (tenant, kind, name, holder, claimed_at)
    SELECT '', 'master_key', CAST($1 AS TEXT), 'ledger', CAST($2 AS BIGINT)
    WHERE NOT EXISTS (SELECT 1 FROM claims WHERE tenant = '' AND kind = 'master_key')
    ON CONFLICT DO NOTHING";

const MASTER_KEYS: &str = "SELECT name FROM claims WHERE tenant = '' AND kind = 'master_key'";

type Place = (TenantId, Arc<str>);

/// The keys of one ledger. Clones share everything.
#[derive(Debug, Clone)]
pub struct Keyring(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    backend: Arc<Backend>,
    wrapping: Key,
    blinding: Key,
    hashing: Key,
    stored: Cache<Place, Key>,
    pending: Mutex<HashMap<Place, Pending>>,
}

#[derive(Debug, Clone)]
enum Pending {
    New {
        key: Key,
        wrapped: String,
        since: Instant,
    },
    /// Another process's key was first. Ciphertexts made with ours may still be on their way to an append.
    Lost {
        since: Instant,
    },
}

impl Keyring {
    pub(crate) fn new(backend: Arc<Backend>, master_key: [u8; 32]) -> Self {
        let master = Key::new(master_key);
        Self(Arc::new(Inner {
            backend,
            wrapping: master.derive("daybook.wrap.v1"),
            blinding: master.derive("daybook.email.v1"),
            hashing: master.derive("daybook.body.v1"),
            stored: Cache::builder().max_capacity(CACHED_KEYS).time_to_live(CACHE_TIME).build(),
            pending: Mutex::new(HashMap::new()),
        }))
    }

    /// Refuses a master key other than the one this ledger was first opened with: under another key personal data is
    /// unreadable, addresses are no longer unique and a repeated webhook looks like a conflict.
    pub(crate) async fn check_master_key(&self, pool: &sqlx::AnyPool, now_micros: i64) -> Result<(), StoreError> {
        let fingerprint = hex::encode(self.0.hashing.mac(&[b"daybook.master-key.v1"]));
        sqlx::query(REMEMBER_MASTER_KEY).bind(&fingerprint).bind(now_micros).execute(pool).await?;
        let known: Vec<sqlx::any::AnyRow> = sqlx::query(MASTER_KEYS).fetch_all(pool).await?;
        let [one] = known.as_slice() else {
            return Err(StoreError::Corrupt { place: "claims".to_owned(), reason: "several master keys".to_owned() });
        };
        if one.try_get::<String, _>(0)? == fingerprint {
            return Ok(());
        }
        let expected =
            "master_key: expected the key this ledger was first opened with (see secrets.toml of that server)";
        Err(StoreError::Configuration(expected.to_owned()))
    }

    /// Seals for a subject such as `customer/cus_…` or `stripe_event/evt_…`. For an erased subject it seals with a key
    /// that nobody keeps: what arrives about a person after the erasure is unreadable from the start.
    pub async fn sealer(&self, tenant: &TenantId, subject: &str) -> Result<SubjectSealer, StoreError> {
        let place = (tenant.clone(), Arc::from(canonical_subject(subject)));
        let key = match self.pending_key(&place) {
            Some(key) => key,
            None => match self.stored_keys(tenant, vec![place.1.clone()]).await?.pop() {
                Some(Stored::Key(key)) => key,
                Some(Stored::Erased) => Key::random(),
                Some(Stored::Unknown) | None => self.make_pending(&place),
            },
        };
        Ok(SubjectSealer::new(place.0, place.1, key, self.clone()))
    }

    /// The text, or `None` where its key was erased.
    pub async fn unseal(&self, tenant: &TenantId, sealed: &Sealed) -> Result<Option<String>, StoreError> {
        Ok(self.unseal_many(tenant, &[sealed]).await?.pop().flatten())
    }

    /// Texts in the order of the ciphertexts, with one query for all keys that are not at hand.
    pub async fn unseal_many(&self, tenant: &TenantId, sealed: &[&Sealed]) -> Result<Vec<Option<String>>, StoreError> {
        let mut subjects: Vec<Arc<str>> = sealed
            .iter()
            .filter_map(|text| parts(text.as_ciphertext()))
            .map(|(subject, _)| Arc::from(subject))
            .collect();
        subjects.sort();
        subjects.dedup();
        let keys = self.stored_keys(tenant, subjects.clone()).await?;
        let keys: HashMap<Arc<str>, Stored> = subjects.into_iter().zip(keys).collect();
        let unseal = |sealed: &&Sealed| {
            let corrupt =
                |reason: &str| StoreError::Corrupt { place: "a sealed text".to_owned(), reason: reason.to_owned() };
            let (subject, text) = parts(sealed.as_ciphertext()).ok_or_else(|| corrupt("it has no known form"))?;
            let key = match keys.get(subject) {
                Some(Stored::Key(key)) => key.clone(),
                Some(Stored::Erased) => return Ok(None),
                // A text may be read back before the append that stores its key.
                Some(Stored::Unknown) | None => match self.pending_key(&(tenant.clone(), Arc::from(subject))) {
                    Some(key) => key,
                    None => return Ok(None),
                },
            };
            let plain = key.decrypt(text, &binding(tenant.as_str(), subject));
            let plain = plain.ok_or_else(|| corrupt("its subject's key does not open it"))?;
            String::from_utf8(plain).map(Some).map_err(|_| corrupt("it holds no text"))
        };
        sealed.iter().map(unseal).collect()
    }

    /// By which a person is found without the address being stored. Addresses are compared trimmed and in lower case.
    pub fn email_index(&self, tenant: &TenantId, email: &str) -> BlindIndex {
        let email = email.trim().to_lowercase();
        let hash = self.0.blinding.mac(&[tenant.as_str().as_bytes(), email.as_bytes()]);
        BlindIndex::from_hash(hex::encode(hash))
    }

    /// A keyed hash by which a body is compared with an earlier one that is sealed.
    pub fn body_hash(&self, tenant: &TenantId, body: &[u8]) -> String {
        hex::encode(self.0.hashing.mac(&[tenant.as_str().as_bytes(), body]))
    }

    /// The pending keys that these drafts were sealed with.
    pub(crate) async fn keys_for(&self, tenant: &TenantId, drafts: &[Draft]) -> Result<KeysFor, StoreError> {
        let mut new: Vec<NewKey> = Vec::new();
        let mut doubtful: Vec<(Arc<str>, String)> = Vec::new();
        {
            let pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
            if pending.is_empty() {
                return Ok(KeysFor::Stored(new));
            }
            for (subject, text) in drafts.iter().flat_map(|draft| sealed_in_json(&draft.payload)) {
                if new.last().is_some_and(|key| key.subject == subject) {
                    continue;
                }
                let place = (tenant.clone(), Arc::from(subject));
                match pending.get(&place) {
                    Some(Pending::New { wrapped, .. }) if new.iter().all(|key| key.subject != subject) => {
                        new.push(NewKey { subject: subject.to_owned(), wrapped: wrapped.clone() });
                    }
                    Some(Pending::Lost { .. }) => doubtful.push((place.1, text.to_owned())),
                    Some(Pending::New { .. }) | None => {}
                }
            }
        }
        for (subject, text) in doubtful {
            let stored = self.stored_keys(tenant, vec![subject.clone()]).await?.pop();
            let opens = match stored {
                Some(Stored::Key(key)) => key.decrypt(&text, &binding(tenant.as_str(), &subject)).is_some(),
                Some(Stored::Erased) => true,
                Some(Stored::Unknown) | None => false,
            };
            if !opens {
                return Ok(KeysFor::SealedWithLostKey);
            }
        }
        Ok(KeysFor::Stored(new))
    }

    /// The append that carried these keys was written.
    pub(crate) fn stored(&self, tenant: &TenantId, keys: &[NewKey]) {
        if keys.is_empty() {
            return;
        }
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            let place = (tenant.clone(), Arc::from(key.subject.as_str()));
            if let Some(Pending::New { key, .. }) = pending.remove(&place) {
                self.0.stored.insert(place, key);
            }
        }
    }

    /// Another process stored its key first.
    pub(crate) fn lost(&self, tenant: &TenantId, subject: &str) {
        let place = (tenant.clone(), Arc::from(subject));
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.insert(place, Pending::Lost { since: Instant::now() });
    }

    fn pending_key(&self, place: &Place) -> Option<Key> {
        let pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        match pending.get(place)? {
            Pending::New { key, .. } => Some(key.clone()),
            Pending::Lost { .. } => None,
        }
    }

    /// The new key of a subject; whoever comes second gets the first one's.
    fn make_pending(&self, place: &Place) -> Key {
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() > MANY_PENDING {
            pending.retain(|_, entry| match entry {
                Pending::New { since, .. } | Pending::Lost { since } => since.elapsed() < PENDING_TIME,
            });
        }
        if let Some(Pending::New { key, .. }) = pending.get(place) {
            return key.clone();
        }
        // It may have been stored since it was looked up; a second key would make its append fail.
        if let Some(key) = self.0.stored.get(place) {
            return key;
        }
        let key = Key::random();
        let wrapped = self.0.wrap(&key, place.0.as_str(), &place.1);
        pending.insert(place.clone(), Pending::New { key: key.clone(), wrapped, since: Instant::now() });
        key
    }

    /// In the order of the subjects.
    async fn stored_keys(&self, tenant: &TenantId, subjects: Vec<Arc<str>>) -> Result<Vec<Stored>, StoreError> {
        let place = |subject: &Arc<str>| (tenant.clone(), subject.clone());
        let mut known: HashMap<Arc<str>, Key> = HashMap::new();
        for subject in &subjects {
            known.extend(self.0.stored.get(&place(subject)).map(|key| (subject.clone(), key)));
        }
        let missing = subjects.iter().filter(|subject| !known.contains_key(*subject));
        let keys = missing.map(|subject| (tenant.as_str().to_owned(), subject.to_string())).collect::<Vec<_>>();
        let asked = if keys.is_empty() {
            HashMap::new()
        } else {
            self.0.backend.ask(&Questions { keys, ..Questions::default() }).await?.keys
        };
        let stored = subjects.iter().map(|subject| {
            if let Some(key) = known.get(subject) {
                return Ok(Stored::Key(key.clone()));
            }
            match asked.get(&(tenant.as_str().to_owned(), subject.to_string())) {
                None => Ok(Stored::Unknown),
                Some(wrapped) if wrapped.is_empty() => Ok(Stored::Erased),
                Some(wrapped) => {
                    let key = self.0.unwrap(wrapped, tenant.as_str(), subject)?;
                    self.0.stored.insert(place(subject), key.clone());
                    Ok(Stored::Key(key))
                }
            }
        });
        stored.collect()
    }
}

/// What an append has to do about the keys of its drafts.
#[derive(Debug)]
pub(crate) enum KeysFor {
    /// Store these; the others are stored already.
    Stored(Vec<NewKey>),
    /// Some text was sealed with a key that will never be stored.
    SealedWithLostKey,
}

#[derive(Debug)]
enum Stored {
    Key(Key),
    Erased,
    Unknown,
}

impl Inner {
    fn wrap(&self, key: &Key, tenant: &str, subject: &str) -> String {
        self.wrapping.encrypt(key.bytes(), &binding(tenant, subject)).unwrap_or_default()
    }

    fn unwrap(&self, wrapped: &str, tenant: &str, subject: &str) -> Result<Key, StoreError> {
        let bytes = self.wrapping.decrypt(wrapped, &binding(tenant, subject));
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Key::new).ok_or_else(|| StoreError::Corrupt {
            place: format!("the key of {subject}"),
            reason: "the configured master key does not open it".to_owned(),
        })
    }
}
