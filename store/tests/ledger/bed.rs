//! What every check needs: a ledger, requests, and things to put in them.

use domain::command::Command;
use domain::customer::{CustomerCommand, Profile};
use domain::id::{CustomerId, TenantId};
use jiff::Timestamp;
use store::{Claim, EventIds, Idempotency, Ledger, Options, Receipt, Request};

pub const MASTER_KEY: [u8; 32] = [7; 32];

/// A database and as many ledgers on it as a check opens.
#[derive(Debug, Clone)]
pub struct Bed {
    pub url: String,
}

impl Bed {
    pub fn new(url: String) -> Self {
        Self { url }
    }

    pub async fn open(&self) -> Ledger {
        Ledger::open(&self.url, Options::new(MASTER_KEY)).await.unwrap()
    }
}

pub fn tenant() -> TenantId {
    TenantId::parse("coaching").unwrap()
}

pub fn customer_id(id: &str) -> CustomerId {
    CustomerId::parse(id).unwrap()
}

pub fn now() -> Timestamp {
    "2024-03-01T12:00:00Z".parse().unwrap()
}

pub fn request(commands: Vec<Command>) -> Request {
    Request {
        tenant: tenant(),
        actor: "key:test".to_owned(),
        request_id: Some("req_1".to_owned()),
        cause: Some(41),
        now: now(),
        commands,
        claims: Vec::new(),
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new: false,
    }
}

pub fn profile(country: &str) -> Profile {
    Profile { country: Some(country.to_owned()), ..Profile::default() }
}

pub fn create(id: &str, country: &str) -> Command {
    let command = CustomerCommand::Create { id: customer_id(id), profile: Box::new(profile(country)), method: None };
    Command::Customer(customer_id(id), command)
}

pub fn update(id: &str, country: &str) -> Command {
    Command::Customer(customer_id(id), CustomerCommand::Update { patch: Box::new(profile(country).into()), seen: None })
}

pub fn email(name: &str, holder: &str) -> Claim {
    Claim { kind: "email".to_owned(), name: name.to_owned(), holder: holder.to_owned() }
}

pub fn idempotency(key: &str, hash: &str, result: &str) -> Idempotency {
    Idempotency { key: key.to_owned(), request_hash: hash.to_owned(), result: result.to_owned() }
}

/// Position and number of events, and what was repeated.
pub fn shape(receipt: &Receipt) -> (i64, usize, Option<&str>) {
    (receipt.position, receipt.events.len(), receipt.repeated.as_deref())
}
