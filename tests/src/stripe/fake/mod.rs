//! A Stripe to test against: it speaks the wire protocol on a real socket, keeps objects and idempotency keys as Stripe
//! does, charges, and fails where its script says so. It sends nothing by itself.

mod answer;
mod catalogue;
mod events;
mod faults;
mod idempotency;
mod listener;
mod money;
mod objects;
mod params;
mod people;
mod subscriptions;
mod wire;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use api::settings::Settings;
use api::stripe::client::{StripeClient, Timing};
use serde_json::Value;
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::objects::{Charge, NOW_S, Refunded, merge};
pub use self::wire::Call;

use self::faults::Script;
use self::idempotency::Keys;
use self::listener::SeverableListener;
use self::objects::Objects;
use crate::support::app::tenant;

/// The key that the fake accepts.
pub const SECRET_KEY: &str = "sk_test_of_the_tests";

/// A served fake. It ends with its last handle.
#[derive(Debug)]
pub struct FakeStripe {
    pub base_url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    objects: Mutex<Objects>,
    keys: Mutex<Keys>,
    script: Mutex<Script>,
    calls: Mutex<Vec<Call>>,
}

impl FakeStripe {
    pub async fn start() -> Self {
        let listener = SeverableListener::bind().await;
        let base_url = listener.url();
        let shared = Arc::new(Shared::default());
        let server = tokio::spawn(wire::serve(listener, Arc::clone(&shared)));
        Self { base_url, shared, server }
    }

    /// Variables by which the tests' tenant drives this account.
    pub fn variables(&self) -> [(&'static str, &str); 3] {
        [
            ("DAYBOOK_TENANTS_COACHING_PROCESSOR", "stripe"),
            ("DAYBOOK_TENANTS_COACHING_STRIPE_SECRET_KEY", SECRET_KEY),
            ("DAYBOOK_TENANTS_COACHING_STRIPE_BASE_URL", &self.base_url),
        ]
    }

    pub fn client(&self, timing: Timing) -> StripeClient {
        client_of(&self.base_url, SECRET_KEY, timing)
    }

    /// The next request of this method and path that is not spoken for yet fails like this: `POST /v1/refunds`.
    pub fn fail_next(&self, request: &str, fault: Fault) {
        lock(&self.shared.script).add(request, fault);
    }

    /// Every request so far, refused ones included.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.calls).clone()
    }

    pub fn charges(&self) -> Vec<Charge> {
        lock(&self.shared.objects).charges.clone()
    }

    /// How often a card was asked, whatever its answer.
    pub fn charge_attempts(&self) -> u32 {
        lock(&self.shared.objects).charge_attempts
    }

    pub fn refunds(&self) -> Vec<Refunded> {
        lock(&self.shared.objects).refunds.clone()
    }

    /// An object as it stands.
    pub fn object(&self, id: &str) -> Value {
        lock(&self.shared.objects).find(id).cloned().unwrap_or_default()
    }

    /// How many objects there are of a kind, such as `price`.
    pub fn count(&self, kind: &str) -> usize {
        lock(&self.shared.objects).of_kind(kind).len()
    }

    /// The newest of a kind with this text in a field.
    pub fn newest(&self, kind: &str, field: &str, value: &str) -> String {
        let found = lock(&self.shared.objects).with(kind, field, Some(value));
        found[0]["id"].as_str().expect("an id").to_owned()
    }

    /// An open invoice, as one of Stripe's own would be.
    pub fn add_invoice(&self, amount_minor: i64) -> String {
        lock(&self.shared.objects).add_invoice(amount_minor, "open")
    }

    /// A payment method that was made in a browser, and is nobody's yet.
    pub fn add_method(&self, behaves_as: &str) -> String {
        let method = lock(&self.shared.objects).add_method(behaves_as);
        method["id"].as_str().expect("an id").to_owned()
    }

    /// Keeps an object, or keeps it otherwise, as if it had been made at Stripe itself.
    pub fn put(&self, object: Value) {
        lock(&self.shared.objects).keep(object);
    }

    /// A day goes by: no key is known any more.
    pub fn forget_keys(&self) {
        *lock(&self.shared.keys) = Keys::default();
    }

    pub fn add_draft_invoice(&self, amount_minor: i64) -> String {
        lock(&self.shared.objects).add_invoice(amount_minor, "draft")
    }

    /// An event for the list; the later it is added, the newer it is.
    pub fn add_event(&self, event: Value) {
        lock(&self.shared.objects).events.push(event);
    }
}

/// A client of whatever is at a URL.
pub fn client_of(base_url: &str, key: &str, timing: Timing) -> StripeClient {
    api::tls::install_provider();
    // Nothing is missing that would have to be made and kept.
    let variables: BTreeMap<String, String> = [
        ("DAYBOOK_MASTER_KEY", "07".repeat(32).as_str()),
        ("DAYBOOK_JWT_SECRET", "sixteen characters"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_of_the_tests"),
        ("DAYBOOK_TENANTS_COACHING_STRIPE_SECRET_KEY", key),
        ("DAYBOOK_TENANTS_COACHING_STRIPE_BASE_URL", base_url),
    ]
    .iter()
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    let settings = Settings::from_sources(Path::new("no-such-daybook.toml"), &variables).expect("settings");
    let account = settings.tenant(&tenant()).and_then(|tenant| tenant.stripe.as_ref()).expect("an account");
    StripeClient::new(account, timing).expect("a client")
}

impl Drop for FakeStripe {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
